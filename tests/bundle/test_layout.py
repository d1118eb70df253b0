"""The table of files: what a bundle with one more row does, as `docs/development/adding-a-bundle-file.md` says."""

import shutil

import pytest

from chatbot import bundle
from chatbot.bundle import Bundle, layout
from chatbot.bundle.layout import BundleFile
from chatbot.bundle.metadata import describe
from chatbot.config import ModelConfig
from chatbot.errors import BundleError
from tests.bundle.conftest import MODEL


def _if_small(model: ModelConfig) -> bool:
    return model.units < 16


NEEDED = BundleFile("toy.txt", "a file of small models", _if_small)
WANTED = BundleFile("toy.txt", "a file for those who want it", None)


@pytest.fixture
def add(monkeypatch):
    """Add one row to the table."""

    def row(file: BundleFile) -> None:
        monkeypatch.setattr(layout, "FILES", (*layout.FILES, file))

    return row


def write(place, *more):
    """Write a bundle with the files that each must have, and more."""

    def fill(folder):
        for name in {*bundle.required_files(MODEL), *more}:
            (folder / name).write_text(name)
        return {}

    return bundle.write(place, MODEL, {}, fill)


def test_a_file_that_some_models_need_is_written_checked_and_counted(here, add):
    before = write(here / "before").size
    add(NEEDED)
    written = write(here / "bot")
    assert written.manifest["files"]["toy.txt"]["bytes"] == len("toy.txt")
    assert describe(written)["files"]["toy.txt"] == written.manifest["files"]["toy.txt"]
    assert written.size > before + len("toy.txt")
    (here / "bot" / "toy.txt").write_text("other")
    with pytest.raises(BundleError, match=r"toy.txt is damaged \(checksum mismatch\)"):
        Bundle.open(here / "bot")
    with pytest.raises(BundleError, match="does not list the files of a bundle"):
        Bundle.open(here / "before")


def test_a_file_that_a_writer_forgets_leaves_no_bundle(here, add):
    add(NEEDED)
    with pytest.raises(BundleError, match=r"bot: cannot be written \(No such file"):
        bundle.write(here / "bot", MODEL, {}, lambda folder: (folder / bundle.TOKENIZER).touch() or {})
    assert not (here / "bot").exists()


def test_a_file_that_is_wanted_may_be_there_or_not(here, add):
    write(here / "before")
    add(WANTED)
    assert "toy.txt" not in write(here / "without").manifest["files"]
    assert "toy.txt" in write(here / "with", "toy.txt").manifest["files"]
    assert Bundle.open(here / "before").model == MODEL


def test_a_bundle_with_the_file_is_moved_and_removed(here, add):
    place = here / "checkpoints" / "bot"
    place.parent.mkdir()
    add(WANTED)
    write(place, "toy.txt")
    bundle.move(place, here / "moved", bundle.bot_folders(place))
    assert (here / "moved" / "toy.txt").read_text() == "toy.txt"
    bundle.remove(here / "moved", bundle.bot_folders(here / "moved"))
    assert not (here / "moved").exists()


def test_a_file_that_the_table_does_not_have_is_no_part_of_a_bundle(here):
    write(here / "bot")
    (here / "bot" / "toy.txt").touch()
    with pytest.raises(BundleError, match=r"holds files that no bundle has \(toy.txt\)"):
        bundle.bot_folders(here / "bot")
    shutil.rmtree(here / "bot")


def test_each_name_is_in_the_table_once_and_says_what_is_in_the_file():
    assert len(layout.file_names()) == len(layout.FILES) + 1
    assert all(file.content for file in layout.FILES)
