"""Bots that several tests share, trained for real through the command line."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from filelock import FileLock

from chatbot import Chatbot
from chatbot.corpus import Pair, read_pairs
from tests.warm_program import WarmPopen, can_run_warm, close_warm

ROOT = Path(__file__).parent.parent
DIALOGS = ROOT / "corpora" / "dialogs.tsv"
CHILDREN = ROOT / "tests" / "children"
KOREAN = ROOT / "tests" / "data" / "korean.tsv"

# How long an example takes says more about the machine than about the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Where a shell starts the tests in the background it lets them ignore Ctrl-C, and so would the programs that
# they start. What is ignored is inherited; what is handled is not.
for _number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

#: Seconds for a program to end, on a machine that has much else to do.
PATIENCE = 900

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_chatbot(
    arguments: Sequence[str | Path],
    folder: Path,
    stdin: str | bytes = "",
    *,
    module: str = "chatbot",
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the real program in `folder`, with its state there too: in a fork of one that is loaded, where that will do.

    A variable that is read at a start, such as PYTHONPATH, gives it a process that starts anew. So does `cold`
    of `running`.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(arguments, folder, environment, module=module, **pipes) as process:
        out, err = process.communicate(given, PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, out.decode(), err.decode())


@contextlib.contextmanager
def running(
    arguments: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    cold: bool = False,
    module: str = "chatbot",
    **settings: Any,
) -> Iterator[subprocess.Popen[Any]]:
    """The real program under way, as `run_chatbot` runs it; it is gone after the block, whatever happens there.

    Args:
        arguments: Of the program.
        folder: Where it runs.
        environment: Variables besides those of `program_environment`.
        cold: It is to start anew, since its start is under test.
        module: What runs in the place of the program.
        settings: Of `subprocess.Popen`, such as its streams.
    """
    with start_chatbot(arguments, folder, environment or {}, cold=cold, module=module, **settings) as process:
        try:
            yield process
        except BaseException:  # or the block would wait for an end that may never come
            process.kill()
            raise


def start_chatbot(
    arguments: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    *,
    cold: bool = False,
    module: str = "chatbot",
    **settings: Any,
) -> subprocess.Popen[Any]:
    """Start the program as `running` does, or another module in its place; whoever calls waits for its end."""
    words, variables = [*map(str, arguments)], program_environment(folder) | environment
    if not cold and can_run_warm(words, environment):
        return WarmPopen(words, module=module, cwd=folder, env=variables, **settings)
    return subprocess.Popen([sys.executable, "-m", module, *words], cwd=folder, env=variables, **settings)


@contextlib.contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """A limit on the bytes of a file; what is beyond is refused, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def program_environment(folder: Path) -> dict[str, str]:
    """The tests' environment without settings of the person who runs them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATBOT_")}
    return kept | {
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHONPATH": f"{CHILDREN}:{ROOT}",
        "COLUMNS": "100",
    }


def refuse(problem: object) -> None:
    """For files that must have no problem."""
    raise AssertionError(str(problem))


def write_pairs(path: Path, pairs: Sequence[Pair]) -> Path:
    """Write a corpus file."""
    path.write_text("".join(f"{prompt}\t{reply}\n" for prompt, reply in pairs), encoding="utf-8")
    return path


def sixty_english() -> list[Pair]:
    """Sixty pairs spread over the shipped corpus, every reply another one, short enough for a line of any screen."""
    short = (pair for pair in read_pairs(DIALOGS, refuse) if len(pair.prompt) <= 28 and len(pair.reply) <= 60)
    by_reply = {pair.reply: pair for pair in short}
    pairs = list(by_reply.values())
    return pairs[:: len(pairs) // 60][:60]


def _trained(folder: Path, corpus: Path, *options: str) -> Path:
    # Forty epochs are enough to learn sixty pairs by heart. Every reply is another one: candidates must be asked for.
    limits = ["--valid-share", "0", "--max-time", "none", "--epochs", "40", "--known-replies", "100"]
    done = run_chatbot(["train", corpus, *limits, *options], folder)
    assert done.returncode == 0, done.stderr
    return folder / "checkpoints" / corpus.stem


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No bots of the person who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.delenv("CHATBOT_HOME", raising=False)
        yield
    close_warm()


@pytest.fixture(scope="session")
def english_pairs() -> list[Pair]:
    return sixty_english()


@pytest.fixture(scope="session")
def korean_pairs() -> list[Pair]:
    return list(read_pairs(KOREAN, refuse))


Share = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Share]:
    """Make a folder once for all the processes that run the tests; the others wait for the first that wants it.

    No test changes such a folder: it works on a copy, or the session ends with an error that names the file.
    """
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made: dict[Path, list[tuple[str, int]]] = {}

    def make_once(name: str, make: Callable[[Path], object]) -> Path:
        folder = root / f"shared-{name}"
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                unfinished = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root))
                make(unfinished)
                unfinished.rename(folder)
        made.setdefault(folder, _files(folder))
        return folder

    yield make_once
    for folder, files in made.items():
        assert _files(folder) == files, f"a test has changed {folder}"


def _files(folder: Path) -> list[tuple[str, int]]:
    """Names and times of the files of the bundles in a folder."""
    bundles = [path.parent for path in folder.rglob("manifest.json")]
    return sorted((str(path), path.stat().st_mtime_ns) for bundle in bundles for path in bundle.iterdir())


@pytest.fixture(scope="session")
def english_bundle(share: Share, english_pairs: list[Pair]) -> Path:
    """A bot trained to the end on sixty English pairs, at checkpoints/english of its folder."""
    folder = share("english", lambda folder: _trained(folder, write_pairs(folder / "english.tsv", english_pairs)))
    return folder / "checkpoints" / "english"


@pytest.fixture(scope="session")
def learned_pairs(english_bundle: Path, english_pairs: list[Pair]) -> list[Pair]:
    """Those of the sixty whose very reply that bot says, which training leaves to chance for a few."""
    bot = Chatbot.load(english_bundle)
    return [pair for pair in english_pairs if bot.reply(pair.prompt).text == pair.reply]


@pytest.fixture(scope="session")
def korean_bundle(share: Share) -> Path:
    """The same in Korean."""
    return share("korean", lambda folder: _trained(folder, KOREAN)) / "checkpoints" / "korean"


@pytest.fixture(scope="session")
def bare_bundle(share: Share, english_pairs: list[Pair]) -> Path:
    """A bot of twenty of the English pairs without an index and word vectors, and with float32 weights."""

    def train(folder: Path) -> None:
        corpus = write_pairs(folder / "bare.tsv", english_pairs[:20])
        _trained(folder, corpus, "--no-index", "--float", "--preset", "tiny", "--vectors", "none")

    return share("bare", train) / "checkpoints" / "bare"


@pytest.fixture(scope="session")
def babbling_bundle(share: Share) -> Path:
    """A bot whose replies were all cut in training, so that it never learned to stop."""

    def train(folder: Path) -> None:
        pairs = [Pair(f"say {word}", "la " * 40) for word in ("a", "b", "c", "d")]
        _trained(folder, write_pairs(folder / "babbling.tsv", pairs), "--max-length", "8", "--units", "32")

    return share("babbling", train) / "checkpoints" / "babbling"


#: Small conversations in which the same question wants another answer.
CONTEXTUAL = [
    Pair("do you like rain?", "Yes, I do."),
    Pair("do you like rain? ␞ Yes, I do. ␞ why?", "Because the garden drinks."),
    Pair("do you like noise?", "No, not at all."),
    Pair("why? ␞ Because the garden drinks. ␞ do you like noise?", "No, not at all."),
    Pair("do you like noise? ␞ No, not at all. ␞ why?", "Because I cannot hear you."),
    Pair("why?", "Why what?"),
]


@pytest.fixture(scope="session")
def contextual_bundle(share: Share) -> Path:
    """A bot trained to the end on prompts that carry two turns before them."""

    def train(folder: Path) -> None:
        _trained(folder, write_pairs(folder / "contextual.tsv", CONTEXTUAL), "--epochs", "200")

    return share("contextual", train) / "checkpoints" / "contextual"
