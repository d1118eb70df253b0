"""The Markdown pages: that links lead somewhere, and that what they say of the code is so."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_wall import ROOMS, modules

LINK = re.compile(r"(?<!\\)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)(```+|~~~+).*?^\1\2", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every Markdown file that is part of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


PAGES = pages()


def without_code(text: str) -> str:
    """The text of a page without fences, back-ticks and comments."""
    return re.sub(r"`[^`\n]*`", "`code`", FENCE.sub("", re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as browsers of repositories make them."""
    found: list[str] = []
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.append(f"{anchor}-{found.count(anchor)}" if anchor in found else anchor)
    return set(found)


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether the file and the heading that a link names exist; web addresses are taken as they are."""
    if re.match(r"[a-z]+:", target):
        return True
    place, _, anchor = target.partition("#")
    file = (page.parent / place).resolve() if place else page
    return file.is_relative_to(ROOT) and file.exists() and (not anchor or anchor in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    targets = LINK.findall(without_code(page.read_text(encoding="utf-8")))
    assert [target for target in targets if not leads_somewhere(page, target)] == []


def test_the_readme_is_short():
    readme = (ROOT / "README.md").read_bytes()
    assert len(readme) <= 12_000
    assert len(readme.splitlines()) <= 150


def test_the_index_links_to_every_page():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    pages = {page for page in PAGES if page.is_relative_to(index.parent) and page != index}
    assert {page for page in pages if not {page, page.parent} & linked} == set()


ARCHITECTURE = ROOT / "docs" / "development" / "architecture.md"


def test_the_table_of_rooms_has_every_room_of_the_wall_below_those_that_it_imports():
    rows = re.findall(r"^\| `([\w/]+)` \|", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(ROOMS)
    for place, room in enumerate(rows):
        assert ROOMS[room] <= set(rows[:place]), f"{room} is above a room that it imports"


def test_the_picture_of_the_rooms_names_rooms_that_exist():
    drawn = (ROOT / "docs" / "pictures" / "rooms.svg").read_text(encoding="utf-8")
    named = set(re.findall(r'class="name"[^>]*>([^<]+)<', drawn)) - {"conversations", "corpus file"}
    assert named <= ROOMS.keys()


def test_every_name_that_the_glossary_prescribes_is_in_the_code():
    glossary = (ROOT / "docs" / "development" / "glossary.md").read_text(encoding="utf-8")
    words = glossary.partition("## Words and names")[2]
    prescribed = {
        name for cell in re.findall(r"^\| (.+?) \|", words, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    used = {word for path in modules() for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    assert prescribed - used == set()
