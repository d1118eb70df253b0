"""What the program writes, as cases for `faults.py`, each with a look at whether its files are whole afterwards."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot import Chatbot, bundle
from chatbot.bundle import REPLIES, Bundle
from chatbot.bundle.writing import clean_up
from chatbot.cli.chat.input_history import open_history

PAIRS = 2000
NEW = "".join(f"prompt {number}\treply {number}\n" for number in range(PAIRS))
OLD = "old prompt\told reply\n"
TAUGHT = "a correction of some words"


@dataclass
class Case:
    """Something that the program does in a folder.

    Attributes:
        name: In the report.
        arguments: Of the program; or a function that does it.
        check: Says what is wrong in the folder afterwards; nothing if all is well.
        stdin: What it reads.
        talks: Whether it is a conversation, which goes on after an error.
        trains: Whether it needs TensorFlow.
    """

    name: str
    arguments: Sequence[str] | Callable[[], None]
    check: Callable[[Path], str]
    stdin: str = ""
    talks: bool = False
    trains: bool = False


def cases(source: Path) -> list[Case]:
    """The cases, with a bundle to talk to; what trains is the last."""
    bot = ["--checkpoint", str(source)]
    reply = json.loads((source / REPLIES).read_text())[0]["reply"]
    teach = "".join(f"hello\n/teach {TAUGHT} {number}\n" for number in range(40))
    save = "hello\nhow are you\n/save talk\n/save talk\n"
    train = ["train", "small.tsv", "--checkpoint", "bot", "--overwrite", "--preset", "tiny", "--epochs", "3"]
    return [
        Case("corpus import", ["corpus", "import", "new.csv", "-o", "out.tsv", "--overwrite"], _imported),
        Case("/teach", ["chat", *bot], _taught, teach, talks=True),
        Case("transcript", ["chat", *bot, "--transcript", "talk"], _told, "hello\n" * 40, talks=True),
        Case("/save", ["chat", *bot], _told, save * 10, talks=True),
        Case("history", _type, _typed, talks=True),
        Case("bundle", lambda: _write_bundles(source), _has_bundle),
        Case("learn", ["learn", "corpora/corrections.tsv", "--checkpoint", "bot"], _has_bundle),
        Case("forget", ["forget", reply, "--checkpoint", "bot"], _has_bundle),
        Case("explain", ["explain", "hello", *bot, "--output", "why.html", "--overwrite"], _pictured),
        Case("train", [*train, "--max-time", "none", "--precision", "float32"], _has_bundle, trains=True),
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
    (folder / "small.tsv").write_text("".join(f"what is {number}?\tIt is {number}.\n" for number in range(20)))


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


def left_drafts(folder: Path) -> str:
    """What is wrong where drafts are left in a folder; nothing if none are."""
    left = [path.name for path in folder.rglob(".*.new-*")]
    return f"{left} is left behind" if left else ""
