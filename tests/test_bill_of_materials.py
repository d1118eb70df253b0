"""The bill of materials of an installation, as others' programs read it."""

import json
import subprocess
import sys

from tests.conftest import ROOT

SCRIPT = ROOT / "benchmarks" / "bill_of_materials.py"


def run(*options: str) -> str:
    return subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=True).stdout


def test_it_names_the_program_what_it_needs_and_what_needs_what():
    bill = json.loads(run())
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.5", 1)
    program, components = bill["metadata"]["component"], bill["components"]
    assert (program["type"], program["name"]) == ("application", "chatbot")
    assert {"numpy", "keras", "tensorflow", "ai-edge-litert", "typer"} <= {one["name"] for one in components}
    refs = [one["bom-ref"] for one in (program, *components)]
    assert len(refs) == len(set(refs))
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert sorted(needs) == sorted(refs)
    assert {other for others in needs.values() for other in others} == set(refs) - {program["bom-ref"]}
    for one in components:
        assert one["purl"] == one["bom-ref"] == f"pkg:pypi/{one['name']}@{one['version']}"
        (licence,) = one["licenses"]
        assert licence.get("expression") or licence["license"]["name"]


def test_the_table_has_the_same_distributions():
    bill = json.loads(run())
    names = sorted(one["name"] for one in (bill["metadata"]["component"], *bill["components"]))
    head, rule, *rows = run("--table").splitlines()
    assert (head, rule) == ("| distribution | version | licence |", "|---|---|---|")
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == names
