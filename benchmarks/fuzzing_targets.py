"""The readers of other people's files, as targets of `fuzzing.py`."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from typer.main import get_command

from chatbot.bot.reply.calibration import Calibration
from chatbot.bundle import MANIFEST, bundles_in
from chatbot.bundle.metadata import BundleMetadata
from chatbot.bundle.open_folder import OpenFolder
from chatbot.bundle.reading import read_manifest
from chatbot.cli.app import app
from chatbot.cli.commands.train_request import TrainingRequest
from chatbot.cli.options.command_introspection import interface
from chatbot.cli.options.settings_file import SettingsFile
from chatbot.config import ModelConfig
from chatbot.corpus.formats import FORMATS
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.convert import ImportJob, choose_format
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.open_file import Problem
from chatbot.corpus.reading.tsv import read_pairs
from chatbot.corpus.redaction.redact import redact
from chatbot.errors import ChatbotError
from chatbot.runs.run_folder import IDENTITY_FILE, RunFolder

Run = Callable[[bytes], None]


class Target(NamedTuple):
    """A reader to fuzz.

    Attributes:
        run: Reads an input; raises what is no error of the program's own.
        seeds: Inputs to begin with.
        is_json: Whether inputs are changed as JSON values, too.
    """

    run: Run
    seeds: tuple[bytes, ...]
    is_json: bool = False


#: The parts of a manifest that are read; files are no matter of it.
_MANIFEST = {
    "format_version": 4,
    "model": {
        **{"architecture": "lstm", "embedding_size": 128, "units": 256, "layers": 1, "bidirectional": True},
        **{"attention": "dot", "max_prompt_tokens": 128, "max_reply_tokens": 128, "vocabulary_size": 4155},
        **{"known_replies": 1359, "ngrams": 0},
    },
    "created": "2026-11-26T14:19:46Z",
    "corpus": ["dialogs.tsv"],
    "sizes": {"training_pairs": 26829, "validation_pairs": 500, "parameters": 9735178, "max_seconds": 240.0},
    "metrics": {"stopped": "time", "seconds": 240.7, "steps": 1182, "epochs": 4, "valid_loss": 0.6},
    "versions": {"chatbot": "0.1.0", "python": "3.11.7"},
    "context_turns": 0,
    "fallbacks": ["I was never taught that."],
    "weights": {"kind": "int8", "prompts": 500, "same_replies": 496},
    "confidence": {
        **{"measured_on": "validation prompts", "prompts": 500, "length_mean": 1.99, "length_spread": 0.56},
        "familiar": {"offset": -2.8, "neighbourhood": 13.1, "neighbour_similarity": 1.7, "prompt_length_z": 0.56},
        "right": {"offset": -2.2, "reply_logit": 0.43, "reply_support": 6.1},
        **{"wrong_cost": None, "threshold": 0.147},
    },
    "quality": {"prompts": 500, "right": 249, "exact": 202, "by_topic": True, "nearest_neighbour": 181},
    "files": {"tokenizer.model": {"bytes": 68098, "sha256": "cf1d"}},
}


def _ignore(_: Problem) -> None:
    """Skip what is wrong with a line."""


def _tsv(file: Path) -> Target:

    def run(data: bytes) -> None:
        file.write_bytes(data)
        with suppress(ChatbotError):
            for pair in read_pairs(file, _ignore):
                assert all(pair), pair

    return Target(run, (b"hi\tHello.\nwho?\tI.\ttopic\n", "\ufeffa\tb\r\nc\td".encode("utf-16"), b"\x1f\x8b\x08\x00"))


def _format(name: str, file: Path) -> Target:

    chosen = load_format(name)
    rules = PairingRules()

    def run(data: bytes) -> None:
        file.write_bytes(data)
        tally = ImportCounts()
        with suppress(ChatbotError):
            for pair in make_pairs(chosen.read(file, Intake(tally, _ignore)), rules, tally):
                assert all(pair), pair

    example = (chosen.example or "L1 +++$+++ u0 +++$+++ m0 +++$+++ IDA +++$+++ hi\n").encode()
    return Target(run, (example,), example.lstrip()[:1] in {b"{", b"["})


def _recognition(file: Path) -> Target:

    def run(data: bytes) -> None:
        file.write_bytes(data)
        with suppress(ChatbotError):
            choose_format(ImportJob(file, Path("-")))

    return Target(run, tuple(load_format(name).example.encode() for name in FORMATS))


def _redaction(_: Path) -> Target:

    def run(data: bytes) -> None:
        redact(data.decode("utf-8", "replace"), Counter())

    sample = "Ring +44 20 7946 0958 or jo@example.com, 4 Elm Street, GB82 WEST 1234 5698 7654 32, sk-abc123, 10.0.0.1"
    return Target(run, (sample.encode(),))


def _settings(file: Path) -> Target:

    known = interface(get_command(app))

    def run(data: bytes) -> None:
        file.write_bytes(data)
        with suppress(ChatbotError):
            SettingsFile.read(file, known)

    return Target(run, (b'beam = 5\n[train]\nmax-time = "20m"\n[corpus.import]\nredact = true\n', b"a = [1, {b = 2}]"))


def _manifest(file: Path) -> Target:

    place = file.parent / "bots" / "bot"
    place.mkdir(parents=True)
    folder = OpenFolder(place)

    def run(data: bytes) -> None:
        (place / MANIFEST).write_bytes(data)
        for seen in bundles_in(place.parent):
            if seen.manifest is not None:
                json.dumps(BundleMetadata.of(seen.manifest).to_json())
        with suppress(ChatbotError):
            manifest, _ = read_manifest(place, folder)
            for read, key in ((ModelConfig.from_json, "model"), (Calibration.from_json, "confidence")):
                with suppress(ChatbotError):
                    read(manifest.get(key))

    return Target(run, (json.dumps(_MANIFEST).encode(),), is_json=True)


def _run_json(file: Path) -> Target:

    program: Any = get_command(app)
    root = program.make_context("chatbot", ["--no-config", "train"])
    context = program.get_command(root, "train").make_context("train", ["corpus.tsv"], parent=root)
    asked = TrainingRequest.take(context.params)
    folder = RunFolder(file.parent)

    def run(data: bytes) -> None:
        (file.parent / IDENTITY_FILE).write_bytes(data)
        with suppress(ChatbotError):
            found = folder.read()
            if found is not None:
                asked.over(found.options, context)
                asked.resuming(found.options, context)

    written = {"format_version": 1, "process": 1, "options": asked.values, "corpus": "0", "versions": {"python": "3"}}
    return Target(run, (json.dumps(written).encode(),), is_json=True)


#: How each target is made, given a file in a folder of its own, by name.
TARGETS: dict[str, Callable[[Path], Target]] = {
    "tsv": _tsv,
    **{name: partial(_format, name) for name in FORMATS},
    "recognition": _recognition,
    "redaction": _redaction,
    "settings": _settings,
    "manifest": _manifest,
    "run.json": _run_json,
}
