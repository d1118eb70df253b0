import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def page(*messages):
    return (
        '<!DOCTYPE html>\n<html>\n <head>\n  <meta charset="utf-8"/>\n  <script src="a.js"></script>\n </head>\n'
        ' <body onload="CheckLocation();">\n  <div class="page_wrap">\n   <div class="page_header">\n'
        '    <div class="text bold">\nIda\n    </div>\n   </div>\n   <div class="history">\n'
        + "".join(messages)
        + "   </div>\n  </div>\n </body>\n</html>\n"
    )


def message(number, text, who=None, body="", minute=0):
    """A message; without a name it is joined to the one before."""
    name = "" if who is None else f'<div class="from_name">\n{who} \n       </div>'
    initials = "" if who is None else '<div class="pull_left userpic_wrap"><div class="initials">\nI\n</div></div>'
    said = "" if text is None else f'<div class="text">\n{text}\n       </div>'
    return (
        f'    <div class="message default clearfix{" joined" if who is None else ""}" id="message{number}">\n'
        f'      {initials}<div class="body">\n'
        f'       <div class="pull_right date details" title="06.05.2021 10:{minute:02}:00 UTC+02:00">\n10:00\n </div>\n'
        f"       {name}{body}{said}\n      </div>\n    </div>\n"
    )


def service(number, text):
    inner = f'<div class="body details">\n{text}\n</div>'
    return f'    <div class="message service" id="message{number}">\n     {inner}\n    </div>\n'


REPLY = '<div class="reply_to details">\nIn reply to <a href="#go_to_message2">this message</a>\n</div>'
ELSEWHERE = '<div class="reply_to details">\nIn reply to a message in another chat\n</div>'
PHOTO = '<div class="media_wrap clearfix"><div class="title bold">\nPhoto\n</div><img src="a.jpg"/></div>'
FORWARDED = (
    '<div class="pull_left forwarded userpic_wrap"></div><div class="forwarded body"><div class="from_name">\nNews'
    '<span class="date details" title="01.05.2021 10:00:00"> 01.05.2021</span></div>'
    '<div class="text">\nRain.\n</div></div>'
)

FIRST = page(
    service(-1, "6 May 2021"),
    service(1, "Ida created group &laquo;Bees&raquo;"),
    message(2, "when do we <strong>meet</strong>?<br>and where &amp; why", "Ida"),
    message(3, 'I bring cake, <a href="" onclick="return ShowMentionName()">Jon B</a>', minute=1),
    message(4, 'see <a href="https://example.com/">https://example.com/</a>', "Jon"),
    message(5, "a picture of it", body=PHOTO),
    message(6, None, body=PHOTO),
    message(7, None, "Kim", body=FORWARDED),
    message(8, None, body='<div class="forwarded body"><div class="text">\nSnow.\n</div></div>'),
    message(9, "at six", "Kim", body=REPLY),
)
SECOND = page(message(10, "fine", minute=9), message(11, "what?", "Jon", ELSEWHERE), message(12, "ha", "Jon via @gifs"))
SAID = [
    ("Ida", "when do we meet?\nand where & why"),
    ("Ida", "I bring cake, \u2068Jon B\u2069"),
    ("Jon", "see https://example.com/"),
    ("Jon", "a picture of it"),
    ("Jon", ""),
    ("Kim", ""),
    ("Kim", ""),
    ("Kim", "at six"),
    ("Kim", "fine"),
    ("Jon", "what?"),
    ("Jon", ""),
]


def test_pages_of_a_chat_are_one_conversation_in_their_order(tmp_path):
    write(tmp_path, SECOND, "messages2.html")
    write(tmp_path, page(message(13, "last", "Ida")), "messages10.html")
    first = write(tmp_path, FIRST, "messages.html")
    for source in (tmp_path, first):  # the first page leads to the others
        assert recognized(source) == "telegram-html"
        result = read("telegram-html", source)
        assert result.said == [[*SAID, ("Ida", "last")]]
        assert result.dropped == {
            "system message": 1,
            "media or other content without text": 1,
            "forwarded message": 2,
            "message made by a bot": 1,
        }
    assert read("telegram-html", tmp_path / "messages2.html").texts == [["fine", "what?", ""]]


def test_replies_name_their_message_and_times_their_zone(tmp_path):
    turns = read("telegram-html", write(tmp_path, FIRST)).conversations[0]
    assert [(turn.id, turn.answers) for turn in turns if turn.answers] == [("9", "2")]
    assert (turns[0].time, turns[1].time - turns[0].time) == (1620288000.0, 60.0)
    assert read("telegram-html", write(tmp_path, SECOND)).conversations[0][1].answers == "in another chat"


def test_each_folder_of_a_whole_export_is_a_conversation(tmp_path):
    write(tmp_path, "<html><body>lists</body></html>", "export_results.html")
    for name in ("chat_01", "chat_02"):
        (tmp_path / "chats" / name).mkdir(parents=True)
        write(tmp_path / "chats" / name, page(message(1, name, "Ida"), message(2, "ok", "Jon")), "messages.html")
    assert recognized(tmp_path) == "telegram-html"
    assert read("telegram-html", tmp_path).texts == [["chat_01", "ok"], ["chat_02", "ok"]]


def test_a_message_in_one_line_of_ten_megabytes_is_read(tmp_path):
    path = write(tmp_path, page(message(1, "bee " * 2_500_000, "Ida"), message(2, "ok", "Jon")).replace("\n", " "))
    assert [len(text) for text in read("telegram-html", path).texts[0]] == [9_999_999, 2]


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ("<b>" * 1_000_000, "nested more than 200 elements deep"),
        ("<a<b" * 5_000_000, "a tag without an end"),
        ("<!--" + "\n<p>" * 3_000_000, "a tag without an end"),
    ],
    ids=["deep", "tag", "comment"],
)
def test_a_page_damaged_beyond_reading_is_an_error_with_its_line(tmp_path, rest, what):
    beginning = FIRST[: FIRST.index("I bring cake")]
    line = beginning.count("\n") + 1
    path = write(tmp_path, beginning + rest)
    with pytest.raises(CorpusError, match=rf"source:({line}|\d{{4,}}): damaged HTML \({what}"):
        read("telegram-html", path)


def test_signs_that_begin_no_tag_are_text_and_take_no_longer_than_other_text(tmp_path):
    """Each by itself they are minutes, and lines by themselves likewise."""
    said = "< 3 <" + "<" * 2_000_000 + "\n" * 2_000_000 + "<\u0416 > 1 <"
    path = write(tmp_path, page(message(1, said, "Ida"), message(2, "<a title='<<'>1 < 2</a>", "Jon")))
    assert read("telegram-html", path).texts == [[said, "1 < 2"]]


def test_bytes_that_are_not_utf8_are_an_error_with_their_line(tmp_path):
    line = FIRST[: FIRST.index("I bring cake")].count("\n") + 1
    path = write(tmp_path, FIRST.encode().replace(b"I bring cake", b"I bring caf\xe9 cake"))
    with pytest.raises(CorpusError, match=f"source:{line}: not UTF-8"):
        read("telegram-html", path)


def test_a_page_that_is_cut_short_is_a_problem_with_the_line_of_its_last_message(tmp_path):
    cut = FIRST[: FIRST.index("see <a") + 3]
    result = read("telegram-html", write(tmp_path, cut))
    line = cut[: cut.index('id="message4"')].count("\n") + 1
    assert (result.said, result.problems) == ([SAID[:2]], [f"{line}: the page ends inside of this message"])


def test_what_is_never_closed_or_never_opened_is_read_as_far_as_it_goes(tmp_path):
    content = FIRST.replace("I bring cake", "I bring <i>cake</b></u>").replace("</html>", "")
    assert read("telegram-html", write(tmp_path, content)).texts[0][:2] == [text for _, text in SAID[:2]]


def test_a_number_of_thousands_of_digits_stands_for_no_character(tmp_path):
    number = f"&#{'1' * 5000};"
    path = write(tmp_path, page(message(1, f"hi {number} &#33;", "Ida", f'<a title="{number}"></a>')))
    assert read("telegram-html", path).texts == [[f"hi {number} !"]]
