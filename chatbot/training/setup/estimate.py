"""What a run will need, estimated before its first step: time, memory, precision."""

import time
from pathlib import Path

from chatbot.config import ModelConfig
from chatbot.runs import forecast
from chatbot.runs.processor import CPUINFO, read_flags
from chatbot.training.backend import tf
from chatbot.training.data.batches import Lessons

#: TensorFlow itself, and what it keeps of each batch: logits, their gradient and its copy.
_TENSORFLOW_BYTES = 700_000_000
_COPIES_OF_LOGITS = 4
_COPIES_OF_STATES = 30
_FLOAT = 4
#: Weights, gradients, two moments of Adam, the best weights and a copy while measuring.
_COPIES_OF_WEIGHTS = 6

#: Rows, inner size and columns of a product that is large enough to be timed well.
_PROBE = (1024, 1024, 1024)
_PROBES = 9
#: Intel's tiles. AVX-512 with bfloat16 multiplies twice as fast too, and has no faster steps.
_MATRIX_UNITS = "amx_bf16"
#: GPUs from this compute capability on (Ampere) have bfloat16 in their tensor cores.
_BFLOAT16_CAPABILITY = (8, 0)


def matrix_multiply_speed(precision: str, sizes: tuple[int, int, int] = _PROBE) -> float:
    """Floating-point operations a second of a matrix product on this machine, now.

    Args:
        precision: "float32" or "bfloat16".
        sizes: Rows, inner size and columns.
    """
    rows, inner, columns = sizes
    kind = tf.dtypes.as_dtype(precision)
    left, right = tf.ones((rows, inner), kind), tf.ones((inner, columns), kind)
    tf.matmul(left, right)
    fastest = float("inf")
    for _ in range(_PROBES):
        started = time.perf_counter()
        tf.matmul(left, right).numpy()
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * rows * inner * columns / fastest


def choose_precision(asked: str, processor: Path = CPUINFO) -> str:
    """The precision asked for; for "auto", bfloat16 where what computes has matrix units for it, else float32.

    It is asked what it has, not timed: on a busy machine two runs of one seed would differ.

    Args:
        asked: One of `PRECISIONS`.
        processor: Where Linux says what the processor can do.
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


def pass_operations(config: ModelConfig, lessons: Lessons) -> float:
    """See `forecast.pass_operations`."""
    return forecast.pass_operations(config, lessons.size.prompt_tokens, lessons.target_tokens)


def pass_seconds(config: ModelConfig, lessons: Lessons, steps: int) -> float:
    """Estimate of the time of a pass over the pairs in so many steps."""
    return forecast.pass_seconds(pass_operations(config, lessons), steps, matrix_multiply_speed("float32"))


def memory_bytes(config: ModelConfig, parameters: int, batch_tokens: int) -> int:
    """Estimate of the most memory that training will hold."""
    logits = _COPIES_OF_LOGITS * config.vocabulary_size
    states = _COPIES_OF_STATES * config.units * config.layers
    return _TENSORFLOW_BYTES + _FLOAT * (_COPIES_OF_WEIGHTS * parameters + batch_tokens * (logits + states))
