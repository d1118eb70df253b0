"""New screens for the README and the pages of docs/, from real runs of a bot of the shipped corpus.

chatbot train corpora/dialogs.tsv
python benchmarks/screens.py checkpoints/dialogs

A screen stands between two comments. The first has the command and, a line each, what is typed
while it runs; a line that ends with ⇥ is completed with Tab instead of sent with Enter:

    <!-- screen: chatbot chat
    hello
    /se⇥
    -->
    <!-- end -->

A fenced block between them gets the text of the terminal. A picture gets its colours too, as the file that
it shows; one that the command has itself written under that name is taken as it is.
`<!-- file: NAME -->` marks a block that is a file beside the commands of all pages.

Each command runs in a folder of its own with `corpora/` and the bot, there called by the name of its folder
under `checkpoints/`, and with a home that has neither settings nor a history.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from screen_picture import draw_screen
from terminal import ScreenError, Terminal

ROOT = Path(__file__).parent.parent
#: Columns of every terminal, as many as a page shows without scrolling sideways.
COLUMNS = 88
TAB = "⇥"
#: How a conversation asks for a line.
_ASKS = "you>"
_END = "<!-- end -->"
_BLOCK = re.compile(rf"<!-- (?P<kind>screen|file): (?P<said>.+?)\s*-->\n(?P<body>.*?){_END}", re.DOTALL)
_PICTURE = re.compile(r"!\[.*\]\((?P<file>\S+)\)")


@dataclass(frozen=True)
class Screen:
    """A screen that a page asks for.

    Attributes:
        command: A line for the shell.
        typed: What is typed while it runs.
        body: What stands there now.
    """

    command: str
    typed: tuple[str, ...]
    body: str

    @property
    def picture(self) -> str | None:
        """The file of the picture, relative to the page; None for a text."""
        shown = _PICTURE.search(self.body)
        return shown and shown["file"]


def main() -> None:
    """Rewrite the screens of the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bot that answers")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", action="append", help="only this page; default: README and docs/"
    )
    arguments = parser.parse_args()
    if not (arguments.bundle / "manifest.json").is_file():
        parser.error(f"{arguments.bundle}: no bundle; train one with: chatbot train corpora/dialogs.tsv")
    try:
        rewrite(arguments.page or default_pages(), arguments.bundle)
    except ScreenError as error:
        sys.exit(str(error))


def default_pages() -> list[Path]:
    """The README and the pages of `docs/`."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rewrite(pages: Sequence[Path], bundle: Path) -> None:
    """Run the command of every screen of the pages, and write the pages and their pictures anew.

    Args:
        pages: Markdown files; each may use the files that any of them shows.
        bundle: The bot that answers.

    Raises:
        ScreenError: A command failed, or did not come to its end; its page is as it was.
    """
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    files = {name: content for text in texts.values() for name, content in find_files(text)}
    for page, text in texts.items():
        page.write_text(_renewed(text, page.parent, bundle, files), encoding="utf-8")


def _renewed(text: str, place: Path, bundle: Path, files: Mapping[str, str]) -> str:
    """The text of a page with new screens."""

    def renew(block: re.Match[str]) -> str:
        if block["kind"] == "file":
            return block[0]
        screen = _read_screen(block)
        print(f"$ {screen.command}", flush=True)
        head = block[0].removesuffix(f"{screen.body}{_END}")
        return f"{head}{_make(screen, place, bundle, files)}{_END}"

    return _BLOCK.sub(renew, text)


def find_files(text: str) -> Iterator[tuple[str, str]]:
    """Names and contents of the files that a page shows."""
    for block in _BLOCK.finditer(text):
        if block["kind"] == "file":
            _fence, *lines, _end = block["body"].strip().split("\n")
            yield block["said"], "".join(f"{line}\n" for line in lines)


def _read_screen(block: re.Match[str]) -> Screen:
    command, *typed = block["said"].split("\n")
    return Screen(command, tuple(typed), block["body"])


def _make(screen: Screen, place: Path, bundle: Path, files: Mapping[str, str]) -> str:
    """What is to stand between the comments; a picture is written beside the page, at `place`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _furnish(folder, bundle, files)
        colored = _run(screen, folder)
        if screen.picture is None:
            return "\n".join(["```", f"$ {screen.command}", *(line.plain.rstrip() for line in colored), "```", ""])
        target, written = place / screen.picture, folder / Path(screen.picture).name
        target.parent.mkdir(exist_ok=True)
        if written.exists():
            shutil.copyfile(written, target)
        else:
            target.write_text(draw_screen(screen.command, colored, COLUMNS), encoding="utf-8")
        return screen.body


def _furnish(folder: Path, bundle: Path, files: Mapping[str, str]) -> None:
    checkpoints = folder / "checkpoints"
    shutil.copytree(bundle, checkpoints / bundle.resolve().name)
    (checkpoints / "latest").write_text(f"{bundle.resolve().name}\n", encoding="utf-8")
    (folder / "corpora").symlink_to(ROOT / "corpora")
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def _run(screen: Screen, folder: Path) -> list[Text]:
    """What the terminal shows at the end, without the line that asks for more."""
    with Terminal(screen.command, folder, COLUMNS) as terminal:
        if not screen.typed:
            return terminal.wait_for_end()
        for number, line in enumerate(screen.typed):
            terminal.wait_for_prompt(_ASKS, number)
            completed = line.endswith(TAB)
            terminal.type(line.removesuffix(TAB) + "\t" if completed else f"{line}\r")
        if completed:
            return terminal.wait_below_prompt(_ASKS)
        return terminal.wait_for_prompt(_ASKS, len(screen.typed))


if __name__ == "__main__":
    main()
