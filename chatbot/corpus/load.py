"""The corpus of one training run, read before anything slow begins.

A corpus of up to `BLOCK` pairs is held in memory. Of a larger one, the pairs are written to disk in
blocks, and what needs texts in memory has a sample of about as many pairs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, compress, islice, starmap
from pathlib import Path

import numpy as np

from chatbot.corpus.origins import OriginLog, Origins
from chatbot.corpus.reading.open_file import Problem, ReadObserver
from chatbot.corpus.reading.tsv import Pair, Row, context_turns, read_rows
from chatbot.corpus.sample import draw_sample
from chatbot.corpus.split import Split, SplitChoice, rank_prompts
from chatbot.corpus.spool import Spool, parse
from chatbot.corpus.topic_column import FALLBACK_TOPIC, ReplyTopics
from chatbot.errors import CorpusError
from chatbot.text import fold

#: Pairs that are held in memory at a time.
BLOCK = 150_000

Blocks = Callable[[], Iterable[Sequence[Pair]]]


@dataclass(frozen=True)
class Sources:
    """The files of a corpus, and the choice of its validation split.

    Attributes:
        paths: Corpus files.
        valid: A file of validation pairs; None holds out `valid_share` of the prompts.
        valid_share: See `chatbot.corpus.split.lowest_kept`.
        seed: Of what is held out and of the sample.
        scratch: A folder on the disk that takes what does not fit in memory.
        block: Most pairs that are held in memory at a time, but for those to measure on.
    """

    paths: Sequence[Path]
    valid: Path | None
    valid_share: float | None
    seed: int
    scratch: Path
    block: int = BLOCK


@dataclass(frozen=True)
class Corpus:
    """Pairs to learn from and pairs to measure on.

    Attributes:
        blocks: The pairs to learn from, so many at a time that memory holds them; one block of a small corpus.
        sample: Pairs to learn from: all of a small corpus; of a large one as many as a block has, drawn evenly, and one
            of each reply of a set.
        validation: Pairs to measure on.
        count: Number of pairs to learn from.
        characters: Of them, as the model reads them.
        turns: That their prompts carry at most.
        closed: Whether most validation replies are also among those to learn from.
        topics: Of the replies that have one, by reply.
        origins: Of the pairs of the sample, the file and the line; None for pairs that come from no file.
    """

    blocks: Blocks
    sample: Sequence[Pair]
    validation: Sequence[Pair]
    count: int
    characters: int
    turns: int
    closed: bool
    topics: Mapping[str, str] = field(default_factory=dict)
    origins: Origins | None = None

    @property
    def sides(self) -> tuple[Iterable[Pair], Iterable[Pair]]:
        """All pairs to learn from, one at a time, and those to measure on."""
        return chain.from_iterable(self.blocks()), self.validation

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The replies that are said where the bot is not sure: those whose topic is `fallback`."""
        return tuple(reply for reply, topic in self.topics.items() if topic.casefold() == FALLBACK_TOPIC)

    @property
    def in_memory(self) -> bool:
        """Whether the sample is all pairs to learn from."""
        return len(self.sample) == self.count

    @classmethod
    def of(cls, training: Sequence[Pair], validation: Sequence[Pair]) -> "Corpus":
        """A corpus in memory.

        Args:
            training: Pairs to train on.
            validation: Pairs to measure on.
        """
        return cls._counted(lambda: [training], training, validation)

    @classmethod
    def _counted(cls, blocks: Blocks, sample: Sequence[Pair], validation: Sequence[Pair]) -> "Corpus":
        count = characters = turns = 0
        replies, known = {pair.reply for pair in validation}, set[str]()
        for block in blocks():
            count += len(block)
            characters += sum(len(fold(prompt)) + len(reply) for prompt, reply in block)
            turns = max(turns, context_turns(block))
            known.update(pair.reply for pair in block if pair.reply in replies)
        closed = 2 * sum(pair.reply in known for pair in validation) >= len(validation)
        return cls(blocks, sample, validation, count, characters, turns, closed)

    @classmethod
    def _spooled(cls, spool: Spool, split: Split, validation: Sequence[Pair], sources: Sources) -> "Corpus":
        """The pairs of a spool that are left for training."""

        def blocks() -> Iterator[list[Pair]]:
            for lines, ranks in spool.blocks():
                yield [parse(lines[row]) for row in np.flatnonzero(split.keeps(ranks))]

        sample, origins = draw_sample(spool, split, sources.block, sources.seed)
        return replace(cls._counted(blocks, sample, validation), origins=origins)


@contextmanager
def open_corpus(
    sources: Sources, on_problem: Callable[[Problem], None], watch: ReadObserver | None = None
) -> Iterator[Corpus]:
    """Read files in turn and hold pairs out for validation; a large corpus is on disk while the block is open.

    Args:
        sources: What to read.
        on_problem: Told of every line that is skipped; may raise to stop.
        watch: Told how much has been read.

    Yields:
        The corpus.

    Raises:
        CorpusError: A file cannot be read or has no usable pair.
        OutputError: A corpus that does not fit in memory does not fit on the disk either.
    """
    topics, log = ReplyTopics(), OriginLog()
    rows = (_rows(path, on_problem, watch, topics) for path in sources.paths)
    pairs = chain.from_iterable(starmap(log.pairs, enumerate(rows)))
    share = sources.valid_share if sources.valid is None else 0.0
    first = list(islice(pairs, sources.block))
    following = next(pairs, None)
    if following is None:
        ranks, choice = rank_prompts(first, sources.seed), SplitChoice(share)
        choice.add(first, ranks)
        kept = choice.choose().keeps(ranks)
        training, held_out = list(compress(first, kept)), list(compress(first, ~kept))
        corpus = Corpus.of(training, _validation(sources, held_out, on_problem))
        yield replace(corpus, topics=topics.chosen, origins=log.take(len(first))[kept])
        return
    with closing(Spool(sources.scratch)) as spool:
        split = _fill(spool, chain([first], _cut(chain([following], pairs), sources.block)), log, sources)
        del first
        held_out = [parse(lines[row]) for lines, ranks in spool.blocks() for row in np.flatnonzero(~split.keeps(ranks))]
        corpus = Corpus._spooled(spool, split, _validation(sources, held_out, on_problem), sources)
        yield replace(corpus, topics=topics.chosen)


def _fill(spool: Spool, blocks: Iterable[list[Pair]], log: OriginLog, sources: Sources) -> Split:
    """Write blocks of pairs; returns what is held out of them."""
    choice = SplitChoice(sources.valid_share if sources.valid is None else 0.0)
    for block in blocks:
        ranks = rank_prompts(block, sources.seed)
        spool.add(block, ranks, log.take(len(block)))
        choice.add(block, ranks)
    return choice.choose()


def load_pairs(path: Path, on_problem: Callable[[Problem], None]) -> list[Pair]:
    """Return all pairs of one file.

    Args:
        path: A corpus file.
        on_problem: Told of every line that is skipped; may raise to stop.

    Raises:
        CorpusError: The file cannot be read or has no usable pair.
    """
    return load_topics(path, on_problem)[0]


def load_topics(
    path: Path, on_problem: Callable[[Problem], None], notes: ReplyTopics | None = None
) -> tuple[list[Pair], Mapping[str, str]]:
    """Return all pairs of one file, and the topic of each reply that has one.

    Args:
        path: A corpus file.
        on_problem: Told of every line that is skipped; may raise to stop.
        notes: Takes the topics, and perhaps more of each row; None for one of its own.

    Raises:
        CorpusError: See `load_pairs`.
    """
    topics = notes or ReplyTopics()
    return [row.pair for row in _rows(path, on_problem, None, topics)], topics.chosen


def _rows(
    path: Path,
    on_problem: Callable[[Problem], None],
    watch: ReadObserver | None,
    topics: ReplyTopics,
) -> Iterator[Row]:
    empty = True
    for row in read_rows(path, on_problem, watch):
        empty = False
        topics.note(row)
        yield row
    if empty:
        raise CorpusError(f"{path}: no usable pair; each line needs a prompt, a tab and a reply{_hint(path)}")


def _hint(path: Path) -> str:
    """The advice on a file that is no corpus but looks like something else."""
    from chatbot.corpus.importing.unknown_format import hint, unused  # noqa: PLC0415  # corpora are read without the foreign formats

    found = hint(path) if path.is_file() and path.stat().st_size else None
    return f"; {found.say(path, unused(path.with_suffix('.tsv')))}" if found else ""


def _validation(sources: Sources, held_out: Sequence[Pair], on_problem: Callable[[Problem], None]) -> Sequence[Pair]:
    return held_out if sources.valid is None else load_pairs(sources.valid, on_problem)


def _cut(pairs: Iterator[Pair], size: int) -> Iterator[list[Pair]]:
    while block := list(islice(pairs, size)):
        yield block
