"""Training a bot further begins with the files that were checked, and refuses in one line what is not its model's."""

import io
import json
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from chatbot.bundle import KERAS_MODEL, MANIFEST, REPLIES, Bundle, Correction, Corrections, correct
from chatbot.bundle.checked_file import describe
from chatbot.corpus import Corpus
from chatbot.errors import BundleError
from chatbot.training.objective.base_objective import Objective
from chatbot.training.setup.initial_model import start_from_bundle


@pytest.fixture
def copy(bare_bundle, tmp_path):
    return shutil.copytree(bare_bundle, tmp_path / "copy")


@pytest.fixture
def corpus(learned_pairs):
    return Corpus.of(learned_pairs[:3], [])


def agree(place, **model):
    """Make the manifest agree with the files, as somebody who tampers would, and with a model."""
    manifest = json.loads((place / MANIFEST).read_text())
    manifest["files"][KERAS_MODEL] = describe(place / KERAS_MODEL)
    manifest["model"] |= model
    (place / MANIFEST).write_text(json.dumps(manifest))


def refused(place, corpus):
    """What is said of a bundle that is to be trained further."""
    with pytest.raises(BundleError) as error:
        start_from_bundle(place, corpus).build_model(0.0, None, Objective())
    said = str(error.value)
    assert "\n" not in said
    assert len(said) < 300 + len(str(place))
    return said.removeprefix(f"{place}/")


def test_the_weights_are_those_that_were_checked_whatever_stands_at_their_path_by_then(copy, corpus):
    start = start_from_bundle(copy, corpus)
    expected = start.build_model(0.0, None, Objective()).get_weights()
    shutil.rmtree(copy)
    found = start.build_model(0.0, None, Objective()).get_weights()
    assert all(map(np.array_equal, found, expected))


def test_weights_that_were_changed_are_damage(copy, corpus):
    content = bytearray((copy / KERAS_MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / KERAS_MODEL).write_bytes(content)
    assert "model.keras is damaged (checksum mismatch)" in refused(copy, corpus)


def padded(content):
    return content + bytes(10**6)


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return padded(packed.getvalue())


def nonsense(_):
    return padded(b"nonsense" * 1000)


def other_weights(_):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/x/vars/0"] = np.zeros(3)
    return zipped(model__weights__h5=weights.getvalue(), config__json="{}", metadata__json="{}")


def no_weights(_):
    return zipped(config__json="{}")


def bomb(_):
    return zipped(model__weights__h5=bytes(10**9))


def half(content):
    return content[: len(content) // 2]


@pytest.mark.parametrize("damage", [nonsense, other_weights, no_weights, bomb, half])
def test_weights_that_are_none_are_refused_in_one_line_though_their_checksum_is_right(copy, corpus, damage):
    content = (copy / KERAS_MODEL).read_bytes()
    (copy / KERAS_MODEL).write_bytes(damage(content))
    agree(copy)
    assert refused(copy, corpus).startswith("model.keras: not the weights of its bundle's model (")


@pytest.mark.parametrize("model", [{"units": 8192}, {"layers": 16, "embedding_size": 1024}])
def test_a_model_that_the_files_do_not_hold_is_refused_before_it_is_built(copy, corpus, model):
    agree(copy, **model)
    assert refused(copy, corpus) == (
        "model.keras: not the weights of its bundle's model (too few); train without --init-from"
    )


def test_a_model_of_other_layers_than_its_weights_is_refused(copy, corpus):
    agree(copy, layers=2)
    assert refused(copy, corpus).startswith("model.keras: not the weights of its bundle's model (")


def test_the_topics_and_the_corrections_of_the_bundle_go_on(copy, corpus):
    replies = json.loads((copy / REPLIES).read_text())
    (copy / REPLIES).write_text(json.dumps([{"reply": replies[0], "topic": "first"}, *replies[1:]]))
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["files"][REPLIES] = describe(copy / REPLIES)
    (copy / MANIFEST).write_text(json.dumps(manifest))
    taught = Corrections((Correction("hello zebra", "One.", "Two.", "c.tsv", 3),), (replies[1],))
    correct(Bundle.open(copy), taught)
    start = start_from_bundle(copy, corpus)
    assert start.topics == {replies[0]: "first"}
    assert start.corrections == taught
