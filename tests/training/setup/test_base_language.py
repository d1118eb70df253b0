"""A new bot begins with the layers of another one, and with the vectors of the pieces that both have or can spell."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from chatbot.bundle import KERAS_MODEL, Bundle
from chatbot.config import ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import BundleError
from chatbot.training.setup.initial_model import new_start
from chatbot.training.setup.trained_model import TrainedModel


@pytest.fixture
def copy(bare_bundle, tmp_path):
    return shutil.copytree(bare_bundle, tmp_path / "copy")


OTHERS = [
    Pair(f"{asked} the {thing}", f"The {thing} is here.")
    for thing in ("password", "zebra", "weather", "morning", "hotel", "qq")
    for asked in ("where is", "give me")
]


def begin(base, pairs=OTHERS, **shape):
    """The start of a bot of other pairs, and its first model."""
    model = Bundle.open(base).model
    kept = {name: getattr(model, name) for name in ModelShape.declared()}
    corpus = Corpus.of(pairs, [])
    start = new_start(corpus, ModelShape(**{**kept, **shape}), TrainingConfig(), base)
    objective = start.objective({})
    return start, start.build_model(0.0, start.tokenize(pairs, objective), objective)


def trained(base):
    return TrainedModel.of(Bundle.open(base), "--base").build(0.0)


def pieces(tokenizer):
    return tokenizer.pieces(range(tokenizer.vocabulary_size))


def test_the_layers_of_encoder_and_decoder_are_those_of_the_base(bare_bundle):
    _, model = begin(bare_bundle)
    names = [layer.name for layer in trained(bare_bundle).layers if "encoder" in layer.name or "decoder" in layer.name]
    for name in names:
        mine, theirs = model.get_layer(name).get_weights(), trained(bare_bundle).get_layer(name).get_weights()
        assert all(map(np.array_equal, mine, theirs)), name
    assert sum(bool(model.get_layer(name).get_weights()) for name in names) >= 2


def test_a_piece_that_both_have_keeps_its_vectors(bare_bundle):
    start, model = begin(bare_bundle)
    theirs = pieces(start.base.model.tokenizer)
    shared = [(number, theirs.index(piece)) for number, piece in enumerate(pieces(start.tokenizer)) if piece in theirs]
    assert len(shared) > 270, "special tokens, bytes, letters and words"
    mine, known = zip(*shared, strict=True)
    before = trained(bare_bundle)
    for name, rows in (("token_embedding", lambda w: w[0]), ("vocabulary_projection", lambda w: w[0].T)):
        found, expected = (rows(of.get_layer(name).get_weights()) for of in (model, before))
        assert np.array_equal(found[list(mine)], expected[list(known)]), name


def test_a_new_piece_has_the_mean_of_the_pieces_that_spell_it(bare_bundle):
    start, model = begin(bare_bundle)
    theirs, table = (
        pieces(start.base.model.tokenizer),
        trained(bare_bundle).get_layer("token_embedding").get_weights()[0],
    )
    number, spelt = next((number, ids) for number, ids in enumerate(start.base.spelling) if len(ids) > 1)
    piece = pieces(start.tokenizer)[number]
    assert "".join(theirs[one] for one in spelt) == piece
    assert piece not in theirs
    expected = table[list(spelt)].mean(axis=0)
    np.testing.assert_allclose(model.get_layer("token_embedding").get_weights()[0][number], expected, rtol=1e-6)


def test_what_cannot_be_spelt_stays_new_and_most_of_it_is_told(bare_bundle):
    told = []
    observer = SimpleNamespace(stage=print, warned=told.append)
    greek = "αβγδεζηθικλμνξοπρστυφχψω"
    pairs = [Pair(f"{a}{b}{c}", f"{c}{a}") for a in greek for b in greek for c in greek[:3]]
    start, _ = begin(bare_bundle, pairs)
    assert start.base.spelling[pieces(start.tokenizer).index("ω")] == ()
    start.base.tell("english", observer)
    start, _ = begin(bare_bundle)
    start.base.tell("english", observer)
    assert told == ["english: knows few of the pieces of this corpus; another language?"]


def test_the_replies_of_the_base_are_not_known(bare_bundle):
    start, model = begin(bare_bundle)
    assert set(start.known_replies) == {pair.reply for pair in OTHERS}
    assert model.get_layer("bag_scores").get_weights()[0].shape[1] == 6
    assert not start.recorded


def test_a_base_of_damaged_weights_is_refused(copy):
    content = bytearray((copy / KERAS_MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / KERAS_MODEL).write_bytes(content)
    with pytest.raises(BundleError, match="model.keras is damaged"):
        begin(copy)
