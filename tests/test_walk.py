"""The walk through one reply in the tutorial: its outputs are those of a real run.

Processors round differently, and training carries that on: what is compared is words, choices, shapes, and figures to
about a tenth. The tokens that lost, which a hair's breadth may put in another order, are not compared.
"""

import re
import sys

import pytest

from tests.conftest import ROOT

sys.path.append(str(ROOT / "docs"))  # where the script is

from generate_walk import PAGE, Block, blocks, renew

TEXT = PAGE.read_text(encoding="utf-8")
FIGURE = re.compile(r"[+-]?\d+\.\d+%?|\d+%")
#: What is sure in the lines of a part: a group for the words, the figures of which are compared.
SURE = {
    "Encoder": r"(\S+  id .+);",
    "Decoder": r"(\S+  id .+);",
    "Step": r"(.+?);",
    "Beam": r"(.*(?:the reply).*)",
    "Attention": r"(\S+: )",
    "Nearest": r"(0\.\d+ .*)",
}


def sure(block: Block) -> list[str]:
    """The lines of a block as far as they are the same on every machine, but for rounding."""
    lines = [line.rstrip() for line in block.body.splitlines()[1:-1]]
    if block.part not in SURE:
        return lines
    found = [re.match(SURE[block.part], line) for line in lines]
    kept = [match[1] for match in found if match]
    return kept[:1] if block.part == "Nearest" else kept


def words(block: Block) -> list[str]:
    return [" ".join(FIGURE.sub("#", line).split()) for line in sure(block)]


def figures(block: Block) -> list[float]:
    said = [figure for line in sure(block) for figure in FIGURE.findall(line)]
    return [float(figure.rstrip("%")) / (100 if figure.endswith("%") else 1) for figure in said]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return list(blocks(renew(TEXT, tmp_path_factory.mktemp("walk"))))


SHOWN = list(blocks(TEXT))


def test_the_page_stops_at_every_part():
    assert {block.part for block in SHOWN if block.part} >= {"you", *SURE}
    assert all(sure(block) for block in SHOWN)


@pytest.mark.parametrize("number", range(len(SHOWN)), ids=[f"{one.part or one.command[:24]}" for one in SHOWN])
def test_what_the_page_shows_is_what_a_run_prints(run, number):
    shown, printed = SHOWN[number], run[number]
    assert words(printed) == words(shown), "run docs/generate_walk.py"
    assert figures(printed) == pytest.approx(figures(shown), rel=0.2, abs=0.15)


def test_the_sentences_around_the_outputs_hold(run):
    said = {block.part: sure(block) for block in run if block.part}
    assert "bot  chat noir" in said["you"]
    input_tokens = [line.split()[0] for line in said["Decoder"]]
    target = [line.split()[1] for line in said["Step"]]
    assert input_tokens == ["<go>", *target[:-1]]
    assert "".join(target) == "▁chat▁noir<eos>"
    looked = {
        line.split(":")[0]: line for line in next(one for one in run if one.part == "Attention").body.splitlines()
    }
    assert re.match(r"▁ch: at \d", looked["▁ch"])
    assert re.match(r"n: ▁bla \d", looked["n"])
    assert "cat" in said["Nearest"][0]


def test_the_prompt_of_the_walk_is_none_that_the_bot_was_trained_on():
    assert "blue\t" not in TEXT
    assert "black cat\t" not in TEXT
    assert "black fish\t" in TEXT
