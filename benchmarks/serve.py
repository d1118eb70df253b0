"""What the server bears: replies a second, delays, memory, and broken requests, on loopback.

    apt-get install wrk
    python benchmarks/serve.py --checkpoint checkpoints/dialogs
    python benchmarks/serve.py broken

Starts `chatbot serve` and, in turn with it, the same server program with an application that says hello, which is what
HTTP alone costs here. The load comes from wrk: written in C, it takes the least from a machine that it shares with the
server. It asks the prompts of the held-out file. Three parts:

- speed: replies a second from 64 connections, each of which asks again when it has its answer; and the median and the
  99th percentile of the delay at 500 a second, which 1,000 connections ask that rest for two seconds on average, so
  that a late answer hardly holds the next questions back. Beside both, the processor time of the server for an answer,
  which says more than the others where the machine has something else to do.
- memory: that of the server after each 20,000 of 200,000 requests.
- broken: the answers to 1,000 broken requests from eight threads, while thirty clients begin a request and send no more
  of it, and another asks as it should.
"""

import argparse
import contextlib
import json
import os
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
from statistics import median

import uvicorn
from broken_requests import BROKEN, SLOW, WHOLE, ask, begin, status_of
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_CONNECTIONS = 64
#: Connections that ask at a given rate, and requests between two looks at the memory.
_PEOPLE, _STEP = 1000, 20_000
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
#: Clients that send no more of a request, and the seconds that the server waits for them.
_SLOW, _PATIENCE = 30, 5


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


def family(process: int) -> list[Path]:
    """The folders in /proc of a process and of those that it has started."""
    threads = Path(f"/proc/{process}/task").glob("*/children")
    children = (int(child) for found in threads for child in found.read_text().split())
    return [Path(f"/proc/{process}"), *(folder for child in children for folder in family(child))]


def processor_seconds(process: int) -> float:
    """Processor time so far of a process and of those that it has started."""
    fields = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in family(process)]
    return sum(int(found[11]) + int(found[12]) for found in fields) / 100


def memory(process: int) -> float:
    """Memory of a process and of those that it has started, in MiB; what they share counts once."""
    rolled = ((folder / "smaps_rollup").read_text() for folder in family(process))
    return sum(int(found[1]) for text in rolled if (found := re.search(r"^Pss:\s+(\d+) kB", text, re.M))) / 1024


def load(server: tuple[str, int], script: Path, seconds: float, connections: int = _CONNECTIONS) -> Load:
    """Load a server for a while."""
    url, process = server
    before = processor_seconds(process)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(script), url]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    match = re.search(r"MEASURED (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    if match is None:
        raise SystemExit(said)
    requests, duration, wrong, median, worst = map(int, match.groups())
    used = 1000 * (processor_seconds(process) - before) / max(1, requests)
    return Load(requests * 1e6 / duration, wrong, median / 1000, worst / 1000, used)


def break_requests(url: str, count: int) -> Counter[str]:
    """Send broken requests from eight threads, while others do not come to an end and whole ones come in between."""

    def send(place: int) -> str:
        request, status = BROKEN[place % len(BROKEN)]
        right = ask(url, request, status is not None) == status
        return "right" if right else f"wrong: {request[:60]!r}"

    def ask_whole(place: int) -> str:
        time.sleep(0.02)
        began = time.monotonic()
        right = ask(url, WHOLE) == 200
        delays.append(time.monotonic() - began)
        return "whole" if right else f"a whole one, {place}, that failed"

    delays: list[float] = []
    with contextlib.ExitStack() as opened, ThreadPoolExecutor(8) as threads, ThreadPoolExecutor(1) as other:
        slow = [opened.enter_context(begin(url, SLOW[place % len(SLOW)])) for place in range(_SLOW)]
        whole = other.map(ask_whole, range(count // 10))
        found = Counter(threads.map(send, range(count)))
        found.update(whole)
        found.update("slow" if status_of(one) == 408 else "a slow one that got no 408" for one in slow)
    print(f"whole requests in between: median {1000 * median(delays):.0f} ms, longest {1000 * max(delays):.0f} ms")
    return found


def measure_speed(options: argparse.Namespace, scripts: Path) -> None:
    """Measure the replies a second, and their delays at a given rate, beside a server that says hello."""
    kinds = (
        ("as many as can", "", _CONNECTIONS),
        (f"{options.rate} a second", _PAUSE % (2 * 1000 * _PEOPLE // options.rate), _PEOPLE),
    )
    for kind, pause, connections in kinds:
        script = write_script(options.prompts, scripts, pause)
        print(f"{kind:>14}{'answers/s':>12}{'median ms':>11}{'99 % ms':>10}{'cpu ms each':>13}{'errors':>8}{'load':>7}")
        for _ in range(options.rounds):
            for name, command in (("hello", (__file__, "--hello")), ("bot", serve(options.checkpoint))):
                with serving(*command) as server:
                    load(server, script, options.warm_up, connections)
                    one = load(server, script, options.seconds, connections)
                figures = f"{one.rate:>12,.0f}{one.median:>11.1f}{one.worst:>10.1f}{one.processor:>13.2f}{one.wrong:>8}"
                print(f"{name:>14}{figures}{os.getloadavg()[0]:>7.1f}", flush=True)


def measure_memory(options: argparse.Namespace, scripts: Path) -> None:
    """Measure the memory of the server after each 20,000 requests."""
    script = write_script(options.prompts, scripts, "")
    with serving(*serve(options.checkpoint)) as server:
        asked, began = 0.0, time.monotonic()
        print(f"{0:>12,} requests,     0 s, {memory(server[1]):6.1f} MiB", flush=True)
        for told in range(min(_STEP, options.requests), options.requests + 1, min(_STEP, options.requests)):
            while asked < told:
                asked += load(server, script, 5).rate * 5
            print(
                f"{asked:>12,.0f} requests, {time.monotonic() - began:5.0f} s, {memory(server[1]):6.1f} MiB", flush=True
            )


def measure_broken(options: argparse.Namespace, _: Path) -> None:
    """Measure the answers to broken requests."""
    with serving(*serve(options.checkpoint), "--read-timeout", str(_PATIENCE)) as server:
        before = memory(server[1])
        print("answers:", dict(break_requests(server[0], options.broken)))
        print(f"{before:.1f} MiB before, {memory(server[1]):.1f} after; a whole request gets {ask(server[0], WHOLE)}")


def serve(checkpoint: Path) -> tuple[str, ...]:
    """The command that serves a bot, on a free port."""
    return ("-m", "chatbot", "serve", str(checkpoint), "--port", "0")


def write_script(prompts: Path, folder: Path, rest: str) -> Path:
    """Write what wrk does: it asks prompts, and does what the rest says."""
    bodies, script = folder / "bodies.jsonl", folder / "script.lua"
    texts = dict.fromkeys(row.partition("\t")[0] for row in prompts.read_text(encoding="utf-8").splitlines())
    asked = ({"messages": [{"role": "user", "content": text}]} for text in texts)
    bodies.write_text("".join(f"{json.dumps(one)}\n" for one in asked))
    script.write_text(_SCRIPT % (bodies, rest))
    return script


PARTS = {"speed": measure_speed, "memory": measure_memory, "broken": measure_broken}


def main() -> None:
    """Prepare the load and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints/dialogs"), metavar="BUNDLE")
    parser.add_argument("--prompts", type=Path, default=Path("corpora/dialogs.test.tsv"), metavar="TSV")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "all"], default="all", help="measure these alone")
    parser.add_argument("--warm-up", type=int, default=20, metavar="S", help="of load before each that counts")
    parser.add_argument("--seconds", type=int, default=20, metavar="S", help="of each load")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of both servers in turn")
    parser.add_argument("--rate", type=int, default=500, metavar="N", help="requests a second for the delays")
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
        for part in PARTS if "all" in options.parts else options.parts:
            PARTS[part](options, Path(folder))


if __name__ == "__main__":
    main()
