"""The choices that a person left open, made from the corpus, the machine and the time there is."""

from dataclasses import asdict, dataclass, replace

from chatbot.config import ModelConfig, TrainingConfig
from chatbot.config.training import extend_limits
from chatbot.corpus import Corpus
from chatbot.runs.events import Plan
from chatbot.runs.forecast import choose_batch_tokens, choose_epochs
from chatbot.training.data.batches import Lessons
from chatbot.training.setup.estimate import choose_precision, memory_bytes, pass_seconds
from chatbot.training.setup.schedule import choose_regularization


@dataclass(frozen=True)
class Recipe(TrainingConfig):
    """A training configuration without open choices, as the manifest holds it."""

    epochs: int = 1
    batch_tokens: int = 1
    dropout: float = 0.0
    weight_decay: float = 0.0
    subword_sampling: float = 0.0
    word_dropout: float = 0.0


def choose_recipe(config: TrainingConfig, model: ModelConfig, lessons: Lessons) -> Recipe:
    """Make the open choices of a configuration.

    Args:
        config: What was asked for.
        model: Shape of the model.
        lessons: What it will learn from.
    """
    batch_tokens = config.batch_tokens or choose_batch_tokens(lessons.tokens)
    steps = lessons.count_batches(batch_tokens)
    passes = float(config.epochs or choose_epochs(steps))
    if config.max_seconds is not None:
        passes = min(passes, config.max_seconds / pass_seconds(model, lessons, steps))
    given = asdict(config)
    regularization = {
        name: share if given[name] is None else given[name] for name, share in choose_regularization(passes).items()
    }
    chosen = {
        "epochs": config.epochs or choose_epochs(steps),
        "batch_tokens": batch_tokens,
        **regularization,
        "precision": choose_precision(config.precision),
        "vocabulary_size": model.vocabulary_size,
    }
    return Recipe(**given | chosen)


def extend(recipe: Recipe, config: TrainingConfig) -> Recipe:
    """The recipe of a run that goes on, with the limits and the patience that are asked for now.

    Raises:
        RunError: A limit is lower than before.
    """
    return replace(recipe, **extend_limits(recipe, config), patience=config.patience)


def make_plan(
    corpus: Corpus, model: ModelConfig, lessons: Lessons, recipe: Recipe, parameters: int, devices: str
) -> Plan:
    """Say what the run will work on and what it will take."""
    steps = lessons.count_batches(recipe.batch_tokens)
    expected = recipe.epochs * pass_seconds(model, lessons, steps)
    return Plan(
        training_pairs=corpus.count,
        validation_pairs=len(corpus.validation),
        training_tokens=lessons.size.prompt_tokens + lessons.size.target_tokens,
        truncated_pairs=lessons.truncated,
        vocabulary_size=model.vocabulary_size,
        parameters=parameters,
        memory_bytes=memory_bytes(model, parameters, recipe.batch_tokens),
        steps_per_epoch=steps,
        epochs=recipe.epochs,
        max_seconds=recipe.max_seconds,
        expected_seconds=expected if recipe.max_seconds is None else min(expected, recipe.max_seconds),
        devices=devices,
    )
