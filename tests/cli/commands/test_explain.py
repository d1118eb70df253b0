import io
import json
import os
import re
import sys
from dataclasses import replace

import pexpect
import pytest
from rich.cells import cell_len
from rich.console import Console

from chatbot import Chatbot, DecodingConfig
from chatbot.cli.output.architecture_view import show_architecture
from chatbot.cli.output.explanation_view import render
from chatbot.explain import Step, TokenAlternative, describe
from chatbot.explain import explain as explain_reply
from chatbot.explain.merged_steps import stretch_steps
from tests.conftest import program_environment, run_chatbot

TITLES = ["Reply memory", "Step by step", "Beam", "Attention (dot)", "Nearest training prompts"]
#: What is drawn rather than said.
DRAWN = set("━╺█▓▒░─│├└╭╰▶")


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


@pytest.fixture
def pair(learned_pairs):
    return learned_pairs[0]


def explain(folder, arguments, **environment):
    done = run_chatbot(["explain", *arguments], folder, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def part(said: str, title: str) -> list[str]:
    """The lines below a title."""
    lines = said.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(title)) + 1
    return lines[first : lines.index("", first) if "" in lines[first:] else None]


def test_a_reply_is_explained_from_the_prompt_to_the_nearest_training_prompts(tmp_path, at, pair):
    said = explain(tmp_path, [pair.prompt, "--beam", "3", *at], COLUMNS="160")
    assert [title for title in TITLES if re.search(f"^{re.escape(title)}", said, re.MULTILINE)] == TITLES
    assert said.startswith("you  1:▁")
    assert f"bot  {pair.reply}" in said
    recalled = part(said, "Reply memory")
    assert recalled[0].split() == ["share", "sentence", "words", "pairs", "n-grams", "reply"]
    assert recalled[1].startswith("▸")
    assert recalled[1].rstrip().endswith(pair.reply)
    steps = part(said, "Step by step")
    assert steps[0].split()[:3] == ["token", "p", "bits"]
    assert "<eos>" in steps[-1]
    assert "━━━━" in steps[1]
    beam = part(said, "Beam")
    assert beam[0] == "<go>"
    assert sum("the reply, score" in line for line in beam) == 1
    _, *rows = part(said, "Attention")
    assert all(re.search(r"[░▒▓█]{3}.* \S+ \d+%$", row.rstrip()) for row in rows), "each names where it looked most"
    assert pair.prompt.lower() in part(said, "Nearest")[0]
    assert "\x1b" not in said


@pytest.mark.parametrize("plain", [[], ["--plain"]])
def test_states_are_shown_after_each_token_of_both_halves(tmp_path, at, pair, plain):
    said = explain(tmp_path, [pair.prompt, "--states", *plain, *at], COLUMNS="200")
    encoder, decoder = (part(said, half)[not plain :] for half in ("Encoder", "Decoder"))
    tokens = [one.split(":", 1)[1] for one in said.splitlines()[0].split()[1:]]
    assert [line.split()[0] for line in encoder] == tokens
    assert "100.0%" in encoder[0]
    assert "+1.00" in encoder[-1]
    assert decoder[0].startswith("<go>")
    assert len(re.findall(r"[+-]\d+\.\d\d\b", decoder[0])) > 4
    assert "\nEncoder" not in explain(tmp_path, [pair.prompt, *plain, *at])


def test_without_a_beam_there_is_no_tree(tmp_path, at, pair):
    assert "\nBeam" not in explain(tmp_path, [pair.prompt, *at])


def test_plain_has_words_and_figures_alone(tmp_path, at, pair):
    said = explain(tmp_path, [pair.prompt, "--beam", "3", "--plain", *at])
    assert [title for title in TITLES if title in said] == TITLES
    assert not DRAWN & set(said)
    drawn = explain(tmp_path, ["--architecture", "--plain", *at])
    assert not DRAWN & set(drawn)


@pytest.mark.parametrize("terminal", ["dumb", "unknown"])
def test_a_terminal_that_can_show_text_alone_gets_the_plain_words(tmp_path, at, pair, terminal):
    for arguments in ([pair.prompt, "--beam", "3"], ["--architecture"]):
        said = explain(tmp_path, [*arguments, *at], TERM=terminal)
        assert said == explain(tmp_path, [*arguments, "--plain", *at])


def test_why_of_a_conversation_begins_with_the_reply_memory_and_draws_nothing_on_such_a_terminal(tmp_path, at, pair):
    drawn, plain = (
        run_chatbot(["chat", *at], tmp_path, f"{pair.prompt}\n/why\n", TERM=terminal).stderr
        for terminal in ("xterm", "dumb")
    )
    for said in (drawn, plain):
        assert [title for title in TITLES if title in said] == [title for title in TITLES if title != "Beam"]
    assert DRAWN & set(drawn)
    assert not DRAWN & set(plain)


@pytest.mark.parametrize("columns", [1, 2, 5, 20, 40, 60, 80, 200])
@pytest.mark.parametrize("plain", [False, True])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_left_out(bot, pair, columns, plain):
    shown = io.StringIO()
    explanation = explain_reply(bot, pair.prompt, DecodingConfig(beam=3))
    render(explanation, Console(file=shown, width=columns, highlight=False), plain)
    said = shown.getvalue()
    assert max(map(cell_len, said.splitlines())) <= columns
    squeezed = "".join(said.split())
    if columns < 60 or plain:
        assert "…" not in said
        for step in explanation.steps:
            assert "".join(step.token.replace("▁", " ").split()) in squeezed.replace("▁", "")
    if columns > 8:
        drawn = io.StringIO()
        show_architecture(describe(bot.config), "it", Console(file=drawn, width=columns), plain)
        assert max(map(cell_len, drawn.getvalue().splitlines())) <= columns


@pytest.mark.parametrize("columns", [2, 5, 20, 24, 40, 60, 79, 100])
@pytest.mark.parametrize(
    "reply", ["雨" * 100, "ร้านเปิดเก้าโมง" * 12, "supercalifragilistic" * 9], ids=["Chinese", "Thai", "long word"]
)
def test_a_reply_without_spaces_is_shown_whole_wherever_it_stands(bot, pair, reply, columns):
    explanation = explain_reply(bot, pair.prompt)
    known = tuple(one._replace(reply=reply) for one in explanation.recalled.replies)
    nearest = tuple(one._replace(reply=reply) for one in explanation.neighbours.nearest)
    long = replace(
        explanation,
        reply=replace(explanation.reply, text=reply),
        recalled=replace(explanation.recalled, replies=known),
        neighbours=replace(explanation.neighbours, nearest=nearest),
        steps=(),
    )
    for plain in (False, True):
        shown = io.StringIO()
        render(long, Console(file=shown, width=columns, highlight=False), plain)
        assert max(map(cell_len, shown.getvalue().splitlines())) <= columns
        assert "…" not in shown.getvalue()
        for letter in set(reply):
            assert shown.getvalue().count(letter) >= (1 + len(known) + len(nearest)) * reply.count(letter)


def test_runners_up_that_find_no_room_are_left_out_whole(bot):
    for columns in range(60, 100, 7):
        shown = io.StringIO()
        render(
            explain_reply(bot, "zyx qwv", DecodingConfig(free=True)),
            Console(file=shown, width=columns, highlight=False),
        )
        lines = part(shown.getvalue(), "Step by step")
        head = next(number for number, line in enumerate(lines) if "bits" in line and "p" in line.split())
        for line in lines[head + 1 :]:
            assert line.rstrip().endswith(("%", "refused")) or " tokens " in line, line


def test_steps_of_which_the_model_was_certain_share_a_line(bot, learned_pairs):
    token, p = "▁very", 0.9999
    sure = Step(token, p, None, 1, 0.001, (TokenAlternative("▁x", 1 - p, False),), ())
    torn = Step("▁odd", 0.5, None, 1, 1.0, (TokenAlternative("▁even", 0.5, False),), ())
    refused = replace(sure, others=(TokenAlternative("▁bad", 1 - p, True),))
    steps = (sure, sure, torn, sure, sure, sure, sure, refused, sure)
    assert [(stretch.numbers, stretch.text) for stretch in stretch_steps(steps)] == [
        ("1", "very"),
        ("2", "very"),
        ("3", "odd"),
        ("4–7", "very very very very"),
        ("8", "very"),
        ("9", "very"),
    ]
    shown = io.StringIO()
    explanation = replace(explain_reply(bot, learned_pairs[0].prompt), steps=steps)
    render(explanation, Console(file=shown, width=100, highlight=False))
    (line,) = (line for line in part(shown.getvalue(), "Step by step") if "4–7" in line)
    assert line.split() == ["4–7", "4", "tokens", "━" * 16, "≥99.9%", "0.00", *["very"] * 4]


def test_the_same_goes_to_programs_as_one_object(tmp_path, at, pair):
    told = json.loads(explain(tmp_path, [pair.prompt, "--json", *at], COLUMNS="1"))
    assert told["recalled"]["replies"][0]["reply"] == told["reply"] == pair.reply
    drawn = json.loads(explain(tmp_path, ["--architecture", "--json", *at]))
    assert drawn["parameters"] == sum(block["parameters"] for block in drawn["blocks"])
    done = run_chatbot(["explain", "hi", "--json", "--checkpoint", "nowhere"], tmp_path)
    assert (done.returncode, json.loads(done.stderr)["exit_code"]) == (1, 1)


def test_a_bundle_without_an_index_says_that_there_is_none(tmp_path, bare_bundle, english_pairs):
    said = explain(tmp_path, [english_pairs[0].prompt, "--checkpoint", bare_bundle])
    assert "Nearest training prompts  this bundle keeps no index of them (--no-index)" in said


def test_the_architecture_is_drawn_with_its_sizes(tmp_path, at):
    said = explain(tmp_path, ["--architecture", *at])
    for shown in ("english", "parameters", "encoder", "decoder", "teacher", "LSTM 1, both ways", "2 × 64 per token"):
        assert shown in said
    for shown in ("reply memory", "60 scores", "h1, c1", "Attention, dot product", "Projection", "256: h and c"):
        assert shown in said
    lines = said.splitlines()
    (values,) = (number for number, line in enumerate(lines) if "Values" in line)
    assert "LSTM 1" in lines[values], "the decoder starts beside what the reply memory gives it"
    assert "────────▶" in lines[values + 1]


@pytest.mark.parametrize("name", ["why.svg", "why.html", "WHY.HTM"])
def test_a_picture_is_written_whole_and_not_twice_without_being_told(tmp_path, at, pair, name):
    arguments = ["explain", pair.prompt, "--output", name, *at]
    done = run_chatbot(arguments, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"wrote {name}\n")
    content = (tmp_path / name).read_text(encoding="utf-8")
    assert content.startswith("<svg" if name.endswith("svg") else "<!doctype html>")
    again = run_chatbot(arguments, tmp_path)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"chatbot: {name}: there already; replace it with --overwrite, or choose another name\n"
    assert run_chatbot([*arguments, "--overwrite"], tmp_path).returncode == 0
    assert (tmp_path / name).read_text(encoding="utf-8") == content
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_architecture_can_be_written_too(tmp_path, at):
    done = run_chatbot(["explain", "--architecture", "-o", "it.svg", *at], tmp_path)
    assert (done.returncode, done.stderr) == (0, "wrote it.svg\n")
    assert "What english is made of" in (tmp_path / "it.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["  "], "Error: PROMPT is empty; say something to the bot, or ask for --architecture"),
        (["--plain"], "say something to the bot"),
        (
            ["hi", "--architecture"],
            "Error: --architecture draws the model, whatever is said to it; leave the prompt out",
        ),
        (["--architecture", "--beam", "3"], "Error: --architecture draws the model; leave out the options that"),
        (["--architecture", "--context", "hello"], "Error: --architecture draws the model; leave out the options that"),
        (["hi", "--output", "why.png"], "ends with .svg or .html"),
        (["hi", "--output", "why.svg", "--plain"], "Error: --plain is for the terminal; leave it or --output out"),
        (["hi", "--output", "why.svg", "--states"], "Error: --states is for the terminal; leave it or --output out"),
        (["--architecture", "--states"], "Error: --architecture draws the model; leave out the options that"),
        (["hi", "--overwrite"], "Error: --overwrite needs --output FILE"),
        (["hi", "--json", "--plain"], "--json and --plain are two ways to show it; choose one"),
        (["hi", "--json", "--output", "why.svg"], "choose one"),
        (["hi", "--beam", "0"], "--beam"),
        (["hi", "--n-best", "2"], "--n-best"),
    ],
)
def test_what_would_do_nothing_is_a_usage_error(tmp_path, at, arguments, said):
    done = run_chatbot(["explain", *arguments, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in re.sub(r"[\s│]+", " ", done.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hi", "--output", "nowhere/why.svg"], "nowhere: no such folder"),
        (["hi", "--context", "hello"], "was not trained in context"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(tmp_path, at, arguments, said):
    done = run_chatbot(["explain", *arguments, *at], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_turns_before_are_read_by_a_bot_that_was_trained_so(tmp_path, contextual_bundle):
    turns = ["--context", "do you like rain?", "--context", "Yes, I do."]
    said = explain(tmp_path, ["why?", *turns, "--checkpoint", contextual_bundle])
    assert "bot  Because the garden drinks." in said


def test_on_a_terminal_it_has_colours_unless_they_are_not_wanted(tmp_path, at, pair):
    def run(**environment):
        return pexpect.run(
            f"{sys.executable} -m chatbot explain '{pair.prompt.replace(chr(39), '')}' --checkpoint {os.fspath(at[1])}",
            cwd=str(tmp_path),
            env=program_environment(tmp_path) | {"TERM": "xterm-256color"} | environment,
            encoding="utf-8",
            timeout=120,
        )

    assert "\x1b[36m━" in run()
    assert "\x1b[36m" not in run(NO_COLOR="1")
