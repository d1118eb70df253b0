"""The machines of a training run, read from the variable TF_CONFIG, without TensorFlow.

    TF_CONFIG='{"cluster": {"worker": ["one:2222", "two:2222"]}, "task": {"type": "worker", "index": 0}}'

Every machine has the same cluster and its own task. The chief is the task of the type `chief`, or
else the first worker.
"""

import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chatbot.errors import ConfigError, TrainingError
from chatbot.training.type_aliases import JsonObject

VARIABLE = "TF_CONFIG"
_EXAMPLE = '{"cluster": {"worker": ["one:2222", "two:2222"]}, "task": {"type": "worker", "index": 0}}'
_ADDRESS = re.compile(r".+:\d{1,5}")
#: Seconds between looking for those who are not there yet, and for which one look waits.
_PAUSE, _PATIENCE = 0.2, 1.0
#: The kinds of tasks that train, in the order in which they are numbered.
_KINDS = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """Several processes that train one model together, as one of them sees them.

    Attributes:
        addresses: `host:port` of each process, the chief first.
        place: Which of them this process is.
        chiefs: How many of them are of the type `chief`, 0 or 1.
    """

    addresses: tuple[str, ...]
    place: int
    chiefs: int = 0

    @property
    def chief(self) -> bool:
        """Whether this process writes the bundle and decides for all."""
        return self.place == 0

    @property
    def own(self) -> str:
        """The address of this process."""
        return self.addresses[self.place]

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of processes of each kind, the chief's kind first."""
        counts = {"chief": self.chiefs, "worker": len(self.addresses) - self.chiefs}
        return {kind: count for kind, count in counts.items() if count}

    @property
    def others(self) -> tuple[str, ...]:
        """The addresses of the other processes."""
        return self.addresses[: self.place] + self.addresses[self.place + 1 :]

    def find(self, kind: str, index: int) -> int:
        """The place of a task in the order of the processes.

        Args:
            kind: "chief" or "worker".
            index: Number of the task among those of its kind, from 0.
        """
        return index + (self.chiefs if kind == "worker" else 0)


def read_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that `TF_CONFIG` names; None where there is none, or one process alone.

    Args:
        environment: The variables of the process.

    Raises:
        ConfigError: The variable is not such a configuration.
    """
    given = environment.get(VARIABLE, "").strip()
    if not given:
        return None
    try:
        config = json.loads(given)
    except ValueError as error:
        raise _refusal(f"not JSON ({error})") from None
    jobs = _part(config, "cluster", {})
    unknown = sorted(jobs.keys() - set(_KINDS))
    if unknown:
        raise _refusal(f"the cluster has {', '.join(unknown)}; only chief and worker can train")
    chiefs, workers = (_addresses(jobs, kind) for kind in _KINDS)
    addresses = (*chiefs, *workers)
    if len(chiefs) > 1:
        raise _refusal("the cluster has more than one chief")
    if len(set(addresses)) < len(addresses):
        raise _refusal("the cluster has an address twice")
    if len(addresses) < 2:
        return None
    kind, index = _task(_part(config, "task"), {"chief": len(chiefs), "worker": len(workers)})
    alone = Cluster(addresses, 0, len(chiefs))
    return replace(alone, place=alone.find(kind, index))


def wait_for_machines(cluster: Cluster) -> None:
    """Wait until every process of a cluster can be reached at its address.

    TensorFlow would wait for them too, but without a reaction to Ctrl-C.

    Raises:
        TrainingError: This process cannot listen at its own address.
    """
    try:
        listener = socket.create_server(("", int(cluster.own.rpartition(":")[2])))
    except (OSError, OverflowError) as error:
        raise TrainingError(
            f"{cluster.own}: cannot be listened on ({error}); name another port in {VARIABLE}"
        ) from None
    with listener:
        absent = list(cluster.others)
        while absent := [address for address in absent if not _answers(address)]:
            time.sleep(_PAUSE)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE):
            return True
    except (OSError, OverflowError):
        return False


def _task(task: JsonObject, counts: Mapping[str, int]) -> tuple[str, int]:
    kind, index = str(task.get("type")), str(task.get("index"))
    count = counts.get(kind, 0)
    if not count:
        raise _refusal(f"the task has the type {kind}, which the cluster does not have")
    if not index.isdecimal() or int(index) >= count:
        raise _refusal(f"the task has the index {index}; that of a {kind} goes from 0 to {count - 1}")
    return kind, int(index)


def _part(config: object, name: str, default: JsonObject | None = None) -> JsonObject:
    part = config.get(name, default) if isinstance(config, dict) else None
    if not isinstance(part, dict):
        raise _refusal(f"it has no object {name!r}")
    return part


def _addresses(jobs: JsonObject, kind: str) -> list[str]:
    found = jobs.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and _ADDRESS.fullmatch(one) for one in found):
        raise _refusal(f"the cluster's {kind!r} must be a list of addresses, each host:port")
    return found


def _refusal(what: str) -> ConfigError:
    return ConfigError(f"{what}; it should look like {_EXAMPLE}, or be unset to train on this machine alone")
