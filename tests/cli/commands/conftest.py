"""A corpus larger than memory, and a training of it that is left alone."""

import json

import pytest

from tests.cli.commands import streamed
from tests.conftest import write_pairs


@pytest.fixture(scope="session")
def streamed_corpus(share):
    return share("streamed-corpus", lambda folder: write_pairs(folder / "words.tsv", streamed.PAIRS)) / "words.tsv"


@pytest.fixture(scope="session")
def left_alone(share, streamed_corpus):
    """The events of a training of that corpus by one process that nothing interrupts."""

    def train(folder):
        log = streamed.finish(streamed.start(folder, streamed_corpus))
        (folder / "log.json").write_text(json.dumps(log))

    log = json.loads((share("streamed-run", train) / "log.json").read_text())
    assert any("of 320 pairs" in event.get("stage", "") for event in log), "all of it was in memory"
    return log
