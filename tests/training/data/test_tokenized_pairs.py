import numpy as np
import pytest

from chatbot.config import EOS, GO, PAD, ModelConfig
from chatbot.corpus import Pair
from chatbot.tokenizer import Tokenizer
from chatbot.training.data import tokenized_pairs
from chatbot.training.data.batches import TrainingBatches, ValidationBatches
from chatbot.training.data.ragged import Ragged
from chatbot.training.data.segmentations import Segmenter
from chatbot.training.data.training_data import TrainingData
from chatbot.training.objective.candidate_replies import UNKNOWN, CandidateReplies

PAIRS = [Pair("hi " * n, "yes " * (1 + n % 5)) for n in range(1, 41)]
PAIRS = [Pair(prompt.strip(), reply.strip()) for prompt, reply in PAIRS]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.fit([text for pair in PAIRS for text in pair])


@pytest.fixture(scope="module")
def data(tokenizer):
    return tokenized_pairs.tokenize(PAIRS, tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size))


@pytest.fixture(scope="module")
def training_data(data):
    return TrainingData.of(data, whole_replies=1000)


def rows(batches, tokenizer):
    for prompt, decoder_input, target in list(batches):
        for row in range(len(prompt)):
            yield tokenizer.decode(prompt[row].tolist()), decoder_input[row].tolist(), target[row].tolist()


def test_the_decoder_input_is_go_and_the_target_shifted_by_one(data, tokenizer):
    seen = []
    for prompt, decoder_input, target in rows(ValidationBatches(data), tokenizer):
        assert decoder_input[0] == GO
        assert decoder_input[1:] == target[:-1]
        reply = target[: target.index(EOS)]
        assert set(target[target.index(EOS) + 1 :]) <= {PAD}
        seen.append(Pair(prompt, tokenizer.decode(reply)))
    assert sorted(seen) == sorted(PAIRS)


def test_every_pass_has_every_pair_once_in_another_order(training_data, tokenizer):
    passes = TrainingBatches(training_data, 100, seed=1)
    first, second = ([row[0] for row in rows(passes.batches(epoch), tokenizer)] for epoch in (1, 2))
    assert sorted(first) == sorted(second) == sorted(pair.prompt for pair in PAIRS)
    assert first != second


@pytest.mark.parametrize("start", [0, 1, 3])
def test_a_pass_from_its_midst_on_has_the_batches_that_the_whole_pass_has_there(training_data, tokenizer, start):
    """However often and in whatever order passes are asked for: that is what lets a run be resumed."""
    ways = Segmenter(tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size), share=0.5)
    whole = list(TrainingBatches(training_data, 100, seed=1, segmenter=ways).batches(2))
    again = TrainingBatches(training_data, 100, seed=1, segmenter=ways)
    list(again.batches(1))
    part = list(again.batches(2, start))
    assert len(part) == len(whole) - start > 0
    for one, other in zip(part, whole[start:], strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_the_same_seed_gives_the_same_order(training_data, tokenizer):
    orders = [
        [row[0] for row in rows(TrainingBatches(training_data, 100, seed).batches(1), tokenizer)] for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("batch_tokens", [1, 60, 100, 500, 100_000])
def test_every_pass_has_as_many_batches_as_counted_of_about_as_many_tokens(data, training_data, batch_tokens):
    passes = TrainingBatches(training_data, batch_tokens, seed=1)
    longest = data.size.longest
    for epoch in (1, 2, 3):
        sizes = [
            int((prompt != PAD).sum() + (target != PAD).sum()) for prompt, _, target, *_ in list(passes.batches(epoch))
        ]
        assert len(sizes) == training_data.count_batches(batch_tokens)
        assert sum(sizes) == data.size.prompt_tokens + data.size.target_tokens
        assert max(sizes) <= sum(sizes) / len(sizes) + longest


def test_a_batch_holds_little_padding(data, training_data):
    batches = list(TrainingBatches(training_data, 200, seed=1).batches(1))
    positions = sum(target.size for _, _, target, *_ in batches)
    assert data.size.target_tokens > 0.7 * positions


def test_pairs_with_one_reply_do_not_stay_together(tokenizer):
    replies = [f"yes {word}" for word in ("hi", "yes", "hi hi", "yes yes")]
    pairs = [Pair("hi " * (1 + number % 7), replies[number % 4]) for number in range(400)]
    many = tokenized_pairs.tokenize(pairs, tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size))
    batches = list(TrainingBatches(TrainingData.of(many, whole_replies=1000), 200, seed=1).batches(1))
    kinds = [len(np.unique(target, axis=0)) for _, _, target, *_ in batches]
    assert np.mean(kinds) > 1.5


def test_a_reply_of_many_prompts_is_whole_for_a_few_in_each_pass_and_ends_where_it_is_decided_for_the_others(tokenizer):
    frequent, other, rare = "yes hi yes hi yes hi", "hi yes yes", "yes hi hi"
    pairs = [Pair(f"hi {'yes ' * (number % 5)}", frequent) for number in range(200)]
    pairs += [Pair("yes", other), Pair("yes yes", rare)]
    data = tokenized_pairs.tokenize(pairs, tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size))
    training_data = TrainingData.of(data, whole_replies=20)
    targets = [[*tokenizer.encode(reply), EOS] for reply in (frequent, rare)]
    decided = next(place for place, (one, two) in enumerate(zip(*targets, strict=False), 1) if one != two)
    sizes = []
    for _ in range(20):
        batches = list(TrainingBatches(training_data, 400, seed=len(sizes)).batches(1))
        seen = [tuple(row[2]) for row in rows(batches, tokenizer)]
        seen = [tuple(token for token in row if token != PAD) for row in seen]
        assert len(batches) == training_data.count_batches(400)
        whole, short = seen.count(tuple(targets[0])), seen.count(tuple(targets[0][:decided]))
        assert whole + short == 200
        assert (seen.count((*tokenizer.encode(other), EOS)), seen.count(tuple(targets[1]))) == (1, 1)
        sizes.append(whole)
    assert 15 <= np.mean(sizes) <= 25


def test_where_a_memory_chooses_most_batches_have_no_targets_and_the_first_one_has_the_longest(tokenizer):
    pairs = [Pair("hi " * (1 + number % 7), f"yes{' hi' * (number % 4)}") for number in range(400)]
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size)
    data = tokenized_pairs.tokenize(pairs, tokenizer, config, (np.arange(400, dtype=np.int32) % 4,))
    training_data = TrainingData.of(data, whole_replies=5, chosen=True)
    for epoch in (1, 2, 3):
        batches = list(TrainingBatches(training_data, 60, seed=1).batches(epoch))
        lengths = [target.shape[1] for _, _, target, _ in batches]
        assert [decoder_input.shape for _, decoder_input, *_ in batches] == [target.shape for *_, target, _ in batches]
        assert sum(len(prompt) for prompt, *_ in batches) == 400
        assert lengths[0] == max(lengths) > 0
        assert np.mean(np.array(lengths) == 0) > 0.8


def test_a_reply_that_the_memory_does_not_know_is_learned_by_the_decoder_in_each_pass(tokenizer):
    pairs = [Pair("hi " * (1 + number % 7), f"yes{' hi' * (number % 4)}") for number in range(400)]
    numbers = np.arange(400, dtype=np.int32) % 4
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size)
    data = tokenized_pairs.tokenize(pairs, tokenizer, config, (np.where(numbers == 2, -1, numbers),))
    batches = TrainingBatches(TrainingData.of(data, whole_replies=5, chosen=True), 60, seed=1).batches(1)
    targets = [len(row[row != PAD]) for _, _, target, _ in batches for row in target]
    assert 100 <= sum(length > 0 for length in targets) < 130


@pytest.mark.parametrize("batch_tokens", [1, 16, 64])
def test_every_pass_has_as_many_batches_as_counted_whichever_replies_are_whole(tokenizer, batch_tokens):
    pairs = [Pair(f"hi {'yes ' * (number % 5)}", "yes hi " * 20) for number in range(60)]
    pairs += [Pair("hi hi", "yes " * 30), Pair("yes", "hi")]
    data = tokenized_pairs.tokenize(pairs, tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size))
    training_data = TrainingData.of(data, whole_replies=2)
    for seed in range(25):
        batches = list(TrainingBatches(training_data, batch_tokens, seed).batches(1))
        assert len(batches) == training_data.count_batches(batch_tokens)
        assert sum(len(prompt) for prompt, *_ in batches) == len(pairs)
        assert all(len(prompt) for prompt, *_ in batches)


def test_prompts_are_cut_in_several_ways_that_all_spell_them_and_the_replies_are_not(data, training_data, tokenizer):
    ways = Segmenter(tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size), share=0.5)
    batches = list(TrainingBatches(training_data, 100, seed=1, segmenter=ways).batches(1))
    plain = {tuple(prompt) for prompt in data.prompts.to_list()}
    prompts, others = [], 0
    for prompt, _, target, *_ in batches:
        for ids, reply in zip(prompt, target, strict=True):
            cut = tuple(ids[ids != PAD].tolist())
            others += cut not in plain
            prompts.append(tokenizer.decode(cut))
            assert tokenizer.encode(tokenizer.decode(reply)) == reply[: list(reply).index(EOS)].tolist()
    assert sorted(prompts) == sorted(pair.prompt for pair in PAIRS)
    assert 10 <= others <= 30


def test_a_pair_that_is_too_long_is_cut_counted_and_learns_no_end(tokenizer):
    pairs = [Pair("hi", "yes " * 30), Pair("hi " * 30, "yes"), Pair("hi", "yes")]
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, max_prompt_tokens=4, max_reply_tokens=6)
    data = tokenized_pairs.tokenize(pairs, tokenizer, config)
    assert data.truncated == 2
    assert data.prompts.lengths.tolist()[1] == 4
    assert data.prompts.to_list()[1] == tokenizer.encode("hi " * 30)[-4:]
    cut, whole, _ = data.targets.to_list()
    assert len(cut) == 6
    assert EOS not in cut
    assert whole[-1] == EOS


def test_bytes_are_those_of_what_is_left_to_say_and_one_for_each_end(tokenizer):
    pairs = [Pair("hi", "yes"), Pair("hi", "été")]
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size)
    assert tokenized_pairs.tokenize(pairs, tokenizer, config).reply_bytes == (3 + 1) + (5 + 1)
    cut = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, max_reply_tokens=1)
    kept = tokenizer.decode(tokenizer.encode("yes")[:1])
    assert tokenized_pairs.tokenize([Pair("hi", "yes yes yes")], tokenizer, cut).reply_bytes == len(kept)


def test_each_row_has_the_label_of_its_pair(tokenizer):
    known = sorted({pair.reply for pair in PAIRS})[1:]
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size)
    data = tokenized_pairs.tokenize(PAIRS, tokenizer, config, CandidateReplies(known).labels(PAIRS))
    named = []
    for epoch_of in (ValidationBatches(data), TrainingBatches(TrainingData.of(data, 1), 100, seed=1).batches(1)):
        for prompt, _, _, numbers in epoch_of:
            named += [(tokenizer.decode(row.tolist()), number) for row, number in zip(prompt, numbers, strict=True)]
    expected = [(pair.prompt, known.index(pair.reply) if pair.reply in known else UNKNOWN) for pair in PAIRS]
    assert sorted(named) == sorted(2 * expected)


def test_rows_as_texts_have_a_character_for_each_token_whatever_its_id():
    rows = [[97, 98], [0xD800, 3, 999_999], [97]]
    ragged = Ragged(np.array([token for row in rows for token in row], np.int32), np.array([2, 3, 1]))
    assert ragged.to_keys() == ["ab", "\ud800\x03\U000f423f", "a"]
