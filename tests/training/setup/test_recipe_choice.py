import pytest

from chatbot.config import ModelConfig, ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import ConfigError, RunError
from chatbot.tokenizer import Tokenizer
from chatbot.training.data import tokenized_pairs
from chatbot.training.data.training_data import TrainingData
from chatbot.training.setup.recipe_choice import Recipe, choose_precision, choose_recipe, extend
from chatbot.training.setup.run_plan import make_plan

PAIRS = [Pair(f"what is {number}", f"it is the number {number}") for number in range(200)]


@pytest.fixture(scope="module")
def parts():
    tokenizer = Tokenizer.fit([text for pair in PAIRS for text in pair])
    model = ModelConfig.of(ModelShape(units=16), tokenizer.vocabulary_size)
    return model, TrainingData.of(tokenized_pairs.tokenize(PAIRS, tokenizer, model), whole_replies=4)


def test_open_choices_are_made_and_others_kept(parts):
    recipe = choose_recipe(TrainingConfig(dropout=0.35, epochs=7, precision="float32"), *parts)
    assert (recipe.dropout, recipe.epochs, recipe.precision) == (0.35, 7, "float32")
    assert recipe.weight_decay > 0
    assert recipe.batch_tokens >= 256
    assert TrainingConfig.from_json(recipe.to_json()).epochs == 7


def test_a_saved_recipe_that_lacks_a_choice_is_refused_and_one_that_lacks_another_option_has_its_default():
    saved = Recipe(epochs=7, learning_rate=0.1).to_json()
    del saved["learning_rate"]
    assert Recipe.from_json(saved) == Recipe(epochs=7)
    del saved["epochs"]
    with pytest.raises(ConfigError, match="epochs is None, not int"):
        Recipe.from_json(saved)


def test_auto_precision_is_what_the_processor_has_units_for_however_busy_it_is(tmp_path):
    processor = tmp_path / "cpuinfo"
    for flags, precision in [("fma avx512_bf16 amx_bf16", "bfloat16"), ("fma avx512_bf16", "float32")]:
        processor.write_text(f"flags\t\t: {flags}\n")
        assert choose_precision("auto", processor) == precision
    assert choose_precision("auto", tmp_path / "nowhere") == "float32"
    assert choose_precision("bfloat16", processor) == "bfloat16"


def test_pairs_that_there_is_no_time_to_see_often_are_not_regularized(parts):
    hurried = choose_recipe(TrainingConfig(max_seconds=0.001, precision="float32"), *parts)
    assert (hurried.dropout, hurried.weight_decay) == (0.0, 0.0)
    assert (hurried.subword_sampling, hurried.word_dropout) == (0.0, 0.0)


def test_the_plan_says_what_a_run_takes_and_never_more_time_than_it_has(parts):
    recipe = choose_recipe(TrainingConfig(max_seconds=2.0, epochs=1000), *parts)
    plan = make_plan(Corpus.of(PAIRS, PAIRS[:5]), *parts, recipe, parameters=1_000_000, devices="CPU")
    assert (plan.training_pairs, plan.validation_pairs, plan.parameters) == (200, 5, 1_000_000)
    assert plan.expected_seconds == plan.max_seconds == 2.0
    assert plan.memory_bytes > 1_000_000_000  # TensorFlow alone


def test_a_run_that_goes_on_may_have_its_limits_raised_but_not_lowered():
    began = Recipe(epochs=30, max_seconds=40.0)
    longer = extend(began, TrainingConfig(epochs=None, max_seconds=None, patience=2))
    assert (longer.epochs, longer.max_seconds, longer.patience) == (30, None, 2)
    with pytest.raises(RunError, match="--epochs: the interrupted run began with 30, which can only be raised"):
        extend(began, TrainingConfig(epochs=2, max_seconds=40.0))
    with pytest.raises(RunError, match="--max-time: the interrupted run began with 40 s, which can only be raised"):
        extend(began, TrainingConfig(max_seconds=14.0))
    with pytest.raises(RunError, match="--max-time: the interrupted run began without this limit; leave that out"):
        extend(longer, TrainingConfig(max_seconds=14.0))
