"""Whose fault an error of TensorFlow is."""

import pytest
import tensorflow as tf

from chatbot.errors import TrainingError
from chatbot.training.distributed.cluster import Cluster
from chatbot.training.distributed.device_errors import reporting_faults

TWO = Cluster(("one:2222", "two:2222"), 0)
CUDA = "{{function_node __inference_run_12}} Failed to launch CUDA kernel: an illegal memory access was encountered"


#: As TensorFlow words what fails in a compiled step.
GRAPH = """Graph execution error:

Detected at node {{node MatMul}} defined at (most recent call last):
  File "/home/CUDA/connection/socket.py", line 10, in main

  File "/home/oom/GPU.py", line 33, in run

%s
  [[{{node MatMul}}]] [Op:__inference_run_6834]"""
RESET = """Collective ops is aborted by: recvmsg:Connection reset by peer
Additional GRPC error information from remote target /job:worker/replica:0/task:1 while calling RecvBuf:
The error could be from a previous operation. Restart your program to reset."""


def told(error, cluster=TWO):
    with pytest.raises(TrainingError) as raised, reporting_faults(cluster):
        raise error
    return str(raised.value)


def failure(kind, message):
    return kind(None, None, message)


@pytest.mark.parametrize(
    ("kind", "message", "who"),
    [
        (tf.errors.UnavailableError, GRAPH % RESET, "two:2222"),
        (tf.errors.UnavailableError, "no answer from /job:worker/replica:0/task:1 while reducing", "two:2222"),
        (tf.errors.InternalError, "RecvBuf from /job:worker/replica:0/task:1: Connection reset by peer", "two:2222"),
        (tf.errors.AbortedError, "/job:worker/replica:0/task:1 heartbeat timeout", "two:2222"),
        (tf.errors.FailedPreconditionError, "the coordination service has shut down", "another machine"),
        (tf.errors.CancelledError, "[Derived] the step was cancelled", "another machine"),
        (tf.errors.UnavailableError, "Socket closed on /job:worker/replica:0/task:0", "another machine"),
        (tf.errors.UnavailableError, "from /job:worker/task:7, which the cluster does not have", "another machine"),
    ],
)
def test_whoever_is_gone_is_named_by_address_and_the_way_on_is_said(kind, message, who):
    said = told(failure(kind, message))
    assert said.startswith(who)
    assert "does not answer any more" in said
    assert "--resume" in said


@pytest.mark.parametrize("cluster", [None, TWO])
@pytest.mark.parametrize("kind", [tf.errors.InternalError, tf.errors.CancelledError, tf.errors.UnknownError])
def test_a_fault_of_the_own_device_is_told_as_itself_on_one_line(kind, cluster):
    said = told(
        failure(kind, f"{CUDA}\n\t [[{{{{node MatMul}}}}]] on /job:worker/replica:0/task:0/device:GPU:0"), cluster
    )
    assert said == (
        "the device that trains has failed: Failed to launch CUDA kernel: an illegal memory access was encountered;"
        " the same command with --resume continues from the last save"
    )


@pytest.mark.parametrize("cluster", [None, TWO])
def test_the_reason_is_found_behind_where_it_was(cluster):
    said = told(failure(tf.errors.InternalError, GRAPH % "cuBLAS call failed status = 14"), cluster)
    assert said.startswith("the device that trains has failed: cuBLAS call failed status = 14; ")
    with pytest.raises(tf.errors.InternalError), reporting_faults(cluster):
        raise failure(tf.errors.InternalError, GRAPH % "assertion failed")


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (
            failure(tf.errors.ResourceExhaustedError, "OOM when allocating tensor with shape[9,9] by GPU_0_bfc"),
            "the GPU",
        ),
        (failure(tf.errors.InternalError, "CUDA_ERROR_OUT_OF_MEMORY: out of memory on GPU 0"), "the GPU"),
        (failure(tf.errors.ResourceExhaustedError, "OOM when allocating tensor by allocator cpu"), "this machine"),
        (MemoryError(), "this machine"),
    ],
)
@pytest.mark.parametrize("cluster", [None, TWO])
def test_memory_that_is_used_up_is_one_line_that_says_what_to_make_smaller(error, where, cluster):
    said = told(error, cluster)
    assert said.startswith(f"out of memory on {where}; train with a smaller --batch-tokens")
    assert "\n" not in said


def test_memory_that_cannot_be_had_is_told_so_by_tensorflow_itself():
    with pytest.raises(TrainingError, match="out of memory on this machine"), reporting_faults(None):
        tf.zeros((1 << 24, 1 << 24, 64), tf.float64)


@pytest.mark.parametrize(
    "error",
    [
        failure(tf.errors.InvalidArgumentError, "shapes differ"),
        failure(tf.errors.InternalError, "assertion failed"),
        failure(tf.errors.FailedPreconditionError, "a variable was not initialized"),
        failure(tf.errors.ResourceExhaustedError, "model.tflite; No space left on device"),
        ValueError("a fault of the program"),
    ],
)
def test_what_is_none_of_these_passes_as_it_is(error):
    with pytest.raises(type(error)) as raised, reporting_faults(TWO):
        raise error
    assert raised.value is error
