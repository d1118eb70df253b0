import errno
from pathlib import Path

import pytest

from chatbot import bundle
from chatbot.bundle.default_bundle import read_latest
from chatbot.errors import BundleError

HERE = bundle.CHECKPOINTS


def move(place, target):
    bundle.move(place, target, bundle.bot_folders(place))


def remove(place):
    bundle.remove(place, bundle.bot_folders(place))


def add_run(place):
    for folder in (bundle.run_folder(place), bundle.logs_folder(place)):
        folder.mkdir()
        (folder / "file").write_text("content")


def test_a_bot_goes_with_its_interrupted_run_and_its_logs_and_nothing_else(train, here):
    train(HERE / "faq", day=1)
    train(HERE / "faq-2", day=2)
    add_run(HERE / "faq")
    assert bundle.bot_folders(HERE / "faq") == [here / f"checkpoints/faq{end}" for end in ("", ".run", ".tensorboard")]
    remove(HERE / "faq")
    assert sorted(path.name for path in HERE.iterdir()) == ["faq-2", "latest"]


def test_where_the_one_that_answers_is_removed_the_newest_whole_one_answers(train):
    for day, name in enumerate(("old", "whole", "torn", "chosen"), 1):
        train(HERE / name, day)
    (HERE / "torn" / bundle.DECODER).unlink()
    remove(HERE / "chosen")
    assert read_latest(HERE) == "whole"
    remove(HERE / "old")
    assert read_latest(HERE) == "whole"
    remove(HERE / "torn")
    remove(HERE / "whole")
    assert list(HERE.iterdir()) == []


def test_a_run_without_a_bundle_is_a_bot_too(train):
    train(HERE / "faq")
    add_run(HERE / "half")
    assert bundle.is_bot(HERE / "half")
    assert not bundle.is_bot(HERE / "quarter")
    move(HERE / "half", HERE / "whole")
    assert sorted(path.name for path in HERE.iterdir()) == ["faq", "latest", "whole.run", "whole.tensorboard"]


def test_a_renamed_bot_keeps_its_run_and_answers_by_default_if_it_did(train):
    for name in ("other", "faq"):
        train(HERE / name)
    add_run(HERE / "faq")
    move(HERE / "faq", HERE / "help-desk")
    assert read_latest(HERE) == "help-desk"
    assert (HERE / "help-desk.run" / "file").read_text() == "content"
    assert bundle.Bundle.open(HERE / "help-desk")
    move(HERE / "other", HERE / "another")
    assert read_latest(HERE) == "help-desk"


def test_a_bot_that_moves_home_still_answers_by_default_here_and_elsewhere(train, home):
    train(HERE / "other")
    train(HERE / "faq")
    move(HERE / "faq", home / "faq")
    assert (read_latest(HERE), read_latest(home)) == ("faq", "faq")
    assert bundle.find(None, pytest.fail) == home / "faq"
    move(home / "faq", Path("elsewhere") / "faq")
    assert read_latest(HERE) == "other"
    assert not (home / "latest").exists()


def test_a_bot_moves_to_another_disk_by_a_copy(train, home, monkeypatch):
    train(HERE / "faq")
    rename = Path.rename

    def stay_on_the_disk(path, target):
        if path.name == "faq" and Path(target).parent == home:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stay_on_the_disk)
    move(HERE / "faq", home / "faq")
    assert bundle.Bundle.open(home / "faq")
    assert [path.name for path in HERE.iterdir()] == ["latest"]
    assert sorted(path.name for path in home.iterdir()) == ["faq", "latest"]


def test_what_no_bundle_has_is_not_removed_with_it(train, monkeypatch):
    train(HERE / "faq")
    for name in ("notes.txt", "a.txt", "b.txt", "c.txt", ".DS_Store"):
        (HERE / "faq" / name).touch()
    strangers = r"a.txt, b.txt, c.txt and 1 more"
    with pytest.raises(BundleError, match=rf"holds files that no bundle has \({strangers}\); move them away first"):
        remove(HERE / "faq")
    (HERE / "extension").mkdir()
    (HERE / "extension" / "manifest.json").write_text('{"manifest_version": 3}')
    with pytest.raises(BundleError, match="holds a manifest.json and nothing else of a bundle; remove it by hand"):
        remove(HERE / "extension")
    train(HERE / "whole")
    monkeypatch.chdir(HERE / "whole")
    with pytest.raises(BundleError, match="the folder you are in; leave it first"):
        remove(Path())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("other", "already exists; choose another name, or remove it first with: chatbot rm"),
        ("half", "half.run: already exists"),
        ("latest", "cannot be the name of a bundle: that file says which bundle answers by default"),
        ("-x", "cannot be the name of a bundle: it begins with '-'"),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused_and_nothing_moves(train, name, message):
    for existing in ("other", "faq"):
        train(HERE / existing)
    bundle.run_folder(HERE / "half").mkdir()
    with pytest.raises(BundleError, match=message):
        move(HERE / "faq", HERE / name)
    assert bundle.Bundle.open(HERE / "faq")


def test_a_link_is_removed_and_not_what_it_leads_to(train):
    train(Path("bots") / "faq")
    HERE.mkdir()
    (HERE / "faq").symlink_to(Path("../bots/faq"))
    remove(HERE / "faq")
    assert list(HERE.iterdir()) == []
    assert bundle.Bundle.open(Path("bots/faq"))
