"""Cores as the system's control groups allow them."""

import os
from pathlib import Path

import pytest

from chatbot.inference.usable_cores import usable_cores


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of eight cores whose control groups are these files; returns how many cores may be used."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)

    def cores(own: str, **files: str) -> int:
        for name, content in files.items():
            place = tmp_path / "cgroup" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        (tmp_path / "own").write_text(own)
        return usable_cores(tmp_path / "cgroup", tmp_path / "own")

    return cores


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("", {}, 8),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "1000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "6400000 100000\n"}, 8),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"}, 3),
        ("0::/a/b\n", {"a/cpu.max": "max 100000\n", "a/b/cpu.max": "500000 100000\n", "c/cpu.max": "1 100000"}, 5),
        (
            "5:cpu,cpuacct:/x\n4:memory:/x\n",
            {"cpu,cpuacct/x/cpu.cfs_quota_us": "200000\n", "cpu,cpuacct/x/cpu.cfs_period_us": "100000\n"},
            2,
        ),
        (
            "5:cpu,cpuacct:/x\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n"},
            8,
        ),
        ("0::/../..\n\nnonsense\n0:\n", {"cpu.max": "what is this\n"}, 8),
        ("0::/\n", {"cpu.max": "1 0\n"}, 8),
    ],
)
def test_the_smallest_quota_above_a_process_counts_rounded_up(machine, own, files, cores):
    assert machine(own, **files) == cores


def test_without_control_groups_the_affinity_counts(tmp_path):
    assert usable_cores(tmp_path, Path("/nowhere")) == len(os.sched_getaffinity(0))
