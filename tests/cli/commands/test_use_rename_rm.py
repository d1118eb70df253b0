import json
import shutil
from pathlib import Path

import pexpect
import pytest

from chatbot import Chatbot
from chatbot.runs.run_lock import claim
from tests.conftest import run_chatbot


@pytest.fixture
def folder(tmp_path, english_bundle):
    """A folder with two bots under checkpoints/, of which the older one, english, answers by default."""
    for name, created in (("english", "2026-01-02"), ("english-2", "2026-01-03")):
        copy = shutil.copytree(english_bundle, tmp_path / "checkpoints" / name)
        manifest = json.loads((copy / "manifest.json").read_text()) | {"created": f"{created}T00:00:00Z"}
        (copy / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "checkpoints" / "latest").write_text("english\n")
    return tmp_path


def said(folder, *arguments, **environment):
    """Exit code, standard output and standard error, with the folder as /tree."""
    done = run_chatbot(arguments, folder, **environment)
    return (done.returncode, *(text.replace(str(folder), "/tree") for text in (done.stdout, done.stderr)))


def test_a_bot_is_chosen_renamed_moved_home_and_answers_from_everywhere(folder, learned_pairs):
    prompt, reply = learned_pairs[0]
    assert said(folder, "use", "english-2") == (0, "english-2 answers by default now (checkpoints/english-2)\n", "")
    assert said(folder, "rename", "english-2", "help-desk") == (
        0,
        "/tree/checkpoints/english-2 is now /tree/checkpoints/help-desk\n",
        "",
    )
    assert said(folder, "rename", "help-desk", "--to-home") == (
        0,
        "/tree/checkpoints/help-desk is now /tree/data/chatbot/help-desk\n",
        "",
    )
    assert said(folder, "info", "--json")[1].count('"/tree/data/chatbot/help-desk"') == 1
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    home = {"XDG_DATA_HOME": str(folder / "data")}
    assert said(elsewhere, "reply", prompt, **home) == (0, f"{reply}\n", "")
    assert said(elsewhere, "reply", prompt, "--checkpoint", "help-desk", **home) == (0, f"{reply}\n", "")
    assert said(folder, "use", "nothing")[0] == 1


def test_what_is_removed_is_shown_and_what_answered_is_replaced(folder):
    (folder / "checkpoints" / "english.run").mkdir()
    (folder / "checkpoints" / "english.run" / "run.json").write_text("{}")
    code, shown, problems = said(folder, "rm", "english", "--yes")
    assert (code, problems) == (0, "")
    first, second, last = shown.splitlines()
    assert first.startswith("/tree/checkpoints/english  ")
    assert (second, last) == ("/tree/checkpoints/english.run  0.0 MB", "removed english")
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["english-2", "latest"]
    assert (folder / "checkpoints" / "latest").read_text() == "english-2\n"


def test_nothing_is_removed_unasked_or_where_one_of_the_names_is_wrong(folder):
    code, shown, problems = said(folder, "rm", "english")
    assert (code, shown) == (2, "")
    assert problems.endswith("Error: there is no terminal to ask on; pass --yes to remove without a question\n")
    code, shown, problems = said(folder, "rm", "--yes", "english", "englsh")
    assert (code, shown) == (1, "")
    assert problems == (
        "chatbot: englsh: no such bundle; looked in /tree, /tree/checkpoints and /tree/data/chatbot;"
        " did you mean english?\n"
    )
    with claim(folder / "checkpoints" / "english"):
        code, _, problems = said(folder, "rm", "--yes", "english")
    assert (code, "another training is writing there" in problems) == (1, True)
    assert (folder / "checkpoints" / "english" / "manifest.json").exists()


def test_a_person_is_asked_and_only_yes_removes(folder, terminal):
    for answer, code in (("", 1), ("n", 1), ("y", 0)):
        assert (folder / "checkpoints" / "english").exists()
        child = terminal("rm", "english")
        child.expect_exact("Remove it? [y/N] ")
        child.sendline(answer)
        child.expect_exact("nothing was removed" if code else "removed english")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
    assert not (folder / "checkpoints" / "english").exists()


def test_the_name_of_the_program_alone_says_what_to_do_next(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    no_bot = (
        "No bot has been trained yet. Train one on a file of pairs, a prompt, a tab and its reply a line:\n"
        "    chatbot train CORPUS\n"
        "Then talk to it:\n"
        "    chatbot chat\n"
        "`chatbot --help` lists all commands.\n"
    )
    assert said(empty) == (0, no_bot, "")
    bot = (
        "english answers by default (checkpoints/english).\n"
        "    chatbot chat             talk to it\n"
        '    chatbot reply "hello"    get one reply\n'
        "    chatbot list             see all bots; `chatbot use NAME` chooses another\n"
        "`chatbot --help` lists all commands.\n"
    )
    assert said(folder) == said(folder, "--no-config") == (0, bot, "")


def test_version_and_help_can_be_asked_in_every_usual_way(tmp_path):
    versions = {said(tmp_path, *asked) for asked in (["version"], ["-V"], ["--version"])}
    assert len(versions) == 1
    assert next(iter(versions))[1].startswith("chatbot ")
    assert said(tmp_path, "help") == said(tmp_path, "--help")
    assert said(tmp_path, "help", "corpus", "check") == said(tmp_path, "corpus", "check", "--help")
    code, shown, problems = said(tmp_path, "help", "corpus", "chek")
    assert (code, shown) == (2, "")
    assert "there is no command 'corpus chek'; did you mean corpus check?" in problems


def test_a_list_never_cuts_a_name_and_drops_columns_where_there_is_no_room(folder, terminal):
    long = "a name of more columns than a narrow terminal has"
    (folder / "checkpoints" / "english-2").rename(folder / "checkpoints" / long)
    wide = said(folder, "list")[1]
    assert said(folder, "list", COLUMNS="10")[1] == said(folder, "list", COLUMNS="0")[1] == wide
    assert wide.splitlines()[0].split() == [
        *("name", "trained", "corpus", "pairs", "size", "bits/byte", "right"),
    ]
    for columns, head in ((75, ["name", "trained", "right"]), (40, ["name", "trained"])):
        child = terminal("list", size=(24, columns), TERM="dumb")
        shown = child.read()
        assert shown.splitlines()[0].split() == head
        assert shown.count(long) == 1
        assert "\x1b" not in shown


def test_the_list_tells_both_folders_apart_and_takes_others(folder):
    mine = folder / "data" / "chatbot"
    shutil.copytree(folder / "checkpoints" / "english", mine / "english")
    (folder / "bots").mkdir()
    (folder / "checkpoints" / "english-2").rename(folder / "bots" / "english-2")
    rows = [line.split() for line in said(folder, "list")[1].splitlines()]
    assert [(row[0], row[-1]) for row in rows] == [
        ("name", "folder"),
        ("*", "checkpoints"),
        ("/tree/data/chatbot/english", "/tree/data/chatbot"),
    ]
    (found,) = json.loads(said(folder, "list", "bots", "--json")[1])
    assert (found["name"], found["path"], found["default"]) == ("english-2", "bots/english-2", False)
    assert said(folder, "list", "nowhere") == (1, "", "chatbot: nowhere: no such folder\n")


def test_the_list_names_a_run_that_has_no_bundle_yet(tmp_path):
    (tmp_path / "checkpoints" / "half.run").mkdir(parents=True)
    note = (
        "checkpoints/half: a training run without a bundle yet; if it was interrupted, continue it with --resume, or"
        " remove it with `chatbot rm`\n"
    )
    assert said(tmp_path, "list") == (0, "", note)
    assert said(tmp_path, "list", "--json") == (0, "[]\n", "")
    assert said(tmp_path, "rm", "half", "--yes")[0] == 0
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_note_says_on_standard_error_why_another_bot_answers(folder, learned_pairs):
    prompt, reply = learned_pairs[0]
    shutil.rmtree(folder / "checkpoints" / "english")
    note = (
        "checkpoints/english, which answered by default, is gone; checkpoints/english-2 answers instead"
        " (`chatbot use NAME` chooses another)"
    )
    assert said(folder, "reply", prompt) == (0, f"{reply}\n", f"{note}\n")
    code, _, told = said(folder, "reply", prompt, "--json")
    assert (code, json.loads(told)) == (0, {"warning": note})


def test_python_finds_bots_by_the_same_rule(folder, monkeypatch, learned_pairs):
    prompt, reply = learned_pairs[0]
    monkeypatch.chdir(folder)
    assert Chatbot.load("english-2").reply(prompt).text == reply
    monkeypatch.setenv("CHATBOT_HOME", str(folder / "mine"))
    (folder / "checkpoints").rename(folder / "mine")
    assert Chatbot.load("english-2").reply(prompt).text == Chatbot.load().reply(prompt).text == reply
    (folder / "mine" / "latest").unlink()
    with pytest.warns(UserWarning, match=r"mine/latest is missing; .*/mine/english-2 answers instead"):
        assert Chatbot.load(None).reply(prompt).text == reply
    assert Path("mine").is_dir()
