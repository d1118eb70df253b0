import pytest

from chatbot.config import ModelConfig
from chatbot.errors import TokenizerError
from chatbot.runs.resource_forecast import choose_batch_tokens, choose_epochs, epoch_operations, epoch_seconds, forecast
from chatbot.tokenizer import choose_vocabulary_size

PAIRS = [(f"what is {number} plus one", f"That is {number + 1}.") for number in range(300)]


def foretell(pairs, count=None):
    texts = [text for pair in pairs for text in pair]
    return forecast(pairs, count or len(pairs), sum(map(len, texts)), len(set().union(*texts) - {" "}))


def test_a_batch_grows_with_the_corpus():
    sizes = [choose_batch_tokens(tokens) for tokens in (10, 10_000, 1_000_000, 100_000_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_beyond_four_million_tokens_a_batch_grows_no_more():
    assert choose_batch_tokens(3_000_000) < choose_batch_tokens(5_000_000) == choose_batch_tokens(500_000_000)


def test_a_small_corpus_gets_many_epochs_and_a_large_one_few():
    assert choose_epochs(1) > choose_epochs(100) > choose_epochs(10_000) >= 10


@pytest.mark.parametrize("steps_per_epoch", [1, 2, 5, 50])
def test_even_a_handful_of_pairs_gets_hundreds_of_steps(steps_per_epoch):
    assert choose_epochs(steps_per_epoch) * steps_per_epoch >= 500
    assert choose_epochs(steps_per_epoch, 10) * steps_per_epoch >= 250


def test_a_small_corpus_with_a_set_of_replies_takes_a_step_for_each_pair():
    assert choose_epochs(steps_per_epoch=40, chosen_pairs=700) == 18
    assert choose_epochs(steps_per_epoch=40) == 150
    assert choose_epochs(steps_per_epoch=300, chosen_pairs=26_000) == choose_epochs(steps_per_epoch=300) == 40


def test_a_pass_takes_six_operations_for_each_weight_and_token_and_something_for_each_step():
    config = ModelConfig(vocabulary_size=10, embedding_size=2, units=3)
    lstm, projection = 4 * 3 * (2 + 3), 3 * 10
    assert epoch_operations(config, 1, 5, 7) == 6 * (5 * lstm + 7 * (lstm + projection))
    assert epoch_operations(config, 2, 10, 14) == 2 * epoch_operations(config, 1, 5, 7)
    assert epoch_operations(config, 1, 5, 7, reply_tokens=6) == 6 * (5 * lstm + 7 * (lstm + 3 * 6))
    assert epoch_seconds(0, 1000, 1e9) > epoch_seconds(0, 10, 1e9) > 0
    assert epoch_seconds(3e9, 0, 1e9) == pytest.approx(10)


def test_of_a_transformer_the_products_of_attention_are_counted_too():
    config = ModelConfig(vocabulary_size=10, embedding_size=2, units=2, architecture="transformer")
    # Two pairs, of a prompt of 5 and a target of 7 tokens each.
    encoder = 5 * 4 * 2 * 2 + 5 * 5 * 2 * 2  # query, key, value and output; scores of 5 tokens by 5, and their means
    feed_forward = 2 * 2 * 8
    back = 7 * 4 * 2 * 2 + 7 * 7 * 2 * 2
    across = 7 * 2 * 2 * 2 + 5 * 2 * 2 * 2 + 7 * 5 * 2 * 2  # query and output; keys and values of the prompt
    projection = 7 * 2 * 10
    forward = encoder + 5 * feed_forward + back + across + 7 * feed_forward + projection
    assert forward == 1248
    assert epoch_operations(config, 2, 2 * 5, 2 * 7) == 6 * 2 * 1248


@pytest.mark.parametrize(("attention", "more"), [("dot", 7 * 5 * 2 * 3), ("additive", 9 * (7 + 5) + 7 * 5 * 2 * 3)])
def test_attention_behind_recurrent_layers_is_counted(attention, more):
    config = ModelConfig(vocabulary_size=10, embedding_size=2, units=3)
    vector = 7 * 2 * 3 * 3
    without, operations = (
        epoch_operations(ModelConfig(**config.to_json() | {"attention": one}), 1, 5, 7) for one in ("none", attention)
    )
    assert operations - without == 6 * (vector + more)


def test_a_corpus_is_forecast_from_a_sample_of_it():
    whole, sampled = foretell(PAIRS), foretell(PAIRS[::3], len(PAIRS))
    assert whole.vocabulary_size == choose_vocabulary_size([text for pair in PAIRS for text in pair])
    assert sampled.tokens == pytest.approx(whole.tokens, rel=0.3)
    assert sampled.epochs == whole.epochs
    assert 0 < whole.seconds <= 240
    assert whole.long_prompts == whole.long_replies == 0


def test_sides_that_the_model_does_not_read_whole_are_foretold():
    pairs = [*PAIRS[:3], ("one two three " * 200, "yes")]
    assert foretell(pairs).long_prompts == 0.25
    assert foretell(pairs).long_replies == 0


def test_what_the_tokenizer_would_fail_of_is_told_before():
    with pytest.raises(TokenizerError, match="tokenizer"):
        forecast([("", "")], 1, 0, 0)
