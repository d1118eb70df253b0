"""The step models of every architecture against its training model: whole prompts, batches, beams, 8 bits."""

import functools

import keras
import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import GO, DecodingConfig, ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.inference.decoding.search import best_replies
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.tflite.tflite_verification import verify
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps, pad
from tests.training.export.operations import computes_shapes

PROMPTS = [[5, 6, 7, 9, 30, 31, 32, 8, 12], [8], [30, 31], [11, 12, 13, 14, 15]]
#: Longer than a new cache of keys and values has room for.
REPLIES = np.array([[GO, *row] for row in np.random.default_rng(1).integers(4, 300, (4, 19))], np.int32)
SHAPES = [{}, {"layers": 2, "bidirectional": True, "attention": "dot", "known_replies": 5}]
#: The place of the shape whose model is trained.
LEARNED = 0
#: What reads a prompt at once reads it both ways and attends to it as it is.
AT_ONCE = {"embedding_size": 24, "bidirectional": False, "attention": "none"}
MODELS = [(name, place) for name in ARCHITECTURES for place in range(2)]


@functools.cache
def make(name, place):
    """A model that has learned by heart what it is asked, or one with weights as large, so that an error would show."""
    sizes = {"embedding_size": 16, **SHAPES[place], **(AT_ONCE if ARCHITECTURES[name].stepping == "cache" else {})}
    config = ModelConfig(vocabulary_size=300, units=24, architecture=name, **sizes)
    keras.utils.set_random_seed(1)
    built = build_training_model(config)
    if place == LEARNED:
        learn_by_heart(built)
    else:
        larger = 1.5 if config.stepping == "cache" else 3  # normalization and products multiply each other
        built.set_weights([weights * larger for weights in built.get_weights()])
    return built, config


def learn_by_heart(built):
    built.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    given, expected = [pad(PROMPTS), REPLIES[:, :-1]], REPLIES[:, 1:]
    many = [np.tile(part, (200, 1)) for part in (*given, expected)]  # an epoch of its own for each step takes longer
    built.fit(many[:2], many[2], batch_size=len(PROMPTS), shuffle=False, verbose=0)
    np.testing.assert_array_equal(built(given, training=False).numpy().argmax(axis=-1), expected)


@pytest.fixture(params=MODELS, ids=str)
def model(request):
    return make(*request.param)


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """The folder of the step models of one of the models, exported once for all tests."""

    def export(name, place, int8):
        folder, (built, config) = tmp_path_factory.mktemp("steps"), make(name, place)
        StepExport(KerasSteps(built, config), config).write(folder, int8=int8)
        return folder

    return functools.cache(export)


@pytest.fixture
def exported(request, model, exports):  # noqa: ARG001 - whose parameter it is
    """The folder of the step models with float32 weights or those of 8 bits."""
    return lambda int8=False: exports(*request.node.callspec.params["model"], int8)


def load(model, folder):
    _, config = model
    return LiteRTSteps(config, bundle.step_files(folder, config))


def largest_difference(model, steps, rows=slice(None)):
    """Of any logit, teacher-forced at every position."""
    built, _ = model
    prompts, replies = PROMPTS[rows], REPLIES[rows]
    expected = built([pad(prompts), replies], training=False).numpy()
    state, largest = steps.encode(prompts), 0.0
    for position, tokens in enumerate(replies.T):
        logits, state = steps.step(np.ascontiguousarray(tokens), state)
        largest = max(largest, np.abs(logits - expected[:, position]).max())
    return largest, np.ptp(expected)


def test_float32_steps_give_the_logits_of_the_training_model_in_a_batch_and_alone(exported, model):
    steps = load(model, exported())
    for rows in (slice(None), *(slice(row, row + 1) for row in range(4))):
        difference, spread = largest_difference(model, steps, rows)
        assert difference < 1e-5 * max(10, spread)


def test_steps_of_8_bits_stay_within_a_twentieth_of_the_range_of_the_logits(exported, model):
    difference, spread = largest_difference(model, load(model, exported(int8=True)))
    assert 0 < difference < spread / 20


@pytest.mark.parametrize("int8", [False, True])
def test_the_step_models_hold_before_the_verification_of_what_answers(exported, model, int8):  # noqa: ARG001 - whose files they are
    for file in exported(int8).glob("*.tflite"):
        verify(file.read_bytes())


@pytest.mark.parametrize("model", [(name, LEARNED) for name in ARCHITECTURES], indirect=True, ids=str)
@pytest.mark.parametrize("int8", [False, True])
def test_what_was_learned_by_heart_has_the_same_logits_and_is_found_by_beams(exported, model, int8):
    steps, expected = load(model, exported(int8)), [tuple(reply) for reply in REPLIES[:, 1:].tolist()]
    for rows in (slice(None), slice(0, 1), slice(1, 2)):
        difference, spread = largest_difference(model, steps, rows)
        assert difference < (spread / 20 if int8 else 1e-5 * spread)
    for beam in (1, 5):
        found = best_replies(steps, PROMPTS, DecodingConfig(beam=beam, max_tokens=19))
        assert [reply.tokens for reply in found] == expected


def test_beams_find_the_same_replies_as_with_keras(exported, model):
    config = DecodingConfig(beam=5, max_tokens=12)
    found, expected = (best_replies(steps, PROMPTS, config) for steps in (load(model, exported()), KerasSteps(*model)))
    assert [reply.tokens for reply in found] == [reply.tokens for reply in expected]
    assert [reply.score for reply in found] == pytest.approx([reply.score for reply in expected], rel=1e-5)


def test_a_prompt_is_read_the_same_alone_and_beside_longer_ones(exported, model):
    steps = load(model, exported())
    tokens = np.full(4, GO, np.int32)
    together, _ = steps.step(tokens, steps.encode(PROMPTS))
    for row, prompt in enumerate(PROMPTS):
        alone, _ = steps.step(tokens[:1], steps.encode([prompt]))
        np.testing.assert_allclose(alone[0], together[row], atol=1e-4)


def test_an_empty_prompt_is_read_the_same_whatever_is_beside_it(exported, model):
    steps = load(model, exported())
    tokens = np.full(2, GO, np.int32)
    one, other = (steps.step(tokens, steps.encode([[], prompt]))[0][0] for prompt in ([8], [*range(5, 25)]))
    np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
def test_twenty_loadings_give_the_same_logits_bit_by_bit(exported, model, int8):
    folder, found = exported(int8), []
    assert not any(computes_shapes(file) for file in folder.iterdir())
    for _ in range(20):
        steps = load(model, folder)
        state, said = steps.encode(PROMPTS), []
        for tokens in REPLIES.T:
            logits, state = steps.step(np.ascontiguousarray(tokens), state)
            said.append(logits)
        found.append(np.stack(said))
    assert all(np.array_equal(one, found[0]) for one in found)
