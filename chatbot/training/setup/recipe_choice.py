"""The choice of a recipe: the options that were left open, chosen by the corpus, the machine and the time limit."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import tensorflow as tf

from chatbot.config import ModelConfig, TrainingConfig
from chatbot.config.training import extend_limits
from chatbot.runs.cpu_features import CPUINFO, read_flags
from chatbot.runs.resource_forecast import choose_batch_tokens, choose_epochs
from chatbot.training.data.training_data import TrainingData
from chatbot.training.setup.estimate import epoch_seconds
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
    most_epochs = config.epochs or choose_epochs(steps, training_data.size.pairs if model.known_replies else None)
    epochs = float(most_epochs)
    if config.max_seconds is not None:
        epochs = min(epochs, config.max_seconds / epoch_seconds(model, training_data, steps))
    given = asdict(config)
    regularization = {
        name: share if given[name] is None else given[name] for name, share in choose_regularization(epochs).items()
    }
    chosen = {
        "epochs": most_epochs,
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


#: Intel's tiles. AVX-512 with bfloat16 multiplies twice as fast too, and has no faster steps.
_MATRIX_UNITS = "amx_bf16"


#: GPUs from this compute capability on (Ampere) have bfloat16 in their tensor cores.
_BFLOAT16_CAPABILITY = (8, 0)


def choose_precision(asked: str, processor: Path = CPUINFO) -> str:
    """The precision asked for; for "auto", bfloat16 where the device has matrix units for it, else float32.

    The device is asked what it has, not timed: on a busy machine two runs with one seed would differ.

    Args:
        asked: One of `PRECISIONS`.
        processor: The file in which Linux lists what the processor can do.
    """
    if asked != "auto":
        return asked
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        able = all(each.get("compute_capability", (0, 0)) >= _BFLOAT16_CAPABILITY for each in details)
    else:
        able = _MATRIX_UNITS in read_flags(processor)
    return "bfloat16" if able else "float32"
