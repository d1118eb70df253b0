import contextlib

import numpy as np
import pytest

from chatbot.bundle import check_place
from chatbot.errors import RunError
from chatbot.runs.run_identity import Identity, digest
from chatbot.runs.run_lock import claim
from chatbot.runs.saved_state_file import SavedState

IDENTITY = Identity({"units": 64}, "the digest", {"keras": "3"})
STATE = SavedState({"step": 7, "best": None, "worst": float("-inf")}, {"a/b": np.arange(1000.0), "none": np.zeros(0)})


@pytest.fixture
def folder(tmp_path):
    with claim(tmp_path / "bot") as folder:
        folder.begin(IDENTITY)
        folder.save(STATE)
        yield folder


def test_what_is_saved_comes_back(folder):
    loaded = folder.load()
    assert loaded.values == STATE.values
    assert {name: array.tolist() for name, array in loaded.arrays.items()} == {
        name: array.tolist() for name, array in STATE.arrays.items()
    }
    assert folder.load_values() == STATE.values
    assert folder.read() == IDENTITY


def test_before_anything_is_noted_or_saved_there_is_nothing(tmp_path):
    with claim(tmp_path / "bot") as folder:
        assert folder.read() is folder.load() is folder.load_values() is None


def test_a_run_that_begins_anew_forgets_the_state_and_one_that_goes_on_keeps_it(folder):
    folder.note(Identity({"units": 64}, "the digest", {"keras": "4"}))
    assert folder.load() is not None
    assert folder.read().versions == {"keras": "4"}
    folder.begin(IDENTITY)
    assert folder.load() is None


def with_a_bit_changed(content):
    return content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]


@pytest.mark.parametrize(
    "damage",
    [bytes.swapcase, lambda content: content[: len(content) // 2], lambda content: content[:0], with_a_bit_changed],
    ids=["nonsense", "cut", "empty", "one bit"],
)
def test_a_damaged_state_is_refused_by_name(folder, tmp_path, damage):
    file = tmp_path / "bot.run" / "state.npz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RunError, match=r"bot.run/state.npz: damaged .*--overwrite"):
        folder.load()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format_version": 1}', b'{"format_version": 99}'])
def test_a_damaged_or_foreign_note_of_what_was_asked_for_is_refused_by_name(folder, tmp_path, content):
    (tmp_path / "bot.run" / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"bot.run/run.json: .*--overwrite"):
        folder.read()


def test_a_save_that_fails_keeps_the_state_before_and_leaves_no_draft(folder, tmp_path):
    place = tmp_path / "bot.run"
    before = sorted(path.name for path in place.iterdir())
    with pytest.raises(TypeError):
        folder.save(SavedState({"no JSON": object()}, {}))
    with contextlib.suppress(KeyboardInterrupt), folder._writing("state.npz") as file:
        file.write(b"half of it")
        raise KeyboardInterrupt
    assert folder.load().values == STATE.values
    assert sorted(path.name for path in place.iterdir()) == before


def test_without_a_state_nothing_is_left_behind_and_with_one_the_folder_stays(tmp_path):
    with claim(tmp_path / "bot") as folder:
        folder.begin(IDENTITY)
    assert list(tmp_path.iterdir()) == []
    with claim(tmp_path / "bot") as folder:
        folder.begin(IDENTITY)
        folder.save(STATE)
    (tmp_path / "bot.run" / ".state.npz.new-0123abcd").write_bytes(b"of a process that was killed")
    with claim(tmp_path / "bot") as folder:
        assert folder.load() is not None
        assert not list((tmp_path / "bot.run").glob(".*"))
        folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_folders_made_for_a_bundle_stay_only_where_something_was_written(tmp_path):
    place = tmp_path / "new" / "deeper" / "bot"
    with claim(place) as folder:
        folder.begin(IDENTITY)
        check_place(place)
        assert (place.parent / "bot.run").is_dir()
    assert list(tmp_path.iterdir()) == []
    with claim(place):
        place.mkdir()
    assert list(place.parent.iterdir()) == [place]


def test_a_process_that_dies_while_it_removes_the_folder_leaves_no_run_that_nobody_can_go_on_with(tmp_path):
    with claim(tmp_path / "bot") as folder:
        folder.begin(IDENTITY)
        folder.save(STATE)
    (tmp_path / "bot.run" / "run.json").unlink()
    with claim(tmp_path / "bot") as folder:
        assert not folder.has_state
    assert list(tmp_path.iterdir()) == []


def test_the_digest_tells_pairs_their_order_and_their_sides_apart():
    one, two = ("hi", "hello"), ("bye", "so long")
    corpora = [([one], [two]), ([two], [one]), ([one, two], []), ([two, one], []), ([one], [two, two])]
    assert len({digest(corpus) for corpus in corpora}) == len(corpora)
    assert digest(([one], [two])) == digest(corpora[0])
