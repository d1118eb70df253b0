"""What the server bears: replies a second, delays, memory, and broken requests, on loopback.

    apt-get install wrk
    python benchmarks/serve.py --checkpoint checkpoints/dialogs

Starts `chatbot serve` and, in turn with it, the same server program with an application that says hello, which is what
HTTP alone costs here. The load comes from wrk: written in C, it takes the least from a machine that it shares with the
server. It asks the prompts of the held-out file, each connection the next one when it has its answer, and for a
given rate after a pause. Prints replies a second from 64 connections, with the processor time of the server for each;
the median and the 99th percentile of the delay at 500 a second; the memory of the server while many thousand requests
are answered; and what 1,000 broken requests get, with clients in between that send nothing for a while.
"""

import argparse
import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from broken_requests import BROKEN, WHOLE, ask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_CONNECTIONS = 64
_SCRIPT = """
local bodies, place = {}, 0
function init()
  local headers = {["Content-Type"] = "application/json", ["Host"] = "127.0.0.1"}
  for body in io.lines("%s") do
    bodies[#bodies + 1] = wrk.format("POST", "/v1/chat/completions", headers, body)
  end
end
function request() place = place %% #bodies + 1; return bodies[place] end
%s
function done(summary, latency)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("MEASURED %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration, wrong,
    latency:percentile(50), latency:percentile(99)))
end
"""
_PAUSE = "function delay() return math.random(0, %d) end"


@dataclass(frozen=True)
class Load:
    """What a load came to.

    Attributes:
        rate: Answers a second.
        wrong: Answers that were errors.
        median: Of the delay, in ms.
        worst: Its 99th percentile, in ms.
        processor: Processor time of the server for an answer, in ms.
    """

    rate: float
    wrong: int
    median: float
    worst: float
    processor: float


def hello() -> None:
    """Run the server program with an application that reads the request and says hello."""

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse({"choices": [{"message": {"content": "hello"}}]})

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")).run([listener])


@contextlib.contextmanager
def serving(*command: str) -> Iterator[tuple[str, int]]:
    """A server, by its address and its process number."""
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = None
        while found is None:
            if not (line := process.stderr.readline()):
                raise SystemExit(f"{command[0]} did not start")
            found = re.search(r"http://[\d.]+:\d+", line)
        try:
            yield found[0], process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def processor_seconds(process: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(process: int) -> float:
    """Memory of a process, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def load(server: tuple[str, int], script: Path, seconds: float) -> Load:
    """Load a server for a while."""
    url, process = server
    before = processor_seconds(process)
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(script), url]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    match = re.search(r"MEASURED (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    if match is None:
        raise SystemExit(said)
    requests, duration, wrong, median, worst = map(int, match.groups())
    used = 1000 * (processor_seconds(process) - before) / max(1, requests)
    return Load(requests * 1e6 / duration, wrong, median / 1000, worst / 1000, used)


def break_requests(url: str, count: int) -> Counter[str]:
    """Send broken requests from eight threads, every tenth time a whole one beside them."""

    def send(place: int) -> str:
        request, status = BROKEN[place % len(BROKEN)]
        right = ask(url, request, status is not None) == status
        if place % 10 == 0:
            right = right and ask(url, WHOLE) == 200
        return "right" if right else f"wrong: {request[:60]!r}"

    with ThreadPoolExecutor(8) as threads:
        return Counter(threads.map(send, range(count)))


def measure(options: argparse.Namespace, scripts: dict[str, Path]) -> None:
    """Measure all, and print it."""
    bot = ("-m", "chatbot", "serve", str(options.checkpoint), "--port", "0")
    for kind, script in scripts.items():
        print(f"{kind:>14}{'answers/s':>12}{'median ms':>11}{'99 % ms':>10}{'cpu ms each':>13}{'errors':>8}")
        for _ in range(options.rounds):
            for name, command in (("hello", (__file__, "--hello")), ("bot", bot)):
                with serving(*command) as server:
                    load(server, script, 3)
                    one = load(server, script, options.seconds)
                figures = f"{one.rate:>12,.0f}{one.median:>11.1f}{one.worst:>10.1f}{one.processor:>13.2f}{one.wrong:>8}"
                print(f"{name:>14}{figures}", flush=True)
    with serving(*bot) as server:
        asked = 0.0
        began = time.monotonic()
        while asked < options.requests:
            asked += load(server, scripts["as many as can"], 10).rate * 10
            print(
                f"{asked:>12,.0f} requests, {time.monotonic() - began:5.0f} s, {memory(server[1]):6.1f} MiB", flush=True
            )
        print(f"{options.broken} broken requests:", dict(break_requests(server[0], options.broken)))
        print(f"{memory(server[1]):.1f} MiB after them; a whole request gets {ask(server[0], WHOLE)}")


def main() -> None:
    """Prepare the load and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints/dialogs"), metavar="BUNDLE")
    parser.add_argument("--prompts", type=Path, default=Path("corpora/dialogs.test.tsv"), metavar="TSV")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="of each load")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of both servers in turn")
    parser.add_argument("--rate", type=int, default=500, metavar="N", help="requests a second where there is a pause")
    parser.add_argument("--requests", type=int, default=200_000, metavar="N", help="for the memory")
    parser.add_argument("--broken", type=int, default=1000, metavar="N", help="broken requests")
    parser.add_argument("--hello", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hello:
        hello()
        return
    if shutil.which("wrk") is None:
        raise SystemExit("needs wrk; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies.jsonl"
        rows = options.prompts.read_text(encoding="utf-8").splitlines()
        prompts = dict.fromkeys(row.partition("\t")[0] for row in rows)
        asked = ({"messages": [{"role": "user", "content": prompt}]} for prompt in prompts)
        bodies.write_text("".join(f"{json.dumps(one)}\n" for one in asked))
        pause = _PAUSE % (2000 * _CONNECTIONS // options.rate)
        scripts: dict[str, Path] = {}
        for name, rest in (("as many as can", ""), (f"{options.rate} a second", pause)):
            scripts[name] = Path(folder) / f"{len(scripts)}.lua"
            scripts[name].write_text(_SCRIPT % (bodies, rest))
        measure(options, scripts)


if __name__ == "__main__":
    main()
