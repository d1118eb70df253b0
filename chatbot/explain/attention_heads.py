"""The attention of a transformer by block and head: which tokens looked at which, as matrices with names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatbot.explain.explanation import Explanation
from chatbot.explain.states import HeadShares

#: The first token that the decoder is given.
_START = "<go>"


@dataclass(frozen=True)
class HeadMaps:
    """The attentions of one kind.

    Attributes:
        kind: A name for files and links.
        title: In words.
        about: What rows and columns are.
        rows: The tokens that look.
        columns: The tokens that are looked at.
        shares: By block, by head, by row: the shares of the columns, 1 together; shorter where a row sees no more.
    """

    kind: str
    title: str
    about: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shares: tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]


def head_maps(explanation: Explanation) -> Iterator[HeadMaps]:
    """Yield the attentions of a transformer, in the order in which data passes them; none of any other bot.

    Args:
        explanation: Of a reply.
    """
    prompt, steps = explanation.tokens, explanation.steps
    if explanation.read:
        about = "each token of the prompt (rows) looked at all of them (columns)"
        yield HeadMaps("read", "Encoder self-attention", about, prompt, prompt, _by_block(explanation.read))
    if steps and steps[0].across:
        said = tuple(step.token for step in steps)
        about = "before each token of the reply (rows), those before it were looked at (columns)"
        back = _by_block([step.back for step in steps])
        yield HeadMaps("back", "Decoder self-attention", about, said, (_START, *said[:-1]), back)
        about = "before each token of the reply (rows), the prompt was looked at (columns)"
        across = _by_block([step.across for step in steps])
        yield HeadMaps("across", "Cross-attention", about, said, prompt, across)


def _by_block(rows: Sequence[HeadShares]) -> tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]:
    """From rows of blocks of heads to blocks of heads of rows."""
    blocks, heads = len(rows[0]), len(rows[0][0])
    return tuple(tuple(tuple(row[block][head] for row in rows) for head in range(heads)) for block in range(blocks))
