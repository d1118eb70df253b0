from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from chatbot import bundle
from chatbot.bot.loading import load_tokenizer_and_model
from chatbot.bundle import Bundle
from chatbot.config import EOS, GO, ModelConfig
from chatbot.errors import BundleError
from chatbot.inference.litert.litert_steps import LiteRTSteps

#: Names the way of stepping; the sizes are those of the files.
PLAIN = ModelConfig(vocabulary_size=300)


@pytest.fixture
def steps(bare_bundle):
    """With float32 weights: a product with int8 weights rounds its input to 8 bits, and the last bit may decide how."""
    return load_tokenizer_and_model(Bundle.open(bare_bundle))[1]


def test_a_prompt_is_read_the_same_alone_and_beside_longer_ones(steps):
    short, long = [300, 301], [310, 311, 312, 313, 314, 315, 316]
    together = steps.encode([short, long])
    for row, prompt in enumerate([short, long]):
        alone = steps.encode([prompt])
        for name in ("h1", "c1"):
            np.testing.assert_allclose(together.arrays[name][row], alone.arrays[name][0], atol=1e-6)


@pytest.mark.parametrize("order", ["longest first", "shortest first"])
def test_many_prompts_of_all_lengths_are_each_read_as_alone(steps, order):
    prompts = [[300 + number] * (1 + number // 2) for number in range(40)]
    prompts = prompts if order == "shortest first" else prompts[::-1]
    together, shares = steps.encode_with_shares(prompts)
    for row, prompt in enumerate(prompts):
        alone, alone_shares = steps.encode_with_shares([prompt])
        np.testing.assert_allclose(shares[row], alone_shares[0], atol=1e-5)
        for name in ("h1", "c1"):
            np.testing.assert_allclose(together.arrays[name][row], alone.arrays[name][0], atol=1e-5)
        length = len(prompt)
        memory = alone.fixed["memory"][0, :length]
        np.testing.assert_allclose(together.fixed["memory"][row, :length], memory, atol=1e-5)
        assert not together.fixed["memory"][row, length:].any()


def test_rows_step_independently_and_follow_their_state(steps):
    state = steps.encode([[300], [301, 302], [303]])
    logits, _ = steps.step(np.full(3, GO, np.int32), state)
    swapped, _ = steps.step(np.full(4, GO, np.int32), state.select([2, 1, 1, 0]))
    np.testing.assert_allclose(swapped, logits[[2, 1, 1, 0]], atol=1e-5)
    assert logits.shape == (3, steps.vocabulary_size)


@pytest.mark.parametrize("counts", [[1, 3], [2, 3], [7, 8], [3, 1, 2, 3, 4, 5, 6, 7], [8, 5, 1, 12, 40]])
def test_more_rows_than_ever_before_step_as_each_would_alone(steps, bare_bundle, counts):
    growing = load_tokenizer_and_model(Bundle.open(bare_bundle))[1]
    rng = np.random.default_rng(0)
    prompts = [rng.integers(EOS + 1, steps.vocabulary_size, 12).tolist() for _ in range(max(counts))]
    alone = [steps.step(np.full(1, GO, np.int32), steps.encode([prompt])) for prompt in prompts]
    for count in counts:
        logits, state = growing.step(np.full(count, GO, np.int32), growing.encode(prompts[:count]))
        for row, (expected, after) in enumerate(alone[:count]):
            np.testing.assert_allclose(logits[row], expected[0], atol=1e-5)
            np.testing.assert_allclose(state.arrays["c1"][row], after.arrays["c1"][0], atol=1e-5)


def test_an_empty_prompt_is_the_same_alone_and_beside_others_and_has_nothing_to_look_back_at(steps):
    for prompts in ([()], [(), [310, 311, 312]]):
        state = steps.encode(prompts)
        assert not any(array[0].any() for array in state.fixed.values())
    beside, _ = steps.step(np.full(2, GO, np.int32), state)
    alone, _ = steps.step(np.full(1, GO, np.int32), steps.encode([()]))
    np.testing.assert_allclose(beside[0], alone[0], atol=1e-5)


def test_several_threads_step_at_once(steps):
    state = steps.encode([[300], [301]])
    expected, _ = steps.step(np.full(2, GO, np.int32), state)
    with ThreadPoolExecutor(3) as pool:
        for logits, _ in pool.map(lambda _: steps.step(np.full(2, GO, np.int32), state), range(30)):
            np.testing.assert_array_equal(logits, expected)


def test_attention_that_is_no_number_is_refused_by_the_name_of_the_file(steps):
    state = steps.encode([[300, 301]])
    broken = state.advance({name: np.full_like(array, np.nan) for name, array in state.arrays.items()})
    with pytest.raises(BundleError, match=r"decoder\.tflite: computes what is no number"):
        steps.alignment(np.full(1, GO, np.int32), broken)


def test_what_is_no_model_is_refused_by_name(tmp_path, english_bundle):
    (tmp_path / "encoder.tflite").write_bytes(b"not a model")
    with pytest.raises(BundleError, match="encoder.tflite: not a LiteRT model"):
        LiteRTSteps(PLAIN, {"encoder": tmp_path / "encoder.tflite", "decoder": english_bundle / bundle.DECODER})


def test_a_decoder_in_the_place_of_the_encoder_is_refused(english_bundle):
    with pytest.raises(BundleError, match="do not belong together"):
        LiteRTSteps(PLAIN, dict.fromkeys(("encoder", "decoder"), english_bundle / bundle.DECODER))


def test_step_models_of_two_bots_with_other_shapes_are_refused(english_bundle, babbling_bundle):
    with pytest.raises(BundleError, match="do not belong together"):
        LiteRTSteps(PLAIN, {"encoder": english_bundle / bundle.ENCODER, "decoder": babbling_bundle / bundle.DECODER})
