"""A new import format, added as `docs/development/adding-a-format.md` says: one file and one row."""

import json
import re
import subprocess
import sys

from tests.conftest import ROOT, program_environment

PAGE = ROOT / "docs" / "development" / "adding-a-format.md"
#: Runs the command line with one more file in the folder of formats and one more row in their table.
PROGRAM = """
import sys
from chatbot.corpus import formats
formats.__path__.append(sys.argv.pop(1))
formats.FORMATS["toy"] = "toy"
from chatbot.cli import main
sys.exit(main())
"""


def run(tmp_path, *arguments):
    """The command line with the toy format, whose module is the first block of Python on the page."""
    module = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "formats").mkdir(exist_ok=True)
    (tmp_path / "formats" / "toy.py").write_text(module, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "formats"), *map(str, arguments)]
    environment = program_environment(tmp_path)
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)


def test_a_file_of_a_new_format_is_recognized_and_imported(tmp_path):
    (tmp_path / "chat.toy").write_text("%toy\nIda> hi\nJon> hello\nno speaker\n", encoding="utf-8")
    done = run(tmp_path, "corpus", "import", "chat.toy", "-o", "out.tsv")
    assert (done.returncode, (tmp_path / "out.tsv").read_text()) == (0, "hi\thello\n")
    assert "chat.toy:4: no speaker\n" in done.stderr
    assert "\nToy chat: 1 conversation, 1 pair to out.tsv\n" in done.stderr


def test_a_new_format_is_offered_and_its_abilities_are_asked(tmp_path):
    (tmp_path / "chat.txt").write_text("Ida> hi\nJon> hello\nIda> bye\n", encoding="utf-8")
    assert " toy" in run(tmp_path, "corpus", "import", "--help").stdout
    done = run(tmp_path, "corpus", "import", "chat.txt", "-o", "-", "--format", "toy", "--as", "Ida")
    assert done.stdout == "hello\tbye\n"
    refused = run(tmp_path, "corpus", "import", "chat.txt", "-o", "-", "--format", "toy", "--columns", "a,b")
    assert refused.returncode == 2
    assert "--columns is for tables" in refused.stderr


def test_a_document_that_nothing_recognizes_is_told_to_be_most_like_the_new_format(tmp_path):
    (tmp_path / "chat.json").write_text(json.dumps([{"toy_says": "hi", "toy_speaker": "Ida"}]), encoding="utf-8")
    assert "most like Toy chat" in run(tmp_path, "corpus", "import", "chat.json", "-o", "-").stderr


def test_a_file_that_nothing_recognizes_is_told_by_the_lines_and_the_tables_of_the_new_format(tmp_path):
    (tmp_path / "chat.txt").write_text("Ida> hi\nJon> hello\n", encoding="utf-8")
    said = run(tmp_path, "corpus", "import", "chat.txt", "-o", "-").stderr
    assert "most like a Toy chat, but its lines have another form ('Ida> hi')" in said
    assert "--format toy" in said
    (tmp_path / "chat.csv").write_text("toy_id,toy_text\n1,hi\n", encoding="utf-8")
    said = run(tmp_path, "corpus", "import", "chat.csv", "-o", "-").stderr
    assert "it looks like a toy chat as a table; export it as text" in said
