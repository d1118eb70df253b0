import json

import pexpect
import pytest
from rich.console import Console

from chatbot import Chatbot
from chatbot.bot.grading import AnswerKey
from chatbot.bot.mistakes import neediest_first
from chatbot.cli.commands.wrong_answers import print_errors, print_weaknesses
from chatbot.corpus import Pair
from tests.conftest import run_chatbot, write_pairs
from tests.terminal_program import spawn_on_terminal

KEYS = [
    "pairs",
    "prompts",
    "right",
    "exact_match",
    "bleu",
    "chrf",
    "by_topic",
    "perplexity",
    "bits_per_byte",
    "distinct_1",
    "distinct_2",
    "top_reply_share",
    "confidence",
    "calibration_error",
    "fallback_below",
    "unsure",
    "replies_per_second",
    "nearest_neighbour",
    "nearest_centroid",
    "linear_svm",
    "confused",
    "need_phrasings",
    "by_length",
    "by_kind",
    "risk",
]


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


@pytest.fixture
def corpus(tmp_path, english_pairs):
    return write_pairs(tmp_path / "some.tsv", english_pairs[:10])


def test_json_is_one_object_with_all_the_figures_and_nothing_else_on_stdout(tmp_path, at, corpus):
    done = run_chatbot(["evaluate", corpus, "--json", *at], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == KEYS
    assert list(found["nearest_neighbour"]) == ["right", "exact_match", "bleu", "chrf"]
    assert (found["pairs"], found["prompts"]) == (10, 10)
    assert found["exact_match"] >= 0.9
    assert found["nearest_neighbour"]["exact_match"] == 1
    assert all(0 <= found[key] <= 1 for key in ("confidence", "calibration_error", "unsure", "distinct_1"))


def test_people_get_a_table_with_the_baseline_beside_the_bot(tmp_path, at, corpus):
    done = run_chatbot(["evaluate", corpus, *at], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("  ") for line in done.stdout.partition("\n\n")[0].splitlines()]
    cells = {line[0].strip(): [cell.strip() for cell in line[1:] if cell.strip()] for line in lines}
    assert cells[""] == ["bot", "nearest neighbour", "nearest centroid", "linear SVM"]
    assert cells["pairs"] == cells["prompts"] == ["10"]
    assert cells["right"][1] == "100.0%"
    assert "exact match" not in cells, "no topics are named, so it would be the same figure twice"
    for name in ("perplexity", "bits per byte", "BLEU", "chrF", "distinct-1", "distinct-2", "most frequent reply"):
        assert cells[name]
    for name in ("confidence", "calibration error", "replies per second"):
        assert len(cells[name]) == 1
    assert "\x1b" not in done.stdout


def but_for_the_speed(lines):
    return [line for line in lines if not line.startswith("replies per second")]


def test_no_width_cuts_the_figures(tmp_path, at, corpus, terminal):
    wide = but_for_the_speed(run_chatbot(["evaluate", corpus, *at], tmp_path).stdout.splitlines())
    narrow = run_chatbot(["evaluate", corpus, *at], tmp_path, COLUMNS="12").stdout.splitlines()
    assert but_for_the_speed(narrow) == wide
    child = terminal("evaluate", corpus, *at, size=(40, 30))
    child.expect(
        r"right: \d+\.\d%, nearest\s+neighbour\s+100\.0%,\s+nearest\s+centroid\s+100\.0%,\s+linear\s+SVM\s+100\.0%\s"
    )
    child.expect(r"most frequent reply: \d+\.0%\s")
    child.expect(pexpect.EOF)
    child = terminal("evaluate", corpus, *at, TERM="dumb")
    child.expect(pexpect.EOF)
    assert but_for_the_speed(child.before.split("\r\n")[:-1]) == wide, "and no bar is drawn"


def say_errors(folder, english_bundle, english_pairs, *options):
    """Evaluate on a file whose first prompts expect what the bot does not say."""
    prompts = [pair.prompt for pair in english_pairs[:4]]
    wrong = [Pair(prompts[0], "Not this."), Pair(prompts[1], "Not this."), Pair(prompts[2], "Nor that " * 40)]
    file = write_pairs(folder / "wrong.tsv", [*wrong, Pair(prompts[2], "Or else."), english_pairs[3]])
    return run_chatbot(["evaluate", file, "--errors", "--checkpoint", english_bundle, *options], folder, COLUMNS="20")


def test_the_errors_are_listed_by_what_was_expected_and_nothing_is_cut_off_a_terminal(
    tmp_path, english_bundle, english_pairs, learned_pairs
):
    assert english_pairs[3] in learned_pairs
    done = say_errors(tmp_path, english_bundle, english_pairs)
    assert (done.returncode, done.stderr) == (0, "")
    bot = Chatbot.load(english_bundle)
    said = [bot.reply(pair.prompt) for pair in english_pairs[:3]]
    report = done.stdout[done.stdout.index("3 of 4 prompts") :]
    assert report == (
        "3 of 4 prompts answered wrongly, by the reply that was expected:\n"
        "\n"
        "0 of 2 right: Not this.\n"
        f"  {english_pairs[0].prompt}\n"
        f"    said: {said[0]} ({said[0].confidence:.0%} confident)\n"
        f"  {english_pairs[1].prompt}\n"
        f"    said: {said[1]} ({said[1].confidence:.0%} confident)\n"
        "\n"
        f"0 of 1 right: {('Nor that ' * 40).strip()}\n"
        f"  {english_pairs[2].prompt}\n"
        f"    said: {said[2]} ({said[2].confidence:.0%} confident)\n"
        "    also right: Or else.\n"
    )


def test_the_answers_confused_most_are_named_with_an_example(tmp_path, at, learned_pairs):
    (first, said), (second, _), (_, other) = learned_pairs[:3]
    file = write_pairs(tmp_path / "confused.tsv", [Pair(first, other), Pair(second, other), *learned_pairs[2:5]])
    done = run_chatbot(["evaluate", file, *at], tmp_path)
    section = done.stdout[done.stdout.index("answers confused most") :].split("\n\n")[0].splitlines()
    assert section[0] == "answers confused most with each other:"
    assert section[1:4] == [f"  1 × {other}", f"    and {said}", f"    as in: {first}"]
    assert len(section) == 7
    confused = json.loads(run_chatbot(["evaluate", file, "--json", *at], tmp_path).stdout)["confused"]
    assert (confused[0]["replies"], confused[0]["count"]) == ([other, said], 1)
    assert list(confused[0]["example"]) == ["prompt", "said", "expected", "confidence"]


def test_the_answers_that_need_more_phrasings_are_named_with_how_many_they_have(capsys):
    key = AnswerKey.of([(f"prompt {number}", f"reply {number % 3}") for number in range(12)], {})
    graded = [key.grade(prompt, "reply 0", None) for prompt in key.prompts]
    phrasings = {"reply 0": 4, "reply 1": 2, "reply 2": 1, "reply 3": 3}
    print_weaknesses(Console(), [], neediest_first(graded, phrasings))
    assert capsys.readouterr().out == (
        "\nanswers that need more phrasings:\n"
        "  0 of 4 right, 1 phrasing: reply 2\n"
        "  0 of 4 right, 2 phrasings: reply 1\n"
    )


def test_the_errors_are_in_the_json_object_where_they_are_asked_for(tmp_path, english_bundle, english_pairs):
    found = json.loads(say_errors(tmp_path, english_bundle, english_pairs, "--json").stdout)
    assert list(found) == [*KEYS, "errors"]
    assert [(group["expected"][:9], group["prompts"], group["right"]) for group in found["errors"]] == [
        ("Not this.", 2, 0),
        ("Nor that ", 1, 0),
    ]
    (mistake,) = found["errors"][1]["errors"]
    assert list(mistake) == ["prompt", "said", "expected", "confidence"]
    assert mistake["prompt"] == english_pairs[2].prompt
    assert mistake["expected"] == [("Nor that " * 40).strip(), "Or else."]
    assert 0 <= mistake["confidence"] <= 1


def test_where_nothing_is_wrong_the_list_of_errors_says_so(tmp_path, at, learned_pairs):
    file = write_pairs(tmp_path / "right.tsv", learned_pairs[:3])
    done = run_chatbot(["evaluate", file, "--errors", *at], tmp_path)
    assert done.stdout.endswith("\n\nevery prompt got a right reply\n")
    assert json.loads(run_chatbot(["evaluate", file, "--errors", "--json", *at], tmp_path).stdout)["errors"] == []


def test_on_a_terminal_the_first_hundred_errors_are_shown_and_the_rest_is_counted(capsys):
    key = AnswerKey.of([(f"prompt {number}", f"reply {number // 7}") for number in range(107)], {})
    graded = [key.grade(prompt, "A wrong reply of several words", None) for prompt in key.prompts]
    console = Console(width=30, force_terminal=True, color_system=None)
    print_errors(console, graded)
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("  prompt ") for line in lines) == 100
    assert lines[:6] == [
        "107 of 107 prompts answered",
        "wrongly, by the reply that was",
        "expected:",
        "",
        "0 of 7 right: reply 0",
        "  prompt 0",
    ]
    assert lines[6:8] == ["    said: A wrong reply of", "    several words"]
    rest = " ".join(" ".join(lines[-3:]).split())
    assert rest == "7 more wrong answers are not shown; a pipe (| less) or --json has them all"


def test_without_an_index_the_baseline_is_null_and_a_dash(tmp_path, bare_bundle, corpus):
    at = ["--checkpoint", bare_bundle]
    found = json.loads(run_chatbot(["evaluate", corpus, "--json", *at], tmp_path).stdout)
    assert (found["nearest_neighbour"], found["need_phrasings"]) == (None, None)
    row = next(line for line in run_chatbot(["evaluate", corpus, *at], tmp_path).stdout.splitlines() if "BLEU" in line)
    assert row.split()[-1] == "—"


def test_further_columns_are_no_part_of_the_pairs(tmp_path, at, english_pairs):
    wide = tmp_path / "wide.tsv"
    wide.write_text("".join(f"{prompt}\t{reply}\ttopic\tmore\n" for prompt, reply in english_pairs[:5]))
    found = json.loads(run_chatbot(["evaluate", wide, "--json", *at], tmp_path).stdout)
    assert (found["pairs"], found["nearest_neighbour"]["exact_match"]) == (5, 1)


def test_lines_that_cannot_be_used_are_reported_and_skipped(tmp_path, at, corpus):
    with corpus.open("a") as file:
        file.write("no tab here\n")
    done = run_chatbot(["evaluate", corpus, "--json", *at], tmp_path)
    assert json.loads(done.stdout)["pairs"] == 10
    told = [f"{corpus}:11: no tab between prompt and reply", f"{corpus}: 1 line skipped"]
    assert [json.loads(line) for line in done.stderr.splitlines()] == [{"warning": line} for line in told]
    assert run_chatbot(["evaluate", corpus, *at], tmp_path).stderr.splitlines() == told


def test_the_replies_are_chosen_as_the_options_say(tmp_path, at, corpus):
    cut = json.loads(run_chatbot(["evaluate", corpus, "--json", "--max-tokens", "1", *at], tmp_path).stdout)
    assert cut["exact_match"] == 0
    beam = json.loads(run_chatbot(["evaluate", corpus, "--json", "--beam", "3", *at], tmp_path).stdout)
    assert beam["exact_match"] >= 0.8
    assert cut["perplexity"] == pytest.approx(beam["perplexity"])


@pytest.mark.parametrize("options", [["--beam", "0"], ["--top-p", "2"], ["--beam", "2", "--temperature", "1"]])
def test_options_out_of_range_are_usage_errors_that_name_them(tmp_path, at, corpus, options):
    done = run_chatbot(["evaluate", corpus, *options, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such file"), ("", "no usable pair"), ("hello\n", "no usable pair")]
)
def test_a_corpus_that_holds_nothing_is_an_error(tmp_path, at, content, said):
    corpus = tmp_path / "none.tsv"
    if content is not None:
        corpus.write_text(content)
    done = run_chatbot(["evaluate", corpus, *at], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_on_a_terminal_bars_show_how_far_it_is_and_leave_the_table(tmp_path, at, corpus):
    child = spawn_on_terminal(["evaluate", corpus, *at], tmp_path, {}, size=(40, 100))
    child.expect("scoring the recorded replies")
    child.expect("answering")
    child.expect("right")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_prompts_from_outside_are_counted_and_a_threshold_is_drawn(tmp_path, at, corpus):
    strange = tmp_path / "strange.txt"
    strange.write_text(
        "qzx vbnm 88 wwq jjj kxq\n\nКаковы перспективы гравитации?\tand a column\nКаковы перспективы гравитации?\n"
    )
    options = [corpus, "--outside", strange, *at]
    done = run_chatbot(["evaluate", *options, "--output", "risk.svg"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "wrote risk.svg\n")
    said = "\n2 prompts from outside: 0 (0.0%) would be answered at "
    assert said in done.stdout
    assert "; AUROC 1.000\n" in done.stdout
    picture = (tmp_path / "risk.svg").read_text()
    assert "It answers 0 of 2 prompts from outside (0.0%); AUROC 1.000." in picture
    again = run_chatbot(["evaluate", *options, "--output", "risk.svg"], tmp_path)
    assert (again.returncode, "risk.svg" in again.stderr) == (1, True)
    risk = json.loads(run_chatbot(["evaluate", *options, "--json"], tmp_path).stdout)["risk"]
    assert (risk["outside"], risk["outside_answered"], risk["auroc"]) == (2, 0, 1.0)
    assert risk["own"]["outside_said"] == 0
    assert (risk["points"][0]["threshold"], risk["points"][0]["right_kept"]) == (0, 1)


def test_the_figures_come_by_length_and_by_the_kind_in_the_fourth_column(tmp_path, at, english_pairs):
    pairs = [*english_pairs[:4], Pair("one two three four five six seven", "Eight."), Pair("word " * 13, "No.")]
    kinds = ["plain", "plain", "odd", "", "odd", "odd"]
    lines = (f"{prompt}\t{reply}\ttopic\t{kind}\n" for (prompt, reply), kind in zip(pairs, kinds, strict=True))
    file = tmp_path / "kinds.tsv"
    file.write_text("".join(lines), encoding="utf-8")
    found = json.loads(run_chatbot(["evaluate", file, "--json", *at], tmp_path).stdout)
    assert [(one["group"], one["prompts"]) for one in found["by_kind"]] == [("plain", 2), ("odd", 3)]
    lengths = {one["group"]: one["prompts"] for one in found["by_length"]}
    assert (sum(lengths.values()), lengths["above 12 words"]) == (6, 1)
    table = run_chatbot(["evaluate", file, *at], tmp_path).stdout
    assert "by length" in table
    assert "by kind" in table


@pytest.mark.parametrize("options", [["--overwrite"], ["--output", "risk.png"]])
def test_a_picture_is_svg_and_overwrite_needs_one(tmp_path, at, corpus, options):
    done = run_chatbot(["evaluate", corpus, *options, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_file_without_prompts_is_none_of_what_is_outside(tmp_path, at, corpus):
    (tmp_path / "blank.txt").write_text("\n\n")
    done = run_chatbot(["evaluate", corpus, "--outside", "blank.txt", *at], tmp_path)
    assert (done.returncode, done.stderr) == (1, "chatbot: blank.txt: no prompt; put one on each line\n")
