import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot import Chatbot
from chatbot.errors import BundleError
from chatbot.inference.recorded_prompts import RecordedPrompts

HELLO, BYE = [5, 6], [7]
EVEN = np.full((1, 4), 0.25, np.float32)


def test_the_recorded_reply_of_a_known_prompt_has_nearly_all_of_the_shares():
    prompts = RecordedPrompts.of([(HELLO, 2), (BYE, 0)])
    np.testing.assert_allclose(prompts.recall([HELLO], EVEN), [[0.0025, 0.0025, 0.9925, 0.0025]], rtol=1e-5)


def test_a_prompt_that_is_not_known_to_the_token_is_left_to_the_reply_memory():
    prompts = RecordedPrompts.of([(HELLO, 2)])
    for other in ([5], [6, 5], [5, 6, 7], [5, 5, 6]):
        assert prompts.recall([other], EVEN) is EVEN


def test_replies_that_are_recorded_for_one_prompt_share_by_how_often_each_is():
    prompts = RecordedPrompts.of([(HELLO, 2), (HELLO, 1), (HELLO, 2), (BYE, 0)])
    (shares,) = prompts.recall([HELLO], np.zeros((1, 4), np.float32))
    np.testing.assert_allclose(shares, [0, 0.33, 0.66, 0], atol=1e-6)


@given(st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=4), st.integers(0, 3)), min_size=1, max_size=9))
def test_every_prompt_finds_a_reply_of_its_own_after_a_file_and_shares_stay_shares(tmp_path_factory, pairs):
    file = tmp_path_factory.mktemp("prompts") / "prompts.npy"
    RecordedPrompts.of(pairs).save(file)
    asked = [prompt for prompt, _ in pairs]
    shares = RecordedPrompts.load(file, 4).recall(asked, np.repeat(EVEN, len(asked), axis=0))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    for prompt, row in zip(asked, shares, strict=True):
        assert int(row.argmax()) in {reply for other, reply in pairs if other == prompt}


@pytest.mark.parametrize("damage", ["reply", "order", "count", "type", "bytes"])
def test_a_table_that_is_not_one_of_the_bot_is_refused_in_one_line(tmp_path, damage):
    file = tmp_path / "prompts.npy"
    RecordedPrompts.of([(HELLO, 2), (BYE, 0)]).save(file)
    table = np.load(file)
    if damage == "order":
        table = table[::-1]
    elif damage == "type":
        table = table["prompt"]
    elif damage in ("reply", "count"):
        table[damage] = {"reply": 4, "count": 0}[damage]
    np.save(file, np.ascontiguousarray(table))
    if damage == "bytes":
        file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(BundleError, match=r"prompts\.npy: not a table of prompts.*train again"):
        RecordedPrompts.load(file, 4)


def test_a_bot_knows_every_prompt_that_it_was_trained_on(english_bundle, english_pairs):
    replies = Chatbot.load(english_bundle).reply_batch([prompt for prompt, _ in english_pairs])
    assert [reply.text for reply in replies] == [reply for _, reply in english_pairs]
