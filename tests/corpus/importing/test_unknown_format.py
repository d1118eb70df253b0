import gzip

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot.corpus import load_pairs
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.importing.convert import ImportJob, choose_format, convert, encoding_hint
from chatbot.corpus.importing.unknown_format import diagnose
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.errors import CorpusError
from tests.corpus.formats.reading import recognized, write


def said_of(folder, content, **options):
    """What is said of a file that is not recognized, its own paths left out."""
    with pytest.raises(CorpusError) as caught:
        choose_format(ImportJob(write(folder, content), folder / "out.tsv", **options))
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,Frage,Antwort", "Frage,Antwort"),
        ("Pregunta;Respuesta;n", "Pregunta,Respuesta"),
        ("réponse\tdemande", "'demande,réponse'"),
        ("質問,回答", "'質問,回答'"),
        ("번호|답변|질문", "'질문,답변'"),
        ("السؤال;الجواب", "'السؤال,الجواب'"),
        ("Вопрос,Ответ", "'Вопрос,Ответ'"),
        ("when;who", "when,who"),
    ],
)
def test_a_table_is_told_by_its_columns_with_the_command_to_try(tmp_path, header, columns):
    row = "".join(sign if sign in ",;|\t" else "1" for sign in header)
    said = said_of(tmp_path, f"{header}\n{row}\n{row}\n")
    assert said.startswith("source: not recognized; it looks like a table with the columns ")
    assert said.endswith(f"try: chatbot corpus import source -o out.tsv --columns {columns}")
    assert recognized(tmp_path / "source", tuple(columns.strip("'").split(","))) == "csv"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '[{"frage": "x", "antwort": "y", "nr": 1}]',
            "it looks like JSON with the keys antwort, frage, nr; try: "
            "chatbot corpus import source -o out.tsv --columns frage,antwort",
        ),
        (
            '{"messages": [{"content": "y"}]}',
            "it looks like JSON with the keys messages, most like OpenAI chat JSONL; try: "
            "chatbot corpus import source -o out.tsv --format openai",
        ),
        (
            '{"x": 1}\n{"y": 2}',
            "it looks like JSON with the keys x, y; name two of them with --columns",
        ),
        ("[1, 2", "it looks like JSON without objects, or damaged from the first line on"),
        ("- - hi\n  - hello\n", "YAML that begins with a list of lists, without a key; write `conversations:` as the"),
        ("<!DOCTYPE html>\n<html><body>hi", "it looks like a web page"),
        (
            "How far?,Two miles.\n",
            "a table without a header (its first line is 'How far?,Two miles.'); write ",
        ),
        ("hi,hello\nbye,see you\n", "if these are texts already, write question,answer above them; "),
        (
            "Ida: hi\nJon: hello\n",
            "it looks like a conversation in lines such as 'Ida: hi'; a corpus has a prompt, a tab and a",
        ),
        ("2021/5/3 Ida\n2021/5/3 Jon\n", "a chat log, most like a WhatsApp chat, but its lines have another form ("),
        (
            "one\ntwo\n",
            "it looks like plain text ('one'); a corpus has a prompt, a tab and a reply a line; if you know",
        ),
        (b"%PDF-1.7\n", "it looks like a PDF document; save it as text first"),
        (b"{\\rtf1 hi}", "it looks like a Rich Text document; save it as plain text first"),
        (
            b"AuthorID,Author,Date,Content\n1,ida,now,hi\n",
            "it looks like a Discord channel as a table; export it as JSON, in which replies say what they answer",
        ),
        (b"PAR1\0\0", "it looks like a Parquet table; save it as CSV or JSON Lines first"),
        (b"\x7fELF\0\1\2\0", "it looks like binary data (it has zero bytes); export the conversations as text"),
        (
            "질문,답변\n밥?,네\n".encode("cp949"),
            "it looks like a table with the columns 질문, 답변, in cp949 and not UTF-8; try: "
            "chatbot corpus import source -o out.tsv --columns '질문,답변' --encoding cp949",
        ),
        (
            "질문,답변\n밥?,네\n".encode("utf-16"),
            "it looks like a table with the columns 질문, 답변; try: "
            "chatbot corpus import source -o out.tsv --columns '질문,답변'",
        ),
        (gzip.compress(b"one\n", mtime=0), "it looks like plain text ('one')"),
    ],
)
def test_each_kind_of_file_is_told_with_what_to_do(tmp_path, content, expected):
    assert expected in said_of(tmp_path, content)


def test_a_column_with_a_comma_in_its_name_is_quoted_for_the_shell_and_for_the_option(tmp_path):
    said = said_of(tmp_path, '"client, first",agent\na,b\n')
    assert said.endswith("""try: chatbot corpus import source -o out.tsv --columns '"client, first",agent'""")


def test_columns_that_are_not_there_are_named_with_those_that_are(tmp_path):
    said = said_of(tmp_path, "id,Frage,Antwort\n1,x,y\n", columns=("Question", "Answer"))
    assert said.startswith("source: not recognized; it looks like a table with the columns id, Frage, Antwort; try: ")
    said = said_of(tmp_path, "one\n", columns=("Question", "Answer"))
    assert said.startswith("source: not recognized; it has no columns Question and Answer; it looks like plain text")


def test_the_wrong_format_is_an_error_that_says_which_it_looks_like(tmp_path):
    job = ImportJob(write(tmp_path, '{"prompt": "hi", "completion": "hello"}\n'), tmp_path / "out.tsv", "openai")
    with pytest.raises(CorpusError, match=r"no pair found as OpenAI chat JSONL .*; try: chatbot .* --format json$"):
        convert(job, choose_format(job), ImportCounts(), lambda _: None)


def test_lines_in_another_encoding_come_with_the_command_that_reads_them(tmp_path):
    job = ImportJob(write(tmp_path, "question,answer\nwo?,hier\nna?,schön\n".encode("cp1252")), tmp_path / "out.tsv")
    tally = ImportCounts()
    convert(job, choose_format(job), tally, lambda _: None)
    assert tally.pairs == 1
    said = encoding_hint(job, tally)
    assert said.startswith("lines that are not UTF-8 look like windows-1252; to read them: chatbot corpus import ")
    assert said.endswith(" --encoding windows-1252 --overwrite")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "question,answer\nx,y\n",
            "; it looks like CSV with a header; try: chatbot corpus import source.csv -o source.tsv",
        ),
        ("Frage;Antwort\nx;y\n", "source.csv -o source.tsv --columns Frage,Antwort"),
        ("just words\n", "each line needs a prompt, a tab and a reply"),
    ],
)
def test_training_on_what_is_no_corpus_says_how_to_make_one(tmp_path, content, expected):
    path = write(tmp_path, content, "source.csv")
    with pytest.raises(CorpusError) as caught:
        load_pairs(path, lambda _: None)
    assert str(caught.value).replace(f"{tmp_path}/", "").endswith(expected)


@example(b"\xa0")  # in windows-1252 a space
@given(st.binary(min_size=1, max_size=200) | st.text('{[<,;|\t:-"0a \n', min_size=1).map(str.encode))
def test_there_is_something_to_say_of_any_bytes(tmp_path_factory, content):
    sample = FileSample(tmp_path_factory.mktemp("any") / "file", False, content)
    assert diagnose(sample).looks if sample.lines else True
