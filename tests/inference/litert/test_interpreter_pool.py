import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatbot import Chatbot
from chatbot.inference.litert.interpreter_pool import InterpreterPool
from chatbot.inference.usable_cores import usable_cores
from tests.conftest import PATIENCE, program_environment


class Worker:
    """Stands for an interpreter."""


def test_threads_share_no_more_interpreters_than_there_may_be():
    pool = InterpreterPool(Worker, 2)
    in_use, most, lock = set(), [], threading.Lock()

    def work(_):
        one = pool.take()
        with lock:
            assert one not in in_use
            in_use.add(one)
            most.append(len(in_use))
        with lock:
            in_use.remove(one)
        pool.give(one)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(500)))
    assert max(most) <= len(pool) <= 2


def test_one_that_is_lost_with_whoever_had_it_is_replaced():
    pool = InterpreterPool(Worker, 1)
    pool.take()
    assert isinstance(pool.take(), Worker)


def test_what_cannot_be_made_is_an_error_and_takes_no_place():
    workers = iter([ValueError("no"), Worker()])

    def make():
        made = next(workers)
        if isinstance(made, Exception):
            raise made
        return made

    pool = InterpreterPool(make, 1)
    with pytest.raises(ValueError, match="no"):
        pool.take()
    assert isinstance(pool.take(), Worker)


def test_thirty_two_threads_need_no_more_interpreters_than_cores(english_bundle, english_pairs):
    bot = Chatbot.load(english_bundle)
    prompts = [pair.prompt for pair in english_pairs]
    alone = [bot.reply(prompt).text for prompt in prompts]
    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(lambda prompt: bot.reply(prompt).text, prompts * 3)) == alone * 3
    assert all(len(part._pool) <= usable_cores() for part in (bot.model._decoder, bot.model._recall))


FORKING = """
import os, sys, threading
from chatbot import Chatbot
bot = Chatbot.load(sys.argv[1])
bot.reply_batch([f"hello {number}" for number in range(100)])
busy = threading.Event()
def talk():
    while True:
        bot.reply("hello")
        busy.set()
for _ in range(4):
    threading.Thread(target=talk, daemon=True).start()
busy.wait()
said = bot.reply("hello").text
child = os.fork()
if child == 0:
    right = bot.reply("hello").text == said and len({one.text for one in bot.reply_batch(["hello"] * 100)}) == 1
    os._exit(0 if right else 3)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_that_is_forked_while_threads_answer_gives_the_same_replies(tmp_path, english_bundle):
    command = [sys.executable, "-W", "ignore", "-c", FORKING, str(english_bundle)]
    done = subprocess.run(
        command, env=program_environment(tmp_path), capture_output=True, timeout=PATIENCE, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
