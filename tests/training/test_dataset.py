import numpy as np
import pytest

from chatbot.config import EOS, GO, PAD, ModelConfig
from chatbot.corpus import Pair
from chatbot.tokenizer import Tokenizer
from chatbot.training import dataset

PAIRS = [Pair("hi " * n, "yes " * (1 + n % 5)) for n in range(1, 41)]
PAIRS = [Pair(prompt.strip(), reply.strip()) for prompt, reply in PAIRS]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.fit([text for pair in PAIRS for text in pair])


@pytest.fixture(scope="module")
def data(tokenizer):
    return dataset.tokenize(PAIRS, tokenizer, ModelConfig(tokenizer.vocabulary_size))


def rows(batches, tokenizer):
    for prompt, decoder_input, target in batches.as_numpy_iterator():
        for row in range(len(prompt)):
            yield tokenizer.decode(prompt[row].tolist()), decoder_input[row].tolist(), target[row].tolist()


def test_the_decoder_input_is_go_and_the_target_shifted_by_one(data, tokenizer):
    seen = []
    for prompt, decoder_input, target in rows(dataset.validation_batches(data, 8), tokenizer):
        assert decoder_input[0] == GO
        assert decoder_input[1:] == target[:-1]
        reply = target[: target.index(EOS)]
        assert set(target[target.index(EOS) + 1 :]) <= {PAD}
        seen.append(Pair(prompt, tokenizer.decode(reply)))
    assert sorted(seen) == sorted(PAIRS)


def test_every_pass_has_every_pair_once_in_another_order(data, tokenizer):
    batches = dataset.training_batches(data, 8, seed=1)
    first, second = ([row[0] for row in rows(batches, tokenizer)] for _ in range(2))
    assert sorted(first) == sorted(second) == sorted(pair.prompt for pair in PAIRS)
    assert first != second


def test_the_same_seed_gives_the_same_order(data, tokenizer):
    orders = [[row[0] for row in rows(dataset.training_batches(data, 8, seed), tokenizer)] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("batch_size", [1, 8, 64])
def test_batches_are_counted_right_and_hold_pairs_of_like_length(data, batch_size):
    batches = list(dataset.validation_batches(data, batch_size).as_numpy_iterator())
    assert len(batches) == dataset.count_batches(data, batch_size)
    for prompt, _, target in batches:
        longer = np.maximum((prompt != PAD).sum(1), (target != PAD).sum(1))
        assert len(np.unique(np.digitize(longer, dataset._BUCKET_BOUNDS))) == 1


def test_a_pair_that_is_too_long_is_cut_counted_and_learns_no_end(tokenizer):
    pairs = [Pair("hi", "yes " * 30), Pair("hi " * 30, "yes"), Pair("hi", "yes")]
    config = ModelConfig(tokenizer.vocabulary_size, max_prompt_tokens=4, max_reply_tokens=6)
    data = dataset.tokenize(pairs, tokenizer, config)
    (_, cut), (prompt, whole), _ = data.dataset.as_numpy_iterator()
    assert data.truncated == 2
    assert len(cut) == 6
    assert EOS not in cut
    assert len(prompt) == 4
    assert whole[-1] == EOS
    assert data.lengths.tolist() == [6, 4, len(whole)]


def test_the_batch_size_suits_the_corpus():
    assert [dataset.choose_batch_size(pairs) for pairs in (1, 60, 1000, 3000, 500_000)] == [16, 16, 16, 16, 64]
