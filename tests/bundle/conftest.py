"""Bundles of a few bytes, in folders of their own."""

from pathlib import Path

import pytest

from chatbot import bundle
from chatbot.config import ModelConfig

MODEL = ModelConfig(vocabulary_size=300, embedding_size=8, units=8)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with a home beside it."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return place


@pytest.fixture
def home(tmp_path):
    return tmp_path / "chatbot"


@pytest.fixture
def train(here):  # noqa: ARG001  # so that no bundle is written elsewhere
    """Write a bundle as training does, on a day of 2026."""

    def write(place: Path, day: int = 1, **manifest: object) -> Path:
        place.parent.mkdir(parents=True, exist_ok=True)

        def fill(folder: Path) -> dict[str, object]:
            for name in bundle.required_files(MODEL):
                (folder / name).write_text(place.name)
            return {}

        return bundle.write(place, MODEL, {"created": f"2026-01-{day:02}T00:00:00Z", **manifest}, fill).path

    return write
