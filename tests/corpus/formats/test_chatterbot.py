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


@pytest.mark.parametrize(
    "content",
    [
        "conversations: [[hi, hello], [bye, see you]]\n",
        "categories: [a]\nconversations: [\n  [hi, hello],\n  [bye, see you]]\n",
        '"conversations":\n- - hi\n  - hello\n-\n  - bye\n  - see you\n',
        "'conversations' : # all\n- [hi, hello]\n- [bye, see you]\n",
        '{"conversations": [["hi", "hello"], ["bye", "see you"]]}\n',
    ],
)
def test_lists_may_be_written_as_in_json(tmp_path, content):
    path = write(tmp_path, content)
    assert recognized(path) == "chatterbot"
    assert read("chatterbot", path).texts == [["hi", "hello"], ["bye", "see you"]]


def test_an_exclamation_mark_at_the_beginning_is_of_the_text(tmp_path):
    path = write(tmp_path, "conversations:\n- - !hello there\n  - ! yes\n  - !!str no\n")
    assert read("chatterbot", path).texts == [["!hello there", "yes", "no"]]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("@ida are you there?", "put a text with a colon, a quote or a sign at its beginning between double quotes"),
        ("it is: a colon: twice", "put a text with a colon, a quote or a sign at its beginning between double quotes"),
        ('"open', r"is a quote left open\?"),
        ("x\n\t- y", "indent with spaces"),
    ],
)
def test_damage_says_what_to_do(tmp_path, text, advice):
    path = write(tmp_path, f"conversations:\n- - hi\n  - {text}\n")
    with pytest.raises(CorpusError, match=rf"damaged YAML \(.*\); {advice}$"):
        read("chatterbot", path)
