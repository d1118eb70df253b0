import pytest

from tests.corpus.formats.reading import read, write

HOST = "13/05/2021, 09:41 - Ida: hi\n13/05/2021, 09:42 - Jon: look what Kim says:\n"
BEHIND = "13/05/2021, 09:45 - Ida: oh\n13/05/2021, 09:46 - Jon: yes\n"


def said(folder, content):
    (conversation,) = read("whatsapp", write(folder, content)).said
    return conversation


@pytest.mark.parametrize(
    "pasted",
    [
        "[12/05/2021, 20:00:00] Kim: I am late\n[12/05/2021, 20:01:00] Lou: again\n",
        "12/05/2021 20:00 - Kim: I am late\n12/05/2021 20:01 - Lou: again\n",
        "12.05.2021, 20:00 - Kim: I am late\n",
        "12/05/21, 20:00 - Ida: I am late\n",
        "12/05/2021, 8:00 PM - Kim: I am late\n",
        "[12/05, 20:00] Kim: I am late\n",
        " 13/05/2021, 09:43 - Kim: I am late\n",
    ],
    ids=["iPhone", "no comma", "dots", "short year", "half days", "as the phone copies", "indented"],
)
def test_lines_in_another_form_than_the_files_belong_to_the_message(tmp_path, pasted):
    assert said(tmp_path, HOST + pasted + BEHIND) == [
        ("Ida", "hi"),
        ("Jon", f"look what Kim says:\n{pasted}".strip()),
        ("Ida", "oh"),
        ("Jon", "yes"),
    ]


def test_lines_of_strangers_that_go_back_in_time_belong_to_the_message(tmp_path):
    pasted = "12/05/2021, 20:00 - Kim: I am late\n12/05/2021, 20:01 - Jon: again\n"
    assert said(tmp_path, HOST + pasted + BEHIND)[1] == ("Jon", f"look what Kim says:\n{pasted}".strip())


def test_a_line_of_this_chat_that_is_pasted_into_it_belongs_to_the_message(tmp_path):
    early = "12/05/2021, 20:00 - Ida: I bring bread\n12/05/2021, 20:01 - Jon: fine\n"
    again = "12/05/2021, 20:00 - Ida: I bring bread\n"
    conversation = said(tmp_path, early + HOST + again + BEHIND)
    assert conversation[0] == ("Ida", "I bring bread")
    assert conversation[3] == ("Jon", f"look what Kim says:\n{again}".strip())


def test_what_was_sent_late_is_a_message_of_its_own(tmp_path):
    late = "13/05/2021, 09:30 - Ida: in the tunnel\n"
    assert said(tmp_path, HOST + late + BEHIND)[2] == ("Ida", "in the tunnel")
    assert said(tmp_path, HOST + "12/05/2021, 20:00 - Kim: the last\n")[2] == ("Kim", "the last")


def test_a_line_from_the_future_swallows_nothing(tmp_path):
    content = HOST + "13/05/2031, 09:43 - Jon: a wrong clock\n" + BEHIND + "13/05/2021, 09:47 - Kim: hello\n"
    assert [name for name, _ in said(tmp_path, content)] == ["Ida", "Jon", "Jon", "Ida", "Jon", "Kim"]


def test_exports_that_were_put_behind_each_other_are_all_read(tmp_path):
    other = "".join(
        f"[14/05/2021, 10:00:{second:02}] {'Kim' if second % 2 else 'Lou'}: {second}\n" for second in range(12)
    )
    assert len(said(tmp_path, HOST + BEHIND + other)) == 4 + 12
    earlier = (
        "12/05/2021, 08:00 - Messages and calls are end-to-end encrypted.\n"
        "12/05/2021, 08:01 - Kim: a\n14/05/2021, 08:02 - Lou: b\n"
    )
    assert [name for name, _ in said(tmp_path, HOST + BEHIND + earlier)][-2:] == ["Kim", "Lou"]


def test_a_placeholder_of_an_unknown_language_is_known_by_standing_there_again(tmp_path):
    unknown = "13/05/2021, 09:43 - Ida: <медиа бар юк>\n"
    once = HOST + "13/05/2021, 09:43 - Ida: <he sighs deeply>\n" + BEHIND
    assert said(tmp_path, HOST + unknown + BEHIND + unknown.replace("09:43", "09:50"))[2] == ("Ida", "")
    assert said(tmp_path, once)[2] == ("Ida", "<he sighs deeply>")


def test_an_iphones_words_are_known_where_its_marks_are_lost(tmp_path):
    lost = "[13/05/2021, 09:41:00] Ida: hi\n[13/05/2021, 09:42:00] Jon: image omitted\n"
    assert said(tmp_path, lost)[1] == ("Jon", "")
    whole = lost + "\u200e[13/05/2021, 09:43:00] Ida: \u200evideo omitted\n"
    assert said(tmp_path, whole)[1:] == [("Jon", "image omitted"), ("Ida", "")]
