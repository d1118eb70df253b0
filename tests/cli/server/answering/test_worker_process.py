"""Worker processes: real ones, which answer as the server's own bot does, and whose end loses nothing."""

import multiprocessing.connection
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatbot.bot.chatbot import Chatbot
from chatbot.bundle import Bundle
from chatbot.cli.server.answering.answering_bot import AnsweringBot
from chatbot.cli.server.answering.reply_stream import Question
from chatbot.cli.server.answering.worker_process import WorkerProcess
from chatbot.config import DecodingConfig, FallbackOptions

HELLO = Question("hello", (), DecodingConfig())


@pytest.fixture
def work():
    """Makes workers, which are closed after the test."""
    workers = []

    def make(place):
        workers.append(WorkerProcess(place, DecodingConfig(), FallbackOptions()))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()


def number_of(worker):
    return worker._process.pid


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_answers_as_the_bot_does_and_ends_when_it_is_closed(work, english_bundle):
    worker = work(english_bundle)
    assert worker.answer([HELLO]) is None
    assert worker.start()
    assert worker.is_running
    own = AnsweringBot.open(Bundle.open(english_bundle), DecodingConfig(), FallbackOptions())
    questions = [Question(text, (), HELLO.decoding) for text in ("hello", "how are you?", "tell me a joke", "zxcv")]
    answers, expected = worker.answer(questions), own.answer(questions)
    assert [one.reply for one in answers] == [one.reply for one in expected]
    assert [one.reply.confidence for one in answers] == [one.reply.confidence for one in expected]
    assert [one.prompt_tokens for one in answers] == [one.prompt_tokens for one in expected]
    process = number_of(worker)
    worker.close()
    assert not is_there(process)
    assert not worker.is_running


def test_what_its_bot_refuses_it_leaves_to_the_server(work, english_bundle):
    worker = work(english_bundle)
    assert worker.start()
    every_reply = tuple(reply.text for reply in Chatbot.load(english_bundle).known_replies)
    assert worker.answer([Question("hello", (), DecodingConfig(ban_words=every_reply))]) is None
    assert worker.is_running
    assert len(worker.answer([HELLO])) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_somebody_ended_has_no_answers_until_it_is_started_again(work, english_bundle, number):
    worker = work(english_bundle)
    assert worker.start()
    os.kill(number_of(worker), number)
    assert worker.answer([HELLO]) is None
    assert not worker.is_running
    assert worker.start()
    assert len(worker.answer([HELLO])) == 1


def test_ctrl_c_is_for_the_server(work, english_bundle):
    worker = work(english_bundle)
    assert worker.start()
    os.kill(number_of(worker), signal.SIGINT)
    assert len(worker.answer([HELLO])) == 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals are blocked there")
def test_ctrl_c_does_not_reach_a_worker_that_only_starts(work, english_bundle):
    worker = work(english_bundle)
    assert worker.start()
    lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{number_of(worker)}/status").read_text().splitlines())
    assert int(lines["SigBlk"], 16) >> (signal.SIGINT - 1) & 1  # from before it could ignore it


def test_one_that_hangs_can_be_ended_while_its_answer_is_waited_for(work, english_bundle):
    worker = work(english_bundle)
    assert worker.start()
    os.kill(number_of(worker), signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(worker.answer, [HELLO])
        worker.kill()
        assert asked.result(60) is None
    assert not worker.is_running


def test_where_the_system_has_no_more_pipes_there_is_no_worker(work, monkeypatch, english_bundle):
    def refuse(*_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(multiprocessing.connection, "Pipe", refuse)
    assert not work(english_bundle).start()


def test_after_a_reload_it_has_no_answers_of_the_old_bundle(work, tmp_path, english_bundle, contextual_bundle):
    place = tmp_path / "bot"
    shutil.copytree(english_bundle, place)
    worker, why = work(place), Question("why?", (), DecodingConfig())
    assert worker.start()
    assert worker.answer([why])[0].reply.text != "Why what?"
    shutil.rmtree(place)
    shutil.copytree(contextual_bundle, place)
    worker.reload()
    assert (worker.is_running, worker.answer([why])) == (False, None)
    assert worker.start()
    assert worker.answer([why])[0].reply.text == "Why what?"


def test_a_bundle_that_cannot_be_loaded_gives_no_worker(work, tmp_path, capfd):
    worker = work(tmp_path / "nobody")
    assert not worker.start()
    assert worker.answer([HELLO]) is None
    assert capfd.readouterr() == ("", "")
