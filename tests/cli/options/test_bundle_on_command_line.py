"""The promise that a bot is loaded whole beside an import, and that garbage is collected afterwards."""

import gc
import threading

import pytest

from chatbot.bot.chatbot import Chatbot
from chatbot.cli.options.bundle_on_command_line import load_bot
from chatbot.errors import BundleError


@pytest.fixture(autouse=True)
def collector():
    yield
    gc.unfreeze()


def test_the_bot_is_the_one_of_its_bundle(english_bundle):
    assert load_bot(english_bundle).reply("hello") == Chatbot.load(english_bundle).reply("hello")


def test_garbage_is_collected_again_whether_a_bot_was_loaded_or_refused(english_bundle, tmp_path):
    load_bot(english_bundle)
    assert gc.isenabled()
    with pytest.raises(BundleError, match="not a bundle"):
        load_bot(tmp_path)
    assert gc.isenabled()


def test_a_bot_is_loaded_also_where_no_thread_can_be_started(english_bundle, monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert load_bot(english_bundle).reply("hello").text
