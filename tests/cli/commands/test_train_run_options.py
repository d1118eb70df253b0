"""What the options of a run name: files, and bundles by their names."""

from pathlib import Path

import pytest

from chatbot.cli.commands.train_run_options import NO_VECTORS, RunOptions
from chatbot.errors import BundleError


def test_word_vectors_are_those_of_a_file_or_of_a_bot_by_its_name_or_folder(monkeypatch, english_bundle):
    monkeypatch.chdir(english_bundle.parent.parent)
    for named in ("english", "checkpoints/english"):
        assert RunOptions(vectors=Path(named)).vectors_source.resolve() == english_bundle.resolve()
    for named in ("vectors.txt", "glove.zip/glove.txt", "folder/vectors"):
        assert RunOptions(vectors=Path(named)).vectors_source == Path(named)
    assert RunOptions().vectors_source is None
    assert RunOptions(vectors=NO_VECTORS).vectors_source is None


def test_a_name_of_no_bot_is_said_to_be_none(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="nothing"):
        _ = RunOptions(vectors=Path("nothing")).vectors_source
