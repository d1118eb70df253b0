"""Options of `chatbot train` beside those that its configurations declare."""

from dataclasses import dataclass
from pathlib import Path

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.shared_options import complete_bundle
from chatbot.config import PRESETS
from chatbot.config.base import Config
from chatbot.config.model import MODEL
from chatbot.config.options import Form, OnResume, option
from chatbot.config.training import DATA

#: Heading of the help page that lists the options of the display.
PROGRESS = "Progress"


@dataclass(frozen=True, kw_only=True)
class CallOptions(Config):
    """Options of one call of the command, which say nothing of the bundle that comes of it.

    Attributes:
        checkpoint: Folder of the bundle to write; None is named after the first corpus.
        overwrite: Whether a bundle or an interrupted run may be replaced.
        resume: Whether an interrupted run is resumed.
        repeat: Bundle whose training is repeated; None for none.
        strict: Whether a line that cannot be used is an error.
        tensorboard: Whether measurements are logged for TensorBoard too.
        json_logs: Whether the display is a log for programs.
        log_interval: Seconds between lines of progress; None is no such lines.
    """

    checkpoint: Path | None = option(
        None, "Where to write the bundle.", metavar="DIR", unset="checkpoints/<name of the first corpus>"
    )
    overwrite: bool = option(False, "Overwrite an existing bundle, and discard an interrupted run.")
    resume: bool = option(
        False,
        "Resume an interrupted run, or begin where there is none yet; options you leave out keep their original"
        " values.",
    )
    repeat: Path | None = option(
        None,
        "Repeat the training of this bundle: its options, where you give no others, and its pairs, which are compared.",
        metavar="DIR",
        complete=complete_bundle,
    )
    strict: bool = option(False, "Stop at the first line that cannot be used.", panel=DATA)
    tensorboard: bool = option(False, "Also log to DIR.tensorboard/.", panel=PROGRESS)
    json_logs: bool = option(False, "Print a log for programs, one JSON object per line.", panel=PROGRESS)
    log_interval: float | None = option(
        10.0,
        "Time between progress lines, off a terminal and with --json-logs: 10s, 5m or none.",
        metavar="TIME",
        panel=PROGRESS,
        form=Form.DURATION,
    )

    def check_resuming(self, overwrite_typed: bool) -> None:
        """Check that no option contradicts `--resume`.

        Args:
            overwrite_typed: Whether `--overwrite` was typed, and not set elsewhere for all runs.

        Raises:
            UsageError: One does.
        """
        if self.resume and self.repeat is not None:
            raise UsageError("--repeat begins a run and --resume continues one; leave one of them out")
        if self.resume and self.overwrite and overwrite_typed:
            raise UsageError(
                "--overwrite starts anew where --resume continues the interrupted run; leave one of them out"
            )


#: The value of `--vectors` for none.
NO_VECTORS = Path("none")


@dataclass(frozen=True, kw_only=True)
class RunOptions(Config):
    """Options of a run that are no part of its configurations.

    Attributes:
        init_from: Bundle to fine-tune; None trains a new model.
        base: Bundle whose language a new model begins with; None for none.
        vectors: File of word vectors, or a bundle that has learned some; `none` for none; None for those of `init_from`
            or `base`, or those of the program if the phrasings are few.
        keep_float: Whether the bundle keeps float32 weights.
        index: Whether the bundle keeps the training prompts.
        fallback: What the bot says by itself in place of a reply that it is not sure of; none takes the replies of the
            corpus whose topic is `fallback`.
        wrong_cost: How many needless fallbacks a wrong reply is as bad as; None for a threshold
            that few right replies are below.
        valid: File of validation pairs; None holds some of the corpus out.
        preset: One of `PRESETS`; None chooses from the corpus.
    """

    init_from: Path | None = option(
        None,
        "Fine-tune this bundle (a folder, or a name under checkpoints/); its model and tokenizer are kept.",
        metavar="DIR",
        complete=complete_bundle,
    )
    base: Path | None = option(
        None,
        "Begin with what this bundle knows of the language: its layers, and the vectors of its pieces; vocabulary and"
        " replies are those of CORPUS alone.",
        metavar="DIR",
        complete=complete_bundle,
    )
    vectors: Path | None = option(
        None,
        "Word vectors, so that words of like use count as alike: GloVe, word2vec (text or binary) or fastText .vec,"
        " also .gz; or those that another bot has learned, by its name or folder; or none.",
        panel=DATA,
        metavar="FILE",
        unset="those of the program, for English and Korean, where an answer has few phrasings",
    )
    keep_float: bool = option(
        False,
        "Keep float32 weights (four times larger) even where int8 is as accurate.",
        flags=("--float",),
        on_resume=OnResume.ANY,
    )
    index: bool = option(
        True,
        "Keep the training prompts in the bundle, to find the nearest of them to a prompt.",
        on_resume=OnResume.ANY,
    )
    fallback: tuple[str, ...] = option(
        (),
        "What the bot says instead of a reply it is not sure of; repeat it for variety. Otherwise it says the corpus's"
        " replies with the topic fallback, if there are any.",
        metavar="TEXT",
        on_resume=OnResume.ANY,
    )
    wrong_cost: float | None = option(
        None,
        "A wrong reply is as bad as N needless fallbacks: with a larger N the bot says its fallback more often.",
        metavar="N",
        lowest=0.01,
        highest=1000,
        unset="about 3 % of the right replies give way to it",
        on_resume=OnResume.ANY,
    )
    valid: Path | None = option(None, "Validate on the pairs in this file.", panel=DATA, metavar="FILE")
    preset: str | None = option(
        None,
        "Size of the model.",
        panel=MODEL,
        choices=tuple(PRESETS),
        unset="depends on the size of the corpus",
    )

    def __post_init__(self) -> None:
        """Check the choices."""
        self._check_ranges()

    @property
    def source(self) -> Path | None:
        """The bundle to fine-tune, which may be named by its name alone if it is in a folder of bundles.

        Raises:
            BundleError: There is none.
        """
        return _find(self.init_from)

    @property
    def base_source(self) -> Path | None:
        """The bundle whose language a new model begins with, which may be named likewise.

        Raises:
            BundleError: There is none.
        """
        return _find(self.base)

    @property
    def vectors_source(self) -> Path | None:
        """The file of word vectors, or the bundle that has learned them, which may be named likewise; or None.

        Raises:
            BundleError: There is none.
        """
        named = None if self.vectors == NO_VECTORS else self.vectors
        is_name = named is not None and len(named.parts) == 1 and not named.suffix and not named.exists()
        return _find(named) if named is not None and (is_name or named.is_dir()) else named


def _find(named: Path | None) -> Path | None:
    from chatbot.cli.options.bundle_on_command_line import find_bundle  # a help page need not wait for it

    return None if named is None else find_bundle(named)
