import re

import pytest

from tests.conftest import run_chatbot


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


@pytest.mark.parametrize("command", ["reply", "chat"])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--beam", "0"], ["--beam"]),
        (["--temperature", "-1"], ["--temperature"]),
        (["--top-k", "0"], ["--top-k"]),
        (["--top-p", "1.5"], ["--top-p"]),
        (["--top-p", "0"], ["--top-p"]),
        (["--min-p", "2"], ["--min-p"]),
        (["--seed", "-1", "--top-k", "2"], ["--seed"]),
        (["--max-tokens", "0"], ["--max-tokens"]),
        (["--min-tokens", "9", "--max-tokens", "8"], ["--min-tokens", "--max-tokens"]),
        (["--repetition-penalty", "0"], ["--repetition-penalty"]),
        (["--no-repeat-ngram", "-1"], ["--no-repeat-ngram"]),
        (["--length-penalty", "-1", "--beam", "2"], ["--length-penalty"]),
        (["--length-penalty", "1"], ["--length-penalty", "--beam"]),
        (["--beam", "2", "--temperature", "1"], ["--beam", "--temperature"]),
        (["--beam", "2", "--top-k", "5", "--min-p", "0.1"], ["--beam", "--top-k", "--min-p"]),
        (["--seed", "1"], ["--seed", "--temperature"]),
        (["--diversity", "0.5"], ["--diversity", "--beam"]),
        (["--diversity", "nan", "--beam", "2"], ["--diversity"]),
        (["--length-bonus", "1", "--beam", "2"], ["--length-bonus", "--diversity"]),
        (["--ban-words", "missing.txt"], ["--ban-words", "missing.txt"]),
    ],
)
def test_values_out_of_range_or_against_each_other_are_usage_errors_that_name_the_option(
    tmp_path, command, options, named
):
    done = run_chatbot([command, *options], tmp_path, "hello\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert set(named) <= set(re.findall(r"--[a-z-]+|missing.txt", done.stderr))


def test_more_replies_than_the_beam_holds_are_a_usage_error(tmp_path):
    done = run_chatbot(["reply", "hello", "--n-best", "3", "--beam", "2"], tmp_path)
    assert done.returncode == 2
    assert "--n-best" in done.stderr


def test_a_file_of_words_that_is_no_text_is_a_usage_error(tmp_path):
    (tmp_path / "words").write_bytes(b"\xff\xfe")
    done = run_chatbot(["reply", "hello", "--ban-words", "words"], tmp_path)
    assert done.returncode == 2
    assert "words: cannot be read: it is not UTF-8" in done.stderr


def test_the_help_shows_the_options_in_panels(tmp_path):
    shown = run_chatbot(["reply", "--help"], tmp_path).stdout
    for panel in ("What may be said", "Beam search", "Sampling"):
        assert panel in shown
    assert "--n-best" in shown
    assert "--n-best" not in run_chatbot(["chat", "--help"], tmp_path).stdout


def test_the_n_best_are_k_lines_of_score_and_text_for_each_prompt(tmp_path, at, learned_pairs):
    (first, said), (second, answered) = learned_pairs[:2]
    done = run_chatbot(["reply", "--beam", "4", "--n-best", "3", *at], tmp_path, f"{first}\n\n{second}\n")
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines)) == (0, 9)
    assert [lines[row].split("\t")[1] for row in (0, 6)] == [said, answered]
    assert lines[3:6] == ["", "", ""]
    scores = [float(line.split("\t")[0]) for line in lines if line]
    assert all(score <= 0 for score in scores)
    assert len({line.split("\t")[1] for line in lines[:3]}) == 3


def test_a_seed_makes_chance_repeatable(tmp_path, at):
    options = ["--temperature", "3", "--max-tokens", "8", *at]
    said = [run_chatbot(["reply", "hello", "--seed", seed, *options], tmp_path).stdout for seed in ("1", "1", "2")]
    assert said[0] == said[1] != said[2]
    piped = run_chatbot(["reply", "--seed", "1", *options], tmp_path, "something else\nhello\n").stdout
    assert piped.splitlines()[1] == said[0].rstrip("\n")


@pytest.mark.parametrize("search", [[], ["--beam", "3"], ["--temperature", "1", "--seed", "0"]])
def test_banned_words_never_stand_in_a_reply(tmp_path, at, learned_pairs, search):
    prompts = [pair.prompt for pair in learned_pairs[:20]]
    words = sorted({word for pair in learned_pairs[:20] for word in re.findall(r"[a-z]+", pair.reply.lower())})[::3]
    (tmp_path / "words.txt").write_text("\n\n".join(words).upper(), encoding="utf-8-sig")
    done = run_chatbot(
        ["reply", "--ban-words", "words.txt", "--max-tokens", "40", *search, *at], tmp_path, "\n".join(prompts)
    )
    assert done.returncode == 0
    said = re.findall(r"[a-z]+", done.stdout.lower())
    assert len(said) > 20
    assert not set(words) & set(said)


def test_a_chat_takes_the_same_options(tmp_path, at, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["chat", "--beam", "3", "--diversity", "0", *at], tmp_path, f"{prompt}\n")
    assert (done.returncode, done.stdout) == (0, f"{reply}\n")
    done = run_chatbot(["chat", "--max-tokens", "2", *at], tmp_path, f"{prompt}\n")
    assert reply.startswith(done.stdout.rstrip("\n"))
    assert done.stdout != f"{reply}\n"
