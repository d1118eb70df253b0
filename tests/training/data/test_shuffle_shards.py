import numpy as np
import pytest

from chatbot import Chatbot
from chatbot.config import ModelConfig, ModelShape, TrainingConfig
from chatbot.corpus import Pair, Sources, open_corpus
from chatbot.errors import OutputError
from chatbot.runs.run_identity import Identity
from chatbot.runs.run_lock import claim
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.batches import TrainingBatches
from chatbot.training.data.segmentations import Segmenter
from chatbot.training.data.shuffle_shards import Sharding, tokenize_corpus
from chatbot.training.data.training_data import TrainingData
from chatbot.training.distributed.replicas import Devices
from chatbot.training.run import train
from chatbot.training.setup.initial_model import Start
from chatbot.training.setup.job import TrainingJob
from tests.conftest import refuse, write_pairs
from tests.training.test_trainer import Notes

WORDS = ("one", "two", "three", "four", "five", "six", "seven")
PAIRS = [Pair(f"{WORDS[n % 7]} {WORDS[n // 7 % 7]} {n}", " ".join(WORDS[: 1 + n % 5]) + f" {n}") for n in range(200)]
TOKENIZER = Tokenizer.fit([text for pair in PAIRS for text in pair])
CONFIG = ModelConfig(vocabulary_size=TOKENIZER.vocabulary_size, max_prompt_tokens=9, max_reply_tokens=24)
START = Start(TOKENIZER, CONFIG, tuple(sorted({pair.reply for pair in PAIRS[:100]})))
OBJECTIVE = START.objective({})


def tokenize_block(pairs):
    return START.tokenize(pairs, OBJECTIVE)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The corpus on disk, 40 pairs of it in memory at a time."""
    folder = tmp_path_factory.mktemp("large")
    path = write_pairs(folder / "pairs.tsv", PAIRS)
    with open_corpus(Sources([path], None, 0, 0, folder, block=40), refuse) as corpus:
        yield corpus


@pytest.fixture(scope="module")
def shards(large, tmp_path_factory):
    with tokenize_corpus(
        large, tokenize_block, Sharding(tmp_path_factory.mktemp("s"), 0, CONFIG.vocabulary_size), lambda _: None
    ) as made:
        yield made


@pytest.fixture(scope="module")
def training_data(shards):
    return TrainingData(shards, whole_replies=1000)


def token_lists(data):
    (labels,) = data.labels
    return list(zip(*(map(tuple, side.to_list()) for side in data.sides), labels.tolist(), strict=True))


def prompts(batches):
    return [TOKENIZER.decode(row.tolist()) for prompt, *_ in batches for row in prompt]


def test_the_shards_hold_what_the_whole_corpus_is_in_tokens_and_two_of_them_fill_the_memory(shards):
    whole = tokenize_block(PAIRS)
    loaded = [shards.load(number) for number in range(len(shards.sizes))]
    assert sorted(pair for data in loaded for pair in token_lists(data)) == sorted(token_lists(whole))
    assert shards.sizes == [data.size for data in loaded]
    assert [size.pairs for size in shards.sizes] == [20] * 10
    assert shards.truncated == whole.truncated > 0


def test_each_shard_is_an_even_sample_of_the_corpus(shards):
    blocks = {pair: number // 40 for number, pair in enumerate(token_lists(tokenize_block(PAIRS)))}
    for number in range(len(shards.sizes)):
        assert np.bincount([blocks[pair] for pair in token_lists(shards.load(number))]).tolist() == [4] * 5


def test_another_seed_deals_the_pairs_otherwise(large, tmp_path):
    firsts = []
    for seed in (0, 0, 1):
        with tokenize_corpus(
            large, tokenize_block, Sharding(tmp_path, seed, CONFIG.vocabulary_size), lambda _: None
        ) as dealt:
            firsts.append(token_lists(dealt.load(0)))
    assert firsts[0] == firsts[1] != firsts[2]


def test_how_far_the_tokenizing_is_is_told_after_each_block(large, tmp_path):
    told = []
    with tokenize_corpus(large, tokenize_block, Sharding(tmp_path, 0, CONFIG.vocabulary_size), told.append):
        assert told == [40, 80, 120, 160, 200]
        assert list(tmp_path.iterdir()) == [], "the file has no name"


def test_a_disk_that_takes_no_shard_is_an_error_that_names_the_folder(large, tmp_path):
    file = write_pairs(tmp_path / "file", PAIRS)
    with (
        pytest.raises(OutputError, match="file: cannot be written"),
        tokenize_corpus(large, tokenize_block, Sharding(file, 0, CONFIG.vocabulary_size), lambda _: None),
    ):
        pass


@pytest.mark.parametrize("batch_tokens", [1, 30, 100, 100_000])
def test_a_pass_over_shards_has_every_pair_once_and_as_many_batches_as_counted(training_data, batch_tokens):
    passes = TrainingBatches(training_data, batch_tokens, seed=1)
    seen = []
    for epoch in (1, 2):
        batches = list(passes.batches(epoch))
        assert len(batches) == training_data.count_batches(batch_tokens)
        seen.append(prompts(batches))
    kept = tokenize_block(PAIRS).prompts.to_list()
    assert sorted(seen[0]) == sorted(seen[1]) == sorted(map(TOKENIZER.decode, kept))
    assert seen[0] != seen[1]


def test_shards_come_in_another_order_in_each_pass(training_data, shards):
    home = {
        tuple(prompt): number for number in range(len(shards.sizes)) for prompt in shards.load(number).prompts.to_list()
    }
    passes = TrainingBatches(training_data, 100_000, seed=1)
    orders = []
    for epoch in (1, 2, 3):
        firsts = [prompt[0] for prompt, *_ in passes.batches(epoch)]
        orders.append([home[tuple(row[row > 0].tolist())] for row in firsts])
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len(set(map(tuple, orders))) == 3


@pytest.mark.parametrize("start", [0, 1, 7, 8, 30])
def test_a_pass_over_shards_can_begin_at_any_batch(training_data, start):
    segmenter = Segmenter(TOKENIZER, CONFIG, share=0.5)
    whole = list(TrainingBatches(training_data, 60, seed=1, segmenter=segmenter).batches(2))
    part = list(TrainingBatches(training_data, 60, seed=1, segmenter=segmenter).batches(2, start))
    assert len(part) == len(whole) - start > 0
    for one, other in zip(part, whole[start:], strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_a_pass_that_begins_late_reads_no_shard_that_is_over(shards):
    read = []

    class Counting:
        sizes, truncated = shards.sizes, shards.truncated

        def load(self, number):
            read.append(number)
            return shards.load(number)

    passes = TrainingBatches(TrainingData(Counting(), whole_replies=4), 100_000, seed=1)
    read.clear()
    assert len(list(passes.batches(1, start=8))) == 2
    assert len(read) <= 2


def test_a_reply_that_many_pairs_of_all_shards_share_is_whole_for_a_few_of_them_in_a_pass(tmp_path):
    frequent = "seven six five four three"
    pairs = [Pair(f"one {number}", frequent) for number in range(160)] + PAIRS[:40]
    path = write_pairs(tmp_path / "pairs.tsv", pairs)
    target = TOKENIZER.encode(frequent)
    with (
        open_corpus(Sources([path], None, 0, 0, tmp_path, block=40), refuse) as corpus,
        tokenize_corpus(
            corpus, tokenize_block, Sharding(tmp_path, 0, CONFIG.vocabulary_size), lambda _: None
        ) as shards,
    ):
        passes = TrainingBatches(TrainingData(shards, whole_replies=8), 60, seed=0)
        whole = [
            sum(row.tolist()[: len(target)] == target for _, _, targets, *_ in passes.batches(epoch) for row in targets)
            for epoch in range(1, 21)
        ]
    assert 5 <= np.mean(whole) <= 11


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, when it saves
def test_a_bot_learns_from_shards_on_disk(tmp_path, english_pairs):
    pairs = [*english_pairs, *(Pair(f"say, {prompt}", reply) for prompt, reply in english_pairs)]
    path = write_pairs(tmp_path / "pairs.tsv", pairs)
    notes = Notes()
    place, shape = tmp_path / "bot", ModelShape(units=64, attention="dot")
    recipe = TrainingConfig(epochs=40, max_seconds=None, precision="float32")
    with claim(place) as folder, open_corpus(Sources([path], None, 0, 0, place.parent, block=30), refuse) as corpus:
        assert not corpus.in_memory
        job = TrainingJob(place, folder, Identity({}, "", {}), (path.name,), shape, recipe, int8=False)
        train(corpus, job, Devices(), notes, lambda: False)
    assert {entry.name for entry in tmp_path.iterdir()} == {"pairs.tsv", "bot"}
    assert notes.measurements[-1].epoch == 40
    bot = Chatbot.load(place)
    assert sum(bot.reply(prompt).text == reply for prompt, reply in pairs) >= 110
