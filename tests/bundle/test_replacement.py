"""The promise that a reader finds a bundle whole, the old one or the new one, while another takes its place."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot import Chatbot, bundle
from chatbot.bundle import Bundle, bundles_in, find, is_bundle
from chatbot.errors import BundleError


def copy_of(source: Path) -> Callable[[Path], dict[str, object]]:
    """What fills a new bundle with the files of another."""

    def fill(folder: Path) -> dict[str, object]:
        for name in Bundle.open(source).files:
            shutil.copy(source / name, folder)
        return {}

    return fill


def replace(place: Path, source: Path) -> None:
    """Write a bundle as training does, with the files of another."""
    other = Bundle.open(source)
    bundle.write(place, other.model, other.manifest, copy_of(source))


def words(bot: Chatbot) -> tuple[object, ...]:
    """What shows of whose files a bot is: its step models, tokenizer, calibration, index and known replies."""
    reply = bot.reply("hello there")
    return reply.text, reply.confidence, bot.fallback_threshold, bot.known_replies, bot.tokenizer.model


@pytest.fixture
def place(tmp_path, monkeypatch, bare_bundle):
    monkeypatch.chdir(tmp_path)
    Path("checkpoints").mkdir()
    replace(tmp_path / "checkpoints" / "bot", bare_bundle)
    return tmp_path / "checkpoints" / "bot"


def test_readers_see_the_old_bot_or_the_new_one_as_fast_as_they_are_replaced(place, bare_bundle, english_bundle):
    whole = [words(Chatbot.load(source)) for source in (bare_bundle, english_bundle)]
    over, written = threading.Event(), []

    def write() -> None:
        while not over.is_set():
            for source in (english_bundle, bare_bundle):
                replace(place, source)
                written.append(source)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        loads = 0
        while loads < 20 or len(written) < 20:
            assert words(Chatbot.load(place)) in whole
            assert find(Path("bot"), pytest.fail) == Path("checkpoints/bot")
            assert is_bundle(place)
            assert [(seen.path.name, seen.problem) for seen in bundles_in(place.parent)] == [("bot", None)]
            loads += 1
    finally:
        over.set()
        writer.join()


def test_a_loaded_bot_stays_itself_when_another_takes_its_place(place, bare_bundle, english_bundle):
    replace(place, english_bundle)
    bot = Chatbot.load(place)
    replace(place, bare_bundle)  # before the index or the known replies are read
    assert words(bot) == words(Chatbot.load(english_bundle))


def test_a_loaded_bot_answers_when_its_bundle_is_removed(place, english_bundle):
    replace(place, english_bundle)
    bot = Chatbot.load(place)
    shutil.rmtree(place)
    assert words(bot) == words(Chatbot.load(english_bundle))


def test_an_index_that_is_changed_after_loading_is_not_used(place, english_bundle):
    replace(place, english_bundle)
    bot, confidence = Chatbot.load(place), Chatbot.load(place).reply("hello").confidence
    with (place / bundle.INDEX).open("r+b") as file:
        file.write(b"another")
    assert bot.reply("hello").confidence == confidence
    with pytest.raises(BundleError, match=r"index.npz is damaged \(checksum mismatch\)"):
        Chatbot.load(place)


def test_a_bundle_that_lacks_a_file_is_refused_at_once(place):
    (place / bundle.DECODER).unlink()
    with pytest.raises(BundleError, match=r"decoder.tflite: missing"):
        Bundle.open(place)
