import pytest

from chatbot.config import Architecture, ModelConfig, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.tokenizer import Tokenizer
from chatbot.training import dataset
from chatbot.training.dataset import Lessons
from chatbot.training.recipe import choose_recipe, make_plan

PAIRS = [Pair(f"what is {number}", f"it is the number {number}") for number in range(200)]


@pytest.fixture(scope="module")
def parts():
    tokenizer = Tokenizer.fit([text for pair in PAIRS for text in pair])
    model = ModelConfig.of(Architecture(units=16), tokenizer.vocabulary_size)
    return model, Lessons.of(dataset.tokenize(PAIRS, tokenizer, model), whole_replies=4)


def test_open_choices_are_made_and_others_kept(parts):
    recipe = choose_recipe(TrainingConfig(dropout=0.35, epochs=7, precision="float32"), *parts)
    assert (recipe.dropout, recipe.epochs, recipe.precision) == (0.35, 7, "float32")
    assert recipe.weight_decay > 0
    assert recipe.batch_tokens >= 256
    assert TrainingConfig.from_json(recipe.to_json()).epochs == 7


def test_auto_precision_becomes_one_that_exists(parts):
    assert choose_recipe(TrainingConfig(), *parts).precision in ("float32", "bfloat16")


def test_pairs_that_there_is_no_time_to_see_often_are_not_regularized(parts):
    hurried = choose_recipe(TrainingConfig(max_seconds=0.001, precision="float32"), *parts)
    assert (hurried.dropout, hurried.weight_decay) == (0.0, 0.0)
    assert (hurried.subword_sampling, hurried.word_dropout) == (0.0, 0.0)


def test_the_plan_says_what_a_run_takes_and_never_more_time_than_it_has(parts):
    recipe = choose_recipe(TrainingConfig(max_seconds=2.0, epochs=1000), *parts)
    plan = make_plan(Corpus(PAIRS, PAIRS[:5]), *parts, recipe, parameters=1_000_000, devices="CPU")
    assert (plan.training_pairs, plan.validation_pairs, plan.parameters) == (200, 5, 1_000_000)
    assert plan.expected_seconds == plan.max_seconds == 2.0
    assert plan.memory_bytes > 500_000_000
