"""What a bot is taught with `chatbot learn`, and what `chatbot forget` takes out again."""

import json
import shutil

import pytest

from chatbot import Chatbot, bundle
from chatbot.bundle import Bundle
from tests.conftest import run_chatbot, write_pairs

TAUGHT = {
    "where is the zebra crossing?": "Behind the old bakery, on the left.",
    "is the submarine yellow": "It was green the last time that I looked.",
}


@pytest.fixture
def bot(tmp_path, english_bundle):
    shutil.copytree(english_bundle.parent, tmp_path / "checkpoints")
    (tmp_path / "corpora").mkdir()
    write(tmp_path, TAUGHT)
    return tmp_path


def write(folder, pairs):
    lines = "".join(f"{prompt}\t{reply}\n" for prompt, reply in pairs.items())
    (folder / "corpora" / "corrections.tsv").write_text(lines)


def ask(folder, *prompts):
    return [reply.text for reply in Chatbot.load(folder / "checkpoints" / "english").reply_batch(list(prompts))]


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "checkpoints" / "english").iterdir()}


def test_a_bot_says_what_it_was_taught_and_everything_else_as_before(bot, english_pairs):
    prompts, before = [pair.prompt for pair in english_pairs], files(bot)
    said = ask(bot, *prompts)
    done = run_chatbot(["learn"], bot)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("english has learned 2 corrections in ")
    assert ask(bot, *TAUGHT) == list(TAUGHT.values())
    assert ask(bot, *prompts) == said
    after = files(bot)
    assert {name for name in after if after[name] != before.get(name)} == {"corrections.json", "manifest.json"}
    described = json.loads(after["manifest.json"])
    assert {**described, "files": 0} == {**json.loads(before["manifest.json"]), "files": 0}


def test_near_phrasings_follow_and_contrasts_do_not(bot):
    ask_before = ask(bot, "where is the zebra house?", "is the submarine loud")
    run_chatbot(["learn"], bot)
    near = ask(bot, "Where's the zebra crossing", "please, where is the zebra crossing", "is that submarine yellow?")
    assert near == [*TAUGHT.values()][:1] * 2 + [*TAUGHT.values()][1:]
    assert ask(bot, "where is the zebra house?", "is the submarine loud") == ask_before


def test_the_last_of_several_replies_counts_and_the_same_again_changes_nothing(bot):
    write(bot, {"hello zebra": "One."})
    with (bot / "corpora" / "corrections.tsv").open("a") as file:
        file.write("no pair\nHello Zebra\tTwo.\n")
    done = run_chatbot(["learn"], bot)
    assert "corrections.tsv:2: no tab between prompt and reply" in done.stderr
    assert done.stdout.startswith("english has learned 1 correction in ")
    assert ask(bot, "hello zebra") == ["Two."]
    before = files(bot)
    assert run_chatbot(["learn"], bot).stdout == "english has learned all of corpora/corrections.tsv already\n"
    assert files(bot) == before


def test_what_was_taught_is_forgotten_by_its_prompt_or_its_reply(bot):
    before = ask(bot, *TAUGHT)
    run_chatbot(["learn"], bot)
    done = run_chatbot(["forget", "Where is the Zebra crossing?"], bot)
    said = "english has forgotten “Behind the old bakery, on the left.” to “where is the zebra crossing?”\n"
    assert (done.returncode, done.stdout) == (0, said)
    assert "corrections.tsv:1: remove this line" in done.stderr
    assert run_chatbot(["forget", "it was green the last time that i looked."], bot).returncode == 0
    assert ask(bot, *TAUGHT) == before
    assert "corrections.json" not in files(bot)


def test_a_recorded_reply_is_not_said_again_until_it_is_taught_again(bot, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["forget", reply], bot)
    assert (done.returncode, done.stdout) == (0, f"english does not say “{reply}” any more\n")
    assert ask(bot, prompt)[0] not in {reply, ""}
    again = run_chatbot(["forget", reply], bot)
    assert again.returncode == 1
    write(bot, {prompt: reply})
    run_chatbot(["learn"], bot)
    assert ask(bot, prompt) == [reply]


def test_a_text_that_the_bot_does_not_know_cannot_be_forgotten(bot, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["forget", prompt], bot)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"chatbot: “{prompt}” is no prompt that was taught and no reply of the bot; to that prompt it says “{reply}”,"
        " which can be forgotten\n"
    )


def test_a_taught_reply_is_explained_by_its_file_and_line(bot):
    run_chatbot(["learn"], bot)
    prompt, reply = [*TAUGHT.items()][1]
    shown = json.loads(run_chatbot(["explain", prompt, "--json"], bot).stdout)
    assert shown["reply"] == reply
    line = {"file": "corrections.tsv", "line": 2}
    assert shown["origin"] == line
    assert line in [near["origin"] for near in shown["neighbours"]["nearest"]]


def test_a_training_that_goes_on_from_a_bot_keeps_what_it_was_taught(bot, english_pairs):
    corpus = write_pairs(bot / "more.tsv", english_pairs[:20])
    run_chatbot(["learn"], bot)
    options = ["--init-from", "english", "--epochs", "1", "--max-time", "none", "--valid-share", "0", "--overwrite"]
    done = run_chatbot(["train", corpus, "--checkpoint", "checkpoints/english", *options], bot)
    assert done.returncode == 0, done.stderr
    assert ask(bot, *TAUGHT) == list(TAUGHT.values())


@pytest.mark.parametrize(("options", "lost"), [([], True), (["--init-from", "english"], False)])
def test_a_training_that_overwrites_corrections_says_how_the_new_bot_learns_them(bot, options, lost):
    run_chatbot(["learn"], bot)
    command = ["train", "nowhere.tsv", "--checkpoint", "checkpoints/english", "--overwrite", *options]
    said = run_chatbot(command, bot).stderr
    note = "checkpoints/english: the new bot will not know 2 corrections of this one"
    assert (f"{note}; teach it again when it is trained: chatbot learn corrections.tsv\n" in said) is lost
    assert "nowhere.tsv" in said


@pytest.mark.parametrize("command", [["learn"], ["forget", "la la"]])
def test_a_bot_that_phrases_its_replies_itself_says_that_a_correction_takes_a_training(
    tmp_path, babbling_bundle, command
):
    shutil.copytree(babbling_bundle, tmp_path / "checkpoints" / "babbling")
    (tmp_path / "corpora").mkdir()
    write(tmp_path, TAUGHT)
    done = run_chatbot([*command, "--checkpoint", "babbling"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "this bot phrases its replies itself, so a correction takes a training: chatbot train" in done.stderr


def test_a_bot_without_an_index_learns_word_for_word(tmp_path, bare_bundle):
    shutil.copytree(bare_bundle, tmp_path / "checkpoints" / "english")
    (tmp_path / "checkpoints" / "latest").write_text("english\n")
    (tmp_path / "corpora").mkdir()
    write(tmp_path, TAUGHT)
    assert run_chatbot(["learn"], tmp_path).returncode == 0
    assert ask(tmp_path, *TAUGHT) == list(TAUGHT.values())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"learned": [], "forgotten": "x"}', "forgotten"),
        ('{"learned": [{"prompt": "a"}], "forgotten": []}', "not the corrections of a bot"),
        ("[1]", "not the corrections of a bot"),
        ('{"learned": 3, "forgotten": []}', "not the corrections of a bot"),
    ],
)
def test_corrections_that_are_none_are_refused_with_their_file(bot, content, said):
    def fill(folder):
        for name, file in source.files.items():
            (folder / name).write_bytes(file.read_bytes())
        (folder / "corrections.json").write_text(content)
        return {}

    source = Bundle.open(bot / "checkpoints" / "english")
    kept = {key: value for key, value in source.manifest.items() if key not in {"model", "files", "format_version"}}
    bundle.write(source.path, source.model, kept, fill)
    done = run_chatbot(["reply", "hello"], bot)
    assert (done.returncode, done.stdout) == (1, "")
    assert "corrections.json" in done.stderr
    assert said in done.stderr
