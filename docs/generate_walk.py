"""The outputs in the tutorial on encoder-decoders, from real runs of a bot that trains in seconds.

`python docs/generate_walk.py` writes them into the page. The page has the corpus of the bot in a block behind
`<!-- file: NAME -->`, and an output in each block behind

    <!-- walk: PART of COMMAND -->

which is the part of what the command prints that begins with PART, or all of it without `PART of`.
The commands run one after another in one folder; a training only once, and its block has the command itself.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parent / "tutorials" / "how-an-encoder-decoder-works.md"
ROOT = Path(__file__).parents[1]
#: Columns of what is printed, as many as a page shows without scrolling sideways.
COLUMNS = 88
_END = "<!-- end -->"
_FILE = re.compile(rf"<!-- file: (?P<name>\S+) -->\n```\n(?P<body>.*?)```\n{_END}", re.DOTALL)
_BLOCK = re.compile(
    rf"<!-- walk: (?:(?P<part>[A-Za-z][\w ]*) of )?(?P<command>.+?) -->\n(?P<body>.*?){_END}", re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of the page with an output.

    Attributes:
        part: The line that the part of the output begins with; None for all of it.
        command: What prints it.
        body: The block's content, with its fences.
    """

    part: str | None
    command: str
    body: str


@dataclass
class Walk:
    """The runs of the commands of a page, in a folder of their own.

    Attributes:
        folder: Where they run.
        printed: What each has printed.
    """

    folder: Path
    printed: dict[str, str] = field(default_factory=dict)

    def body(self, block: Block) -> str:
        """The content of a block, newly made."""
        said = self._run(block.command)
        if block.command.startswith("chatbot train "):
            return f"```sh\n{block.command}\n```\n"
        return f"```\n{said if block.part is None else _part(said, block.part)}\n```\n"

    def _run(self, command: str) -> str:
        if command not in self.printed:
            words = shlex.split(command)
            if words[0] == "chatbot":
                words[:1] = [sys.executable, "-m", "chatbot"]
            done = subprocess.run(
                words, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise SystemExit(f"{command}: failed\n{done.stderr}")
            self.printed[command] = "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())
        return self.printed[command]

    def _environment(self) -> dict[str, str]:
        """Without settings and bots of the person who runs it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATBOT_")}
        homes = {name: str(self.folder / name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        return kept | homes | {"PYTHONPATH": path, "COLUMNS": str(COLUMNS), "PYTHONUTF8": "1"}


def blocks(text: str) -> Iterator[Block]:
    """The blocks with outputs of a page, in its order."""
    for found in _BLOCK.finditer(text):
        yield Block(found["part"], found["command"], found["body"])


def renew(text: str, folder: Path) -> str:
    """The text of a page with outputs of new runs.

    Args:
        text: Of the page.
        folder: An empty one, where the commands run.
    """
    for file in _FILE.finditer(text):
        (folder / file["name"]).write_text(file["body"], encoding="utf-8")
    walk = Walk(folder)

    def write(found: re.Match[str]) -> str:
        block = Block(found["part"], found["command"], found["body"])
        return f"{found[0].removesuffix(block.body + _END)}{walk.body(block)}{_END}"

    return _BLOCK.sub(write, text)


def _part(said: str, begins: str) -> str:
    """The lines from one that begins so to the next empty one."""
    sections = said.split("\n\n")
    section = next((one for one in sections if one.startswith(begins)), None)
    if section is None:
        raise SystemExit(f"no part of the output begins with {begins!r}")
    return section


def main() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
