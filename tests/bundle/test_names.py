from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot import bundle
from chatbot.bundle.default_bundle import read_latest, set_latest
from chatbot.bundle.names import LONGEST, check_name
from chatbot.errors import BundleError


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it names no folder"),
        (".", "it names no folder"),
        ("..", "it names no folder"),
        ("a/b", "it has a slash in it"),
        ("a\0b", "it is not a line of UTF-8 text"),
        ("a\nb", "it is not a line of UTF-8 text"),
        ("a\u2028b", "it is not a line of UTF-8 text"),
        ("caf\udce9", "it is not a line of UTF-8 text"),
        (".hidden", "it begins with '.'"),
        ("...", "it begins with '.'"),
        ("-x", "it begins with '-'"),
        ("~x", "it begins with '~'"),
        (" x", "it begins or ends with a space"),
        ("x ", "it begins or ends with a space"),
        ("latest", "that file says which bundle answers by default"),
        ("faq.run", ".run and .tensorboard end the names of folders that training makes"),
        ("faq.tensorboard", ".run and .tensorboard end the names of folders that training makes"),
        ("é" * 121, "it is 242 bytes long, and 240 are the most"),
    ],
)
def test_a_name_that_would_not_work_is_refused_with_the_reason(name, reason):
    with pytest.raises(BundleError) as refusal:
        check_name(name, " with --checkpoint DIR")
    assert str(refusal.value).endswith(
        f" cannot be the name of a bundle: {reason}; choose another name with --checkpoint DIR"
    )


@pytest.mark.parametrize(
    "name", ["faq", "my.chat", "help desk", "대화", "می\u200cخواهم", "x" * LONGEST, "run", "-".join("ab")]
)
def test_ordinary_names_of_all_languages_are_taken(name):
    check_name(name)


def test_a_message_shows_a_name_of_any_length_as_a_short_line():
    with pytest.raises(BundleError) as refusal:
        check_name("a\x1b[31m" + "b" * 10_000)
    assert len(str(refusal.value)) < 250
    assert str(refusal.value).isprintable()


@given(st.text() | st.sampled_from(["\0", "~a", "a" * 300, ".", "..", "\ud800", "a\u2029"]))
def test_every_name_that_is_taken_can_be_written_and_read_back(tmp_path_factory, name):
    try:
        check_name(name)
    except BundleError:
        return
    folder = tmp_path_factory.mktemp("bots")
    (folder / name).mkdir()
    set_latest(folder, name)
    assert read_latest(folder) == name


@pytest.mark.parametrize(
    ("corpus", "name"),
    [
        ("a/dialogs.tsv", "dialogs"),
        ("faq.tsv.gz", "faq"),
        ("my.chat.tsv", "my.chat"),
        ("pairs", "pairs"),
        (".tsv", ".tsv"),
    ],
)
def test_a_bundle_is_named_after_its_corpus(corpus, name):
    assert bundle.new_place(Path(corpus)) == bundle.CHECKPOINTS / name
