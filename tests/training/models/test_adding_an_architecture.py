"""The example of `docs/development/adding-an-architecture.md`, run as it is on the page."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import PATIENCE, ROOT, program_environment, run_chatbot, write_pairs

PAGE = ROOT / "docs" / "development" / "adding-an-architecture.md"
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Program:
    """The program of the page, in a folder of its own."""
    folder = tmp_path_factory.mktemp("elman")
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (folder / "elman.py").write_text(code, encoding="utf-8")

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "elman.py", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            env=program_environment(folder) | environment,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def trained(example, tmp_path_factory, english_pairs):
    """The place of a bot of that architecture that knows twenty pairs, and the pairs."""
    folder, pairs = tmp_path_factory.mktemp("trained"), english_pairs[:20]
    corpus = write_pairs(folder / "twenty.tsv", pairs)
    sizes = ["--preset", "tiny", "--known-replies", "100"]
    limits = ["--valid-share", "0", "--epochs", "40", "--max-time", "none"]
    place = folder / "bot"
    done = example("train", str(corpus), "--architecture", "elman", *sizes, *limits, "--checkpoint", str(place))
    assert done.returncode == 0, done.stderr
    return place, pairs


def test_an_architecture_from_outside_the_package_trains_exports_and_talks(example, trained):
    place, pairs = trained
    said = {prompt: example("reply", prompt, "--checkpoint", str(place)).stdout.strip() for prompt, _ in pairs[:3]}
    assert said == dict(pairs[:3])


def test_it_is_described_like_any_other(example, trained):
    place, _ = trained
    shown = example("info", str(place)).stdout
    assert "Elman layers of 64 units, prompts read both ways" in shown
    drawn = example("explain", "--architecture", "--checkpoint", str(place)).stdout
    assert "Elman layer 1, both ways" in drawn
    assert "64: h of each layer" in drawn


def test_a_program_that_does_not_know_it_says_so(trained, tmp_path):
    place, _ = trained
    done = run_chatbot(["reply", "hello", "--checkpoint", place], tmp_path)
    assert done.returncode == 1
    assert "architecture must be one of lstm, gru" in done.stderr
