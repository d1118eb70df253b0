"""Signals, full disks, closed streams and forbidden folders while the program writes: what is left of its files.

    python benchmarks/faults.py checkpoints/NAME --moments 50

Each case is a process of its own that is ended at a random moment by SIGKILL, SIGTERM or SIGINT, or that meets a limit
on the size of its files, a closed stream or a folder that it may not write. Afterwards every file that was there
before is whole, none is half written, and the program has said what is wrong in one line. The same seed draws the
same moments. `interruptions.py` does this to trainings.
"""

import argparse
import ctypes
import importlib
import json
import os
import pkgutil
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import chatbot
from chatbot import Chatbot, bundle
from chatbot.bundle import Bundle
from chatbot.bundle.writing import clean_up
from chatbot.cli import main
from chatbot.cli.chat.input_history import open_history
from chatbot.cli.output.interrupt import end_on_signals

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
PAIRS = 2000
NEW = "".join(f"prompt {number}\treply {number}\n" for number in range(PAIRS))
OLD = "old prompt\told reply\n"
TAUGHT = "a correction of some words"
#: Bytes that a file may have, from none to more than any that is written here.
LIMITS = (0, 1, 10, 100, 500, 1000, 2000, 5000, 20_000, 100_000, 500_000)


@dataclass
class Case:
    """Something that the program does in a folder.

    Attributes:
        name: In the report.
        arguments: Of the program; or a function that does it.
        stdin: What it reads.
        check: Says what is wrong in the folder afterwards; nothing if all is well.
        codes: How it may end by itself on a broken machine.
    """

    name: str
    arguments: Sequence[str] | Callable[[], None]
    check: Callable[[Path], str]
    stdin: str = ""
    codes: tuple[int, ...] = (0, 1)


@dataclass
class Report:
    """What came of the processes of one kind.

    Attributes:
        name: Of the kind.
        count: How many there were.
        ended: How many ended by themselves before the signal, or in spite of the fault.
        wrong: What was not as it should be.
    """

    name: str
    count: int = 0
    ended: int = 0
    wrong: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Print a line, and the first wrong ones."""
        print(f"{self.name}: {self.count} processes, {self.ended} done, {len(self.wrong)} wrong", flush=True)
        for wrong in self.wrong[:5]:
            print(f"    {wrong}", flush=True)


def run(case: Case, folder: Path, prepare: Callable[[], object] = bool) -> int:
    """Start a case in a folder, in a process of its own.

    Args:
        case: The case.
        folder: Where it runs; `.in`, `.out` and `.err` beside it are its streams.
        prepare: Called in the process before anything else.

    Returns:
        The number of the process.
    """
    folder.with_suffix(".in").write_text(case.stdin)
    child = os.fork()
    if child == 0:
        _become(case, folder, prepare)
    return child


def _become(case: Case, folder: Path, prepare: Callable[[], object]) -> NoReturn:
    code: object = 99
    try:
        os.chdir(folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for number, suffix, how in ((0, ".in", os.O_RDONLY), (1, ".out", flags), (2, ".err", flags)):
            os.dup2(os.open(folder.with_suffix(suffix), how, 0o600), number)
        os.environ |= {"XDG_STATE_HOME": str(folder / "state"), "CHATBOT_NO_CONFIG": "1"}
        end_on_signals()
        prepare()
        if callable(case.arguments):
            case.arguments()
        else:
            sys.argv = ["chatbot", *case.arguments]
            main()
        code = 0
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()  # which a full disk may refuse
    finally:
        os._exit(code if isinstance(code, int) else 0)  # nothing of the parent is unwound


def cases(source: Path) -> list[Case]:
    """The cases, with a bundle to talk to."""
    bot = ["--checkpoint", str(source)]
    teach = "".join(f"hello\n/teach {TAUGHT} {number}\n" for number in range(40))
    save = "hello\nhow are you\n/save talk\n/save talk\n"
    return [
        Case("corpus import", ["corpus", "import", "new.csv", "-o", "out.tsv", "--overwrite"], _imported),
        Case("/teach", ["chat", *bot], _taught, teach),
        Case("--transcript", ["chat", *bot, "--transcript", "talk"], _told, "hello\n" * 40),
        Case("/save", ["chat", *bot], _told, save * 10),
        Case("history", _type, _typed),
        Case("bundle", lambda: _write_bundles(source), _has_bundle),
        Case("explain --output", ["explain", "hello", *bot, "--output", "why.html", "--overwrite"], _pictured),
    ]


def fill(folder: Path, source: Path) -> None:
    """Put what was there before into a new folder."""
    table = NEW.replace("\t", ",")
    (folder / "new.csv").write_text(f"prompt,reply\n{table}")
    (folder / "out.tsv").write_text(OLD)
    (folder / "why.html").write_text("old")
    (folder / "corpora").mkdir()
    (folder / "corpora" / "corrections.tsv").write_text(OLD)
    shutil.copytree(source, folder / "bot")


def _type() -> None:
    history = open_history()
    for number in range(300):
        history.store_string(f"begin {number}\nend {number}")


def _write_bundles(source: Path) -> None:
    opened = Bundle.open(source)
    manifest = {key: value for key, value in opened.manifest.items() if key not in ("format_version", "model", "files")}

    def copy(folder: Path) -> dict[str, object]:
        for name in opened.manifest["files"]:
            shutil.copyfile(source / name, folder / name)
        return {}

    for _ in range(5):
        bundle.write(Path("bot"), opened.model, manifest, copy, lambda _: None)


def _imported(folder: Path) -> str:
    found = (folder / "out.tsv").read_text()
    return "" if found in (OLD, NEW) else f"half a corpus of {len(found)} characters"


def _taught(folder: Path) -> str:
    lines = (folder / "corpora" / "corrections.tsv").read_text().removeprefix(OLD).splitlines(keepends=True)
    half = [line for number, line in enumerate(lines) if line != f"hello\t{TAUGHT} {number}\n"]
    return f"a half correction {half[0]!r}" if half else ""


def _told(folder: Path) -> str:
    place = folder / "talk"
    lines = place.read_text().splitlines(keepends=True) if place.exists() else []
    half = [line for line in lines if not line.endswith("}\n") or "prompt" not in json.loads(line)]
    return f"a half turn {half[0]!r}" if half else ""


def _typed(folder: Path) -> str:
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    found = list(open_history().load_history_strings())
    whole = [f"begin {number}\nend {number}" for number in reversed(range(len(found)))]
    return "" if found == whole else f"half a line in {found[:2]!r}"


def _has_bundle(folder: Path) -> str:
    place = folder / "bot"
    clean_up(place)
    left = [path.name for path in folder.iterdir() if path.name.startswith(".bot")]
    Chatbot.load(place)
    return f"{left} is left behind" if left else ""


def _pictured(folder: Path) -> str:
    found = (folder / "why.html").read_text()
    return "" if found == "old" or found.endswith("</html>\n") or found.endswith("</html>") else "half a page"


def _left_drafts(folder: Path) -> str:
    left = [path.name for path in folder.rglob(".*.new-*")]
    return f"{left} is left behind" if left else ""


def _said_badly(folder: Path, many: bool) -> str:
    """What was said on standard error, where it is not one line for people; of a conversation, for each turn."""
    place = folder.with_suffix(".err")
    said = place.read_text() if place.exists() else ""  # one that is killed at once has said nothing
    lines = [line for line in said.splitlines() if "chatbot: " in line]
    if "Traceback" in said or "fault of chatbot" in said or (not many and len(lines) > 1):
        return f"said {said[-200:]!r}"
    return ""


def _examine(case: Case, folder: Path, more: Sequence[str] = ()) -> str:
    try:
        wrong = [case.check(folder), *more]
    except Exception as error:  # any failure is what is looked for
        wrong = [f"{type(error).__name__}: {error}"]
    return "; ".join(filter(None, wrong))


def by_signals(case: Case, source: Path, moments: int, seed: int) -> Report:
    """End a case by signals at random moments of the time that it takes when it is left alone."""
    report = Report(f"{case.name}, {'/'.join(one.name for one in SIGNALS)}")
    with tempfile.TemporaryDirectory() as name:
        alone = _fresh(Path(name), source)
        began = time.monotonic()
        os.waitpid(run(case, alone), 0)
        whole = time.monotonic() - began
    for number in range(moments * len(SIGNALS)):
        draw, sent = random.Random(f"{seed} {case.name} {number}"), SIGNALS[number % len(SIGNALS)]
        with tempfile.TemporaryDirectory() as name:
            folder = _fresh(Path(name), source)
            child = run(case, folder)
            time.sleep(draw.uniform(0, whole))
            os.kill(child, sent)
            _, status = os.waitpid(child, 0)
            report.count += 1
            code = os.waitstatus_to_exitcode(status)
            report.ended += code == 0
            more = [_said_badly(folder, "chat" in str(case.arguments))]
            if sent is not signal.SIGKILL:
                more.append(_left_drafts(folder))
            if code not in (0, -sent, 130, 143):
                more.append(f"exit code {code}")
            if wrong := _examine(case, folder, more):
                report.wrong.append(f"{sent.name} {number}: {wrong}")
    return report


def _fresh(parent: Path, source: Path) -> Path:
    folder = parent / "here"
    folder.mkdir()
    fill(folder, source)
    return folder


def by_faults(case: Case, source: Path, faults: dict[str, Callable[[], object]]) -> Report:
    """Run a case on machines with one fault each."""
    report = Report(f"{case.name}, {len(faults)} faults")
    for what, fault in faults.items():
        with tempfile.TemporaryDirectory() as name:
            folder = _fresh(Path(name), source)
            _, status = os.waitpid(run(case, folder, fault), 0)
            code = os.waitstatus_to_exitcode(status)
            for path in (folder, folder / "corpora"):
                path.chmod(0o700)
            report.count += 1
            report.ended += code == 0
            more = [_said_badly(folder, "chat" in str(case.arguments)), _left_drafts(folder)]
            if code not in case.codes and not callable(case.arguments):
                more.append(f"exit code {code}")
            if callable(case.arguments):  # which raises what the program would say in a line
                more[0] = ""
            if wrong := _examine(case, folder, more):
                report.wrong.append(f"{what}: {wrong}")
    return report


def _limit(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _forbid() -> None:
    """Take away the right to write here, and from root that of writing everywhere (capset, Linux)."""
    Path("corpora").chmod(0o500)
    Path().chmod(0o500)
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset(header, nothing)


def _without_home() -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "USER", "LOGNAME"):
        os.environ.pop(name, None)


def _jumping_clock() -> None:
    """Let the clock of the wall jump by up to ten years at each look."""
    real, draw = time.time, random.Random(0)
    time.time = lambda: real() + draw.uniform(-3e8, 3e8)


def all_faults() -> dict[str, Callable[[], object]]:
    """The faults, by name."""
    closed = {f"stream {number} closed": (lambda number=number: _close(number)) for number in range(3)}
    return {
        **{f"at most {size} bytes a file": _limit(size) for size in LIMITS},
        **closed,
        "no permission": _forbid,
        "no home": _without_home,
        "jumping clock": _jumping_clock,
    }


def _close(number: int) -> None:
    os.close(number)
    name = ("stdin", "stdout", "stderr")[number]
    setattr(sys, name, None)  # as Python has it where the shell has closed one


def _import_all() -> None:
    """Import what the processes will need, all but training, so that each begins at once."""
    for module in pkgutil.walk_packages(chatbot.__path__, "chatbot."):
        if not module.name.startswith(("chatbot.training", "chatbot.__main__")):
            importlib.import_module(module.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--moments", type=int, default=50, help="of each signal, in each case")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    _import_all()
    place, reports = asked.bundle.resolve(), []
    for one in cases(place):
        reports += [by_faults(one, place, all_faults())]
        reports[-1].show()
        reports += [by_signals(one, place, asked.moments, asked.seed)]
        reports[-1].show()
    print(f"{sum(made.count for made in reports):,} processes, {sum(len(made.wrong) for made in reports)} wrong")
    sys.exit(any(made.wrong for made in reports))
