from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.redaction.redact import only_tokens, personal_data, redact


def redacted(text):
    return redact(text, Counter())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.doe+list@mail.example.co.uk today", "write to <email> today"),
        ("(jo@example.com)", "(<email>)"),
        ("제 메일은 minsu@example.kr이에요", "제 메일은 <email>이에요"),
        ("번호는 010-1234-5678이고 카드는 4111111111111111입니다", "번호는 <phone>이고 카드는 <card>입니다"),
        ("see https://example.com/a?b=c#d.", "see <url>."),
        ("www.example.org, or example.net/path!", "<url>, or <url>!"),
        ("t.me/joinme and bit.ly/x1", "<url> and <url>"),
        ("+44 20 7946 0958 or (020) 7946-0958", "<phone> or <phone>"),
        ("call 202-555-0143 or (202) 555 0143 or 1-202-555-0143", "call <phone> or <phone> or <phone>"),
        ("010-1234-5678 / 01012345678 / 02-123-4567", "<phone> / <phone> / <phone>"),
        ("06 12 34 56 78 ou 06.12.34.56.78", "<phone> ou <phone>"),
        ("0171/1234567", "<phone>"),
        ("4111 1111 1111 1111 and 5500-0000-0000-0004", "<card> and <card>"),
        ("378282246310005", "<card>"),
        ("ask @jo_doe, or @민수!", "ask <name>, or <name>!"),
        ("@\u2068Jo Doe\u2069 come here", "<name> come here"),
        ("<@123456789012> hi @15551234567", "<name> hi <name>"),
        ("+44\u00a020\u202f7946\u00a00958 or 010\u20111234\u20135678", "<phone> or <phone>"),
        ("Tel:+44 20 7946 0958, Fax: (020) 7946-0958", "Tel:<phone>, Fax: <phone>"),
        ("010-1234-5678,010-8765-4321/+442079460958", "<phone>,<phone>/<phone>"),
        ("_010-1234-5678_ *010-8765-4321*", "_<phone>_ *<phone>*"),
        ("０１０－１２３４－５６７８ ٠١٠-١٢٣٤-٥٦٧٨", "<phone> <phone>"),
        ("4111\u00a01111\u00a01111\u00a01111", "<card>"),
        ("write to jo＠example.com", "write to <email>"),
        ("a key without a digit is sk-abcdefghijklmnopqrstuvwxyz", "a key without a digit is <key>"),
        ("de:ad:be:ef:ca:fe or aa-bb-cc-dd-ee-ff", "<mac> or <mac>"),
        ("@\u2068Jo \u2068Doe\u2069 – and — dashes\u00a0stay", "@\u2068Jo <name> – and — dashes\u00a0stay"),
    ],
)
def test_what_has_the_form_of_personal_data_becomes_a_token(text, expected):
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "on 2021-03-05 at 10:30, until 01.12.2020 12.30",
        "05/03/2021, 10:14:33 and 2020-2021",
        "$1,234,567.89 or 1 000 000 won or 10.000.000,00 €",
        "0.25 0.50 0.75 and 10.05 20.10 30.15",
        "12345678 people, 1609459200 seconds, 1609459200000 ms, 978-3-16-148410-0",
        "4111 1111 1111 1112 has a wrong check digit",
        "at 09:30-11:45 in room 0204",
        "127.0.0.1, 255.255.255.0 and version 3.11.12.1",
        "e.g. node.js, i.e. and/or 24/7, Mr.Smith said no.Then left",
        "meet @ 5, a@b",
        "3.14159265358979",
        "1,023,456,789 and 10/02/2021,11/02/2021 and 10:02-11:30,12:00",
    ],
)
def test_dates_times_prices_and_counts_are_left_alone(text):
    assert redacted(text) == text


def test_each_kind_is_counted():
    found = Counter()
    redact("jo@example.com jo@example.org www.example.com +442079460958", found)
    assert found == {"email": 2, "url": 1, "phone": 1}


def test_personal_data_in_a_corpus_is_what_should_not_be_learned():
    assert personal_data("jo@example.com, 010-1234-5678, see www.example.com @jo") == {"email": 1, "phone": 1}
    assert not personal_data("the year 2021, room 204")


@pytest.mark.parametrize(
    "unit",
    [
        *("@", "\u2068", "@\u2068", "\u2068a", "<@", "<@1", "a.", "a@", "a@b.", "a-", "www.a", "aa.aa/"),
        *("0", "0 ", "(01) ", "+1", "010-", "4111 1111 1111 1112 ", "\u00a0", "가", "[", "http://"),
    ],
)
def test_the_work_grows_no_faster_than_the_text(unit):
    text = unit * (300_000 // len(unit))  # with work that grows with the square, hours
    only_tokens(redacted(text))


@pytest.mark.parametrize(
    ("text", "expected"), [("<url>", True), ("<email>, <phone>!", True), ("see <url>", False), ("!?", False)]
)
def test_a_text_of_tokens_alone_says_nothing(text, expected):
    assert only_tokens(text) is expected


digits_and_marks = st.text(st.sampled_from("0123456789 .-/()+@:,a<>"), max_size=60)


@given(digits_and_marks)
def test_redacting_twice_changes_nothing(text):
    assert redacted(redacted(text)) == redacted(text)


@given(
    st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{2,8}\.(com|kr|museum)", fullmatch=True), st.text("ab ", max_size=5)
)
def test_every_plain_address_is_found_between_words(address, words):
    assert redacted(f"{words} {address} {words}") == f"{words} <email> {words}"


@given(st.integers(2 * 10**14, 7 * 10**14 - 1))
def test_every_number_with_a_right_check_digit_is_a_card_and_with_a_wrong_one_is_not(number):
    def luhn(digits):
        doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[::-2]]
        return str(-(sum(doubled) + sum(map(int, digits[-2::-2]))) % 10)

    right = f"{number}{luhn(str(number))}"
    assert redacted(f"no. {right} ok") == "no. <card> ok"
    wrong = f"{number}{(int(right[-1]) + 1) % 10}"
    assert "<card>" not in redacted(wrong)
