"""A corpus that does not fit in the memory it is given, and a training of it to compare others with."""

import json
import subprocess

from chatbot.corpus import Pair
from tests.conftest import start_chatbot

WORDS = ("one", "two", "three", "four", "five", "six", "seven")
#: Of 320 pairs to learn from, 80 are in memory at a time: eight shards.
PAIRS = [Pair(f"{WORDS[n % 7]} {WORDS[n // 7 % 7]} {n}", " ".join(WORDS[: 1 + n % 5])) for n in range(400)]
LOG = ["--json-logs", "--log-interval", "0.001s"]
#: An end that no clock decides, and nothing that each replica drops for itself.
OPTIONS = [
    *("--units", "16", "--batch-tokens", "100", "--precision", "float32", "--dropout", "0", "--valid-share", "0.2"),
    *("--epochs", "4", "--max-time", "none", "--patience", "1000", "--seed", "3", "--float", "--no-index", *LOG),
]
#: Seconds for a process to end, on a machine that has much else to do.
PATIENCE = 600


def start(folder, corpus, *options, environment=None, stdout=subprocess.PIPE, stderr=None):
    words, streams = ["train", corpus, *OPTIONS, *options], {"stdout": stdout, "stderr": stderr, "text": True}
    return start_chatbot(words, folder, environment or {}, module="small_memory", **streams)


def finish(process):
    """The events of a process that ends well."""
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    return parse_log(out)


def parse_log(text):
    """The events of a log that are written whole."""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def last(log, event):
    return [one for one in log if one["event"] == event][-1]
