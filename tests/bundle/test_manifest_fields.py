"""Records from files: what is not of its type is an error that names the file and the field."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.bot.reply.calibration import Calibration
from chatbot.bundle.folder_scan import scan
from chatbot.bundle.known_replies import read_known_replies
from chatbot.bundle.manifest_fields import _FIELDS, _SECTIONS
from chatbot.bundle.metadata import BundleMetadata
from chatbot.cli.options.settings_file import SettingsFile
from chatbot.config import DecodingConfig, ModelConfig, TrainingConfig
from chatbot.errors import BundleError, ConfigError, RunError
from chatbot.runs.run_folder import RunFolder
from tests.nasty import JSON, nested

MANIFEST = {
    "format_version": 4,
    "created": "2026-01-02T03:04:05Z",
    "corpus": ["a.tsv"],
    "init_from": None,
    "context_turns": 0,
    "model": ModelConfig(vocabulary_size=300).to_json(),
    "training": TrainingConfig().to_json(),
    "sizes": {"training_pairs": 5, "max_seconds": None, "devices": "CPU"},
    "metrics": {"stopped": "epochs", "seconds": 1, "valid_loss": 0.5},
    "versions": {"python": "3.11"},
    "weights": {"kind": "int8", "prompts": 3},
    "confidence": {"threshold": 0.5},
    "quality": {"prompts": 4, "right": 3, "exact": 2, "by_topic": False, "nearest_neighbour": None},
    "files": {"tokenizer.model": {"bytes": 5, "sha256": "00"}},
}
PLACES = [(name,) for name in _FIELDS] + [(name, inner) for name, fields in _SECTIONS.items() for inner in fields]
PLACES += [("versions", "python"), ("files", "tokenizer.model"), ("files", "tokenizer.model", "bytes")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("records")


def with_value(record, place, value):
    """The record with another value in one place."""
    name, *inner = place
    return record | {name: with_value(record.get(name, {}), inner, value) if inner else value}


def said_of(manifest, folder):
    """What is said of a manifest that is refused; nothing of one that can be used."""
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return said_in(folder)


def said_in(folder):
    seen = scan(folder)
    if seen.manifest is None:
        return seen.problem
    json.dumps(BundleMetadata.of(seen.manifest).to_json())
    return ""


@given(st.sampled_from(PLACES), JSON)
def test_every_field_of_a_manifest_is_of_its_type_or_named_with_the_file(folder, place, value):
    said = said_of(with_value(MANIFEST, place, value), folder)
    # Of what is itself made of fields, one of these may be the wrong one.
    named = (f" {place[-1]} is ", f" {place[-1]!r} is ", f" {place[-1]}: ", f" {place[-1]!r}: ")
    assert not said or (said.startswith(f"{folder / 'manifest.json'}: ") and any(part in said for part in named))
    assert said.isprintable()
    assert len(said.removeprefix(str(folder))) < 300


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("created",), 5, "manifest: created is 5, not str"),
        (("corpus",), "a.tsv", "manifest: corpus is 'a.tsv', not list of str"),
        (("corpus",), ["a.tsv", 1], "manifest: corpus is ['a.tsv', 1], not list of str"),
        (("context_turns",), True, "manifest: context_turns is True, not int"),
        (("sizes",), [], "manifest: sizes is [], not object"),
        (("sizes", "epochs"), 1.5, "sizes: epochs is 1.5, not int"),
        (("metrics", "valid_loss"), "low", "metrics: valid_loss is 'low', not float or null"),
        (("versions", "python"), 3.11, "versions: python is 3.11, not str"),
        (("files", "tokenizer.model", "bytes"), None, "tokenizer.model: bytes is None, not int"),
        (("training", "seed"), "0", "training: seed is '0', not int"),
    ],
)
def test_what_is_said_of_a_field_of_a_manifest(folder, place, value, said):
    assert said_of(with_value(MANIFEST, place, value), folder).startswith(f"{folder / 'manifest.json'}: {said}; ")
    assert said_of(MANIFEST, folder) == ""


@pytest.mark.parametrize("config", [DecodingConfig(), TrainingConfig(), ModelConfig(vocabulary_size=300)])
@given(st.data())
def test_every_field_of_a_configuration_is_a_value_or_an_error_that_names_it(config, data):
    field, value = data.draw(st.sampled_from(sorted(config.to_json()))), data.draw(JSON)
    said = ""
    try:
        kept = type(config).from_json(config.to_json() | {field: value}).to_json()[field]
    except ConfigError as error:
        said = str(error)
    else:
        assert list(kept) == value if isinstance(kept, tuple) else kept == value
    assert not said or (said.startswith(type(config).__name__) and field in said)


@given(st.sampled_from(sorted(Calibration.declared())), JSON)
def test_every_field_of_a_calibration_is_a_number_that_can_be_computed_with(field, value):
    whole = dict.fromkeys(Calibration.declared(), 1.0) | {"measured_on": "prompts", "prompts": 1, "threshold": 0.5}
    said, chance = "", 0.5
    try:
        made = Calibration.from_json(whole | {field: value})
        chance = made.probability(dict.fromkeys(made.weights, 1.0))
    except ConfigError as error:
        said = str(error)
    assert not said or said.startswith("Calibration: ")
    assert 0 <= chance <= 1 or math.isnan(chance)


@given(st.sampled_from(["format_version", "options", "corpus", "versions"]), JSON)
def test_every_field_of_a_run_is_of_its_type_or_named_with_the_file(folder, field, value):
    run = {"format_version": 1, "process": 1, "options": {"units": 64}, "corpus": "digest", "versions": {"keras": "3"}}
    (folder / "run.json").write_text(json.dumps(run | {field: value}))
    said = ""
    try:
        found = RunFolder(folder).read()
        assert (type(found.options), type(found.corpus), type(found.versions)) == (dict, str, dict)
    except RunError as error:
        said = str(error)
    assert not said or said.startswith(f"{folder / 'run.json'}: ")
    assert not said or field in said or field in ("format_version", "versions")


INTERFACE = {("reply",): {"beam": "int", "top_p": "float", "json": "bool", "fallback": "str", "ban_words": "path"}}


@given(st.sampled_from(["beam", "top_p", "json", "fallback", "ban_words"]), JSON)
def test_every_value_of_a_settings_file_is_of_its_kind_or_named_with_its_line(field, value):
    try:
        text = f"[reply]\n{field} = {toml(value)}\n"
    except ValueError:  # TOML has no null, and no half characters
        return
    said = ""
    try:
        file = SettingsFile(Path("c.toml"), text, INTERFACE)
        float(file.find(("reply",), field).value if field == "top_p" else 0)
    except ConfigError as error:
        said = str(error)
    assert not said or said.startswith("c.toml: ")


def toml(value):
    """A JSON value as TOML has it.

    Raises:
        ValueError: It has none.
    """
    if value is None:
        raise ValueError("no null")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(key))} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        value.encode()
        return '"' + "".join("\\U" + f"{ord(character):08x}" for character in value) + '"'
    return json.dumps(value)


@pytest.mark.parametrize("depth", [500, 900, 1_000, 100_000])
def test_nesting_is_no_fault_of_the_program(folder, depth):
    deep = nested(depth)
    (folder / "manifest.json").write_text(f'{{"format_version": 4, "created": {deep}}}')
    assert str(folder) in said_in(folder)
    (folder / "manifest.json").write_text(f'{{"format_version": {deep}}}')
    assert str(folder) in said_in(folder)
    (folder / "run.json").write_text(f'{{"format_version": 1, "options": {deep}, "corpus": "a", "versions": {{}}}}')
    with pytest.raises(RunError, match=str(folder)):
        RunFolder(folder).read()
    (folder / "replies.json").write_text(f'["a", {deep}]')
    with pytest.raises(BundleError, match=str(folder)):
        read_known_replies(folder / "replies.json", 2)
    keys = ".".join("a" * min(depth, 2_000))  # the parser takes its time over more
    for text in (f"beam = {deep}", f"[reply]\n{keys} = 1", f"[{keys}]"):
        with pytest.raises(ConfigError, match="^c.toml:"):
            SettingsFile(Path("c.toml"), text, INTERFACE)
