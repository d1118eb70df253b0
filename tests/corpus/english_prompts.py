"""What is left of an English prompt with its contractions expanded and its fillers dropped."""

#: What is asked the same with or without them: greetings, vocatives, and words for "very", "just", "again", "today".
# fmt: off
_FILLERS = {
    "hi", "hey", "hello", "hiya", "please", "pls", "plz", "bot", "chatbot", "mate", "bro", "dude", "buddy", "pal",
    "dear", "oh", "um", "uh", "er", "well", "so", "just", "really", "again", "today", "ok", "okay", "lol", "haha",
    "tbh", "rn", "btw", "actually",
}
# fmt: on

_NOT = ("do", "does", "did", "is", "are", "was", "were", "could", "would", "should", "have", "has", "had", "need")
_IS = ("it", "what", "that", "he", "she", "who", "where", "how", "there", "here", "when", "why")

#: Each with and without its apostrophe, where that is no other word.
_CONTRACTIONS = {
    **{f"{verb}n't": f"{verb} not" for verb in _NOT},
    **{f"{verb}nt": f"{verb} not" for verb in _NOT},
    **{f"{word}'s": f"{word} is" for word in _IS},
    **{f"{word}s": f"{word} is" for word in _IS},
    **{f"{word}'re": f"{word} are" for word in ("you", "we", "they")},
    **{f"{word}re": f"{word} are" for word in ("you", "they")},
    **{f"{word}'ve": f"{word} have" for word in ("i", "you", "we", "they")},
    **{f"{word}'ll": f"{word} will" for word in ("i", "you", "he", "she", "it", "we", "they")},
    **{f"{word}'d": f"{word} would" for word in ("i", "you", "he", "she", "we", "they")},
    "i'm": "i am",
    "im": "i am",
    "ive": "i have",
    "can't": "can not",
    "cant": "can not",
    "cannot": "can not",
    "won't": "will not",
    "wont": "will not",
    "let's": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "do not know",
    "u": "you",
    "r": "are",
    "ur": "your",
    "mom": "mum",
    "color": "colour",
    "favorite": "favourite",
}


def say_in_full(text: str) -> list[str]:
    """Return the words of lower-case `text`, which has no punctuation but apostrophes within words.

    A prompt of nothing but fillers keeps them.
    """
    words = " ".join(_CONTRACTIONS.get(word, word) for word in text.split()).replace("'", "").split()
    return [word for word in words if word not in _FILLERS] or words
