"""The rule that tells held-out phrasings from those trained on: what counts as the same prompt."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

SHARE = 0.8
_NOT_SAID = re.compile(r"[^\w\s]|_")
_EMOTE = re.compile(r"[\u3131-\u318e]+")  # Korean letters that are no syllable: laughing, weeping
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


class Form(NamedTuple):
    """A prompt as the rule compares it."""

    text: str
    words: frozenset[str]
    trigrams: frozenset[str]


def form(prompt: str) -> Form:
    """Return `prompt` in lower case without punctuation; Korean also without emotes and spaces."""
    text = " ".join(_NOT_SAID.sub("", prompt.lower()).split())
    if _HANGUL.search(text):
        text = " ".join(_EMOTE.sub("", text).split())
    words = frozenset(text.split())
    if _HANGUL.search(text):
        text = text.replace(" ", "")
    text = text or prompt  # nothing but punctuation is compared as it stands
    return Form(text, words, frozenset(text[i : i + 3] for i in range(max(1, len(text) - 2))))


def near(one: Form, other: Form) -> bool:
    """Whether two forms are equal, have the same words, or share more than 0.8 of their trigrams (Jaccard)."""
    if one.text == other.text or (one.words and one.words == other.words):
        return True
    return len(one.trigrams & other.trigrams) > SHARE * len(one.trigrams | other.trigrams)


def near_duplicates(known: Sequence[str], asked: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every pair of a known and an asked prompt that are near, each asked against all known.

    Two sets with a Jaccard index above t share one of the rarest len - ceil(t * len) + 1 members
    of each (prefix filtering: Chaudhuri et al. 2006), so that only those need an index.
    """
    forms = [form(prompt) for prompt in known]
    frequency = Counter(trigram for known_form in forms for trigram in known_form.trigrams)

    def rarest(trigrams: frozenset[str]) -> list[str]:
        count = len(trigrams) - math.ceil(SHARE * len(trigrams)) + 1
        return sorted(trigrams, key=lambda trigram: (frequency[trigram], trigram))[:count]

    index = defaultdict(set)
    for number, known_form in enumerate(forms):
        for key in (known_form.text, known_form.words, *(("trigram", t) for t in rarest(known_form.trigrams))):
            index[key].add(number)
    for prompt in asked:
        asked_form = form(prompt)
        keys = (asked_form.text, asked_form.words, *(("trigram", t) for t in rarest(asked_form.trigrams)))
        for number in sorted(set().union(*(index.get(key, ()) for key in keys))):
            if near(forms[number], asked_form):
                yield known[number], prompt
