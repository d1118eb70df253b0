import pytest

from tests.corpus.formats.reading import read, recognized, write

TEXT = """\
May 17, 2022  5:29:42 PM (Read by Zoë after 5 seconds)
Me
when do we meet?

and where?
Tapbacks:
Loved by Zoë
Zoë

    May 17, 2022  5:40:00 PM
    Zoë
    at six
second line of it

May 17, 2022  5:30:00 PM
Zoë
attachments/12/bee.jpeg
look at this

May 17, 2022  5:31:00 PM
Zoë
/Users/me/Library/Messages/Attachments/a/b/IMG_1.HEIC

May 17, 2022  5:31:30 PM Me renamed the conversation to Bees

May 17, 2022  5:32:00 PM
Me
May 17, 2022  5:32:00 PM nice bes
Edited 9 seconds later: nice bees
Sent with Confetti

May 17, 2022  5:33:00 PM
Zoë
https://example.com/bees
All about bees
A page about bees

May 17, 2022  5:34:00 PM
Me
You unsent this message part 3 seconds after sending!

May 17, 2022  5:40:00 PM
Zoë
at six
second line of it
This message responded to an earlier message.

May 17, 2022 10:50:00 PM
Zoë
to what?
This message responded to an earlier message.

"""
SAID = [
    ("Me", "when do we meet?\nand where?"),
    ("Zoë", "look at this"),
    ("Zoë", ""),
    ("Me", "nice bees"),
    ("Zoë", "https://example.com/bees"),
    ("Me", ""),
    ("Zoë", "at six\nsecond line of it"),
    ("Zoë", "to what?"),
]
DROPPED = {"media or other content without text": 1, "system message": 1, "deleted message": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_is_read_with_each_answer_once_in_its_place(tmp_path, end):
    path = write(tmp_path, TEXT.replace("\n", end), "Zoë.txt")
    assert recognized(path) == recognized(tmp_path) == "imessage"
    result = read("imessage", path)
    assert (result.said, result.dropped) == ([SAID], DROPPED)
    turns = result.conversations[0]
    assert [turn.answers for turn in turns] == [None] * 6 + [turns[0].id, "not in the file"]
    assert turns[6].time - turns[0].time == 10 * 60 + 18


def bubble(text):
    return f'<hr><div class="message_part">\n<span class="bubble">{text}</span>\n</div>'


def message(guid, time, who, *parts, anchor="", own=""):
    side = "sent iMessage" if who == "Me" else "received"
    link = f'<a title="Reveal in Messages app" href="sms://open?message-guid={guid}">May 17, 2022  {time}</a>'
    return (
        f'<div class="message"{own}>\n<div class="{side}">\n<p><span class="timestamp">{link} (Read by you)</span>\n'
        f'{anchor}<span class="sender">{who}</span></p>\n' + "\n".join(parts) + "\n</div>\n</div>\n"
    )


ANSWER = bubble("at six<br>sharp")
PAGE = (
    '<html>\n<head>\n<meta charset="UTF-8">\n<style>\n.message { color: red; }\n</style></head><body>\n'
    + message(
        "A1",
        "5:29:42 PM",
        "Me",
        bubble("when do we <b>meet</b> &amp; where?"),
        '<div class="tapbacks"><hr><p>Tapbacks:</p><div class="tapback"><span><b>Loved</b> by Zoë</span></div></div>',
        '<div class="replies">\n<div class="reply" id="B2">'
        + message("B2", "5:40:00 PM", "Zoë", ANSWER)
        + "</div></div>",
    )
    + message(
        "C3", "5:30:00 PM", "Zoë", '<hr><div class="message_part"><div class="attachment"><img src="a.png"></div></div>'
    )
    + '<div class ="announcement"><p><span class="timestamp">May 17, 2022  5:31:00 PM</span> You named it</p></div>\n'
    + message(
        "D4",
        "5:32:00 PM",
        "Me",
        '<hr><div class="message_part"><div class="edited"><table><tbody><tr><td></td><td>nice bes</td></tr></tbody>'
        '<tfoot><tr><td><span class="timestamp">Edited 9 s later</span></td><td>nice bees</td></tr></tfoot></table>'
        "</div></div>",
    )
    + message("E5", "5:33:00 PM", "Zoë", bubble("one"), bubble("two"))
    + message(
        "B2",
        "5:40:00 PM",
        "Zoë",
        ANSWER,
        own=', id="r-B2"',
        anchor='<span class="reply_anchor"><a href="#B2">⇱</a></span>',
    )
    + "</body></html>"
)


def test_a_page_is_read_with_each_answer_once_in_its_place(tmp_path):
    path = write(tmp_path, PAGE, "Zoë.html")
    assert recognized(path) == "imessage"
    result = read("imessage", path)
    assert result.said == [
        [
            ("Me", "when do we meet & where?"),
            ("Zoë", ""),
            ("Me", "nice bees"),
            ("Zoë", "one\ntwo"),
            ("Zoë", "at six\nsharp"),
        ]
    ]
    assert result.dropped == {"media or other content without text": 1, "system message": 1}
    turns = result.conversations[0]
    assert [(turn.id, turn.answers) for turn in turns] == [
        ("A1", None),
        ("C3", None),
        ("D4", None),
        ("E5", None),
        ("B2", "A1"),
    ]
    assert turns[1].time - turns[0].time == 18


@pytest.mark.parametrize(
    "line", ["x" * 10_000_000, "a: " * 3_000_000, " " * 10_000_000 + "x", "May 17, 2022 " * 700_000]
)
def test_a_line_of_ten_megabytes_is_read_in_a_moment(tmp_path, line):
    result = read(
        "imessage", write(tmp_path, f"May 17, 2022  5:29:42 PM\nMe\n{line}\n\nMay 17, 2022  5:29:43 PM\nZoë\nok\n")
    )
    assert result.texts[0][1] == "ok"
