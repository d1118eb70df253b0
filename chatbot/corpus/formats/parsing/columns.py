"""Names of the columns of a table, or of the keys of a record, that contain a prompt and its reply."""

from collections.abc import Sequence
from typing import NamedTuple

from chatbot.text import normalize

#: Those that are read unasked, the plainest first.
_PROMPTS = (
    *("question", "questions", "q", "prompt", "instruction", "query", "input", "message", "request", "pattern"),
    *("user", "human", "utterance", "context"),
)
_REPLIES = (
    *("answer", "answers", "a", "reply", "response", "responses", "completion", "output", "chosen", "bot"),
    "assistant",
)
#: A second column of the prompt, where there is one beside the first.
_CONTINUED = {"instruction": ("input", "context")}
#: Those that are proposed: German, Spanish, French, Italian, Portuguese, Dutch, the north, the east of
#: Europe, Russian, Ukrainian, Greek, Turkish, Arabic, Persian, Hebrew, Hindi, Bengali, Indonesian,
#: Vietnamese, Thai, Japanese, Korean, Chinese.
_FOREIGN_PROMPTS = (
    *("frage", "fragen", "eingabe", "pregunta", "preguntas", "consulta", "entrée", "demande", "domanda", "domande"),
    *("pergunta", "perguntas", "vraag", "vragen", "fråga", "frågor", "spørgsmål", "spørsmål", "kysymys"),
    *("pytanie", "pytania", "otázka", "dotaz", "kérdés", "întrebare", "вопрос", "вопросы", "питання", "запитання"),
    *("въпрос", "ερώτηση", "soru", "sorular", "سؤال", "السؤال", "سوال", "پرسش", "שאלה", "प्रश्न"),
    *("सवाल", "প্রশ্ন"),
    *(
        "pertanyaan",
        "soalan",
        "câu hỏi",
        "คำถาม",
        "質問",
        "質問文",
        "問い",
        "질문",
        "물음",
        "问题",
        "問題",
        "提问",
        "问",
    ),
)
_FOREIGN_REPLIES = (
    *("antwort", "antworten", "ausgabe", "respuesta", "respuestas", "réponse", "réponses", "reponse", "risposta"),
    *("risposte", "resposta", "respostas", "antwoord", "antwoorden", "svar", "vastaus", "odpowiedź", "odpowiedzi"),
    *("odpověď", "odpoveď", "válasz", "răspuns", "ответ", "ответы", "відповідь", "отговор", "απάντηση", "cevap"),
    *("yanıt", "جواب", "الجواب", "إجابة", "الإجابة", "پاسخ", "תשובה", "उत्तर", "जवाब"),
    *("উত্তর", "jawaban", "jawapan"),
    *(
        "câu trả lời",
        "trả lời",
        "คำตอบ",
        "回答",
        "答え",
        "返答",
        "応答",
        "답변",
        "대답",
        "답",
        "응답",
        "答案",
        "答复",
        "答",
    ),
)


class Columns(NamedTuple):
    """The places of the two sides.

    Attributes:
        prompt: Places of the columns that make the prompt, in order.
        reply: Place of the column with the reply.
    """

    prompt: tuple[int, ...]
    reply: int


def find(names: Sequence[str], wanted: tuple[str, str] | None = None) -> Columns | None:
    """Find the columns of prompts and replies.

    Args:
        names: Of all columns, in order.
        wanted: Names of the two, in any case of letters; None takes the usual English ones.

    Returns:
        Their places; None where the two are not among the names.
    """
    places = {_plain(name): place for place, name in reversed(list(enumerate(names)))}
    prompts, replies = (_PROMPTS, _REPLIES) if wanted is None else ((_plain(wanted[0]),), (_plain(wanted[1]),))
    prompt, reply = (next((name for name in known if name in places), None) for known in (prompts, replies))
    if prompt is None or reply is None:
        return None
    further = _CONTINUED.get(prompt, ()) if wanted is None else ()
    return Columns((places[prompt], *(places[name] for name in further if name in places)), places[reply])


def propose(names: Sequence[str]) -> tuple[str, str] | None:
    """The two columns that a person may mean, by their names in other languages too."""
    known = ((*_PROMPTS, *_FOREIGN_PROMPTS), (*_REPLIES, *_FOREIGN_REPLIES))
    prompt, reply = (next((name for name in names if _plain(name) in side), None) for side in known)
    return None if prompt is None or reply is None else (prompt, reply)


def joined(cells: Sequence[str]) -> str:
    """The prompt of a row: its columns joined, without empty ones and those that say that they are left out.

    Args:
        cells: The columns of the prompt, in order.
    """
    if len(cells) == 1:
        return cells[0]
    return " ".join(cell for cell in cells if cell.strip() and _plain(cell[:20]) not in ("<noinput>", "noinput"))


def _plain(name: str) -> str:
    return normalize(name).casefold()
