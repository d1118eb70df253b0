"""The promise that files of people's words are for their owner alone, unless somebody chose another mode."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.cli.chat.corrections import add_correction
from chatbot.cli.chat.input_history import open_history
from chatbot.cli.output.crash_report import describe
from chatbot.files import draft_prefix, make_folder, replacing
from chatbot.runs.run_identity import Identity
from chatbot.runs.run_lock import claim
from chatbot.runs.saved_state_file import SavedState
from tests.conftest import run_chatbot

PAIRS = "hello\thi\nbye\tsee you\n"


@pytest.fixture(autouse=True)
def usual_umask():
    """The mask of most systems, with which every new file can be read by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def modes(folder: Path) -> set[str]:
    return {mode(path) for path in (folder, *folder.rglob("*"))}


def test_a_written_file_is_private_and_one_that_is_there_keeps_its_mode(tmp_path):
    new, shared = tmp_path / "new", tmp_path / "shared"
    shared.touch()
    shared.chmod(0o664)
    for place, expected in ((new, "0o600"), (shared, "0o664")):
        with replacing(place) as file:
            file.write(b"words")
            (draft,) = tmp_path.glob(f"{draft_prefix(place)}*")
            assert mode(draft) == expected  # also before it has its name
        assert mode(place) == expected


def test_every_folder_that_is_made_is_private(tmp_path):
    make_folder(tmp_path / "a" / "b")
    assert modes(tmp_path / "a") == {"0o700"}
    assert mode(tmp_path.parent) == mode(tmp_path)


def test_an_import_is_private(tmp_path):
    (tmp_path / "chat.csv").write_text("prompt,reply\nhello,hi\nbye,see you\n")
    for name in ("out.tsv", "out.tsv.gz"):
        done = run_chatbot(["corpus", "import", "chat.csv", "--output", name], tmp_path)
        assert (done.returncode, mode(tmp_path / name)) == (0, "0o600"), done.stderr


def test_what_a_conversation_leaves_is_private(english_bundle, tmp_path):
    lines = "hello\n/teach hi there\n/save kept.jsonl\n"
    done = run_chatbot(["chat", "--checkpoint", english_bundle, "--transcript", "all.jsonl"], tmp_path, lines)
    assert done.returncode == 0, done.stderr
    written = [tmp_path / name for name in ("all.jsonl", "kept.jsonl", "corpora", "corpora/corrections.tsv")]
    assert [mode(path) for path in written] == ["0o600", "0o600", "0o700", "0o600"]


def test_a_transcript_that_is_there_keeps_its_mode(english_bundle, tmp_path):
    kept = tmp_path / "all.jsonl"
    kept.touch()
    kept.chmod(0o640)
    run_chatbot(["chat", "--checkpoint", english_bundle, "--transcript", kept.name], tmp_path, "hello\n")
    assert kept.stat().st_size
    assert mode(kept) == "0o640"


def test_a_correction_is_private(tmp_path):
    add_correction(tmp_path / "corpora" / "corrections.tsv", "hello", (), "hi")
    assert modes(tmp_path / "corpora") == {"0o700", "0o600"}


def test_the_history_and_faults_are_private(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    open_history().store_string("my secret")
    describe(RuntimeError("my secret"))
    assert {path.name for path in (tmp_path / "state" / "chatbot").iterdir()} == {"history", "fault.txt"}
    assert modes(tmp_path / "state") == {"0o700", "0o600"}


def test_a_run_is_private(tmp_path):
    with claim(tmp_path / "checkpoints" / "bot") as run:
        run.begin(Identity({}, "", {}))
        run.save(SavedState({}, {}))
    folder = tmp_path / "checkpoints" / "bot.run"
    assert {mode(folder), *(mode(folder / name) for name in ("run.json", "state.npz"))} == {"0o700", "0o600"}
    assert mode(folder.parent) == "0o700"


def fill_from(source: Path):
    def fill(folder: Path) -> dict[str, object]:
        for file in source.iterdir():
            if file.name != bundle.MANIFEST:
                shutil.copy(file, folder)
                (folder / file.name).chmod(0o644)
        return {}

    return fill


def test_a_new_bundle_is_private_and_one_that_is_replaced_stays_as_shared_as_it_was(bare_bundle, tmp_path):
    place, source = tmp_path / "bot", Bundle.open(bare_bundle)
    bundle.write(place, source.model, source.manifest, fill_from(bare_bundle))
    assert modes(place) == {"0o700", "0o600"}
    place.chmod(0o750)
    bundle.write(place, source.model, source.manifest, fill_from(bare_bundle))
    assert modes(place) == {"0o750", "0o640"}


def test_a_picture_is_made_to_be_shown(english_bundle, tmp_path):
    done = run_chatbot(["explain", "hello", "--checkpoint", english_bundle, "--output", "why.html"], tmp_path)
    assert (done.returncode, mode(tmp_path / "why.html")) == (0, "0o644"), done.stderr
