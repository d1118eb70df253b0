"""The promise that nothing leaves the computer: real commands, with sockets that refuse."""

import subprocess
import sys

import pytest

from tests.conftest import run_chatbot, write_pairs

REFUSAL = """\
import socket, sys

def refuse(*_, **__):
    sys.stderr.write("the network was used\\n")
    raise OSError("the network was used")

class Refusing(socket.socket):
    def __init__(self, family=-1, *rest, **named):
        if family in (-1, socket.AF_INET, socket.AF_INET6) and named.get("fileno") is None:
            refuse()
        super().__init__(family, *rest, **named)

socket.socket = socket.SocketType = Refusing
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
"""


@pytest.fixture
def offline(tmp_path):
    """The environment of a process that has no network."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(REFUSAL)
    return {"PYTHONPATH": str(tmp_path / "offline")}


def test_no_command_uses_the_network(tmp_path, offline, english_bundle, english_pairs):
    corpus = write_pairs(tmp_path / "some.tsv", english_pairs[:5])
    (tmp_path / "chat.csv").write_text("prompt,reply\nhello,call 020 7946 0958\n")
    at = ["--checkpoint", english_bundle]
    for arguments in (
        ["reply", "hello", *at],
        ["chat", *at],
        ["evaluate", corpus, *at],
        ["explain", "hello", *at],
        ["info", english_bundle],
        ["list"],
        ["corpus", "check", corpus],
        ["corpus", "import", "chat.csv", "-o", "out.tsv", "--redact"],
    ):
        done = run_chatbot(arguments, tmp_path, "hello\n", **offline)
        assert (done.returncode, "the network was used" in done.stderr) == (0, False), arguments


def test_the_refusal_works(tmp_path, offline):
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=offline, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, "the network was used" in done.stderr) == (1, True)
