from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.turns import LONGEST_TURN
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
    "ios-zh-thin": "[2021/05/13\u200909:41:00] Ida B: hi\n[2021/05/13\u200921:41:00] Jon: hello\n",
    "ios-zh-half": "[2021/5/13 早上9:41:00] Ida B: hi\n[2021/5/13 晚上9:41:00] Jon: hello\n",
    "android-zh": "2021年5月13日 上午9:41 - Ida B: hi\n2021年5月13日 下午9:41 - Jon: hello\n",
    "android-ar": "١٣\u200f/٥\u200f/٢٠٢١، ٩:٤١ ص - Ida B: hi\n١٣\u200f/٥\u200f/٢٠٢١، ٩:٤١ م - Jon: hello\n",
    "ios-ar": (
        "[١٣\u200f/٥\u200f/٢٠٢١، ٩:٤١:٠٠\u00a0ص] Ida B: hi\n\u200f[١٣\u200f/٥\u200f/٢٠٢١، ٩:٤١:٠٠\u00a0م] Jon: hello\n"
    ),
    "android-fa": "۲۰۲۱/۵/۱۳،\u200f ۹:۴۱ - Ida B: hi\n۲۰۲۱/۵/۱۳،\u200f ۲۱:۴۱ - Jon: hello\n",
    "android-fa-half": "۲۰۲۱/۵/۱۳، ۹:۴۱ قبل\u200cازظهر - Ida B: hi\n۲۰۲۱/۵/۱۳، ۹:۴۱ ب.ظ. - Jon: hello\n",
    "android-fa-calendar": "۱۴۰۰/۲/۲۳، ۹:۴۱ - Ida B: hi\n۱۴۰۰/۲/۲۳، ۲۱:۴۱ - Jon: hello\n",
    "android-hi": "१३/५/२१, ९:४१ पूर्वाह्न - Ida B: hi\n१३/५/२१, ९:४१ अपराह्न - Jon: hello\n",
    "android-mr": "१३/५/२१, ९:४१ म.पू. - Ida B: hi\n१३/५/२१, ९:४१ म.उ. - Jon: hello\n",
    "android-bn": "১৩/৫/২১, ৯:৪১ AM - Ida B: hi\n১৩/৫/২১, ৯:৪১ PM - Jon: hello\n",
    "android-th": "13/5/2564 09:41 - Ida B: hi\n13/5/2564 21:41 - Jon: hello\n",
    "ios-th": "[13/5/2564 BE, 09:41:00] Ida B: hi\n[13/5/2564 BE, 21:41:00] Jon: hello\n",
    "ios-ja-era": "[R3/05/13 午前9:41:00] Ida B: hi\n[R3/05/13 午後9:41:00] Jon: hello\n",
    "android-tw-era": "110/5/13 上午9:41 - Ida B: hi\n110/5/13 下午9:41 - Jon: hello\n",
    "android-vi": "09:41, 13/05/2021 - Ida B: hi\n21:41, 13/05/2021 - Jon: hello\n",
    "android-vi-half": "9:41 SA, 13/05/2021 - Ida B: hi\n9:41 CH, 13/05/2021 - Jon: hello\n",
    "android-tr": "13.05.2021 09:41 - Ida B: hi\n13.05.2021 21:41 - Jon: hello\n",
    "android-tr-half": "13.05.2021 ÖÖ 9:41 - Ida B: hi\n13.05.2021 ÖS 9:41 - Jon: hello\n",
    "android-id": "13/05/21 09.41 - Ida B: hi\n13/05/21 21.41 - Jon: hello\n",
    "android-ms": "13/05/2021, 9:41 PG - Ida B: hi\n13/05/2021, 9:41 PTG - Jon: hello\n",
    "android-el": "13/5/21, 9:41 π.μ. - Ida B: hi\n13/5/21, 9:41 μ.μ. - Jon: hello\n",
    "android-hu": "2021. 05. 13. 9:41 - Ida B: hi\n2021. 05. 13. 21:41 - Jon: hello\n",
    "android-hu-half": "2021. 05. 13. de. 9:41 - Ida B: hi\n2021. 05. 13. du. 9:41 - Jon: hello\n",
    "android-bg": "13.05.21 г., 9:41 ч. - Ida B: hi\n13.05.21 г., 21:41 ч. - Jon: hello\n",
    "android-ru": "13.05.2021, 09:41 - Ida B: hi\n13.05.2021, 21:41 - Jon: hello\n",
    "android-he": "13.5.2021, 9:41 לפנה״צ - Ida B: hi\n13.5.2021, 9:41 אחה״צ - Jon: hello\n",
    "android-sw": "13/05/2021, 9:41 asubuhi - Ida B: hi\n13/05/2021, 9:41 usiku - Jon: hello\n",
    "android-fr-ca": "2021-05-13 09 h 41 - Ida B: hi\n2021-05-13 21 h 41 - Jon: hello\n",
    "android-ca": "2021-05-13, 9:41 a.m. - Ida B: hi\n2021-05-13, 9:41 p.m. - Jon: hello\n",
    "android-sv": "2021-05-13 kl. 09:41 - Ida B: hi\n2021-05-13 kl. 21:41 - Jon: hello\n",
    "ios-at": "[13 / 05 / 2021 at 9:41:00 AM] Ida B: hi\n[13 / 05 / 2021 at 9:41:00 PM] Jon: hello\n",
    "marks-everywhere": (
        "\u2067[\u200e13\u200f/05\u200e/2021\u202c, \u200f09:41:00] Ida B: hi\n"
        "[13/05/2021, 21:41:00] \u202a~\u00a0Jon\u202c: hello\n"
    ),
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


def test_days_of_other_calendars_that_the_gregorian_has_not_are_read(tmp_path):
    content = "۱۴۰۰/۲/۳۱، ۲۳:۵۹ - Ida: hi\n۱۴۰۰/۳/۱، ۰:۰۱ - Jon: hello\n"  # 31 Ordibehesht, 1 Khordad
    (turns,) = read("whatsapp", write(tmp_path, content)).conversations
    assert turns[1].time - turns[0].time == 120
    (turns,) = read("whatsapp", write(tmp_path, "1443/1/30, 23:59 - Ida: a\n1443/2/1, 0:01 - Jon: b\n")).conversations
    assert turns[1].time - turns[0].time == 120
    (turns,) = read("whatsapp", write(tmp_path, "29/2/67 23:59 - Ida: a\n1/3/67 0:01 - Jon: b\n")).conversations
    assert [turn.text for turn in turns] == ["a", "b"]


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


HEADER = "13/05/2021, 09:42 - Jon: "


@pytest.mark.parametrize(
    "unit",
    [
        *("x", " ", "1", "[", "<", ">", "<>", ":", ": ", " - ", ".", "a.", "\u00a0", "\u200e", "\u200e<a> ", "\u2068"),
        *("a.jpg (x) ", "13/05/2021, ", "a <b> ", HEADER, "[13/05/2021, 09:42:00] Jon: ", "\u0301"),
    ],
)
def test_the_work_grows_no_faster_than_a_line(tmp_path, unit):
    """With work that grows with the square, hours: the longest that is learned, and lines of megabytes."""
    longest, longer = (unit * (size // len(unit)) for size in (LONGEST_TURN, 3_000_000))
    content = f"{FORMS['android-uk']}{HEADER}{longest}\n{longer}\n{HEADER}{longer}\n{FORMS['android-uk']}"
    result = read("whatsapp", write(tmp_path, content))
    assert result.texts[0][-1] == "hello"
    list(make_pairs((turn for turn in result.conversations[0]), PairingRules(redact=True), ImportCounts()))
