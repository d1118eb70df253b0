"""Estimates made before the first step: the time of an epoch, and memory."""

import tensorflow as tf

from chatbot.config import ModelConfig
from chatbot.runs import resource_forecast
from chatbot.training.data.training_data import TrainingData

#: TensorFlow itself with its converter, and what it keeps of each batch: logits, their gradient and its copy.
_TENSORFLOW_BYTES = 1_050_000_000
_COPIES_OF_LOGITS = 4
_COPIES_OF_STATES = 30
_FLOAT = 4
#: Weights, gradients, two moments of Adam, the best weights, a copy while measuring, and what the conversion to step
#: models leaves behind; it was measured, as is what a pair takes while its n-grams are fitted.
_COPIES_OF_WEIGHTS = 27
_BYTES_OF_PAIR = 3_000


def tensorflow_speed(precision: str, size: int = resource_forecast.PROBE_SIZE) -> float:
    """The floating-point operations a second of TensorFlow's matrix product on this machine, now.

    Args:
        precision: "float32" or "bfloat16".
        size: Rows and columns of the matrices.
    """
    matrix = tf.ones((size, size), tf.dtypes.as_dtype(precision))
    return resource_forecast.matrix_multiply_speed(lambda: tf.matmul(matrix, matrix).numpy(), size)


def epoch_seconds(config: ModelConfig, training_data: TrainingData, steps: int) -> float:
    """The estimated seconds of an epoch.

    Args:
        config: Shape of the model.
        training_data: The tokenized corpus.
        steps: Batches of the epoch.
    """
    size, tokens = training_data.size, training_data.reply_tokens
    operations = resource_forecast.epoch_operations(
        config,
        size.pairs,
        size.prompt_tokens,
        training_data.target_tokens,
        None if tokens is None else len(tokens),
    )
    return resource_forecast.epoch_seconds(operations, steps, tensorflow_speed("float32"))


def memory_bytes(config: ModelConfig, parameters: int, batch_tokens: int, pairs: int) -> int:
    """The estimated bytes of memory that a run needs at most, its end included.

    Args:
        config: Shape of the model.
        parameters: Numbers that are trained.
        batch_tokens: Tokens of a batch, of both sides.
        pairs: Those that are held in memory.
    """
    logits = _COPIES_OF_LOGITS * config.vocabulary_size
    states = _COPIES_OF_STATES * config.units * config.layers
    floats = _COPIES_OF_WEIGHTS * parameters + batch_tokens * (logits + states)
    return _TENSORFLOW_BYTES + _FLOAT * floats + _BYTES_OF_PAIR * pairs
