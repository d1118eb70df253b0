import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write

CONTENT = """\
categories:
- tea
- - nested
conversations:
- - Do you drink tea?
  - yes
  - "Green: or black?"
- [How many cups, 42]
- - only one turn
- a scalar
- - Who?
  - ''
  - |
    Two
    lines
"""


def test_turns_answer_each_other_and_every_scalar_is_text(tmp_path):
    path = write(tmp_path, CONTENT)
    assert recognized(path) == "chatterbot"
    result = read("chatterbot", path)
    assert result.said == [
        [("A", "Do you drink tea?"), ("B", "yes"), ("A", "Green: or black?")],
        [("A", "How many cups"), ("B", "42")],
        [("A", "Who?"), ("B", ""), ("A", "Two\nlines\n")],
    ]
    assert result.dropped == {"damaged": 2, "empty side": 1}
    assert result.problems == [
        "9: a conversation of fewer than two turns",
        "10: a conversation of fewer than two turns",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("conversations:\n- - a\n  - b\n- - 'open\n", 5),
        ("conversations:\n- - a\n  - b\n   - c: d: e\n", 4),
        (b"conversations:\n- - a\n  - caf\xe9\n", 3),
        ("conversations:\n- - a\n  - b\x00\n", 3),
        ("conversations:\n- - a\n  - [b\n", 4),
    ],
)
def test_damage_is_an_error_with_its_line(tmp_path, content, line):
    path = write(tmp_path, content)
    with pytest.raises(CorpusError, match=rf"source:{line}: damaged YAML") as caught:
        read("chatterbot", path)
    assert len(str(caught.value).splitlines()) == 1


def test_aliases_are_not_expanded_and_tags_build_nothing(tmp_path):
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nconversations:\n- - hi\n  - *b\n"
    bomb += "- - !!python/object/apply:os.system [ls]\n  - there\n"
    assert read("chatterbot", write(tmp_path, bomb)).texts == [["hi", ""], ["ls", "there"]]


def test_a_turn_with_a_colon_is_one_turn(tmp_path):
    result = read(
        "chatterbot", write(tmp_path, "conversations:\n- - Note\n  - Note: we are closed\n  - {a: b, c: [d]}\n")
    )
    assert result.texts == [["Note", "Note: we are closed", "a: b c: d"]]


def test_yaml_without_the_key_is_an_error_that_names_it(tmp_path):
    with pytest.raises(CorpusError, match="no list under `conversations:`"):
        read("chatterbot", write(tmp_path, "- - hi\n  - hello\n"))
