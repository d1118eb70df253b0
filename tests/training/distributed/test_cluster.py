import json

import pytest

from chatbot.errors import ConfigError
from chatbot.training.distributed.cluster import Cluster, read_cluster

ONE, TWO, THREE = "one:2222", "two:2222", "three:2222"


def read(cluster, kind="worker", index=0):
    return read_cluster({"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})})


def test_the_first_worker_is_the_chief_where_none_is_named():
    first, second = (read({"worker": [ONE, TWO]}, index=index) for index in (0, 1))
    assert (first.chief, first.others) == (True, (TWO,))
    assert (second.chief, second.others) == (False, (ONE,))


def test_a_chief_that_is_named_comes_before_the_workers():
    jobs = {"chief": [ONE], "worker": [TWO, THREE]}
    assert read(jobs, "chief") == Cluster((ONE, TWO, THREE), 0, chiefs=1)
    assert read(jobs, "worker", 1) == Cluster((ONE, TWO, THREE), 2, chiefs=1)
    assert not read(jobs, "worker", 0).chief


@pytest.mark.parametrize("given", ["", "{}", '{"cluster": {}}', json.dumps({"cluster": {"worker": [ONE]}})])
def test_one_process_alone_is_no_cluster(given):
    assert read_cluster({"TF_CONFIG": given}) is None
    assert read_cluster({}) is None


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("worker 0 of 2", "not JSON"),
        ("[]", "no object 'cluster'"),
        (json.dumps({"cluster": {"worker": [ONE, TWO]}}), "no object 'task'"),
        (json.dumps({"cluster": {"worker": "one:2222"}}), "'worker' must be a list of addresses"),
        (json.dumps({"cluster": {"worker": ["one", "two"]}}), "each host:port"),
        (json.dumps({"cluster": {"worker": [ONE, ONE]}}), "an address twice"),
        (json.dumps({"cluster": {"chief": [ONE, TWO]}}), "more than one chief"),
        (json.dumps({"cluster": {"worker": [ONE, TWO], "ps": [THREE]}}), "the cluster has ps"),
        (json.dumps({"cluster": {"worker": [ONE, TWO]}, "task": {"type": "chief", "index": 0}}), "the type chief"),
        (json.dumps({"cluster": {"worker": [ONE, TWO]}, "task": {"type": "worker", "index": 2}}), "from 0 to 1"),
        (json.dumps({"cluster": {"worker": [ONE, TWO]}, "task": {"type": "worker"}}), "the index None"),
    ],
)
def test_what_is_no_cluster_is_refused_with_what_one_looks_like(given, what):
    with pytest.raises(ConfigError, match=what) as refused:
        read_cluster({"TF_CONFIG": given})
    assert '"task": {"type": "worker", "index": 0}' in str(refused.value)
