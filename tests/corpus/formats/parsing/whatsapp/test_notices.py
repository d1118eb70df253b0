"""WhatsApp's own words in the languages of its users, and the same words where a person says them."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.formats.parsing.whatsapp.notices import Marks, spoken

TABLE = tomllib.loads(
    resources.files("chatbot.corpus.formats.parsing.whatsapp").joinpath("wordings.toml").read_text("utf-8")
)
#: The most used languages of its users, and more.
LANGUAGES = (
    *("en", "es", "pt", "fr", "de", "it", "nl", "id", "ms", "tr", "ru", "uk", "ar", "fa", "he", "hi", "bn", "mr"),
    *("ta", "te", "ur", "zh", "ja", "ko", "th", "vi", "pl", "ro", "cs", "sv", "fi", "el", "sw", "da", "nb", "hu"),
)
LRM = "\u200e"

#: A notice each of deletion, by others and by oneself, and of a missed call, on an Android phone.
NOTICES = {
    "ar": ["تم حذف هذه الرسالة", "لقد حذفت هذه الرسالة", "مكالمة صوتية فائتة"],
    "bn": ["এই মেসেজটি ডিলিট করা হয়েছে", "আপনি এই মেসেজটি ডিলিট করেছেন", "মিসড ভয়েস কল"],
    "cs": ["Tato zpráva byla smazána", "Tuto zprávu jste smazal/a", "Zmeškaný hlasový hovor"],
    "de": ["Diese Nachricht wurde gelöscht.", "Du hast diese Nachricht gelöscht.", "Verpasster Videoanruf"],
    "el": ["Αυτό το μήνυμα διαγράφηκε", "Διαγράψατε αυτό το μήνυμα", "Αναπάντητη βιντεοκλήση"],
    "en": ["This message was deleted", "You deleted this message", "Missed group video call"],
    "es": ["Se eliminó este mensaje.", "Eliminaste este mensaje.", "Videollamada perdida"],
    "fa": ["این پیام حذف شد", "شما این پیام را حذف کردید", "تماس تصویری از دست رفته"],
    "fi": ["Tämä viesti poistettiin", "Poistit tämän viestin", "Vastaamaton äänipuhelu"],
    "fr": ["Ce message a été supprimé", "Vous avez supprimé ce message", "Appel vocal manqué"],
    "he": ["הודעה זו נמחקה", "מחקת את ההודעה הזו", "שיחה קולית שלא נענתה"],
    "hi": ["यह मैसेज डिलीट कर दिया गया", "आपने यह मैसेज डिलीट किया", "मिस्ड वॉइस कॉल"],
    "id": ["Pesan ini dihapus", "Anda menghapus pesan ini", "Panggilan suara tak terjawab"],
    "it": ["Questo messaggio è stato eliminato", "Hai eliminato questo messaggio", "Chiamata vocale persa"],
    "ja": ["このメッセージは削除されました。", "このメッセージを削除しました", "音声通話不在着信"],
    "ko": ["삭제된 메시지입니다.", "이 메시지를 삭제했습니다", "부재중 음성통화"],
    "mr": ["हा मेसेज हटवला गेला", "तुम्ही हा मेसेज हटवला", "मिस्ड व्हॉइस कॉल"],
    "ms": ["Mesej ini telah dipadam", "Anda telah memadamkan mesej ini", "Panggilan suara terlepas"],
    "nl": ["Dit bericht is verwijderd", "U hebt dit bericht verwijderd", "Gemiste spraakoproep"],
    "pl": ["Ta wiadomość została usunięta", "Usunięto tę wiadomość", "Nieodebrane połączenie głosowe"],
    "pt": ["Mensagem apagada", "Você apagou esta mensagem", "Ligação de voz perdida"],
    "ro": ["Acest mesaj a fost șters", "Ați șters acest mesaj", "Apel vocal nepreluat"],
    "ru": ["Данное сообщение удалено", "Вы удалили данное сообщение", "Пропущенный аудиозвонок"],
    "sv": ["Det här meddelandet raderades", "Du raderade det här meddelandet", "Missat röstsamtal"],
    "sw": ["Ujumbe huu ulifutwa", "Umefuta ujumbe huu", "Simu ya sauti uliyoikosa"],
    "ta": ["இந்தச் செய்தி நீக்கப்பட்டது", "இந்தச் செய்தியை நீங்கள் நீக்கினீர்கள்", "தவறிய குரல் அழைப்பு"],
    "te": ["ఈ సందేశం తొలగించబడింది", "మీరు ఈ సందేశాన్ని తొలగించారు", "మిస్డ్ వాయిస్ కాల్"],
    "th": ["ข้อความนี้ถูกลบแล้ว", "คุณลบข้อความนี้", "สายที่ไม่ได้รับ"],
    "tr": ["Bu mesaj silindi", "Bu mesajı sildiniz", "Cevapsız sesli arama"],
    "uk": ["Це повідомлення видалено", "Ви видалили це повідомлення", "Пропущений аудіодзвінок"],
    "ur": ["یہ میسج حذف کر دیا گیا", "آپ نے یہ میسج حذف کر دیا", "مسڈ وائس کال"],
    "vi": ["Tin nhắn này đã bị xóa", "Bạn đã xóa tin nhắn này", "Cuộc gọi thoại nhỡ"],
    "zh": ["此消息已被删除", "您删除了此消息", "未接语音通话", "此訊息已刪除", "您已刪除此訊息", "未接語音通話"],
}


@pytest.mark.parametrize("language", NOTICES)
def test_deleted_messages_and_missed_calls_are_nobodys_words(language):
    for notice in NOTICES[language]:
        assert spoken(notice) == ""
        assert spoken(f"{LRM}{notice}") == ""
        assert spoken(f"{notice} :)") == f"{notice} :)"


@pytest.mark.parametrize("language", sorted(TABLE))
def test_every_wording_of_the_table_is_known_where_it_stands(language):
    words = TABLE[language]
    for notice in words.get("notices", ()):
        assert not notice.startswith("{}")
        assert spoken(notice.replace("{}", "Ida B")) == ""
    for begin in words.get("begins", ()):
        assert spoken(f"{begin}. Tap to learn more.") == spoken(begin) == ""
    for call in words.get("calls", ()):
        for came in ("5 min", "12 sec.", "1:05", "1:02:03", "1 h 5 min", *words.get("outcomes", ())):
            assert spoken(f"{call}, {came}") == spoken(f"{LRM}{call}, {LRM}{came}") == ""
    for media in words.get("media", ()):
        assert spoken(f"<{media}>") == ""
        assert spoken(f"<{media}>\nlook at: this") == "look at: this"
        assert spoken(f"<{media}>\nmy plan.pdf") == ""
    for omitted in words.get("omitted", ()):
        assert spoken(f"{LRM}{omitted}", marked=True) == spoken(f"<{omitted}>") == ""
        assert spoken(f"look {LRM}{omitted}", marked=True) == "look"
        assert spoken(omitted, marks=Marks(lost=True)) == ""
        assert spoken(omitted) == omitted
    for attached in words.get("attached", ()):
        assert spoken(f"IMG-20210513-WA0001.jpg ({attached})") == spoken(f"{LRM}Jo K.vcf ({attached})") == ""
        assert spoken(f"my plan.pdf ({attached})\nlook at: this") == "look at: this"
        assert spoken(f"{LRM}<{attached}: 00000012-PHOTO-2021-05-13.jpg>") == ""
        assert spoken(f"look {LRM}<{attached}: 00000012-PHOTO-2021-05-13.jpg>") == "look"
        assert spoken(f"my plan.pdf • {LRM}2 pages {LRM}<{attached}: 00000012-my plan.pdf>") == ""
    for edited in words.get("edited", ()):
        assert (
            spoken(f"right <{edited}>")
            == spoken(f"right{LRM} <{edited}>")
            == spoken(f"right {LRM}<{edited}>")
            == "right"
        )
    for location in words.get("location", ()):
        assert spoken(f"{location}: https://maps.google.com/?q=37.5,-126.9") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_the_kinds_of_notices_of_the_languages_most_spoken(language):
    assert {"notices", "media", "attached", "location"} <= TABLE[language].keys()
    assert len(TABLE[language]["notices"]) >= 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("invoice.pdf • \u200e1 page \u200edocument omitted", ""),
        ("invoice.pdf • \u200e1 page\nas promised \u200edocument omitted", "as promised"),
        ("invoice.pdf \u200edocument omitted", ""),
        ("as promised \u200e<attached: 00000012-invoice.pdf>", "as promised"),
        ("look here \u200eimage omitted", "look here"),
        (
            "look @\u2068Jon K\u2069 \u200e<attached: 00000012-PHOTO.jpg> \u200e<This message was edited>",
            "look @\u2068Jon K\u2069",
        ),
        ("look \u200esomething in a language of nobody", "look"),
    ],
)
def test_what_is_attached_on_an_iphone_leaves_the_words_beside_it(text, expected):
    assert spoken(text, marked=True) == expected


@pytest.mark.parametrize(
    "poll",
    [
        "POLL:\nTea?\nOPTION: yes (1 vote)\nOPTION: no (0 votes)",
        "POLL:\n\u200eTea?\n\u200eOPTION: yes (\u200e1 vote)\n\u200eOPTION: no (\u200e2 votes)\n\n",
        "ENCUESTA:\n¿Té?\nOPCIÓN: sí (1 voto)\nOPCIÓN: no (0 votos)",
        "SONDAGE :\nDu thé ?\nOPTION : oui (1 vote)\nOPTION : non (0 vote)",
        "ANKET:\nÇay?\nSEÇENEK: evet (1 oy)\nSEÇENEK: hayır (0 oy)",
        "ОПРОС:\nЧай?\nВАРИАНТ: да (1 голос)\nВАРИАНТ: нет (0 голосов)",
        "投票：\n喝茶？\n选项：好 (1 票)\n选项：不 (0 票)",
        "استطلاع رأي:\nشاي؟\nخيار: نعم (صوت واحد)\nخيار: لا (صوتان)",
        "मतदान:\nचाय?\nविकल्प: हाँ (१ वोट)\nविकल्प: नहीं (० वोट)",
    ],
)
def test_a_poll_is_no_text_in_any_language(poll):
    assert spoken(poll) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Central Café (12 Mill Lane): https://foursquare.com/v/4b05885ef964a5202f3a22e3",
        "\u200eLocation: https://maps.google.com/?q=51.5,-0.1",
        "null",
        "<View once voice message omitted>",
        "Waiting for this message. This may take a while.",
        "This message was deleted by admin Ida B.",
    ],
)
def test_places_and_what_a_phone_cannot_write_are_no_text(text):
    assert spoken(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Null",
        "<3",
        "<sigh>",
        "<insert joke here>",
        "I said <b>",
        "5 < 6 > 4",
        "video call?",
        "Video call",
        "location",
        "I am here: https://maps.google.com/?q=51.5,-0.1",
        "see foo.py (which is mine)",
        "see foo.py (attached to the mail)",
        "missed call, sorry, I was asleep",
        "waiting for this message to arrive",
        "this message was deleted by mistake, I think",
        "image omitted",
        "POLL: who comes?\nI do (1)",
        "PLAN:\nwe walk\nthen: we eat (a lot)",
        "the poll:\nTea?\nOption: yes (1 vote)",
        "ask @\u2068Jon K\u2069: when?",
    ],
)
def test_words_that_a_person_says_stay(text):
    assert spoken(text) == text


@given(st.text(st.sampled_from("\u200e<>: •.pdf1\nomited()ATCH"), max_size=60), st.booleans(), st.booleans())
def test_whatever_stands_there_is_said_or_left_out_but_never_made_up(text, marked, lost):
    said = spoken(text, marked, Marks(lost=lost))
    assert said in text.replace("\u200e", "")
    assert said == said.strip()


@pytest.mark.parametrize(
    "said",
    [
        "Messages and calls are end-to-end encrypted, right?",
        "Los mensajes y las llamadas están cifrados de extremo a extremo, ¿no?",
        "メッセージと通話はエンドツーエンド暗号化されていますか？",
        "Waiting for this message?",
    ],
)
def test_a_question_about_a_notice_is_a_persons(said):
    assert spoken(said) == said
