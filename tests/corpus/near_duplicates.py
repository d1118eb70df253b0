"""The rule that tells held-out phrasings from those trained on: what counts as the same prompt."""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tests.corpus.english_prompts import say_in_full

SHARE = 0.8
#: Held-out prompts of fewer words may differ from a trained one in one of them.
WORDS_TO_EDIT = 4
_NOT_SAID = re.compile(r"[^\w\s']|_|(?<!\w)'|'(?!\w)")
_EMOTE = re.compile(r"[\u3131-\u318e]+")  # Korean letters that are no syllable: laughing, weeping
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


class Form(NamedTuple):
    """A prompt as the rule compares it."""

    text: str
    words: frozenset[str]
    trigrams: frozenset[str]
    ordered: tuple[str, ...]


def form(prompt: str) -> Form:
    """Return `prompt` in lower case without punctuation.

    Korean is also without emotes and spaces, all else with contractions expanded and without fillers.
    """
    text = " ".join(_NOT_SAID.sub("", prompt.lower().replace("’", "'")).split())
    if _HANGUL.search(text):
        text = " ".join(_EMOTE.sub("", text).split())
        words, ordered = frozenset(text.split()), ()
        text = text.replace(" ", "")
    else:
        ordered = tuple(say_in_full(text))
        words, text = frozenset(ordered), " ".join(ordered)
    text = text or prompt  # nothing but punctuation is compared as it stands
    return Form(text, words, frozenset(text[i : i + 3] for i in range(max(1, len(text) - 2))), ordered)


def near(known: Form, asked: Form) -> bool:
    """Whether two forms are equal, have the same words, are one word apart, or share most of their trigrams.

    One word apart: added, left out or exchanged, of the `WORDS_TO_EDIT` or more that are asked. Most: a Jaccard index
    above `SHARE`.
    """
    if known.text == asked.text or (known.words and known.words == asked.words):
        return True
    if len(asked.ordered) >= WORDS_TO_EDIT and _are_one_word_apart(known.ordered, asked.ordered):
        return True
    sizes = len(known.trigrams), len(asked.trigrams)
    if min(sizes) <= SHARE * max(sizes):
        return False
    shared = len(known.trigrams & asked.trigrams)
    return shared > SHARE * (sum(sizes) - shared)


def _are_one_word_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
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
    frequency = Counter(trigram for known_form in forms for trigram in known_form.trigrams)

    def keys(of: Form) -> Iterator[Hashable]:
        count = len(of.trigrams) - math.ceil(SHARE * len(of.trigrams)) + 1
        yield from (of.text, of.words)
        yield from heapq.nsmallest(count, of.trigrams, key=lambda trigram: (frequency[trigram], trigram))

    index: dict[Hashable, set[int]] = defaultdict(set)
    for number, known_form in enumerate(forms):
        words = known_form.ordered
        exchanged = ((len(words), *gap) for gap in _gaps(words))
        left_out = (("left out", rest) for _, rest in _gaps(words))
        for key in (*keys(known_form), words, *exchanged, *left_out):
            index[key].add(number)
    for prompt in asked:
        asked_form = form(prompt)
        words = asked_form.ordered
        apart = [
            *((len(words), *gap) for gap in _gaps(words)),
            *(rest for _, rest in _gaps(words)),
            ("left out", words),
        ]
        found = (*keys(asked_form), *(apart if len(words) >= WORDS_TO_EDIT else ()))
        for number in sorted(set().union(*(index.get(key, ()) for key in found))):
            if near(forms[number], asked_form):
                yield known[number], prompt
