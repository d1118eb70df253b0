"""Servers that several tests share, each the real program on a free port."""

import contextlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import openai
import pytest

from tests.conftest import running


@dataclass
class Server:
    """A server under way.

    Attributes:
        process: The program.
        url: Its address.
        lines: What it has printed on standard error.
    """

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    def client(self, key: str = "none") -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0)

    def ask(self, prompt: str, **fields: object) -> httpx.Response:
        """Ask by hand, for what the official client would not send."""
        body = {"messages": [{"role": "user", "content": prompt}], **fields}
        return self.post(json.dumps(body).encode())

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Send any body, as JSON unless the headers say otherwise."""
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return httpx.post(f"{self.url}/v1/chat/completions", content=body, headers=sent, timeout=60)


Serve = Callable[..., contextlib.AbstractContextManager[Server]]


@contextlib.contextmanager
def serving(arguments: Sequence[str | Path], folder: Path, **environment: str) -> Iterator[Server]:
    """The real server, which is ended after the block."""
    command = ["serve", *arguments, "--port", "0"]
    with running(command, folder, environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line)
            if address := re.search(r"http://\S+:\d+", line):
                break
        else:
            raise AssertionError("".join(lines))
        server = Server(process, address[0], lines)
        reader = threading.Thread(target=lines.extend, args=[process.stderr])
        reader.start()
        try:
            yield server
        finally:
            process.terminate()
            process.wait(60)
            reader.join()
            process.communicate()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, english_bundle: Path, contextual_bundle: Path) -> Iterator[Server]:
    """Two bots served with all defaults: `english` and `contextual`."""
    with serving([english_bundle, contextual_bundle], tmp_path_factory.mktemp("served")) as server:
        yield server
