"""The pages of the reference that are made of the program."""

import subprocess
import sys

from tests.conftest import ROOT


def test_the_pages_of_commands_and_settings_are_current():
    """Otherwise run `python docs/generate_reference.py`."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
