from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpus.formats.reading import read, recognized, write

#: The same two messages, half a day apart, as phones of several languages write them.
FORMS = {
    "android-us": "5/13/21, 9:41 AM - Ida B: hi\n5/13/21, 9:41 PM - Jon: hello\n",
    "android-us-narrow": "5/13/21, 9:41\u202fAM - Ida B: hi\n5/13/21, 9:41\u202fPM - Jon: hello\n",
    "android-uk": "13/05/2021, 09:41 - Ida B: hi\n13/05/2021, 21:41 - Jon: hello\n",
    "android-in": "13/05/21, 9:41 am - Ida B: hi\n13/05/21, 9:41 pm - Jon: hello\n",
    "android-de": "13.05.21, 09:41 - Ida B: hi\n13.05.21, 21:41 - Jon: hello\n",
    "android-es": "13/5/21 9:41 a. m. - Ida B: hi\n13/5/21 9:41 p. m. - Jon: hello\n",
    "android-fr": "13/05/2021 à 09:41 - Ida B: hi\n13/05/2021 à 21:41 - Jon: hello\n",
    "android-nl": "13-05-2021 09:41 - Ida B: hi\n13-05-2021 21:41 - Jon: hello\n",
    "android-fi": "13.5.2021 klo 9.41 - Ida B: hi\n13.5.2021 klo 21.41 - Jon: hello\n",
    "android-ja": "2021/05/13 9:41 - Ida B: hi\n2021/05/13 21:41 - Jon: hello\n",
    "android-ko": "2021년 5월 13일 오전 9:41, Ida B : hi\n2021년 5월 13일 오후 9:41, Jon : hello\n",
    "android-ko-dots": "2021. 5. 13. 오전 9:41, Ida B : hi\n2021. 5. 13. 오후 9:41, Jon : hello\n",
    "ios-us": "[5/13/21, 9:41:00 AM] Ida B: hi\n[5/13/21, 9:41:00 PM] Jon: hello\n",
    "ios-uk": "[13/05/2021, 09:41:00] Ida B: hi\n\u200e[13/05/2021, 21:41:00] ~\u202fJon: hello\n",
    "ios-de": "[13.05.21, 09:41:00] Ida B: hi\n[13.05.21, 21:41:00] Jon: hello\n",
    "ios-ko": "[2021. 5. 13. 오전 9:41:00] Ida B: hi\n[2021. 5. 13. 오후 9:41:00] Jon: hello\n",
    "ios-iso": "[2021-05-13, 09:41:00] Ida B: hi\n[2021-05-13, 21:41:00] Jon: hello\n",
    "ios-old": "13-05-21 09:41:00: Ida B: hi\n13-05-21 21:41:00: Jon: hello\n",
}
MORNING = (datetime(2021, 5, 13, 9, 41) - datetime(1970, 1, 1)).total_seconds()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_date_time_and_sender_is_read(tmp_path, form):
    path = write(tmp_path, FORMS[form])
    assert recognized(path) == "whatsapp"
    result = read("whatsapp", path)
    assert result.said == [[("Ida B", "hi"), ("Jon", "hello")]]
    assert [turn.time for turn in result.conversations[0]] == [MORNING, MORNING + 12 * 3600]


def days(path):
    (turns,) = read("whatsapp", path).conversations
    return [f"{datetime(1970, 1, 1) + timedelta(seconds=turn.time):%m-%d}" for turn in turns]


def chat(*dates, clock="10:00"):
    return "".join(f"{date}, {clock} - {'Ida' if n % 2 else 'Jon'}: hi\n" for n, date in enumerate(dates))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (chat("03/04/21", "05/04/21", "14/04/21"), ["04-03", "04-05", "04-14"]),
        (chat("03/04/21", "03/05/21", "03/14/21"), ["03-04", "03-05", "03-14"]),
        (chat("01/02/21", "05/02/21", "03/03/21"), ["02-01", "02-05", "03-03"]),
        (chat("02/01/21", "02/05/21", "03/03/21"), ["02-01", "02-05", "03-03"]),
        (chat("03/04/21", clock="10:00 AM"), ["03-04"]),
        (chat("03/04/2021", clock="10:00"), ["04-03"]),
        (chat("14/04/21", "15/04/21", "04/16/21"), ["04-14", "04-15", "04-16"]),
    ],
    ids=[
        "a day above 12",
        "a month second",
        "in order as days first",
        "in order as months first",
        "US",
        "else",
        "both",
    ],
)
def test_day_and_month_are_told_apart_by_the_whole_file(tmp_path, content, expected):
    assert days(write(tmp_path, content)) == expected


def test_a_message_goes_on_until_the_next_begins(tmp_path):
    content = (
        "13/05/2021, 09:41 - Ida: first\r\nsecond: line\r\n\r\n13/05/2021 is a date\r\n13/05/2021, 09:42 - Jon: ok"
    )
    assert read("whatsapp", write(tmp_path, content)).texts == [["first\nsecond: line\n\n13/05/2021 is a date", "ok"]]


ANDROID = """\
13/05/2021, 09:40 - Messages and calls are end-to-end encrypted. Tap to learn more.
13/05/2021, 09:41 - Ida created group "Bees: and us"
13/05/2021, 09:42 - Ida: <Media omitted>
13/05/2021, 09:43 - Jon: IMG-20210513-WA0001.jpg (file attached)
look at: this
13/05/2021, 09:44 - Ida: my plan.pdf (file attached)
13/05/2021, 09:45 - Jon: This message was deleted
13/05/2021, 09:46 - Ida: see foo.py (which is mine) <This message was edited>
13/05/2021, 09:47 - Jon: null
13/05/2021, 09:48 - Ida: POLL:
Tea?
OPTION: yes (1 vote)
13/05/2021, 09:49 - Jon: <Medien ausgeschlossen>
13/05/2021, 09:50 - Ida: ask @\u2068Jon K\u2069: 5 < 6 > 4
13/05/2021, 09:51 - Jon:
"""


def test_placeholders_and_notices_of_an_android_phone_are_dropped(tmp_path):
    result = read("whatsapp", write(tmp_path, ANDROID))
    assert result.said == [
        [
            ("Ida", ""),
            ("Jon", "look at: this"),
            ("Ida", ""),
            ("Jon", ""),
            ("Ida", "see foo.py (which is mine)"),
            ("Jon", ""),
            ("Ida", ""),
            ("Jon", ""),
            ("Ida", "ask @\u2068Jon K\u2069: 5 < 6 > 4"),
            ("Jon", ""),
        ]
    ]
    assert result.dropped == {"system message": 2, "media or other content without text": 7}


IOS = (
    "\ufeff[13/05/2021, 09:40:00] Bees: \u200eMessages and calls are end-to-end encrypted.\n"
    "\u200e[13/05/2021, 09:41:00] \u202a+44 20 7946 0958\u202c: \u200eimage omitted\n"
    "[13/05/2021, 09:42:00] Ida: a caption \u200e<attached: 00000012-PHOTO-2021-05-13.jpg>\n"
    "[13/05/2021, 09:43:00] Jon: \u200eThis message was deleted.\n"
    "[13/05/2021, 09:44:00] Ida: really\u200e <This message was edited>\n"
    "[13/05/2021, 09:45:00] Jon: right: \u200fok\n"
)


def test_placeholders_and_notices_of_an_iphone_are_dropped(tmp_path):
    result = read("whatsapp", write(tmp_path, IOS))
    assert result.said == [
        [
            ("Bees", ""),
            ("+44 20 7946 0958", ""),
            ("Ida", "a caption"),
            ("Jon", ""),
            ("Ida", "really"),
            ("Jon", "right: ok"),
        ]
    ]
    assert result.dropped == {"media or other content without text": 3}


def test_what_stands_before_the_first_message_is_counted(tmp_path):
    result = read("whatsapp", write(tmp_path, f"Chat export\n\n{FORMS['ios-uk']}"))
    assert result.dropped == {"line before the first message": 1}
    assert len(result.conversations[0]) == 2


def test_bytes_that_are_not_utf8_cost_their_line_alone(tmp_path):
    result = read("whatsapp", write(tmp_path, b"13/05/2021, 09:41 - Ida: caf\xe9\n" + FORMS["android-uk"].encode()))
    assert result.problems == ["1: not UTF-8: byte 0xe9 at column 29"]
    assert result.texts == [["hi", "hello"]]


def test_impossible_dates_begin_no_message(tmp_path):
    content = f"{FORMS['android-uk']}45/45/2021, 09:41 - Ida: no\n13/05/2021, 29:41 - Ida: neither\n"
    assert read("whatsapp", write(tmp_path, content)).texts == [
        ["hi", "hello\n45/45/2021, 09:41 - Ida: no\n13/05/2021, 29:41 - Ida: neither"]
    ]


names = st.text("abcé ~민", min_size=1, max_size=8).map(lambda name: " ".join(name.strip("~ ").split())).filter(bool)
bodies = st.lists(st.text("xyz 가.,!?()", min_size=1, max_size=20), min_size=1, max_size=3).map("\n".join)
moments = st.datetimes(datetime(2012, 1, 1), datetime(2049, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
STYLES = {
    "ios": "[{0:%d/%m/%Y, %H:%M:%S}] {1}: {2}\n",
    "ios-12": "[{0:%m/%d/%y, %I:%M:%S %p}] {1}: {2}\n",
    "android": "{0:%d.%m.%y, %H:%M} - {1}: {2}\n",
    "year-first": "{0:%Y-%m-%d %H:%M} - {1}: {2}\n",
}


@given(st.sampled_from(sorted(STYLES)), st.lists(st.tuples(moments, names, bodies), min_size=1))
def test_whatever_is_exported_is_read_back(tmp_path_factory, style, said):
    content = "".join(STYLES[style].format(*message) for message in sorted(said))
    result = read("whatsapp", write(tmp_path_factory.mktemp("chat"), content))
    expected = [(name, body.strip()) for _, name, body in sorted(said)]
    assert result.said == [expected]
    assert not result.problems


@given(st.text(st.sampled_from("12/.-[]:, APMapm일월년오후\n\u200e<>a"), max_size=80))
def test_no_text_whatever_is_a_crash(tmp_path_factory, content):
    read("whatsapp", write(tmp_path_factory.mktemp("chat"), content))
