"""The recipes of the documentation, each against a fake of its service on this computer."""

import asyncio
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
import types
from importlib.metadata import version
from pathlib import Path

import ai_edge_litert
import pytest

from chatbot import Chatbot
from tests.conftest import ROOT, program_environment

RECIPES = ROOT / "docs" / "recipes"


@pytest.mark.parametrize("path", [*RECIPES.glob("*.py"), *RECIPES.glob("*.sh")], ids=lambda path: path.name)
def test_a_recipe_is_short(path):
    assert len(path.read_text().splitlines()) <= 40


class FakeTelegram(http.server.BaseHTTPRequestHandler):
    updates: list[dict[str, object]]
    sent: list[dict[str, object]]
    faults: dict[str, list[int]]

    def do_POST(self):
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path.startswith("/bot123:abc/")
        faults = self.faults[self.path.rpartition("/")[2]]
        if fault := faults.pop(0) if faults else 0:
            if fault != NO_ANSWER:
                self.send_error(fault)
            return
        if self.path.endswith("/getUpdates"):
            result = [one for one in self.updates if one["update_id"] >= fields["offset"]]
        else:
            self.sent.append(fields)
            result = []
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ok": True, "result": result}).encode())

    def log_message(self, *_):
        pass


NO_ANSWER, NOT_WELL, LIMITED, BLOCKED, NO_SUCH_TOKEN = -1, 502, 429, 403, 401


@pytest.mark.parametrize(
    ("reading", "writing"), [([], []), ([NO_ANSWER, NOT_WELL], [NO_ANSWER, LIMITED]), ([], [0, 0, BLOCKED])]
)
def test_telegram(tmp_path, english_bundle, english_pairs, reading, writing):
    prompts = [pair.prompt for pair in english_pairs[:2]]
    FakeTelegram.sent = []
    FakeTelegram.faults = {"getUpdates": [*reading], "sendMessage": [*writing]}
    FakeTelegram.updates = [
        {"update_id": 7 + place, "message": {"chat": {"id": 5}, "text": text}} for place, text in enumerate(prompts)
    ]
    FakeTelegram.updates.append({"update_id": 9, "edited_message": {}})
    FakeTelegram.updates.append({"update_id": 10, "message": {"chat": {"id": 6}, "text": prompts[0]}})
    assert run_telegram_bot(tmp_path, english_bundle).returncode == 0
    bot = Chatbot.load(english_bundle)
    said = [{"chat_id": 5, "text": bot.reply(prompt).text} for prompt in prompts]
    third = [] if BLOCKED in writing else [said[0] | {"chat_id": 6}]
    assert FakeTelegram.sent == said + third


def test_a_token_that_telegram_does_not_know_ends_the_bot(tmp_path, english_bundle):
    FakeTelegram.faults = {"getUpdates": [NO_SUCH_TOKEN]}
    done = run_telegram_bot(tmp_path, english_bundle)
    assert done.returncode == 1
    assert "getUpdates: HTTP Error 401: Unauthorized\n" in done.stderr


def run_telegram_bot(folder, bundle):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeTelegram) as service:
        threading.Thread(target=service.serve_forever).start()
        environment = program_environment(folder) | {
            "TELEGRAM_API": f"http://127.0.0.1:{service.server_port}",
            "TELEGRAM_TOKEN": "123:abc",
            "TELEGRAM_PAUSE": "0.01",
            "CHATBOT_BUNDLE": str(bundle),
        }
        command = [sys.executable, RECIPES / "telegram_bot.py", "--once"]
        try:
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        finally:
            service.shutdown()


class Message:
    def __init__(self, content, mentions):
        self.content, self.mentions, self.author, self.sent = content, mentions, "somebody", []

    async def reply(self, text, allowed_mentions):
        self.sent.append((text, allowed_mentions))


def test_discord(monkeypatch, served, english_bundle):
    fake = types.ModuleType("discord")
    fake.Message, fake.ClientUser = Message, object
    fake.AllowedMentions = types.SimpleNamespace(none=lambda: "nobody")
    monkeypatch.setitem(sys.modules, "discord", fake)
    monkeypatch.setenv("CHATBOT_URL", f"{served.url}/v1")
    spec = importlib.util.spec_from_file_location("discord_bot", RECIPES / "discord_bot.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    me = types.SimpleNamespace(id=42)
    asked, unasked = Message("<@42> hello", [me]), Message("hello", [])

    async def main():
        await recipe.answer(asked, me)
        await recipe.answer(unasked, me)
        await recipe.server.close()

    asyncio.run(main())
    assert asked.sent == [(Chatbot.load(english_bundle).reply("hello").text, "nobody")]
    assert unasked.sent == []


def test_the_function_of_a_shell(served, english_bundle):
    environment = os.environ | {"CHATBOT_URL": f"{served.url}/v1"}
    said = Chatbot.load(english_bundle).reply('say "hello"').text
    command = ["bash", "-c", f". {RECIPES / 'ask.sh'}; ask say '\"hello\"'"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (f"{said}\n", "")
    environment["CHATBOT_URL"] = "http://127.0.0.1:9/v1"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ask: http://127.0.0.1:9/v1/chat/completions: ")


def test_a_bot_learns_every_night_and_is_trained_on_some(tmp_path, english_bundle):
    calls, program = tmp_path / "calls", tmp_path / "bin" / "chatbot"
    for folder in ("bin", "corpora", "checkpoints"):
        (tmp_path / folder).mkdir()
    shutil.copytree(english_bundle, tmp_path / "checkpoints" / "faq")
    learn = f'[ "$1" = train ] || exec {sys.executable} -m chatbot "$@"'
    program.write_text(f'#!/bin/sh\necho "$*" >> calls\n{learn}\n')
    program.chmod(0o755)
    corrections = tmp_path / "corpora" / "corrections.tsv"
    environment = program_environment(tmp_path) | {"PATH": f"{program.parent}:{os.environ['PATH']}"}

    def night(days):
        calls.write_text("")
        command = ["sh", RECIPES / "retrain.sh", "faq"]
        subprocess.run(command, cwd=tmp_path, env=environment | {"DAYS": days}, timeout=120, check=True)
        return calls.read_text().splitlines()

    learned = "learn corpora/corrections.tsv --checkpoint checkpoints/faq"
    trained = "train corpora/faq.tsv corpora/corrections.tsv --init-from checkpoints/faq --checkpoint checkpoints/faq"
    every = "1 2 3 4 5 6 7"
    assert night(every) == []
    corrections.write_text("who painted the fence\tMy neighbour did.\n")
    assert night("none") == [learned]
    bot = Chatbot.load(tmp_path / "checkpoints" / "faq")
    assert bot.reply("who painted the fence").text == "My neighbour did."
    assert night(every) == [learned, f"{trained} --overwrite"]
    assert night(every) == [learned]  # nothing new
    corrections.write_text("who painted the fence\tMy neighbour did.\nwho mows\tA goat.\n")
    assert night(every) == [learned, f"{trained} --overwrite"]


LITERT = Path(ai_edge_litert.__file__).parent
PROMPTS = ["hello", "who are you?", "what is new in the garden today"]


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.skipif(not version("ai-edge-litert").startswith("2.3."), reason="LiteRT's C API is that of each version")
@pytest.mark.parametrize("bundle", ["english_bundle", "bare_bundle"])
def test_a_c_program_says_what_the_bot_says_by_the_step_models(tmp_path, request, bundle):
    place, program = request.getfixturevalue(bundle), tmp_path / "step_models"
    library = next(LITERT.glob("libLiteRt.*"))
    warnings = ["-Wall", "-Wextra", "-Werror"]
    compile_it = ["cc", "-O2", *warnings, RECIPES / "step_models.c", "-o", program, library, f"-Wl,-rpath,{LITERT}"]
    subprocess.run(compile_it, timeout=300, check=True)
    environment = program_environment(tmp_path)
    bot = Chatbot.load(place)
    for prompt in PROMPTS:
        command = [sys.executable, RECIPES / "prompt_tokens.py", place, prompt]
        tokens = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        command = [program, place, *tokens.stdout.split()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        assert done.stdout == f"{bot.reply(prompt, free=True, max_tokens=128).text}\n"


def test_the_small_install_has_the_versions_of_the_whole_one():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    whole = {*project["dependencies"], *project["optional-dependencies"]["serve"]}
    answer = settings["dependency-groups"]["answer"]
    assert set(answer) <= whole
    assert not any(one.startswith(("tensorflow", "keras")) for one in answer)
