"""The requirements of the project: bounded on both sides, and the same wherever they are listed."""

import os
import re
import subprocess
import sys
import tomllib

from tests.conftest import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DIRECT = SETTINGS["project"]["dependencies"]
EXTRAS = SETTINGS["project"]["optional-dependencies"]
ANSWER = SETTINGS["dependency-groups"]["answer"]


def names_of(lines):
    return {re.match(r"[\w.-]+", line)[0] for line in lines}


def test_every_requirement_is_bounded_on_both_sides():
    lines = [*DIRECT, *(line for lines in EXTRAS.values() for line in lines), *ANSWER]
    unbounded = [line for line in lines if not re.match(r"[\w.-]+(>=[\w.]+,<[\w.]+|\[\w+\]$)", line)]
    assert unbounded == []


def test_a_machine_that_only_answers_gets_no_other_versions_than_one_that_trains():
    everything = {*DIRECT, *EXTRAS["serve"]}
    other = {line for line in ANSWER if line not in everything and not line.startswith("numpy")}
    assert other == set()
    assert names_of(ANSWER) < names_of(everything)


def test_the_smoke_job_takes_the_lower_bounds_from_the_project(tmp_path):
    code = (
        "import runpy, sys; module = runpy.run_path(sys.argv[1], run_name='smoke');"
        "print(*module['lower_bounds'](('serve',)), sep='\\n')"
    )
    command = [sys.executable, "-c", code, str(ROOT / ".ci" / "smoke")]
    done = subprocess.run(command, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == len(DIRECT) + len(EXTRAS["serve"])
    assert "numpy==2; python_version < '3.13'" in lines
    assert "typer==0.28" in lines
