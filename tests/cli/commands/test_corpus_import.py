import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from chatbot.cli.commands.corpus_import import ImportOptions
from chatbot.config.options import options_of
from chatbot.corpus.formats import FORMATS
from tests.cli.conftest import run_to_full_disk
from tests.conftest import program_environment, run_chatbot, running
from tests.terminal_program import spawn_on_terminal

CHAT = """\
5/13/21, 9:41 AM - Messages and calls are end-to-end encrypted.
5/13/21, 9:41 AM - Ida: hi Jon
5/13/21, 9:42 AM - Jon: hello
5/13/21, 9:42 AM - Jon: call me at +44 20 7946 0958
5/13/21, 9:43 AM - Ida: <Media omitted>
5/13/21, 9:44 AM - Ida: why?
5/13/21, 9:45 AM - Jon: mail is full, jo@example.com
5/14/21, 9:45 AM - Ida: better now?
5/14/21, 9:46 AM - Jon: yes
"""


@pytest.fixture
def chat(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(CHAT, encoding="utf-8")
    return path


def test_a_chat_becomes_a_corpus_with_a_summary_and_a_plain_note(tmp_path, chat):
    done = run_chatbot(
        ["corpus", "import", chat, "-o", "out.tsv", "--as", "Jon", "--redact", "--context", "2"], tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out.tsv").read_text() == (
        "hi Jon\thello call me at <phone>\n"
        "hi Jon ␞ hello call me at <phone> ␞ why?\tmail is full, <email>\n"
        "better now?\tyes\n"
    )
    summary, note, following = done.stderr.partition("note: ")
    assert summary == (
        "WhatsApp chat: 2 conversations, 3 pairs to out.tsv\n"
        "  left out: 1 × system message\n"
        "  left out: 1 × media or other content without text\n"
        "  redacted: 1 × <phone>\n"
        "  redacted: 1 × <email>\n"
        "  prompts carry up to 2 turns before them, which chat will do too\n"
    )
    assert "a model can repeat what it was trained on, word for word" in note + following
    assert following.endswith("next: chatbot corpus check out.tsv\n")


def test_standard_output_carries_the_pairs_and_nothing_else(tmp_path, chat):
    done = run_chatbot(["corpus", "import", chat, "-o", "-", "--gap", "none"], tmp_path)
    assert done.stdout.splitlines() == [
        "hi Jon\thello call me at +44 20 7946 0958",
        "hello call me at +44 20 7946 0958\twhy?",
        "why?\tmail is full, jo@example.com",
        "mail is full, jo@example.com\tbetter now?",
        "better now?\tyes",
    ]
    assert "everyone's replies are learned; --as NAME takes one person's: Jon (4), Ida (3)" in done.stderr
    assert "--redact takes out" in done.stderr


def test_what_is_no_private_chat_has_no_note(tmp_path):
    (tmp_path / "deck.txt").write_text("Go on.\tVas-y.\n")
    done = run_chatbot(["corpus", "import", "deck.txt", "-o", "out.tsv.gz"], tmp_path)
    assert done.stderr == (
        "Tatoeba or Anki, tab-separated: 1 conversation, 1 pair to out.tsv.gz\nnext: chatbot corpus check out.tsv.gz\n"
    )
    assert gzip.decompress((tmp_path / "out.tsv.gz").read_bytes()) == b"Go on.\tVas-y.\n"


def test_the_summary_says_which_bots_are_left_out(tmp_path):
    people = [("ida", "rain today?", False), ("Rain", "Yes.", True), ("ida", "take a coat", False), ("jo", "ok", False)]
    messages = [
        {"type": "Default", "content": text, "author": {"id": who, "name": who, "isBot": bot}}
        for who, text, bot in people
    ]
    export = {"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": messages}
    (tmp_path / "general.json").write_text(json.dumps(export))
    done = run_chatbot(["corpus", "import", "general.json", "-o", "-"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "take a coat\tok\n")
    assert "  left out: 1 × message of a bot\n" in done.stderr
    assert "--as NAME takes one person's: ida (2), jo (1)\n" in done.stderr
    assert "  bots are left out; --as NAME takes the replies of one: Rain (1)\n" in done.stderr


def test_damaged_lines_are_named_and_counted(tmp_path):
    good = json.dumps({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]})
    (tmp_path / "chat.jsonl").write_bytes(f"{good}\r\n{good[:40]}\n".encode() + b'{"messages": "\xff"}\n')
    done = run_chatbot(["corpus", "import", "chat.jsonl", "-o", "-"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "hi\thello\n")
    assert "chat.jsonl:2: damaged JSON" in done.stderr
    assert "chat.jsonl:3: not UTF-8: byte 0xff at column 15\n" in done.stderr
    assert "chat.jsonl: 2 lines skipped\n" in done.stderr
    assert "  left out: 2 × damaged\n" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.txt", None, "none.txt: no such file or folder"),
        ("empty.txt", b"", "empty.txt: empty, nothing to import"),
        ("words.txt", b"just words\n", "words.txt: not recognized; it looks like plain text ('just words')"),
        ("cut.gz", gzip.compress(CHAT.encode() * 99)[:-9], "cut.gz: damaged gzip file"),
        ("cut.json", b'{"guild": {"id": "1"},\n"channel": {"id": "2"},\n"messages": [', "cut.json:3: damaged JSON"),
        ("cut.yml", b"conversations:\n- - 'a\n", "cut.yml:3: damaged YAML"),
        ("chat.zip", b"PK\x03\x04....", "chat.zip: damaged zip archive"),
        (".", None, ".: not recognized"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_code_1_and_one_message(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run_chatbot(["corpus", "import", name, "-o", "out.tsv"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"chatbot: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.tsv").exists()


def test_a_file_that_is_there_is_not_overwritten_unasked(tmp_path, chat):
    (tmp_path / "out.tsv").write_text("old")
    done = run_chatbot(["corpus", "import", chat, "-o", "out.tsv"], tmp_path)
    assert (done.returncode, (tmp_path / "out.tsv").read_text()) == (1, "old")
    assert "--overwrite" in done.stderr
    assert run_chatbot(["corpus", "import", chat, "-o", "out.tsv", "--overwrite"], tmp_path).returncode == 0
    assert (tmp_path / "out.tsv").read_text().startswith("hi Jon\t")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-o", "out.tsv", "--gap", "soon"],
        ["-o", "out.tsv", "--columns", "one"],
        ["-o", "out.tsv", "--columns", "a,b", "--format", "whatsapp"],
        ["-o", "out.tsv", "--context", "-1"],
        ["-o", "out.tsv", "--format", "msn"],
        ["-o", "out.tsv", "--encoding", "latin-99"],
    ],
)
def test_wrong_usage_is_exit_code_2(tmp_path, chat, options):
    done = run_chatbot(["corpus", "import", chat, *options], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_columns_are_named_for_a_table(tmp_path):
    (tmp_path / "log.csv").write_text('when,client,"agent, name"\nnow,hi,hello\n')
    done = run_chatbot(["corpus", "import", "log.csv", "-o", "-", "--columns", 'client,"agent, name"'], tmp_path)
    assert done.stdout == "hi\thello\n"


def test_the_encoding_can_be_named_and_the_usual_one_is_found(tmp_path):
    (tmp_path / "menu.csv").write_bytes(
        "question,answer\nChaï latté?,Après dîner\nCafé crème?,Dès l’été\n".encode("cp1252")
    )
    done = run_chatbot(["corpus", "import", "menu.csv", "-o", "-"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "Chaï latté?\tAprès dîner\nCafé crème?\tDès l’été\n")
    assert "  read as windows-1252; if letters are wrong, say --encoding\n" in done.stderr
    (tmp_path / "menu.csv").write_bytes("question,answer\nлатте?,после обеда\n".encode("koi8-r"))
    done = run_chatbot(["corpus", "import", "menu.csv", "-o", "-", "--encoding", "KOI8-R"], tmp_path)
    assert done.stdout == "латте?\tпосле обеда\n"


def test_html_is_decoded_in_tables_and_kept_in_chats(tmp_path, chat):
    (tmp_path / "shop.csv").write_text("question,answer\nwhat&#39;s in it?,tea &amp; milk<br>or water\n")
    done = run_chatbot(["corpus", "import", "shop.csv", "-o", "-"], tmp_path)
    assert done.stdout == "what's in it?\ttea & milk or water\n"
    assert "  decoded: 2 × HTML entity\n  decoded: 1 × HTML tag\n" in done.stderr
    done = run_chatbot(["corpus", "import", "shop.csv", "-o", "-", "--no-html"], tmp_path)
    assert done.stdout == "what&#39;s in it?\ttea &amp; milk<br>or water\n"
    chat.write_text(CHAT.replace("hello", "try &lt;br&gt;"), encoding="utf-8")
    assert "\ttry &lt;br&gt; call" in run_chatbot(["corpus", "import", chat, "-o", "-"], tmp_path).stdout
    assert "\ttry <br> call" in run_chatbot(["corpus", "import", chat, "-o", "-", "--html"], tmp_path).stdout


def test_a_reader_that_leaves_early_ends_it_quietly(tmp_path):
    (tmp_path / "deck.txt").write_text("Go on.\tVas-y.\n" * 200_000)
    command = f"{sys.executable} -m chatbot corpus import deck.txt -o - | head -1"
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=program_environment(tmp_path),
        check=False,
    )
    assert (done.stdout, done.stderr) == ("Go on.\tVas-y.\n", "")


def test_a_full_disk_is_an_error_that_leaves_nothing(tmp_path, chat):
    done = run_to_full_disk(["corpus", "import", chat, "-o", "-"], tmp_path)
    assert done.returncode == 1
    assert "cannot be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_is_exit_code_130_and_leaves_nothing(tmp_path):
    (tmp_path / "deck.txt").write_text("Go on.\tVas-y.\n" * 2_000_000)
    command = ["corpus", "import", "deck.txt", "-o", "out.tsv"]
    with running(command, tmp_path, stderr=subprocess.PIPE) as process:
        while not any(draft.stat().st_size for draft in tmp_path.glob(".out.tsv.new-*")):  # until it writes
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir()] == ["deck.txt"]


def test_the_choices_are_the_formats_there_are():
    assert options_of(ImportOptions)["format"].choices == ("auto", *FORMATS)


def test_a_corpus_that_was_imported_passes_the_check(tmp_path, chat):
    run_chatbot(["corpus", "import", chat, "-o", "out.tsv", "--redact"], tmp_path)
    done = run_chatbot(["corpus", "check", "out.tsv", "--json"], tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["trainable"]


def test_a_terminal_shows_a_bar_while_it_reads(tmp_path, chat):
    child = spawn_on_terminal(["corpus", "import", chat, "-o", "out.tsv"], tmp_path, {})
    child.expect("reading WhatsApp chat")
    child.expect("2 conversations, 4 pairs to out.tsv")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_a_corpus_on_standard_output_is_utf8_whatever_the_terminal_speaks(tmp_path, encoding):
    (tmp_path / "pairs.csv").write_text("prompt,reply\n안녕,네\n", encoding="utf-8")
    done = run_chatbot(["corpus", "import", "pairs.csv", "--output", "-"], tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout) == (0, "안녕\t네\n")
