"""Errors of devices and of other machines during training, translated into messages that name the cause."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from chatbot.errors import TrainingError
from chatbot.training.distributed.cluster import Cluster
from chatbot.training.type_aliases import TFError

#: What a collective operation raises when a process of the cluster is gone, and seldom anything else does.
_GONE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)
#: What it raises as well, and so do faults of this machine.
_PERHAPS_GONE = (tf.errors.FailedPreconditionError, tf.errors.InternalError, tf.errors.UnknownError)
_PEER = re.compile(r"/job:(\w+)/(?:replica:0/)?task:(\d+)")
_NETWORK = re.compile(
    r"heartbeat|coordination|connect|socket|grpc|remote target|unreachable|recvbuf|broken pipe|timed? ?out",
    re.IGNORECASE,
)
_DEVICE = re.compile(r"\b(CUDA|cuDNN|cuBLAS|NCCL|GPU)|CUDA_ERROR|CUDNN_STATUS|CUBLAS_STATUS", re.IGNORECASE)
_MEMORY = re.compile(r"\bOOM\b|out of memory|OUT_OF_MEMORY|failed to allocate", re.IGNORECASE)
#: What TensorFlow puts around a message for its own people: nodes, and where they were made.
_NODE = re.compile(r"\[?\[?\{\{.*?\}\}\]?\]?\s*")
_WHERE = ("Graph execution error:", "Detected at node ", 'File "')


@contextmanager
def reporting_faults(cluster: Cluster | None) -> Iterator[None]:
    """Translate errors of TensorFlow that are raised inside.

    Args:
        cluster: The machines that train together, if there are several.

    Raises:
        TrainingError: Memory is used up, a device has failed, or another machine is gone. What is
            none of these passes as it is.
    """
    try:
        yield
    except MemoryError:
        raise _out_of_memory("this machine") from None
    except tf.errors.OpError as error:
        told = _explain(error, cluster)
        if told is None:
            raise
        raise told from None


def _explain(error: TFError, cluster: Cluster | None) -> TrainingError | None:
    message = _message(error)
    if _MEMORY.search(message):
        return _out_of_memory("the GPU" if "GPU" in message else "this machine")
    if cluster is not None and _is_peers(error, message, cluster):
        return _lost(message, cluster)
    if _DEVICE.search(message):
        return TrainingError(
            f"the device that trains has failed: {message.partition(chr(10))[0]}; the same command with --resume"
            " continues from the last save"
        )
    return None


def _message(error: TFError) -> str:
    """The text of an error without the place in the graph: its reason first."""
    lines = (_NODE.sub("", line).strip() for line in str(error.message or error).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(_WHERE))


def _is_peers(error: TFError, message: str, cluster: Cluster) -> bool:
    """Whether an error is that of another machine, or of the way to it."""
    others = {cluster.find(kind, int(index)) for kind, index in _PEER.findall(message)} - {cluster.place}
    if others or _NETWORK.search(message):
        return isinstance(error, (*_GONE, *_PERHAPS_GONE))
    return isinstance(error, _GONE) and not _DEVICE.search(message)


def _lost(message: str, cluster: Cluster) -> TrainingError:
    named = [cluster.find(kind, int(index)) for kind, index in _PEER.findall(message)]
    other = next((place for place in named if place != cluster.place and place < len(cluster.addresses)), None)
    who = "another machine of the run" if other is None else cluster.addresses[other]
    return TrainingError(
        f"{who} does not answer any more, and the run cannot continue without it; see what it says,"
        " then start every machine again, the chief with --resume to continue from the last save"
    )


def _out_of_memory(where: str) -> TrainingError:
    return TrainingError(
        f"out of memory on {where}; train with a smaller --batch-tokens, or with a smaller model (--preset, --units)"
    )
