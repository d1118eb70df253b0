"""The rule that tells held-out phrasings from those trained on: what counts as the same prompt."""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tests.corpus.english_prompts import say_in_full
from tests.corpus.korean_prompts import bare, drop_emotes, is_korean

SHARE = 0.8
KOREAN_SHARE = 0.55
#: Held-out prompts of fewer words may differ from a trained one in one of them.
WORDS_TO_EDIT = 4
_NOT_SAID = re.compile(r"[^\w\s']|_|(?<!\w)'|'(?!\w)")


class Form(NamedTuple):
    """A prompt as the rule compares it."""

    text: str
    words: frozenset[str]
    grams: frozenset[str]
    share: float
    ordered: tuple[str, ...]


def form(prompt: str) -> Form:
    """Return `prompt` in lower case without punctuation.

    Korean is also without emotes, spaces, fillers and its last ending, all else with contractions expanded and without
    fillers.
    """
    text = " ".join(_NOT_SAID.sub("", prompt.lower().replace("’", "'")).split())
    if is_korean(text):
        words, text = frozenset(drop_emotes(text).split()), bare(text)
        return Form(text, words, _grams(text, 2), KOREAN_SHARE, ())
    ordered = tuple(say_in_full(text))
    text = " ".join(ordered) or prompt  # nothing but punctuation is compared as it stands
    return Form(text, frozenset(ordered), _grams(text, 3), SHARE, ordered)


def _grams(text: str, length: int) -> frozenset[str]:
    return frozenset(text[i : i + length] for i in range(max(1, len(text) - length + 1)))


def near(known: Form, asked: Form) -> bool:
    """Whether two forms are equal, have the same words, are one word apart, or share most of their grams.

    One word apart: added, left out or exchanged, of the `WORDS_TO_EDIT` or more that are asked. Grams are
    three letters, in Korean two syllables; most of them is a Jaccard index above `SHARE` or `KOREAN_SHARE`.
    """
    if known.text == asked.text or (known.words and known.words == asked.words):
        return True
    longer = len(asked.ordered) - len(known.ordered)
    if len(asked.ordered) >= WORDS_TO_EDIT and -1 <= longer <= 1 and _are_one_word_apart(known.ordered, asked.ordered):
        return True
    sizes, share = (len(known.grams), len(asked.grams)), max(known.share, asked.share)
    if min(sizes) <= share * max(sizes):
        return False
    shared = len(known.grams & asked.grams)
    return shared > share * (sum(sizes) - shared)


def _are_one_word_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    same = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shorter[same + (len(shorter) == len(longer)) :] == longer[same + 1 :]


def _gaps(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each place of `words`, with the words without the one there."""
    return ((place, words[:place] + words[place + 1 :]) for place in range(len(words)))


def near_duplicates(known: Sequence[str], asked: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every pair of a known and an asked prompt that are near, each asked against all known.

    Two sets with a Jaccard index above t share one of the rarest len - ceil(t * len) + 1 members
    of each (prefix filtering: Chaudhuri et al. 2006), so that only those need an index. Prompts that are one word
    apart are the same without a word, at the same place of both or of one of them only.
    """
    forms = [form(prompt) for prompt in known]
    frequency = Counter(gram for known_form in forms for gram in known_form.grams)
    by_words: dict[Hashable, set[int]] = defaultdict(set)
    by_gram: dict[str, dict[tuple[int, float], set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, known_form in enumerate(forms):
        words = known_form.ordered
        exchanged = ((len(words), *gap) for gap in _gaps(words))
        left_out = (("left out", rest) for _, rest in _gaps(words))
        for key in (known_form.text, known_form.words, words, *exchanged, *left_out):
            by_words[key].add(number)
        for gram in _rarest(known_form, frequency):
            by_gram[gram][len(known_form.grams), known_form.share].add(number)
    for prompt in asked:
        asked_form = form(prompt)
        words = asked_form.ordered
        keys: list[Hashable] = [asked_form.text, asked_form.words]
        if len(words) >= WORDS_TO_EDIT:
            keys += ((len(words), *gap) for gap in _gaps(words))
            keys += (rest for _, rest in _gaps(words))
            keys.append(("left out", words))
        found = set().union(*(by_words.get(key, ()) for key in keys))
        grams = len(asked_form.grams)
        for gram in _rarest(asked_form, frequency):
            for (size, share), numbers in by_gram.get(gram, {}).items():
                if min(size, grams) > max(share, asked_form.share) * max(size, grams):
                    found |= numbers
        for number in sorted(found):
            if near(forms[number], asked_form):
                yield known[number], prompt


def _rarest(of: Form, frequency: Counter[str]) -> list[str]:
    """Those of a form's grams of which one is among the same ones of whatever shares enough of them."""
    count = len(of.grams) - math.ceil(of.share * len(of.grams)) + 1
    return heapq.nsmallest(count, of.grams, key=lambda gram: (frequency[gram], gram))
