"""The corpora on which architectures are compared, and models of equal size for each of them."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from chatbot.cli.commands.train_request import TrainingRequest
from chatbot.config import ModelConfig, ModelShape, TrainingConfig, choose_preset
from chatbot.config.architectures import ARCHITECTURES
from chatbot.config.model_description import describe
from chatbot.config.options import options_of
from chatbot.corpus import Pair, Sources, open_corpus, read_pairs
from chatbot.errors import ConfigError

CORPORA = Path(__file__).parents[1] / "corpora"
#: What the others are made as large as.
REFERENCE = "lstm"
#: Units of a layer come in so many, which any number of heads divides.
_UNITS_AT_A_TIME = 8
_MOST_UNITS = 4096


class Measure(StrEnum):
    """The quality of a bot on the test file."""

    RIGHT = "right"
    CHRF = "chrf"
    BITS = "bits"

    @property
    def heading(self) -> str:
        """In the table."""
        return {"right": "accepted replies", "chrf": "chrF", "bits": "bits per byte"}[self]

    def write(self, value: float | None) -> str:
        """A figure as the table has it; the n-gram score is out of 100."""
        if value is None:
            return "–"
        return f"{value:.1%}" if self is Measure.RIGHT else f"{value:.1f}" if self is Measure.CHRF else f"{value:.3f}"


@dataclass(frozen=True)
class BenchmarkCorpus:
    """A corpus to learn from and one to measure on.

    Attributes:
        name: In the table.
        train: Pairs to learn from.
        test: Pairs that are measured.
        measure: What is measured.
        options: For `chatbot train`.
        phrasings: Prompts drawn of each reply; None takes all.
    """

    name: str
    train: Path
    test: Path
    measure: Measure = Measure.RIGHT
    options: tuple[str, ...] = ()
    phrasings: int | None = None

    @classmethod
    def of(cls, said: Sequence[str]) -> "BenchmarkCorpus":
        """A corpus from the command line.

        Args:
            said: Its name, both files, the measure, and options for `chatbot train`, if any, as one word.

        Raises:
            ValueError: The measure is unknown, or a word is missing.
        """
        if len(said) < 4:
            raise ValueError("takes NAME TRAIN TEST right|chrf|bits [OPTIONS]")
        name, train, test, measure, *options = said
        return cls(name, Path(train), Path(test), Measure(measure), tuple(" ".join(options).split()))

    def train_file(self, folder: Path) -> Path:
        """The file to learn from, which is written into a folder where it is a drawing."""
        if self.phrasings is None:
            return self.train
        file = folder / f"{self.name}.tsv"
        pairs = draw_phrasings(read_pairs(self.train, _pass_over), self.phrasings)
        file.write_text("".join(f"{prompt}\t{reply}\n" for prompt, reply in pairs), encoding="utf-8")
        return file

    def lacking(self) -> list[str]:
        """The files that are not there."""
        return [str(file) for file in (self.train, self.test) if not file.is_file()]


def table(data: Path) -> list[BenchmarkCorpus]:
    """The corpora that are compared where the command line names no others.

    Args:
        data: The folder of the data sets that are not shipped.
    """
    banking = data / "banking.train.tsv", data / "banking.test.tsv"
    return [
        BenchmarkCorpus("chitchat", data / "chitchat.train.tsv", data / "chitchat.test.tsv"),
        BenchmarkCorpus("banking", *banking),
        # So few pairs are all needed to learn from.
        BenchmarkCorpus("banking-5", *banking, options=("--valid-share", "0"), phrasings=5),
        BenchmarkCorpus(
            "dailydialog", data / "dailydialog.train.tsv", data / "dailydialog.valid.tsv", Measure.BITS, ("--no-index",)
        ),
        BenchmarkCorpus("korean", CORPORA / "dialogs.ko.tsv", CORPORA / "dialogs.ko.test.tsv"),
        BenchmarkCorpus(
            "translation",
            CORPORA / "translation.en-ko.tsv",
            CORPORA / "translation.en-ko.test.tsv",
            Measure.CHRF,
            ("--known-replies", "0"),
        ),
    ]


def draw_phrasings(pairs: Iterable[Pair], phrasings: int) -> list[Pair]:
    """So many pairs of each reply, at random, or all of a reply that has fewer; always the same ones."""
    by_reply = defaultdict(list)
    for pair in pairs:
        by_reply[pair.reply].append(pair)
    drawing = random.Random(0)
    drawn = [pair for some in by_reply.values() for pair in drawing.sample(some, min(phrasings, len(some)))]
    drawing.shuffle(drawn)
    return drawn


def equal_shapes(train: Path, corpus: BenchmarkCorpus, scratch: Path) -> dict[str, ModelConfig]:
    """A shape of each architecture, all with about as many parameters as the LSTM of the default preset has.

    Args:
        train: The file to learn from.
        corpus: Its entry.
        scratch: A folder.

    Returns:
        By the names of the architectures.
    """
    from chatbot.training.backend import setup_backend  # most of the script needs no TensorFlow

    setup_backend()
    from chatbot.training.setup.initial_model import new_start

    recipe = TrainingConfig(known_replies=0) if "--known-replies" in corpus.options else TrainingConfig()
    valid = corpus.test if corpus.measure is Measure.BITS else None
    with open_corpus(Sources([train], valid, recipe.valid_share, recipe.seed, scratch), _pass_over, None) as opened:
        preset = choose_preset(opened.count)
        start = new_start(opened, shape_of(preset, REFERENCE), recipe).config
    return equal_shapes_of(preset, start.vocabulary_size, start.known_replies)


def shape_of(preset: str, architecture: str) -> ModelShape:
    """The shape that `chatbot train` gives an architecture.

    Args:
        preset: Name of the preset.
        architecture: Name of the architecture.
    """
    defaults = {name: one.default for name, one in TrainingRequest.options().items()}
    chosen = {"preset": preset, "architecture": architecture}
    unset = dict.fromkeys(one.name for one in options_of(ModelShape).values())
    return TrainingRequest({**defaults, **unset, **chosen}).choose_shape(0)


def equal_shapes_of(preset: str, vocabulary_size: int, known_replies: int) -> dict[str, ModelConfig]:
    """A shape of each architecture with about as many parameters as the LSTM of a preset.

    Args:
        preset: Name of the preset.
        vocabulary_size: Of the models.
        known_replies: Of the models.

    Returns:
        By the names of the architectures.
    """
    shapes = {
        name: ModelConfig.of(shape_of(preset, name), vocabulary_size, known_replies)
        for name in (REFERENCE, *ARCHITECTURES)
    }
    budget = describe(shapes[REFERENCE]).parameters
    return {name: _nearest(shape, budget) for name, shape in shapes.items()}


def _nearest(config: ModelConfig, budget: int) -> ModelConfig:
    """The shape whose parameters are nearest to a budget, by its units."""
    shapes = []
    for units in range(_UNITS_AT_A_TIME, _MOST_UNITS, _UNITS_AT_A_TIME):
        # An architecture may ask for embeddings of as many numbers.
        embedding_size = units if config.embedding_size == config.units else config.embedding_size
        try:
            shape = replace(config, units=units, embedding_size=embedding_size)
        except ConfigError:
            continue  # it takes other numbers
        shapes.append(shape)
        if describe(shape).parameters > budget:
            break
    return min(shapes, key=lambda shape: abs(describe(shape).parameters - budget))


def shape_options(shape: ModelShape) -> list[str]:
    """The options of `chatbot train` that choose a shape."""
    sizes = {"architecture": shape.architecture, "units": shape.units, "embedding-size": shape.embedding_size}
    sizes |= {"layers": shape.layers, "attention": shape.attention}
    chosen = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    return [*chosen, "--bidirectional" if shape.bidirectional else "--no-bidirectional"]


def _pass_over(problem: object) -> None:
    """Training prints the lines that cannot be used."""
    del problem
