import json

import pytest

from chatbot.corpus import read_pairs
from tests.conftest import DIALOGS, refuse, run_chatbot, write_pairs

CHECKS = [
    "lines",
    "amount",
    "duplicates",
    "several replies",
    "frequent replies",
    "phrasings",
    "lengths",
    "languages by script",
    "personal data",
]


def test_every_check_has_a_verdict_and_advice_in_lines_off_a_terminal(tmp_path):
    (tmp_path / "faq.tsv").write_bytes(b"hi\thello\nhi\they\nno tab\nmail?\tjo@example.com\n")
    done = run_chatbot(["corpus", "check", "faq.tsv"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for check in (*CHECKS, "training"):
        assert f"\n{check}: " in done.stdout
    assert "3 pairs; no tab between prompt and reply: 1 (line 3)" in done.stdout
    assert "\n  → fix these lines; training will skip them\n" in done.stdout
    assert "e-mail addresses: 1 (lines 4" in done.stdout
    assert "1 prompt with several replies" in done.stdout
    assert "about " in done.stdout.split("\ntraining: ")[1]


def test_off_a_terminal_the_lines_are_the_same_at_any_width(tmp_path):
    (tmp_path / "faq.tsv").write_text("hi\thello\nhow are you today?\tfine\n")
    shown = {
        columns: run_chatbot(["corpus", "check", "faq.tsv"], tmp_path, COLUMNS=columns).stdout
        for columns in ("0", "10", "200")
    }
    lengths = [text.partition("\nlengths: ")[2].partition("\n\n")[0] for text in shown.values()]
    assert lengths == 3 * [
        "good\n"
        "  prompts: median 2 characters, 95th percentile 18, longest 18;"
        " replies: median 4 characters, 95th percentile 5, longest 5\n"
        "  characters  prompts  replies\n"
        "         1–9        1        2\n"
        "       10–19        1        0\n"
        "       20–39        0        0\n"
        "       40–79        0        0\n"
        "      80–159        0        0\n"
        "     160–319        0        0\n"
        "        320+        0        0"
    ]


def test_a_terminal_that_cannot_draw_gets_no_table_and_no_bars(tmp_path, terminal):
    (tmp_path / "faq.tsv").write_text("hi\thello\n")
    drawn = terminal("corpus", "check", "faq.tsv").read()
    assert "▇" in drawn
    assert "│" in drawn
    plain = terminal("corpus", "check", "faq.tsv", TERM="dumb").read()
    assert set(plain) & set("▇│─┃━\x1b") == set()
    assert "\nlengths: good\r\n" in plain


def test_json_is_one_object_with_every_number(tmp_path):
    # A few prompts of the shipped corpus are HTML, which is a finding of its own.
    pairs = [pair for pair in read_pairs(DIALOGS, refuse) if "<" not in pair.prompt]
    corpus = write_pairs(tmp_path / "pairs.tsv", pairs[::20])
    done = run_chatbot(["corpus", "check", corpus, "--test", corpus, "--json"], tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["file"], report["trainable"]) == (0, str(corpus), True)
    findings = {finding["check"]: finding for finding in report["findings"]}
    assert list(findings) == [*CHECKS, "test file", "training"]
    leaks = findings["test file"]
    assert leaks["verdict"] == "warning"
    assert leaks["data"]["leaked"] == leaks["data"]["test_prompts"] == findings["amount"]["data"]["prompts"]
    assert findings["lines"]["data"]["unusable"] == {}
    assert findings["training"]["data"]["tokens"] > findings["lines"]["data"]["usable"]
    assert 0 < findings["training"]["data"]["seconds"] <= 240


@pytest.mark.parametrize("content", [b"", b"no tab\n", b"\tx\n", b"caf\xe9\tx\n"])
def test_exit_code_1_where_training_would_fail(tmp_path, content):
    (tmp_path / "bad.tsv").write_bytes(content)
    done = run_chatbot(["corpus", "check", "bad.tsv", "--json"], tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["trainable"]) == (1, False)
    assert report["findings"][0]["verdict"] == "failure"
    assert "Traceback" not in done.stderr


def test_html_is_noted_with_its_count_and_its_first_line(tmp_path):
    (tmp_path / "web.tsv").write_text("hi\thello\nl&apos;eau?\tyes<br>&amp; no\n")
    done = run_chatbot(["corpus", "check", "web.tsv", "--json"], tmp_path)
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["HTML"]["verdict"] == "note"
    assert findings["HTML"]["found"] == "2 × an entity such as &quot; and 1 × a tag, the first at web.tsv:2"
    assert findings["HTML"]["data"] == {"entities": 2, "tags": 1, "first_lines": [2]}


def test_a_chat_that_is_no_corpus_yet_is_recognized(tmp_path):
    (tmp_path / "my chat.txt").write_text("13/05/2021, 09:41 - Ida: hi\n")
    done = run_chatbot(["corpus", "check", "my chat.txt"], tmp_path)
    assert done.returncode == 1
    assert "it looks like WhatsApp chat" in done.stdout
    assert "→ chatbot corpus import 'my chat.txt' -o corpus.tsv" in done.stdout


@pytest.mark.parametrize(("name", "what"), [("none.tsv", "no such file"), (".", "a folder, not a file")])
def test_a_file_that_cannot_be_read_is_exit_code_1(tmp_path, name, what):
    (tmp_path / "good.tsv").write_text("a\tb\n")
    for arguments in ([name], ["good.tsv", "--test", name]):
        done = run_chatbot(["corpus", "check", *arguments], tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert what in done.stderr


def test_wrong_usage_is_exit_code_2(tmp_path):
    assert run_chatbot(["corpus", "check"], tmp_path).returncode == 2
    assert run_chatbot(["corpus", "frobnicate"], tmp_path).returncode == 2
    assert run_chatbot(["corpus"], tmp_path).returncode == 2


def test_a_short_epoch_takes_less_than_a_second_and_not_none(tmp_path):
    corpus = tmp_path / "few.tsv"
    corpus.write_text("".join(f"what is {number}\tIt is {number}.\n" for number in range(20)))
    shown = " ".join(run_chatbot(["corpus", "check", corpus], tmp_path).stdout.replace("│", " ").split())
    assert "epochs of less than a second each" in shown
    assert "nothing truncated" in shown
