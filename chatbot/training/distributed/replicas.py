"""The devices of a run: one device, all GPUs of this machine, or several machines.

Every replica has all the weights, takes its share of the rows of each batch, and adds its gradient to
those of the others, so that all take the same step that one device would take on the whole batch.

Anything that depends on chance or on the clock would drive several processes apart, and each would
then wait for the others for ever. So all of them see the same batches, and what only one of them can
know (the time, a request to stop) is agreed upon after each step.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf
from tensorflow.python.eager.context import context as tf_context

from chatbot.errors import TrainingError
from chatbot.training.distributed.cluster import Cluster, wait_for_machines
from chatbot.training.distributed.device_errors import reporting_faults
from chatbot.training.type_aliases import Strategy, Tensor, TensorSpec, TFFunction

#: Milliseconds without a heartbeat after which a process counts as lost. TensorFlow's own ten seconds
#: are too few for a busy machine.
_HEARTBEAT_TIMEOUT = 60_000


class Devices:
    """The replicas of a model, and the functions that run on them.

    Attributes:
        replicas: Number of devices that hold the model, over all processes.
        workers: Number of processes.
        chief: Whether this process writes the bundle; its clock is that of the run.
        gpus: The physical GPUs of this machine that TensorFlow sees.
    """

    def __init__(self, strategy: Strategy | None = None, cluster: Cluster | None = None) -> None:
        """Take the devices of a strategy.

        Args:
            strategy: None for one device.
            cluster: The processes, if there are several.
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
        """Find all GPUs of this machine, or join the cluster once all its processes are there.

        Call it before TensorFlow has run anything.

        Returns:
            The devices.

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
        """The devices, in a few words."""
        names = {str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")) for gpu in self.gpus}
        here = " and ".join(sorted(names)) or "CPU"
        if len(self.gpus) > 1:
            here = f"{len(self.gpus)} × {here}"
        return here if self.workers == 1 else f"{self.workers} machines, this one with {here}"

    def scope(self) -> AbstractContextManager[Strategy]:
        """The context in which a model, and every variable that each replica is to have, must be made."""
        return self._strategy.scope()  # type: ignore[no-any-return]  # TensorFlow ships no types

    def compile(self, function: Callable[..., Tensor], signature: Sequence[TensorSpec]) -> TFFunction:
        """Make a `tf.function` that runs on every replica and returns the result of the first one.

        Args:
            function: Called with the arguments as they are; `share` takes a replica's part of them, and `total` makes
                one result of all parts.
            signature: A `tf.TensorSpec` for each argument.

        Returns:
            The compiled function.
        """

        def run(*arguments: Tensor) -> Tensor:
            results = self._strategy.run(function, arguments)
            return tf.nest.map_structure(lambda each: self._strategy.experimental_local_results(each)[0], results)

        return tf.function(run, input_signature=signature, autograph=False)

    def on_each(self, function: Callable[[Tensor], None]) -> None:
        """Call a function on each replica of this process.

        Args:
            function: Called with the number of the replica, () int32.
        """

        def call() -> None:
            function(self._replica)

        def run() -> None:
            self._strategy.run(call)

        tf.function(run, autograph=False)()

    def total(self, values: list[Tensor]) -> list[Tensor]:
        """Sum tensors over all replicas; to be called on a replica.

        Args:
            values: Tensors of any shapes and dtypes, the same on every replica.

        Returns:
            The sums, in the same shapes.
        """
        return values if self.replicas == 1 else tf.distribute.get_replica_context().all_reduce("sum", values)

    def share(self, side: Tensor, filler: int | None = None) -> Tensor:
        """Take the rows of an array of a batch that belong to this replica; to be called on a replica.

        Args:
            side: (rows, ...) of the whole batch, one row at least.
            filler: The value of missing rows, since every replica gets as many; None repeats the last row.

        Returns:
            The rows of this replica, (rows / replicas rounded up, ...).
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
        """Agree upon the time and a request to stop.

        Args:
            seconds: The clock of this process.
            stop: Whether this process was asked to stop.

        Returns:
            The clock of the chief, and whether any process was asked to stop.
        """
        if self.workers == 1:
            return seconds, stop
        agreed_seconds, stops = self._sum_with_chief([seconds], [float(stop)]).numpy()
        return float(agreed_seconds), bool(stops)

    def broadcast(self, message: bytes) -> bytes:
        """The message of the chief, on every process; those of the others are ignored."""
        if self.workers == 1:
            return message
        sent = np.frombuffer(message if self.chief else b"", np.uint8)
        length = int(self._sum_with_chief([float(len(sent))], []).numpy()[0])
        padded = np.zeros(length)
        padded[: len(sent)] = sent
        return bytes(self._sum_with_chief(padded, []).numpy().astype(np.uint8))

    def reporting_faults(self) -> AbstractContextManager[None]:
        """See `chatbot.training.distributed.device_errors`."""
        return reporting_faults(self._cluster)

    @property
    def _replica(self) -> Tensor:
        return tf.distribute.get_replica_context().replica_id_in_sync_group

    def _add_to_chief(self, chiefs: Tensor, everyones: Tensor) -> Tensor:
        """Add the tensors of all replicas to one of the chief.

        Args:
            chiefs: (figures,) float64, of which that of the chief's first replica counts.
            everyones: (further figures,) float64, to be summed over all replicas.

        Returns:
            `chiefs`, then the sums of `everyones`, (figures + further figures,) float64.
        """
        first = tf.cast(tf.equal(self._replica, 0), tf.float64)
        (added,) = self.total([tf.concat([chiefs * first, everyones], 0)])
        return added


def uses_cudnn(function: TFFunction) -> bool:
    """Whether a concrete function runs recurrent layers of cuDNN."""
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return any(node.op.startswith("CudnnRNN") for node in nodes)


def describe(devices: Devices, learn: TFFunction) -> str:
    """The devices of a run in words, with a note if they could be faster.

    Args:
        devices: The run's.
        learn: A `tf.function` that was compiled for them; traced if there is a GPU.
    """
    slow = bool(devices.gpus) and not uses_cudnn(learn.get_concrete_function())
    return f"{devices.description} (without cuDNN, which is slower)" if slow else devices.description


def _join(cluster: Cluster) -> Strategy:
    """Make the strategy over all processes, once they are there."""
    wait_for_machines(cluster)
    try:
        _set_heartbeat_timeout(cluster)
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"{cluster.own}: the machines of TF_CONFIG cannot be joined ({first}); see that they all have"
            " the same cluster, each its own task, and that the ports are free and open"
        ) from None


def _set_heartbeat_timeout(cluster: Cluster) -> None:
    # The same settings as the strategy makes by itself, except the timeout, for which it has no parameter.
    context = tf_context()
    context.configure_coordination_service(
        service_type="standalone",
        service_leader=f"/job:{next(iter(cluster.counts))}/replica:0/task:0",
        heartbeat_timeout_in_ms=_HEARTBEAT_TIMEOUT,
    )
    for kind, count in cluster.counts.items():
        context.coordination_service.coordinated_job_list.add(name=kind, num_tasks=count)
