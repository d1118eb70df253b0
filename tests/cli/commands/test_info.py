import json
import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.bundle.metadata import BundleMetadata
from chatbot.cli.output.training_wording import say_quality
from chatbot.metrics import Quality, Validation
from tests.conftest import ROOT, run_chatbot

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SECTIONS = ["created", "corpus", "init_from", "context_turns", "sizes", "metrics", "weights", "confidence", "quality"]


@pytest.fixture
def folder(tmp_path, english_bundle):
    """A folder with a bot under checkpoints/, the newest, and a copy that has been changed."""
    for name in ("english", "changed"):
        shutil.copytree(english_bundle, tmp_path / "checkpoints" / name)
    (tmp_path / "checkpoints" / "latest").write_text("english\n")
    with (tmp_path / "checkpoints" / "changed" / "history.csv").open("r+b") as file:
        file.write(b"EPOCH")
    return tmp_path


def rows(text: str) -> dict[str, str]:
    return dict(line.split("  ", 1) for line in text.splitlines() if line[0] != " ")


def test_people_read_what_the_bot_is_and_that_its_files_are_whole(folder, english_bundle):
    done = run_chatbot(["info"], folder)
    assert (done.returncode, done.stderr) == (0, "")
    said = {name: value.strip() for name, value in rows(done.stdout).items()}
    manifest = json.loads((english_bundle / "manifest.json").read_text())
    assert said["bundle"] == "checkpoints/english"
    assert (said["trained"], said["corpus"]) == (manifest["created"], "english.tsv")
    assert said["pairs"] == "60, and none held out"
    assert said["held out"] == "none"
    assert said["parameters"].startswith(f"{manifest['sizes']['parameters']:,}; ")
    assert said["checksums"] == f"verified, {len(manifest['files'])} files"
    assert all(name in done.stdout for name in manifest["files"])


def test_programs_read_the_same_as_one_object(folder, english_bundle):
    done = run_chatbot(["info", "--json"], folder)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    manifest = json.loads((english_bundle / "manifest.json").read_text())
    assert (found["name"], found["path"], found["verified"]) == ("english", "checkpoints/english", True)
    assert (found["model"], found["files"]) == (manifest["model"], manifest["files"])
    assert (found["corpus"], found["training_pairs"], found["held_out"]) == (["english.tsv"], 60, None)
    assert found["bytes"] == sum(file.stat().st_size for file in english_bundle.iterdir())


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["english"], {}),
        (["checkpoints/english"], {}),
        (["--checkpoint", "english"], {}),
        ([], {"CHATBOT_CHECKPOINT": "english"}),
        (["english"], {"CHATBOT_CHECKPOINT": "changed"}),
    ],
)
def test_a_bundle_is_named_by_its_folder_or_by_its_name_under_checkpoints(folder, arguments, environment):
    done = run_chatbot(["info", *arguments, "--json"], folder, **environment)
    assert json.loads(done.stdout)["name"] == "english"


def test_the_reference_names_every_key_of_both(folder):
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    section = page.partition("## `chatbot info` and `chatbot list`")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    one = json.loads(run_chatbot(["info", "--json"], folder).stdout)
    (several, _) = json.loads(run_chatbot(["list", "--json"], folder).stdout)
    assert one.keys() | several.keys() <= named


def test_a_changed_file_is_named_and_the_exit_code_is_1(folder):
    done = run_chatbot(["info", "changed"], folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "checkpoints/changed/history.csv is damaged (checksum mismatch)" in done.stderr
    assert json.loads(run_chatbot(["info", "changed", "--json"], folder).stderr)["exit_code"] == 1


def test_other_commands_take_a_bare_name_too_unless_another_bundle_has_it_here(folder, learned_pairs):
    prompt, reply = learned_pairs[0]
    asked = ["reply", prompt, "--checkpoint", "english"]
    assert run_chatbot(asked, folder).stdout == f"{reply}\n"
    (folder / "english").mkdir()
    assert run_chatbot(asked, folder).stdout == f"{reply}\n"
    (folder / "english" / "manifest.json").write_text("{}")
    done = run_chatbot(asked, folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("chatbot: english/manifest.json: format version None")


def test_the_list_has_the_newest_first_and_a_star_at_the_one_that_answers(folder):
    manifest = folder / "checkpoints" / "changed" / "manifest.json"
    older = json.loads(manifest.read_text()) | {
        "created": "2020-01-02T03:04:05Z",
        "corpus": ["a.tsv", "b.tsv"],
        "metrics": {"valid_loss": 1.0, "valid_bits_per_byte": 0.5, "valid_exact": 0.25},
    }
    manifest.write_text(json.dumps(older))
    (folder / "checkpoints" / "english.tensorboard").mkdir()
    done = run_chatbot(["list"], folder)
    assert (done.returncode, done.stderr) == (0, "")
    head, newest, oldest = [line.split() for line in done.stdout.splitlines()]
    assert head == ["name", "trained", "corpus", "pairs", "size", "bits/byte", "right"]
    assert newest[:2] == ["*", "english"]
    assert newest[3:5] == ["english.tsv", "60"]
    assert oldest[:5] == ["changed", "2020-01-02", "a.tsv,", "b.tsv", "60"]
    assert oldest[-3:] == ["0.500", "25.0%", "exact"], "an older bundle does not say how often it was right"
    found = json.loads(run_chatbot(["list", "--json"], folder).stdout)
    assert [(entry["name"], entry["newest"], entry["problem"]) for entry in found] == [
        ("english", True, None),
        ("changed", False, None),
    ]
    assert found[1]["held_out"]["bits_per_byte"] == 0.5


def test_the_list_and_the_card_show_how_often_a_bot_is_right(folder):
    manifest = folder / "checkpoints" / "changed" / "manifest.json"
    quality = {"prompts": 200, "right": 181, "exact": 150, "by_topic": True, "nearest_neighbour": 150}
    quality |= {"nearest_centroid": 160, "linear_svm": 170}
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"quality": quality}))
    lines = run_chatbot(["list"], folder).stdout.splitlines()
    assert [line.split()[-1] for line in lines if "changed" in line] == ["90.5%"]
    found = {entry["name"]: entry for entry in json.loads(run_chatbot(["list", "--json"], folder).stdout)}
    assert found["english"]["quality"] is None
    assert found["changed"]["quality"] == quality | {"share": 0.905}


@pytest.mark.parametrize(
    ("quality", "valid", "said"),
    [
        (
            Quality(200, 181, 150, True, 150, 160),
            None,
            "90.5% of 200 held-out prompts answered right (the recorded reply, or another of its topic);"
            " nearest neighbour 75.0%, nearest centroid 80.0%",
        ),
        (Quality(1, 1, 1, False, None), None, "100.0% of 1 held-out prompt answered right (the recorded reply)"),
        (None, Validation(1.0, 0.5, 0.754), "75.4% of the held-out pairs get the recorded reply"),
        (None, None, "not measured"),
    ],
)
def test_the_quality_is_said_with_what_it_is(quality, valid, said):
    assert say_quality(quality, valid) == said


@pytest.mark.parametrize(
    "change", [{"right": 201}, {"exact": 182}, {"prompts": 0}, {"by_topic": 1}, {"right": "many"}, {"right": -1}]
)
def test_numbers_that_are_no_quality_are_none(change):
    described = {"prompts": 200, "right": 181, "exact": 150, "by_topic": True, "nearest_neighbour": None} | change
    assert BundleMetadata.of({"quality": described}).quality is None


def test_the_list_shows_what_is_damaged_and_goes_on(folder):
    (folder / "checkpoints" / "changed" / "decoder.tflite").unlink()
    (folder / "checkpoints" / "older").mkdir()
    (folder / "checkpoints" / "older" / "manifest.json").write_text('{"format_version": 1}')
    done = run_chatbot(["list"], folder)
    assert done.returncode == 0
    assert [line.split()[-1] for line in done.stdout.splitlines() if "english.tsv" not in line][1:] == ["damaged"]
    assert "changed/decoder.tflite is missing or damaged" in done.stderr
    assert "older/manifest.json: format version 1" in done.stderr
    found = {entry["name"]: entry for entry in json.loads(run_chatbot(["list", "--json"], folder).stdout)}
    assert "decoder.tflite" in found["changed"]["problem"]
    assert found["older"]["corpus"] is None
    assert found["older"].keys() == found["english"].keys()


def test_where_nothing_was_trained_the_list_is_empty_and_the_train_command_is_named(tmp_path):
    done = run_chatbot(["list"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "chatbot train" in done.stderr
    assert json.loads(run_chatbot(["list", "--json"], tmp_path).stdout) == []


@given(st.dictionaries(st.sampled_from(SECTIONS), JSON))
def test_a_manifest_that_says_something_else_has_a_card_with_nothing_on_it_rather_than_none(manifest):
    card = BundleMetadata.of(manifest)
    assert card.created is None or isinstance(card.created, str)
    assert card.held_out is None
    json.dumps(card.to_json())
