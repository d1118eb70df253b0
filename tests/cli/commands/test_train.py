import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from chatbot import Chatbot
from chatbot.bundle import MANIFEST, Bundle
from chatbot.cli.app import app
from chatbot.cli.commands.train_request import TrainingRequest
from chatbot.config import PRESETS
from chatbot.corpus import Pair
from tests.conftest import run_chatbot, running, write_pairs

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
PAIRS = [Pair(f"what is {word}", f"{word} is a word") for word in WORDS]
#: Seconds for a process to end, on a machine that has much else to do.
PATIENCE = 300


#: Kept short: what it does not look at is not made.
SMALL = ["--units", "8", "--float", "--no-index", "--max-time", "none"]
LOGGED = [
    *("--known-replies", "100"),
    *("--epochs", "6", "--valid-share", "0.2", "--seed", "7", "--learning-rate", "0.01", "--precision", "float32"),
    *("--units", "16", "--attention", "dot", "--no-bidirectional", "--float", "--max-time", "none"),
    *("--checkpoint", "bot", "--json-logs", "--log-interval", "0.001s"),
]


@pytest.fixture
def corpus(tmp_path):
    return write_pairs(tmp_path / "words.tsv", PAIRS)


@pytest.fixture
def ran(share):
    """The folder of a run that several tests look at, with `out` and `errors`."""

    def run(name, fill, *options):
        def make(folder):
            done = run_chatbot(["train", fill(folder).name, *options], folder)
            assert done.returncode == 0, done.stderr
            (folder / "out").write_text(done.stdout)
            (folder / "errors").write_text(done.stderr)

        return share(f"run-{name}", make)

    return run


@pytest.fixture
def in_lines(ran):
    """A run off a terminal, of a corpus that has bad lines too."""

    def fill(folder):
        corpus = write_pairs(folder / "words.tsv", PAIRS)
        with corpus.open("ab") as file:
            file.write(b"no tab\n" * 60)
        return corpus

    options = ["--epochs", "3", "--valid-share", "0.2", "--max-length", "3", "--log-interval", "0.001s"]
    options += ["--units", "8", "--float", "--no-index"]
    return ran("lines", fill, *options)


@pytest.fixture
def logged(ran):
    return ran("log", lambda folder: write_pairs(folder / "words.tsv", PAIRS), *LOGGED)


def test_a_repeated_training_has_the_same_weights_bit_for_bit(logged, tmp_path):
    shutil.copy(logged / "words.tsv", tmp_path)
    done = run_chatbot(["train", "words.tsv", "--repeat", str(logged / "bot"), "--checkpoint", "again"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].endswith("bot: the new bot has the same weights")
    before, now = (Bundle.open(place).manifest for place in (logged / "bot", tmp_path / "again"))
    for same in ("options", "pairs", "training"):
        assert before[same] == now[same]
    assert before["metrics"]["weights_digest"] == now["metrics"]["weights_digest"]


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, [], "trained on other pairs than those of CORPUS and --valid now"),
        ({"pairs": None}, [], "did not keep its options"),
        ({"options": {"seed": "x"}}, [], "manifest.json: options: seed is 'x', not int"),
        ({"options": {"valid": "held-out.tsv"}}, [], "trained with --valid held-out.tsv; give --valid again"),
        ({}, ["--resume"], "--repeat begins a run and --resume continues one"),
    ],
)
def test_a_training_that_cannot_be_repeated_says_why_in_one_line(logged, tmp_path, change, options, said):
    shutil.copytree(logged / "bot", tmp_path / "old")
    manifest = json.loads((tmp_path / "old" / MANIFEST).read_text())
    for key, value in change.items():
        if value is None:
            del manifest[key]
        else:
            manifest[key].update(value)
    (tmp_path / "old" / MANIFEST).write_text(json.dumps(manifest))
    write_pairs(tmp_path / "words.tsv", PAIRS[:9])
    done = run_chatbot(["train", "words.tsv", "--repeat", "old", "--checkpoint", "new", *options], tmp_path)
    assert done.returncode == (2 if options else 1)
    assert said in done.stderr.replace("\n", " ").replace("│ ", "")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.run").exists()


def test_the_manifest_names_no_folder_of_its_maker():
    request = TrainingRequest.take({name: one.default for name, one in TrainingRequest.options().items()})
    options = replace(request, values={**request.values, "valid": "/home/jo/held-out.tsv"}).without_folders()
    assert options["valid"] == "held-out.tsv"


LINES = """\
loading TensorFlow
keeping the vectors of N words, with N of the N in the prompts
fitting the tokenizer
tokenizing the corpus
training takes about N s, plus compiling and exporting; up to N epochs of N step
N pairs, N held out; N tokens, vocabulary of N, N pairs truncated
N parameters, about N GB of memory, on CPU
epoch N of N: loss N, N s left
fitting the n-grams of the prompts
exporting and checking the step models
trained for all epochs
  pairs       N, and N held out
"""


def test_a_run_off_a_terminal_is_a_few_short_lines_and_the_summary(in_lines):
    # How often a line is due depends on the clock, and what is said in it on the processor.
    out = (in_lines / "out").read_text()
    lines = [line for line in out.splitlines() if not line.startswith(("epoch 2", "epoch 3", "collapse alarm"))]
    said = re.sub(r"\d([\d.,]*\d)?", "N", "\n".join(lines) + "\n")
    assert said.startswith(LINES)
    assert said.endswith("next: chatbot chat\n")
    assert max(map(len, lines)) < 120
    assert (in_lines / "checkpoints" / "latest").read_text() == "words\n"


def test_bad_lines_are_reported_counted_and_skipped(in_lines):
    lines = (in_lines / "errors").read_text().splitlines()
    assert lines[0] == "words.tsv:11: no tab between prompt and reply"
    assert len(lines) == 51
    assert lines[-1] == "words.tsv: 60 lines skipped, the first 50 of them shown"


def test_a_log_has_a_step_now_and_then(logged):
    events = map(json.loads, (logged / "out").read_text().splitlines())
    steps = [event for event in events if event["event"] == "step"]
    assert len(steps) == 6
    figures = ["loss", "perplexity", "learning_rate", "tokens_per_second", "seconds_left"]
    assert list(steps[-1]) == ["time", "event", "epoch", "step", "seconds", *figures]


def test_json_logs_are_one_object_a_line_from_the_start_to_the_bundle(logged):
    assert (logged / "errors").read_text() == ""
    events = [json.loads(line) for line in (logged / "out").read_text().splitlines()]
    assert list(dict.fromkeys(event["event"] for event in events)) == [
        "stage",
        "started",
        "step",
        "measured",
        "finished",
    ]
    by_name = {event["event"]: event for event in events}
    assert by_name["started"]["training_pairs"] == 8
    assert next(event for event in events if event["event"] == "step")["step"] == 1
    assert by_name["measured"]["step"] == 6
    assert [sample["recorded"] for sample in by_name["measured"]["samples"]] == [
        dict(PAIRS)[sample["prompt"]] for sample in by_name["measured"]["samples"]
    ]
    bundle = Bundle.open(logged / by_name["finished"]["bundle"])
    assert by_name["finished"]["steps"] == bundle.manifest["metrics"]["steps"] == 6
    assert by_name["finished"]["bytes"] == bundle.size
    assert by_name["finished"]["samples"]["prompts"] == 10


def test_the_manifest_says_how_it_was_trained_and_what_came_of_it(logged):
    manifest = Bundle.open(logged / "bot").manifest
    model = {"units": 16, "attention": "dot", "bidirectional": False}
    assert {name: manifest["model"][name] for name in model} == model
    assert (manifest["training"]["seed"], manifest["training"]["learning_rate"]) == (7, 0.01)
    assert manifest["training"]["batch_tokens"] > 0
    assert manifest["training"]["precision"] == "float32"
    assert manifest["metrics"]["stopped"] == "epochs"
    head, *_, last = (logged / "bot" / "history.csv").read_text().splitlines()
    history = dict(zip(head.split(","), last.split(","), strict=True))
    assert float(history["valid_bits_per_byte"]) >= manifest["metrics"]["valid_bits_per_byte"] - 1e-4


def test_the_preset_asked_for_is_taken(bare_bundle):
    model = Bundle.open(bare_bundle).model
    assert (model.units, model.layers) == (PRESETS["tiny"].units, 1)


def test_the_model_is_the_one_asked_for_and_answers_with_several_files_and_a_validation_file(tmp_path, corpus):
    model = {"units": 20, "layers": 2, "bidirectional": True, "attention": "additive"}
    options = ["--preset", "tiny", "--layers", "2", "--bidirectional", "--attention", "additive", "--units", "20"]
    options += ["--float", "--no-index", "--fallback", "I was not  taught that.", "--fallback", "Pardon?"]
    more, valid = write_pairs(tmp_path / "more.tsv", PAIRS[:3]), write_pairs(tmp_path / "valid.tsv", PAIRS[3:5])
    done = run_chatbot(["train", corpus, more, "--valid", valid, "--epochs", "1", *options], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "13 pairs, 2 held out" in done.stdout
    assert "model agrees with Keras on 2 of 2 replies" in done.stdout
    bundle = Bundle.open(tmp_path / "checkpoints" / "words")
    assert bundle.manifest["corpus"] == ["words.tsv", "more.tsv"]
    assert bundle.fallbacks == ("I was not taught that.", "Pardon?")
    assert {name: bundle.manifest["model"][name] for name in model} == model
    assert run_chatbot(["reply", "what is one", "--max-tokens", "5"], tmp_path).returncode == 0


def test_the_time_given_ends_a_run_and_a_reader_that_leaves_early_does_not(tmp_path, corpus):
    limits = ["--max-time", "1s", "--epochs", "100000"]
    command = ["train", corpus, *limits, "--units", "16", "--attention", "none", "--float", "--no-index"]
    with running(command, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 0
    bundle = Bundle.open(tmp_path / "checkpoints" / "words")
    assert bundle.manifest["metrics"]["stopped"] == "time"
    assert bundle.model.attention == "none"
    assert Chatbot.load(bundle.path).reply("what is one").tokens is not None


def test_an_existing_bot_goes_on_learning_with_its_tokenizer(tmp_path, english_bundle, english_pairs):
    corpus = write_pairs(
        tmp_path / "more.tsv", [Pair("what is the password", "The password is swordfish."), *english_pairs[:12]]
    )
    (tmp_path / "checkpoints").mkdir()
    source = shutil.copytree(english_bundle, tmp_path / "checkpoints" / "english")
    manifest = json.loads((source / MANIFEST).read_text())
    (source / MANIFEST).write_text(json.dumps(manifest | {"fallbacks": ["Pardon?"]}))
    options = ["--valid-share", "0", "--epochs", "60", "--max-time", "none", "--float", "--no-index"]
    done = run_chatbot(["train", corpus, "--init-from", "english", *options], tmp_path)
    assert done.returncode == 0, done.stderr
    bundle = Bundle.open(tmp_path / "checkpoints" / "more")
    before = Bundle.open(english_bundle).model
    assert bundle.fallbacks == ("Pardon?",), "as the bot said before"
    known = replace(before, known_replies=before.known_replies + 1, ngrams=bundle.model.ngrams)
    assert bundle.model == known, "the new reply is known from now on"
    assert bundle.model.ngrams > before.ngrams, "and the n-grams of the prompts of both"
    assert (bundle.path / "tokenizer.model").read_bytes() == (english_bundle / "tokenizer.model").read_bytes()
    first = (bundle.path / "history.csv").read_text().splitlines()[1].split(",")
    assert float(first[3]) < 2.0, "it does not begin at random"
    bot = Chatbot.load(bundle.path)
    assert bot.reply("what is the password").text == "The password is swordfish."
    assert bot.reply(english_pairs[7].prompt).text == english_pairs[7].reply


@pytest.mark.parametrize("options", [["--units", "9"], ["--preset", "tiny"], ["--vocabulary-size", "900"]])
def test_going_on_with_a_bot_and_choosing_another_model_is_wrong_usage(corpus, english_bundle, options):
    done = CliRunner().invoke(app, ["train", str(corpus), "--init-from", str(english_bundle), *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--init-from" in done.stderr


def test_going_on_from_what_is_no_bundle_is_refused_before_anything_slow(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--init-from", tmp_path / "nowhere"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere: no such bundle" in done.stderr


def test_a_new_bot_begins_with_the_language_of_another(tmp_path, english_bundle):
    corpus = write_pairs(tmp_path / "shop.tsv", [Pair(f"do you sell {word}", f"We sell {word}.") for word in WORDS])
    options = ["--valid-share", "0", "--epochs", "1", "--max-time", "none", "--float"]
    done = run_chatbot(["train", corpus, "--base", english_bundle, *options], tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"taking over the layers of {english_bundle}" in done.stdout
    made, base = Bundle.open(tmp_path / "checkpoints" / "shop"), Bundle.open(english_bundle)
    assert (made.model.units, made.model.attention) == (base.model.units, base.model.attention)
    assert (made.model.known_replies, made.manifest["base"]) == (len(WORDS), "english"), "a few replies are chosen from"
    assert (made.path / "tokenizer.model").read_bytes() != (base.path / "tokenizer.model").read_bytes()
    told = run_chatbot(["info", "shop"], tmp_path).stdout
    assert re.search(r"^language from +english$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--architecture", "gru"], "--architecture gru: the model of the base {base} has lstm, and its layers"),
        (["--units", "10"], "--units 10: the model of the base {base} has "),
        (["--preset", "tiny"], "--base takes over the sizes of the bundle's model; leave --preset out"),
        (["--init-from", "{base}"], "--init-from keeps the vocabulary and the replies of a bundle, --base only its"),
    ],
)
def test_a_base_and_another_model_is_wrong_usage(corpus, english_bundle, options, said):
    options = [option.format(base=english_bundle) for option in options]
    done = CliRunner().invoke(app, ["train", str(corpus), "--base", str(english_bundle), *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert said.format(base=english_bundle) in " ".join(re.sub(r"[│╭╮╰╯─]", "", done.stderr).split())


@pytest.mark.parametrize("damaged", [True, False])
def test_a_base_that_is_damaged_or_missing_is_refused_before_anything_slow(tmp_path, corpus, english_bundle, damaged):
    base = tmp_path / "base"
    if damaged:
        shutil.copytree(english_bundle, base)
        (base / "model.keras").write_bytes(b"nothing")
    done = run_chatbot(["train", corpus, "--base", base], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert ("model.keras is damaged" if damaged else "base: no such bundle") in done.stderr


def test_tensorboard_logs_every_measurement_or_says_what_to_install(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--epochs", "2", "--tensorboard", *SMALL], tmp_path)
    logs = tmp_path / "checkpoints" / "words.tensorboard"
    if importlib.util.find_spec("tensorboard") is None:
        assert done.returncode == 1
        assert "pip install 'chatbot[tensorboard]'" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        (file,) = logs.rglob("events.out.*")
        assert b"valid_bits_per_byte" in file.read_bytes()


def test_the_same_seed_gives_the_same_bot_and_a_bundle_is_replaced_only_when_told_to(tmp_path, logged):
    place = shutil.copytree(logged / "bot", tmp_path / "bot")
    before = Bundle.open(place).manifest
    corpus = write_pairs(tmp_path / "second.tsv", PAIRS)
    done = run_chatbot(["train", corpus, *LOGGED], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "--overwrite" in done.stderr
    assert Bundle.open(place).manifest == before
    done = run_chatbot(["train", corpus, *LOGGED, "--overwrite"], tmp_path)
    assert done.returncode == 0, done.stderr
    after = Bundle.open(place).manifest
    assert (before["corpus"], after["corpus"]) == (["words.tsv"], ["second.tsv"])
    assert after["metrics"]["weights_digest"] == before["metrics"]["weights_digest"]
    for name in ("tokenizer.model", "encoder.tflite", "decoder.tflite"):
        assert after["files"][name] == before["files"][name]


def test_the_topics_of_a_third_column_are_learned(tmp_path, corpus, logged):
    named = tmp_path / "named.tsv"
    lines = corpus.read_text("utf-8").splitlines()
    topics = ["0", "1", "Fallback"]
    named.write_text("".join(f"{line}\t{topics[row % 3]}\n" for row, line in enumerate(lines)), encoding="utf-8")
    done = run_chatbot(["train", named, *LOGGED], tmp_path)
    assert done.returncode == 0, done.stderr
    digests = {Bundle.open(folder / "bot").manifest["metrics"]["weights_digest"] for folder in (tmp_path, logged)}
    assert len(digests) == 2
    said_when_unsure = Bundle.open(tmp_path / "bot").fallbacks
    assert set(said_when_unsure) == {pair.reply for pair in PAIRS[2::3]}


def test_strict_stops_at_the_first_bad_line_before_anything_is_trained(tmp_path, corpus):
    with corpus.open("ab") as file:
        file.write(b"no tab\nnor here\n")
    done = run_chatbot(["train", corpus, "--strict"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"chatbot: {corpus}:11: no tab between prompt and reply")
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("content", ["", "\n\n", "only one column\n"])
def test_a_file_with_nothing_to_learn_from_is_an_error(tmp_path, content):
    (tmp_path / "empty.tsv").write_text(content)
    done = run_chatbot(["train", "empty.tsv"], tmp_path)
    assert done.returncode == 1
    assert "empty.tsv: no usable pair" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["empty.tsv"]


def test_a_file_that_is_not_there_leaves_no_folder_behind(tmp_path):
    done = run_chatbot(["train", "nosuch.tsv"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatbot: nosuch.tsv: no such file\n"
    assert list(tmp_path.iterdir()) == []


def test_a_single_pair_is_enough_and_gives_the_vocabulary_that_it_can(tmp_path):
    write_pairs(tmp_path / "one.tsv", [Pair("hi", "hello you")])
    done = run_chatbot(
        ["train", "one.tsv", "--epochs", "100", "--vocabulary-size", "32000", "--float", "--no-index"], tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"warning: the corpus gives a vocabulary of \d{3} tokens, fewer than the 32,000 as", done.stdout)
    assert run_chatbot(["reply", "hi"], tmp_path).stdout == "hello you\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--epochs", "0"],
        ["--max-time", "5"],
        ["--valid-share", "1"],
        ["--seed", "-1"],
        ["--seed", "99999999999"],
        ["--learning-rate", "0"],
        ["--max-length", "0"],
        ["--layers", "0"],
        ["--attention", "sharp"],
        ["--preset", "huge"],
        ["--dropout", "1"],
        ["--precision", "float8"],
    ],
)
def test_options_out_of_range_are_usage_errors_that_name_them(corpus, options):
    done = CliRunner().invoke(app, ["train", str(corpus), *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert options[0] in done.stderr


def test_a_vocabulary_too_small_for_the_alphabet_is_an_error_that_says_what_is_needed(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--vocabulary-size", "100"], tmp_path)
    assert done.returncode == 1
    assert "a vocabulary of 100 is too small" in done.stderr


@contextlib.contextmanager
def start_long_run(tmp_path, corpus, line, *options, cold=False):
    """Start a run that would last for hours and wait for a line of its output."""
    endless = ["--epochs", "1000000", "--patience", "1000000", "--max-time", "none", "--json-logs"]
    command = ["train", corpus, *options, *endless]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with running(command, tmp_path, cold=cold, **streams) as process:
        for said in process.stdout:
            if line in said:
                break
        yield process
        process.kill()


FIRST_MEASUREMENT = '"event": "measured"'


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_other_training_comes_between_and_a_signal_keeps_the_best_weights_in_a_working_bundle(
    tmp_path, corpus, number
):
    with start_long_run(tmp_path, corpus, FIRST_MEASUREMENT, *SMALL) as process:
        other = run_chatbot(["train", corpus, "--overwrite"], tmp_path)
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr == (
        f"chatbot: checkpoints/words: another training is writing there (process {process.pid});"
        " wait for its end, or choose another place with --checkpoint DIR\n"
    )
    assert (process.returncode, err) == (0, "")
    assert '"event": "finished", "stopped": "interrupted"' in out
    bundle = Bundle.open(tmp_path / "checkpoints" / "words")
    assert bundle.manifest["metrics"]["stopped"] == "interrupted"
    assert Chatbot.load(bundle.path).reply("what is one").tokens is not None
    assert (tmp_path / "checkpoints" / "words.run" / "state.npz").exists(), "it can be resumed"


def test_a_second_ctrl_c_leaves_at_once_and_leaves_nothing_behind_but_what_can_be_resumed(tmp_path, corpus):
    # With two kinds of weights, so that the export is not over before the second one comes.
    with start_long_run(tmp_path, corpus, FIRST_MEASUREMENT, "--units", "8") as process:
        os.kill(process.pid, signal.SIGINT)
        for line in process.stdout:
            if "exporting" in line:  # the first has been heeded
                break
        time.sleep(0.6)  # signals of half a second are one
        os.kill(process.pid, signal.SIGINT)
        _out, err = process.communicate(timeout=PATIENCE)
    left = [path.name for path in (tmp_path / "checkpoints").iterdir()]
    hint = "checkpoints/words: the same command with --resume continues from the last save\n"
    assert (process.returncode, err, left) == (130, hint, ["words.run"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_before_the_first_step_leaves_at_once(tmp_path, corpus, number, code):
    with start_long_run(tmp_path, corpus, "loading TensorFlow", cold=True) as process:  # a signal amid the imports
        os.kill(process.pid, number)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (code, "")
    assert list(tmp_path.glob("checkpoints/*")) == []
