"""The requirements of the project: bounded on both sides, and the same wherever they are listed."""

import os
import re
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import distribution

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


FAMILIES = ("Apache", "MIT", "BSD", "LGPL", "MPL", "ISC", "PSF", "GNU")


def families_of(licence):
    return {family for family in FAMILIES if family in licence}


def test_the_page_of_licences_has_every_requirement_with_the_kind_of_licence_that_it_states():
    script = runpy.run_path(str(ROOT / "benchmarks" / "bill_of_materials.py"))
    text = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    rows = {name: licence for name, licence, *_ in re.findall(r"^\| ([\w-]+) \| (.+?) \|", text, re.MULTILINE)}
    direct = script["required"]()
    assert set(direct) == names_of([*DIRECT, *EXTRAS["serve"]])
    for name in direct:
        assert families_of(rows[name]) == families_of(script["licence_of"](distribution(name))) != set(), name


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
