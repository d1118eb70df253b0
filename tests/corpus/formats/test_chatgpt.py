import json

from tests.corpus.formats.reading import read, recognized, write


def node(name, parent, role=None, parts=("",), **message):
    content = message.pop("content", {"content_type": "text", "parts": list(parts)})
    said = {"id": name, "author": {"role": role}, "content": content, **message} if role else None
    return {"id": name, "parent": parent, "children": [], "message": said}


def conversation(*nodes, current):
    return {"title": "x", "mapping": {each["id"]: each for each in nodes}, "current_node": current}


GARDEN = conversation(
    node("root", None),
    node("s", "root", "system", metadata={"is_visually_hidden_from_conversation": True}),
    node("about", "s", "user", ["I have a balcony"], metadata={"is_visually_hidden_from_conversation": True}),
    node("old", "about", "user", ["what grows?"]),
    node("left", "old", "assistant", ["Moss."]),
    node("q", "about", "user", ["what grows in the shade?"]),
    node("call", "q", "assistant", ["search ferns"], recipient="browser"),
    node("think", "call", "assistant", content={"content_type": "thoughts", "thoughts": []}),
    node("found", "think", "tool", ["ten results"]),
    node("a", "found", "assistant", ["Ferns do \ue200cite\ue202turn0search1\ue201, and ivy【3†source】."]),
    node(
        "pic", "a", "user", content={"content_type": "multimodal_text", "parts": [{"asset_pointer": "p"}, "this one?"]}
    ),
    node("yes", "pic", "assistant", ["Yes, that one."]),
    current="yes",
)


def test_the_branch_that_is_shown_is_read_without_what_is_hidden(tmp_path):
    path = write(tmp_path, json.dumps([GARDEN, {**GARDEN, "current_node": "left"}], indent=1))
    assert recognized(path) == "chatgpt"
    result = read("chatgpt", path)
    assert result.said == [
        [
            ("user", "what grows in the shade?"),
            ("assistant", "Ferns do , and ivy."),
            ("user", "this one?"),
            ("assistant", "Yes, that one."),
        ],
        [("user", "what grows?"), ("assistant", "Moss.")],
    ]
    assert [turn.learn for turn in result.conversations[0]] == [False, True, False, True]
    assert result.dropped == {"system message": 7}


def test_one_conversation_alone_and_one_a_line_are_read(tmp_path):
    path = write(tmp_path, f"{json.dumps(GARDEN)}\n{json.dumps(GARDEN)}\n")
    assert recognized(path) == "chatgpt"
    assert len(read("chatgpt", path).conversations) == 2
    path = write(tmp_path, json.dumps(GARDEN, indent=2))
    assert recognized(path) == "chatgpt"
    assert len(read("chatgpt", path).conversations) == 1


def test_a_damaged_tree_gives_what_hangs_together(tmp_path):
    circle = conversation(node("a", "b", "user", ["hi"]), node("b", "a", "assistant", ["hello"]), current="b")
    lost = conversation(node("a", None, "user", ["hi"]), node("b", "a", "assistant", ["hello"]), current="gone")
    odd = conversation(node("a", 3, "user", [["deep"], {"text": 5}, None]), current="a")
    path = write(tmp_path, json.dumps([circle, lost, odd, {"mapping": 1}, {"mapping": {"a": 1}, "current_node": []}]))
    result = read("chatgpt", path)
    assert result.texts == [["hi", "hello"], ["hi", "hello"], [""]]
    assert result.problems == ["1: a conversation without a mapping"]
