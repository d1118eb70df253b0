"""Signals, full disks, closed streams and forbidden folders while the program writes: what is left of its files.

    python benchmarks/faults.py checkpoints/NAME --moments 50
    python benchmarks/faults.py checkpoints/NAME train /teach --parts signals
    unshare -Urm python benchmarks/faults.py checkpoints/NAME --parts disk       # as root without unshare

Each case is a process of its own, forked from one that has imported the program, so that it begins at once. It is ended
at a random moment by SIGKILL, SIGTERM or SIGINT; or meets a limit on the size of its files, a closed stream, a folder
that it may not write, or a file system of its own with room for so many pages more, from none to all that it takes.
Afterwards every file that was there before is whole, none is half written, and the program has said what is wrong in
one line. The same seed draws the same moments. `interruptions.py` kills longer trainings and resumes them.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fault_cases import Case, cases, fill, left_drafts
from fault_conditions import all_faults, file_system
from forked_program import import_all, start

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
STREAMS = ("in", "out", "err")
#: Pages that a file system may have free, and after how many a conversation has all that it writes.
MOST_PAGES, ENOUGH_TO_TALK = 8192, 60


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

    def add(self, what: str, code: int, wrong: str) -> None:
        """Count a process by its exit code and by what was wrong."""
        self.count += 1
        self.ended += code == 0
        if wrong:
            self.wrong.append(f"{what}: {wrong}")

    def show(self) -> None:
        """Print a line, and the first wrong ones."""
        print(f"{self.name}: {self.count} processes, {self.ended} done, {len(self.wrong)} wrong", flush=True)
        for wrong in self.wrong[:5]:
            print(f"    {wrong}", flush=True)


def by_signals(case: Case, source: Path, moments: int, seed: int) -> Report:
    """End a case by signals at random moments of the time that it takes when it is left alone."""
    report = Report(f"{case.name}, {moments} moments each of {', '.join(one.name for one in SIGNALS)}")
    with tempfile.TemporaryDirectory() as name:
        alone = _fresh(Path(name), source)
        began = time.monotonic()
        os.waitpid(_run(case, alone), 0)
        whole = time.monotonic() - began
    for number in range(moments * len(SIGNALS)):
        draw, sent = random.Random(f"{seed} {case.name} {number}"), SIGNALS[number % len(SIGNALS)]
        with tempfile.TemporaryDirectory() as name:
            folder = _fresh(Path(name), source)
            child = _run(case, folder)
            time.sleep(draw.uniform(0, whole))
            os.kill(child, sent)
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            more = [_said_badly(case, folder)]
            if sent is not signal.SIGKILL:
                more.append(left_drafts(folder))
            if code not in (0, -sent, 130, 143):
                more.append(f"exit code {code}")
            report.add(f"{sent.name} {number}", code, _examine(case, folder, more))
    return report


def by_faults(case: Case, source: Path) -> Report:
    """Run a case on machines with one fault each."""
    faults = all_faults()
    report = Report(f"{case.name}, {len(faults)} faults")
    for what, fault in faults.items():
        with tempfile.TemporaryDirectory() as name:
            folder = _fresh(Path(name), source)
            _, status = os.waitpid(_run(case, folder, fault), 0)
            for path in (folder, folder / "corpora"):
                path.chmod(0o700)
            code = os.waitstatus_to_exitcode(status)
            report.add(what, code, _examine(case, folder, _failed_badly(case, folder, code)))
    return report


def by_full_disks(case: Case, source: Path) -> Report:
    """Run a case on file systems with room for no page, one page and so on, until it no longer matters."""
    report, pages, done = Report(f"{case.name}, full file systems"), 0, 0
    while done < 3 and pages < MOST_PAGES:
        with tempfile.TemporaryDirectory() as name, file_system(Path(name)) as leave:
            folder = _fresh(Path(name), source)
            with tempfile.TemporaryDirectory() as streams:  # which are elsewhere
                leave(pages)
                _, status = os.waitpid(_run(case, folder, streams=Path(streams)), 0)
                leave(MOST_PAGES)
                code = os.waitstatus_to_exitcode(status)
                wrong = _examine(case, folder, _failed_badly(case, folder, code, Path(streams)))
            report.add(f"room for {pages} pages", code, wrong)
        said_nothing = code == 0 and not case.talks
        done = done + 1 if said_nothing or (case.talks and pages > ENOUGH_TO_TALK) else 0
        pages += 1 if pages < 20 else pages // 8
    return report


def _fresh(parent: Path, source: Path) -> Path:
    folder = parent / "here"
    folder.mkdir()
    fill(folder, source)
    return folder


def _run(case: Case, folder: Path, prepare: Callable[[], object] = bool, streams: Path | None = None) -> int:
    """Start a case in a folder; the files of its streams are beside that, or elsewhere."""
    files = [(streams or folder.parent) / name for name in STREAMS]
    files[0].write_text(case.stdin)

    def arrive() -> None:
        os.chdir(folder)
        os.environ |= {"XDG_STATE_HOME": str(folder / "state"), "CHATBOT_NO_CONFIG": "1"}
        prepare()

    return start(case.arguments, files, arrive)


def _said_badly(case: Case, folder: Path, streams: Path | None = None) -> str:
    """What was said on standard error, where it is not one line for people; of a conversation, for each turn."""
    place = (streams or folder.parent) / STREAMS[-1]
    said = place.read_text() if place.exists() else ""  # one that is killed at once has said nothing
    lines = [line for line in said.splitlines() if "chatbot: " in line]
    if "Traceback" in said or "fault of chatbot" in said or (not case.talks and len(lines) > 1):
        return f"said {said[-300:]!r}"
    return ""


def _failed_badly(case: Case, folder: Path, code: int, streams: Path | None = None) -> list[str]:
    if callable(case.arguments):  # which raises what the program would say in a line
        return [left_drafts(folder)]
    wrong = [_said_badly(case, folder, streams), left_drafts(folder)]
    return wrong if code in (0, 1) else [*wrong, f"exit code {code}"]


def _examine(case: Case, folder: Path, more: Sequence[str] = ()) -> str:
    try:
        wrong = [case.check(folder), *more]
    except Exception as error:  # any failure is what is looked for
        wrong = [f"{type(error).__name__}: {error}"]
    return "; ".join(filter(None, wrong))


def main() -> int:
    """Run the script.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path, help="a small bot with an index and known replies")
    parser.add_argument("cases", nargs="*", help="all of them if none is named")
    parser.add_argument("--moments", type=int, default=50, help="of each signal, in each case")
    parser.add_argument("--parts", nargs="+", choices=("faults", "signals", "disk"), default=["faults", "signals"])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    place, reports = asked.bundle.resolve(), []
    known = {case.name: case for case in cases(place)}
    unknown = [name for name in asked.cases if name not in known]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(known)}")
    import_all()
    for name in asked.cases or known:
        if known[name].trains:  # the last, as what it imports is in every process from then on
            import_all(training=True)
        for part in asked.parts:
            if part == "signals":
                reports.append(by_signals(known[name], place, asked.moments, asked.seed))
            else:
                reports.append((by_faults if part == "faults" else by_full_disks)(known[name], place))
            reports[-1].show()
    print(f"{sum(made.count for made in reports):,} processes, {sum(len(made.wrong) for made in reports)} wrong")
    return int(any(made.wrong for made in reports))


if __name__ == "__main__":
    sys.exit(main())
