"""The promise that all but training needs no name that Windows' Python lacks, and moves no file that is open.

Nothing runs on Windows here: the names are taken away, and calls that fail there fail.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest

from chatbot import Chatbot
from tests.conftest import CHILDREN, PATIENCE, program_environment, write_pairs

PROGRAM = [sys.executable, str(CHILDREN / "windows_names.py")]


def run(arguments, folder, stdin=None, code=0):
    command, environment = [*PROGRAM, *map(str, arguments)], program_environment(folder)
    done = subprocess.run(
        command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_every_module_but_those_of_training_is_imported(tmp_path):
    run(["--import-all"], tmp_path)


def test_a_prompt_is_answered_and_so_is_each_line_of_standard_input(tmp_path, english_bundle, english_pairs):
    prompts = [pair.prompt for pair in english_pairs[:3]]
    bot = Chatbot.load(english_bundle)
    said = [bot.reply(prompt).text for prompt in prompts]
    at = ["--checkpoint", english_bundle]
    assert run(["reply", prompts[0], *at], tmp_path) == f"{said[0]}\n"
    assert run(["reply", *at], tmp_path, "\n".join(prompts)).splitlines() == said


def test_a_conversation_is_held_and_kept(tmp_path, english_bundle, english_pairs):
    prompt = english_pairs[0].prompt
    at = ["--checkpoint", english_bundle, "--transcript", "said.jsonl"]
    typed = f"{prompt}\n/teach good\n/save other.jsonl\n"
    said = Chatbot.load(english_bundle).reply(prompt).text
    assert said in run(["chat", *at], tmp_path, typed)
    for name in ("said.jsonl", "other.jsonl"):
        assert json.loads((tmp_path / name).read_text().splitlines()[0])["reply"] == said
    assert (tmp_path / "corpora" / "corrections.tsv").read_text() == f"{prompt}\tgood\n"


def test_a_bot_is_listed_explained_measured_and_compared(tmp_path, english_bundle, english_pairs):
    corpus, at = write_pairs(tmp_path / "pairs.tsv", english_pairs[:5]), ["--checkpoint", english_bundle]
    assert json.loads(run(["explain", "hello", "--json", *at], tmp_path))["prompt"] == "hello"
    run(["explain", "hello", "--output", "why.svg", *at], tmp_path)
    assert (tmp_path / "why.svg").read_text().startswith("<svg")
    assert json.loads(run(["evaluate", corpus, "--json", *at], tmp_path))["pairs"] == 5
    assert "english" in run(["info", *at], tmp_path)
    assert english_bundle.name in run(["--home", english_bundle.parent, "list"], tmp_path)


def test_a_bot_learns_and_forgets(tmp_path, english_bundle):
    place = tmp_path / "checkpoints" / "faq"
    shutil.copytree(english_bundle, place)
    (tmp_path / "taught.tsv").write_text("who painted the fence\tMy neighbour did.\n")
    run(["learn", "taught.tsv"], tmp_path)
    assert Chatbot.load(place).reply("who painted the fence").text == "My neighbour did."
    run(["forget", "My neighbour did."], tmp_path)
    assert Chatbot.load(place).reply("who painted the fence").text != "My neighbour did."
    assert [path.name for path in place.parent.iterdir()] == ["faq"]


@pytest.mark.parametrize("interrupted", [False, True], ids=["trained", "interrupted"])
def test_a_bot_is_chosen_renamed_and_removed(tmp_path, english_bundle, interrupted):
    bots, home = tmp_path / "checkpoints", tmp_path / "home"
    shutil.copytree(english_bundle, bots / "faq")
    if interrupted:
        (bots / "faq.run").mkdir()
        for name in ("run.json", "state.npz"):
            (bots / "faq.run" / name).write_text("{}")
    run(["use", "faq"], tmp_path)
    run(["rename", "faq", "desk"], tmp_path)
    parts = ["desk", "desk.run"] if interrupted else ["desk"]
    assert sorted(path.name for path in bots.iterdir()) == [*parts, "latest"]
    assert (bots / "latest").read_text() == "desk\n"
    run(["--home", home, "rename", "desk", "--to-home"], tmp_path)
    assert sorted(path.name for path in home.iterdir()) == [*parts, "latest"]
    run(["--home", home, "rm", "desk", "--yes"], tmp_path)
    assert [*home.iterdir()] == []


def test_a_corpus_is_imported_and_checked_and_bots_are_compared(tmp_path, english_bundle, english_pairs):
    corpus = write_pairs(tmp_path / "pairs.tsv", english_pairs[:5])
    run(["corpus", "import", corpus, "--output", "again.tsv"], tmp_path)
    assert (tmp_path / "again.tsv").read_text() == corpus.read_text()
    run(["corpus", "import", corpus, "--output", "again.tsv", "--overwrite"], tmp_path)
    run(["corpus", "check", corpus], tmp_path)
    run(["compare", english_bundle, english_bundle, corpus], tmp_path)
    run(["audit", corpus, "--checkpoint", english_bundle], tmp_path)
    run(["config"], tmp_path)


def test_what_is_no_bundle_is_refused(tmp_path, english_bundle):
    run(["reply", "hello", "--checkpoint", tmp_path / "missing"], tmp_path, code=1)
    (tmp_path / "file").write_text("")
    run(["reply", "hello", "--checkpoint", tmp_path / "file"], tmp_path, code=1)
    linked = tmp_path / "linked"
    linked.mkdir()
    for file in english_bundle.iterdir():
        (linked / file.name).symlink_to(file)
    run(["reply", "hello", "--checkpoint", linked], tmp_path, code=1)


def test_a_bot_is_served(tmp_path, english_bundle):
    command, environment = [*PROGRAM, "serve", str(english_bundle), "--port", "0"], program_environment(tmp_path)
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = re.search(r"http://[\d.]+:\d+", server.stderr.readline())[0]
            body = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()
            request = urllib.request.Request(
                f"{address}/v1/chat/completions", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                said = json.load(answer)["choices"][0]["message"]["content"]
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()
    assert said == Chatbot.load(english_bundle).reply("hello").text
