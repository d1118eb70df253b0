"""The bill of materials of an installation: each distribution that the program needs, as CycloneDX 1.5 or as a table.

    python benchmarks/bill_of_materials.py > sbom.json
    python benchmarks/bill_of_materials.py --table
    python benchmarks/bill_of_materials.py --licences > docs/reference/licences.md

It reads what is installed, so run it in an environment that has nothing else.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_LICENCE = 60
_HEAD = """\
# Licences of what is installed with it

`benchmarks/bill_of_materials.py` writes this page from the metadata of what is installed on Linux, the extra `serve`
included. What others require can change with their versions: the script also lists an installation with them, and
writes its bill of materials as CycloneDX. The wheel has code of this project alone, under the
[MIT licence](../../LICENSE).

| distribution | licence | required by name |
|---|---|---|
"""


def needed(roots: Iterable[str] = ("chatbot",)) -> dict[str, Distribution]:
    """The distributions that some need, directly or by others, by their normal names; extras are left out."""
    found: dict[str, Distribution] = {}
    ahead = [*roots]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # one that this system or this Python does not need
            continue
        ahead += _requirements(found[name])
    return found


def _requirements(one: Distribution) -> list[str]:
    """The normal names of what a distribution requires; extras are left out."""
    names = [_NAME.match(requirement) for requirement in one.requires or () if "extra ==" not in requirement]
    return [re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name]


def _needs(one: Distribution, found: dict[str, Distribution]) -> list[str]:
    return sorted({name for name in _requirements(one) if name in found})


def licence_of(one: Distribution) -> str:
    """The licence of a distribution as it states it itself, in a few words."""
    stated = one.metadata["License-Expression"] or one.metadata["License"] or ""
    if stated and len(stated) <= _LONGEST_LICENCE and "\n" not in stated:
        return stated
    classified = [line.rsplit(" :: ", 1)[-1] for line in one.metadata.get_all("Classifier", []) if "License ::" in line]
    return ", ".join(classified) or "not stated"


def bill(found: dict[str, Distribution], root: str = "chatbot") -> dict[str, Any]:
    """The bill of materials as a CycloneDX document: the program, what it needs, and what needs what."""
    components = {name: _component(name, one) for name, one in sorted(found.items())}
    needs = [
        {
            "ref": components[name]["bom-ref"],
            "dependsOn": [components[other]["bom-ref"] for other in _needs(one, found)],
        }
        for name, one in sorted(found.items())
    ]
    program = components.pop(root) | {"type": "application"}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": program},
        "components": list(components.values()),
        "dependencies": needs,
    }


def _component(name: str, one: Distribution) -> dict[str, Any]:
    place = f"pkg:pypi/{name}@{one.version}"
    expression = one.metadata["License-Expression"]
    licence = {"expression": expression} if expression else {"license": {"name": licence_of(one)}}
    return {
        "type": "library",
        "bom-ref": place,
        "name": name,
        "version": one.version,
        "purl": place,
        "licenses": [licence],
    }


def table(found: dict[str, Distribution]) -> str:
    """The distributions with their versions and licences, as a table for people."""
    rows = [f"| {name} | {one.version} | {licence_of(one)} |" for name, one in sorted(found.items())]
    return "\n".join(["| distribution | version | licence |", "|---|---|---|", *rows])


def required() -> list[str]:
    """The names of what the project requires to run, the extra `serve` included."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["serve"]]
    return sorted({match[0] for line in lines if (match := _NAME.match(line))})


def page(direct: list[str], found: dict[str, Distribution]) -> str:
    """The page of licences as the distributions state them, without versions, so that it need not change often."""
    rows = [(name, licence_of(one), "yes" if name in direct else "") for name, one in sorted(found.items())]
    return _HEAD + "".join(f"| {name} | {licence} | {by_name} |\n" for name, licence, by_name in rows)


def _written(asked: argparse.Namespace) -> str:
    if asked.licences:
        return page(required(), needed(required()))
    return (table(needed()) if asked.table else json.dumps(bill(needed()), indent=2)) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="write a Markdown table instead")
    parser.add_argument("--licences", action="store_true", help="write the page of licences instead")
    sys.stdout.write(_written(parser.parse_args()))
