"""The arrays of a nearest-neighbour index: built from the pairs of a corpus, and extended by a few more."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chatbot.bot.index.index_file import smallest_dtype
from chatbot.bot.index.packed_texts import PackedTexts, pack_texts
from chatbot.bot.index.postings import add_postings, pack_postings
from chatbot.bot.index.tfidf_ngrams import Array, count_ngrams, fit_idf, heaviest_ngrams, log_tf
from chatbot.text import fold

if TYPE_CHECKING:
    from chatbot.corpus.origins import Origins

#: Postings of a prompt: its heaviest n-grams.
_POSTINGS_PER_PROMPT = 50


def build_index(pairs: Sequence[tuple[str, str]], origins: "Origins | None" = None) -> dict[str, Array]:
    """Index the distinct prompts of normalized pairs of prompt and reply, at least one.

    Args:
        pairs: The pairs.
        origins: (pairs,) uint64, the file and the line of each; None for pairs that come from no file.

    Returns:
        The arrays by name, see `NearestNeighbour`, with the most frequent reply of each prompt.
    """
    from chatbot.corpus.origins import split_origins  # noqa: PLC0415  # replies are spoken without a corpus

    recorded: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[tuple[str, str], int] = {}
    for row, (prompt, reply) in enumerate(pairs):
        folded = fold(prompt)
        recorded[folded][reply] += 1
        first.setdefault((folded, reply), row)
    prompts = list(recorded)
    chosen = [replies.most_common(1)[0][0] for replies in recorded.values()]
    places = {reply: place for place, reply in enumerate(dict.fromkeys(chosen))}
    grams, idf = fit_idf(prompts)
    heaviest, having, norms = heaviest_ngrams(prompts, grams, idf, _POSTINGS_PER_PROMPT)
    starts, rows = pack_postings(heaviest, having, len(grams))
    arrays = {"grams": grams, "idf": idf, "starts": starts, "rows": rows, "norms": norms}
    arrays["prompts"], arrays["prompt_ends"] = pack_texts(prompts)
    arrays["replies"], arrays["reply_ends"] = pack_texts(list(places))
    arrays["reply_of"] = np.array([places[reply] for reply in chosen])
    if origins is not None:
        first_rows = [first[both] for both in zip(prompts, chosen, strict=True)]
        arrays["files"], arrays["lines"] = split_origins(origins[first_rows])
    return {name: smallest_dtype(array) for name, array in arrays.items()}


class IndexEntry(NamedTuple):
    """A pair to put into an index.

    Attributes:
        prompt: In lower case.
        reply: The reply.
        file: The number of its file, from 0.
        line: Its line there, from 1.
    """

    prompt: str
    reply: str
    file: int
    line: int


def extend_index(arrays: dict[str, Array], entries: Sequence[IndexEntry]) -> dict[str, Array]:
    """Put pairs into an index; a prompt that it has already gets the new reply.

    Args:
        arrays: By name, see `NearestNeighbour`.
        entries: The pairs, each with another prompt.

    Returns:
        The arrays of the larger index.
    """
    if not entries:
        return arrays
    found = dict(arrays)
    rows = _place_prompts(found, entries)
    numbers = _place_replies(found, entries)
    for name, values in (
        ("reply_of", numbers),
        ("files", [entry.file for entry in entries]),
        ("lines", [entry.line for entry in entries]),
    ):
        if name in arrays:
            longer = np.concatenate([arrays[name], np.zeros(max(rows) + 1 - len(arrays[name]), np.int64)])
            longer[rows] = values
            found[name] = longer
    return found


def _place_prompts(arrays: dict[str, Array], entries: Sequence[IndexEntry]) -> list[int]:
    """Add the prompts that an index lacks.

    Args:
        arrays: By name; those of the prompts and their n-grams are replaced.
        entries: The pairs.

    Returns:
        The row of each pair's prompt.
    """
    known = PackedTexts(arrays["prompts"], arrays["prompt_ends"])
    places = [known.find(entry.prompt) for entry in entries]
    new = [entry.prompt for entry, place in zip(entries, places, strict=True) if place is None]
    further = iter(range(len(known), len(known) + len(new)))
    rows = [next(further) if place is None else place for place in places]
    if new:
        _append_texts(arrays, "prompts", "prompt_ends", new)
        _add_postings(arrays, new, len(known))
    return rows


def _place_replies(arrays: dict[str, Array], entries: Sequence[IndexEntry]) -> list[int]:
    """Add the replies that an index lacks.

    Args:
        arrays: By name; those of the replies are replaced.
        entries: The pairs.

    Returns:
        The number of each pair's reply.
    """
    known = PackedTexts(arrays["replies"], arrays["reply_ends"])
    numbers = {reply: known.find(reply) for reply in dict.fromkeys(entry.reply for entry in entries)}
    new = [reply for reply, number in numbers.items() if number is None]
    if new:
        _append_texts(arrays, "replies", "reply_ends", new)
    places = {reply: len(known) + place for place, reply in enumerate(new)}
    return [places.get(entry.reply, numbers[entry.reply] or 0) for entry in entries]


def _append_texts(arrays: dict[str, Array], content: str, ends: str, texts: Sequence[str]) -> None:
    """Put texts behind those of an index.

    Args:
        arrays: By name; two of them are replaced.
        content: The name of the UTF-8 of all texts.
        ends: The name of their ends in it.
        texts: The new ones.
    """
    more, more_ends = pack_texts(texts)
    before = len(arrays[content])
    arrays[content] = np.concatenate([arrays[content], more])
    arrays[ends] = np.concatenate([arrays[ends].astype(np.int64), before + more_ends])


def _add_postings(arrays: dict[str, Array], prompts: Sequence[str], first: int) -> None:
    """Add the n-grams of prompts to the arrays of an index; one that is new weighs as much as the rarest.

    Args:
        arrays: By name; `grams`, `idf`, `starts`, `rows` and `norms` are replaced.
        prompts: The new ones.
        first: The number of the first.
    """
    rows, grams, counts = count_ngrams(prompts)
    unknown = np.setdiff1d(grams, arrays["grams"])
    spots = np.searchsorted(arrays["grams"], unknown)
    all_grams = np.insert(arrays["grams"], spots, unknown)
    idf = np.insert(arrays["idf"].astype(np.float64), spots, 1 + np.log(first))
    places = np.searchsorted(all_grams, grams)
    weights = log_tf(counts) * idf[places]
    norms = np.sqrt(np.bincount(rows, weights**2))
    packed = arrays["starts"], arrays["rows"]
    arrays["starts"], arrays["rows"] = add_postings(packed, spots, places, first + rows, len(all_grams))
    arrays["grams"], arrays["idf"] = all_grams, idf
    arrays["norms"] = np.concatenate([arrays["norms"], norms])
