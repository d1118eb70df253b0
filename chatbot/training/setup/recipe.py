"""The options that were left open, chosen by the corpus, the machine and the time limit."""

from dataclasses import asdict, dataclass, replace

from chatbot.config import ModelConfig, TrainingConfig
from chatbot.config.training import extend_limits
from chatbot.corpus import Corpus
from chatbot.runs.events import Plan
from chatbot.runs.resource_forecast import choose_batch_tokens, choose_epochs
from chatbot.training.data.batches import TrainingData
from chatbot.training.setup.estimate import choose_precision, epoch_seconds, memory_bytes
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


def choose_recipe(config: TrainingConfig, model: ModelConfig, training_data: TrainingData) -> Recipe:
    """Make the open choices of a configuration.

    Args:
        config: The options, some of them open.
        model: Shape of the model.
        training_data: The tokenized corpus.

    Returns:
        The configuration without open choices.
    """
    batch_tokens = config.batch_tokens or choose_batch_tokens(training_data.tokens)
    steps = training_data.count_batches(batch_tokens)
    epochs = float(config.epochs or choose_epochs(steps))
    if config.max_seconds is not None:
        epochs = min(epochs, config.max_seconds / epoch_seconds(model, training_data, steps))
    given = asdict(config)
    regularization = {
        name: share if given[name] is None else given[name] for name, share in choose_regularization(epochs).items()
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
    """The recipe of a resumed run, with new limits and patience.

    Args:
        recipe: The recipe so far.
        config: The limits and the patience to use from now on.

    Raises:
        RunError: A limit is lower than before.
    """
    return replace(recipe, **extend_limits(recipe, config), patience=config.patience)


def make_plan(
    corpus: Corpus, model: ModelConfig, training_data: TrainingData, recipe: Recipe, parameters: int, devices: str
) -> Plan:
    """Describe what a run works on and what it will take.

    Args:
        corpus: The pairs.
        model: Shape of the model.
        training_data: The tokenized pairs.
        recipe: How the model is fitted.
        parameters: Trainable numbers of the model.
        devices: The devices, in words.

    Returns:
        The plan.
    """
    steps = training_data.count_batches(recipe.batch_tokens)
    expected = recipe.epochs * epoch_seconds(model, training_data, steps)
    return Plan(
        training_pairs=corpus.count,
        validation_pairs=len(corpus.validation),
        training_tokens=training_data.size.prompt_tokens + training_data.size.target_tokens,
        truncated_pairs=training_data.truncated,
        vocabulary_size=model.vocabulary_size,
        parameters=parameters,
        memory_bytes=memory_bytes(model, parameters, recipe.batch_tokens),
        steps_per_epoch=steps,
        epochs=recipe.epochs,
        max_seconds=recipe.max_seconds,
        expected_seconds=expected if recipe.max_seconds is None else min(expected, recipe.max_seconds),
        devices=devices,
    )
