"""The identity of a run: its options, the digest of its pairs, and the versions of the libraries."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Identity:
    """The options, the corpus and the versions that make a run this one.

    Attributes:
        options: What was asked for, by the names of the options; JSON values.
        corpus: See `digest`.
        versions: Of the libraries that decide how it goes, by name.
    """

    options: Mapping[str, Any]
    corpus: str
    versions: Mapping[str, str]


def digest(sides: Iterable[Iterable[tuple[str, str]]]) -> str:
    """The SHA-256 of pairs in their order, in hexadecimal.

    Args:
        sides: Normalized (prompt, reply) pairs to learn from, and those to measure on.
    """
    found = hashlib.sha256()
    for pairs in sides:
        for prompt, reply in pairs:
            found.update(f"{prompt}\t{reply}\n".encode(errors="surrogatepass"))
        found.update(b"\n")
    return found.hexdigest()
