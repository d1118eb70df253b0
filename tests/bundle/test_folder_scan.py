import os
import shutil
import threading
from pathlib import Path

import pytest

from chatbot import bundle
from chatbot.bundle.default_bundle import set_latest
from chatbot.bundle.folder_scan import bundles_in, runs_in
from chatbot.bundle.locations import previous
from chatbot.errors import BundleError

HERE = bundle.CHECKPOINTS


def names(folder=HERE):
    return [seen.path.name for seen in bundles_in(folder)]


def test_a_folder_shows_its_bundles_the_newest_first_and_nothing_else(train):
    for day, name in enumerate(("b", "c", "a"), 1):
        train(HERE / name, day)
    for name in (".hidden", "notes", "c.run", "c.tensorboard"):
        (HERE / name).mkdir()
    for name in (".hidden", "c.run"):
        (HERE / name / bundle.MANIFEST).write_text("{}")
    assert names() == ["a", "c", "b"]
    assert [seen.problem for seen in bundles_in(HERE)] == [None, None, None]
    assert names(Path("nowhere")) == names(HERE / "latest") == []


def test_a_run_without_a_bundle_is_found_beside_the_bundles(train):
    train(HERE / "faq")
    for name in ("faq.run", "half.run", ".run"):
        (HERE / name).mkdir()
    assert runs_in(HERE) == [HERE / "half"]
    assert runs_in(Path("nowhere")) == []


def test_a_bundle_that_waits_while_another_takes_its_place_is_still_there(train):
    train(HERE / "faq")
    (HERE / "faq").rename(previous(HERE / "faq"))
    (seen,) = bundles_in(HERE)
    assert (seen.path, seen.problem, seen.created) == (HERE / "faq", None, "2026-01-01T00:00:00Z")


def test_what_cannot_be_looked_at_is_shown_with_its_problem_and_hides_nothing(train, monkeypatch):
    train(HERE / "whole")
    train(HERE / "locked")
    train(HERE / "torn")
    (HERE / "torn" / bundle.DECODER).unlink()
    (HERE / "strange").mkdir()
    (HERE / "strange" / bundle.MANIFEST).write_text('{"format_version": 4, "files": {"x": 1}}')
    opened, locked = os.open, HERE / "locked"

    def refuse(path, *arguments, **options):  # the folder's permissions do not bind root, who may run the tests
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    assert {seen.path.name: seen.problem for seen in bundles_in(HERE)} == {
        "whole": None,
        "locked": "checkpoints/locked: cannot be read (Permission denied)",
        "torn": "checkpoints/torn/decoder.tflite is missing or damaged",
        "strange": "checkpoints/strange/manifest.json: files: x is 1, not object; "
        "train it again with --overwrite, or copy the bundle again from where it came",
    }


def test_a_folder_that_cannot_be_read_is_an_error_that_names_it(train, monkeypatch):
    train(HERE / "faq")

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.listdir", refuse)
    with pytest.raises(BundleError, match=r"^checkpoints: cannot be read \(Permission denied\)$"):
        bundles_in(HERE)


def test_a_list_made_while_bundles_are_replaced_and_removed_shows_every_other_one_whole(train):
    train(HERE / "still")
    train(HERE / "replaced")
    over = threading.Event()
    failures = []

    def work():
        try:
            for day in range(2, 9):
                train(HERE / "replaced", day)
                train(HERE / "comes and goes", day)
                shutil.rmtree(HERE / "comes and goes")
        except Exception as error:
            failures.append(error)
        finally:
            over.set()

    worker = threading.Thread(target=work)
    worker.start()
    seen = []
    while not over.is_set():
        seen.append({one.path.name: one.problem for one in bundles_in(HERE)})
    worker.join()
    assert failures == []
    assert seen
    assert {(one["still"], one["replaced"]) for one in seen} == {(None, None)}


def test_trainings_that_end_at_the_same_moment_leave_the_name_of_one_of_them(tmp_path):
    failures = []

    def point(name):
        try:
            for _ in range(100):
                set_latest(tmp_path, name)
        except OSError as error:
            failures.append(error)

    workers = [threading.Thread(target=point, args=(name,)) for name in ("one", "two", "three")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert (tmp_path / "latest").read_text() in {"one\n", "two\n", "three\n"}
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]
