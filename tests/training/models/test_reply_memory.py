"""That what the exported reply memory lets out is what its layers compute."""

import keras
import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import ModelConfig, ModelShape
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.step_model import VIEWS
from chatbot.training.data.ragged import Ragged
from chatbot.training.export import litert_export
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models import reply_memory
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps, pad
from chatbot.training.models.step_models import build_step_models

PROMPTS = [[7], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19], [8, 9, 8]]


def exported(folder, known_replies, int8=False, **choices):
    """A model with weights as large as trained ones, and its step models."""
    config = ModelConfig.of(ModelShape(units=8, embedding_size=6, **choices), 300, known_replies)
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    model.set_weights([weights * 3 for weights in model.get_weights()])
    StepExport(KerasSteps(model, config), config).write(folder, int8=int8)
    return model, LiteRTSteps(config, bundle.step_files(folder, config))


def softmax(scores):
    return keras.ops.convert_to_numpy(keras.ops.softmax(scores, axis=-1))[0]


@pytest.mark.parametrize(
    ("choices", "known", "int8"),
    [({}, 2, False), ({}, 40, True), ({"layers": 2, "bidirectional": True, "attention": "dot"}, 40, False)],
    ids=str,
)
def test_the_recall_is_what_the_layers_compute(tmp_path, choices, known, int8):
    model, steps = exported(tmp_path, known, int8, **choices)
    layers = choices.get("layers", 1)
    for prompt in PROMPTS:
        sentence = steps.sentence_vectors([prompt])
        # The names of the states in order are c1, c2, h1, h2.
        parts = np.split(sentence, 2 * layers, axis=1)
        numbers = range(1, layers + 1)
        named = dict(zip([f"{state}{number}" for state in "ch" for number in numbers], parts, strict=True))
        states = {f"{state}{number}": named[f"{state}{number}"] for number in numbers for state in "hc"}
        expected = reply_memory.recall(model.get_layer, pad([prompt]), states)
        together, *views = map(softmax, expected.scores)
        recall = steps.recall(prompt)
        tolerance = 0.05 if int8 else 1e-5
        np.testing.assert_allclose(recall.shares, together, atol=tolerance)
        assert tuple(recall.views) == VIEWS[:3], "no n-grams have been fitted"
        for view, shares in zip(VIEWS[:3], views, strict=True):
            np.testing.assert_allclose(recall.views[view], shares, atol=tolerance)


@pytest.mark.parametrize("int8", [False, True])
def test_the_shares_of_several_prompts_are_those_that_each_recalls_alone(tmp_path, int8):
    _, steps = exported(tmp_path, 9, int8)
    state, shares = steps.encode_with_shares(PROMPTS)
    assert shares.shape == (3, 9)
    for row, prompt in enumerate(PROMPTS):
        np.testing.assert_allclose(shares[row], steps.recall(prompt).shares, atol=1e-5)
    np.testing.assert_array_equal(state.arrays["c1"], steps.encode(PROMPTS).arrays["c1"])


def test_a_reply_memory_without_the_output_of_its_shares_gives_those_that_it_computes(tmp_path, monkeypatch):
    _, steps = exported(tmp_path, 9)
    _, expected = steps.encode_with_shares(PROMPTS)

    def build(model, config, view):
        built = build_step_models(model, config, view)
        whole = built["recall"]
        outputs = {name: one for name, one in whole.output.items() if name != "shares"}
        return built | {"recall": keras.Model(whole.input, outputs)}

    monkeypatch.setattr(litert_export, "build_step_models", build)  # as in bundles of before
    old = exported(tmp_path, 9)[1]
    _, found = old.encode_with_shares(PROMPTS)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_sentence_vectors_are_what_the_encoder_ends_with_before_the_reply_memory(tmp_path):
    _, steps = exported(tmp_path, 9)
    vectors = steps.sentence_vectors(PROMPTS)
    assert vectors.shape == (3, 16)
    for row, prompt in enumerate(PROMPTS):
        np.testing.assert_allclose(vectors[row], steps.sentence_vectors([prompt])[0], atol=1e-5)
    recalled = np.concatenate([steps.encode(PROMPTS).arrays[name] for name in ("c1", "h1")], axis=1)
    assert np.abs(vectors - recalled).max() > 0.1


def test_without_known_replies_nothing_is_recalled_and_the_decoder_starts_from_the_sentence_vector(tmp_path):
    _, steps = exported(tmp_path, 0)
    assert steps.recall(PROMPTS[0]) is None
    assert steps.encode_with_shares(PROMPTS)[1] is None
    started = np.concatenate([steps.encode(PROMPTS).arrays[name] for name in ("c1", "h1")], axis=1)
    np.testing.assert_array_equal(steps.sentence_vectors(PROMPTS), started)


@pytest.mark.parametrize(("units", "embedding_size"), [(32, 24), (24, 32)])
def test_a_new_bag_knows_which_topics_the_tokens_of_the_prompts_speak_for(units, embedding_size):
    config = ModelConfig.of(ModelShape(units=units, embedding_size=embedding_size), 300, known_replies=3)
    model = build_training_model(config)
    topics, asked = np.array([0, 0, 1], np.int32), np.array([0, 0, 1, 1, -1], np.int32)
    prompts = Ragged(np.array([7, 8, 9, 8, 10, 8, 11, 8, 12, 12]), np.full(5, 2))
    spread = {name: model.get_layer(name).embeddings.numpy().std() for name in ("token_embedding", "bag_embedding")}
    reply_memory.initialize_topics(model, prompts, asked, topics)
    states = {name: keras.ops.zeros((2, units)) for name in ("h1", "c1")}
    bag = reply_memory.recall(model.get_layer, np.array([[7, 9], [10, 11]]), states).scores[2].numpy()
    assert bag[0, :2].min() > bag[0, 2] + 0.5
    assert bag[1, :2].max() < bag[1, 2] - 0.5
    for name, before in spread.items():
        table = model.get_layer(name).embeddings.numpy()
        assert table[7:12].std() == pytest.approx(before, rel=0.35), "no longer than a layer of its size begins with"
        assert len(np.unique(table, axis=0)) == 300, "each has something of its own"


@pytest.mark.parametrize("topics", [[0, 0], [0, 1]])
def test_topics_that_no_token_tells_apart_leave_the_first_vectors_as_they_are(topics):
    config = ModelConfig.of(ModelShape(units=8, embedding_size=6), 300, known_replies=2)
    model = build_training_model(config)
    before = model.get_weights()
    prompts, numbers = Ragged(np.array([7, 8, 7, 8]), np.ones(4, np.int64)), np.array(topics, np.int32)
    reply_memory.initialize_topics(model, prompts, np.repeat(numbers, 2), numbers)
    for mine, first in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, first)
