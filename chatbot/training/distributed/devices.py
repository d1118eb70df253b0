"""What a model is trained on: one device, all GPUs of this machine, or several machines.

Every replica has all the weights, takes its share of the rows of each batch, and adds up its
gradient with those of the others, so that all take the very step that one device would take on
the whole batch.

What depends on chance or on the clock would drive several processes apart, and each would then
wait for the others for ever. So all of them see the same batches, and what only one of them can
know (the time, a request to stop) is agreed upon after each step.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager.context import context as tf_context

from chatbot.errors import TrainingError
from chatbot.training.distributed.cluster import Cluster, wait_for_machines
from chatbot.training.distributed.device_errors import reporting_faults

#: After so many milliseconds without a sign of life a process is taken for gone. TensorFlow's own ten
#: seconds are too few for a machine that has much else to do.
_SILENCE = 60_000


class Devices:
    """The replicas of a model, and how they come to one result.

    Attributes:
        replicas: Devices that each hold the model, those of all processes together.
        workers: Processes among which they are.
        chief: Whether this process writes the bundle, and its clock is the run's.
        gpus: The physical GPUs of this machine that TensorFlow sees.
    """

    def __init__(self, strategy: Any = None, cluster: Cluster | None = None) -> None:
        """Take what a strategy of `tf.distribute` spans.

        Args:
            strategy: None for one device.
            cluster: The processes, where there are several.
        """
        self._strategy = tf.distribute.get_strategy() if strategy is None else strategy
        self._cluster = cluster
        self.replicas: int = self._strategy.num_replicas_in_sync
        self.workers = 1 if cluster is None else len(cluster.addresses)
        self.chief = cluster is None or cluster.chief
        self.gpus = tf.config.list_physical_devices("GPU")
        vector = tf.TensorSpec((None,), tf.float64)
        self._sum_with_chief = self.compile(self._add_to_chief, [vector, vector])

    @classmethod
    def find(cls, cluster: Cluster | None) -> "Devices":
        """All GPUs that TensorFlow sees here, or the cluster, once all its processes are there.

        To be called before TensorFlow has run anything.

        Raises:
            TrainingError: The cluster cannot be joined.
        """
        gpus = tf.config.list_physical_devices("GPU")
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        if cluster is not None:
            return cls(_join(cluster), cluster)
        return cls(tf.distribute.MirroredStrategy() if len(gpus) > 1 else None)

    @property
    def description(self) -> str:
        """What they are, in a few words."""
        names = {str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")) for gpu in self.gpus}
        here = " and ".join(sorted(names)) or "CPU"
        if len(self.gpus) > 1:
            here = f"{len(self.gpus)} × {here}"
        return here if self.workers == 1 else f"{self.workers} machines, this one with {here}"

    def scope(self) -> AbstractContextManager[Any]:
        """Where a model, and all else that is to be the same on every replica, must be made."""
        return self._strategy.scope()  # type: ignore[no-any-return]  # TensorFlow ships no types

    def compile(self, function: Callable[..., Any], signature: Sequence[Any]) -> Any:
        """A `tf.function` that runs on every replica and returns what the first one returns.

        Args:
            function: Called with the arguments as they are; `share` takes a replica's part of
                them, and `total` makes one result of all parts.
            signature: A `tf.TensorSpec` for each argument.
        """

        def run(*arguments: Any) -> Any:
            results = self._strategy.run(function, arguments)
            return tf.nest.map_structure(lambda each: self._strategy.experimental_local_results(each)[0], results)

        return tf.function(run, input_signature=signature, autograph=False)

    def on_each(self, function: Callable[[Any], None]) -> None:
        """Call a function with the number of the replica on each of this process."""

        def call() -> None:
            function(self._replica)

        def run() -> None:
            self._strategy.run(call)

        tf.function(run, autograph=False)()

    def total(self, values: Any) -> Any:
        """The sums over all replicas of some tensors, on a replica."""
        return values if self.replicas == 1 else tf.distribute.get_replica_context().all_reduce("sum", values)

    def share(self, side: Any, filler: int | None = None) -> Any:
        """The rows of one array of a batch that are this replica's, on a replica.

        Args:
            side: (rows, ...) of the whole batch, one row at least.
            filler: What fills a row where rows are wanting, for every replica gets as many; None
                repeats the last row.
        """
        if self.replicas == 1:
            return side
        rows = tf.shape(side)[0]
        mine = self._replica + self.replicas * tf.range((rows + self.replicas - 1) // self.replicas)
        part = tf.gather(side, tf.minimum(mine, rows - 1))
        if filler is None:
            return part
        there = tf.reshape(mine < rows, [-1, *[1] * (side.shape.rank - 1)])
        return tf.where(there, part, filler)

    def agree(self, seconds: float, stop: bool) -> tuple[float, bool]:
        """What holds for all processes: the time as the chief has it, and whether any of them is to stop."""
        if self.workers == 1:
            return seconds, stop
        agreed_seconds, stops = self._sum_with_chief([seconds], [float(stop)]).numpy()
        return float(agreed_seconds), bool(stops)

    def broadcast(self, message: bytes) -> bytes:
        """What the chief says, whatever the others do."""
        if self.workers == 1:
            return message
        said = np.frombuffer(message if self.chief else b"", np.uint8)
        length = int(self._sum_with_chief([float(len(said))], []).numpy()[0])
        padded = np.zeros(length)
        padded[: len(said)] = said
        return bytes(self._sum_with_chief(padded, []).numpy().astype(np.uint8))

    def reporting_faults(self) -> AbstractContextManager[None]:
        """See `chatbot.training.distributed.device_errors`."""
        return reporting_faults(self._cluster)

    @property
    def _replica(self) -> Any:
        return tf.distribute.get_replica_context().replica_id_in_sync_group

    def _add_to_chief(self, chiefs: Any, everyones: Any) -> Any:
        """`chiefs` of the chief's first replica, then the sum of `everyones` over all replicas."""
        first = tf.cast(tf.equal(self._replica, 0), tf.float64)
        return self.total(tf.concat([chiefs * first, everyones], 0))


def uses_cudnn(function: Any) -> bool:
    """Whether a concrete function runs an LSTM of cuDNN."""
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return any(node.op.startswith("CudnnRNN") for node in nodes)


def describe(devices: Devices, learn: Any) -> str:
    """What a run is trained on, with a note where that could be faster.

    Args:
        devices: The run's.
        learn: A `tf.function` that was compiled for them; traced if there is a GPU.
    """
    slow = bool(devices.gpus) and not uses_cudnn(learn.get_concrete_function())
    return f"{devices.description} (without cuDNN, which is slower)" if slow else devices.description


def _join(cluster: Cluster) -> Any:
    """A strategy over all processes, once they are there."""
    wait_for_machines(cluster)
    try:
        _set_silence(cluster)
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"{cluster.own}: the machines of TF_CONFIG cannot be joined ({first}); see that they all have"
            " the same cluster, each its own task, and that the ports are free and open"
        ) from None


def _set_silence(cluster: Cluster) -> None:
    # What the strategy sets by itself, but for the time, which it gives no way to set.
    context = tf_context()
    context.configure_coordination_service(
        service_type="standalone",
        service_leader=f"/job:{next(iter(cluster.counts))}/replica:0/task:0",
        heartbeat_timeout_in_ms=_SILENCE,
    )
    for kind, count in cluster.counts.items():
        context.coordination_service.coordinated_job_list.add(name=kind, num_tasks=count)
