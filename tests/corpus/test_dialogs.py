"""Promises of the shipped corpora."""

import re
from collections import Counter, defaultdict
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.corpus import read_rows
from chatbot.text import normalize
from tests.conftest import DIALOGS, refuse
from tests.corpus.english_prompts import say_in_full
from tests.corpus.near_duplicates import form, near, near_duplicates

CORPORA = DIALOGS.parent
LANGUAGES = ["dialogs", "dialogs.ko"]
LEAST_TOPICS = {"dialogs": 400, "dialogs.ko": 200}
LEAST_PROMPTS = {"dialogs": 20000, "dialogs.ko": 8000}
LEAST_HELD_OUT = {"dialogs": 1200, "dialogs.ko": 800}
#: Kinds of held-out prompts, and how many there are at least.
LEAST_OF_KIND = {
    "dialogs": {"plain": 850, "danger": 150, "contrast": 150, "outside": 200},
    "dialogs.ko": {"plain": 500, "danger": 120, "contrast": 80, "outside": 100},
}
#: Held-out prompts that are near what is taught, and how many there are of each kind at least.
NEAR = "dialogs.near.test.tsv"
LEAST_NEAR = {"negation": 100, "same-word": 100, "two-sentences": 100, "long": 100}
#: The fifth column of such a prompt where nothing is taught that would do.
OUTSIDE = "outside"
#: The fifth column of another held-out prompt that is not spelled as in a dictionary.
MISSPELT = "misspelt"
HANGUL = re.compile(r"[\uac00-\ud7a3]")
TELEPHONE = re.compile(r"\d[\d-]{2,}")
TWO_SENTENCES = re.compile(r"[.?!…] +\S")
FILES = [f"{name}{kind}.tsv" for name in LANGUAGES for kind in ("", ".test")] + [NEAR]
TRANSLATIONS, HELD_OUT_TRANSLATIONS = "translation.en-ko.tsv", "translation.en-ko.test.tsv"


def rows_of(name):
    return list(read_rows(CORPORA / name, refuse))


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def rows(language):
    return rows_of(f"{language}.tsv")


@pytest.fixture(scope="module")
def held_out(language):
    return rows_of(f"{language}.test.tsv")


def replies_by_topic(rows):
    replies = defaultdict(set)
    for _, pair, (topic, *_) in rows:
        replies[topic].add(pair.reply)
    return replies


def topics_by_prompt(rows):
    topics = defaultdict(set)
    for _, pair, (topic, *_) in rows:
        topics[pair.prompt.casefold()].add(topic)
    return topics


def columns_of(name):
    """How many columns a line of a file may have: the kind and the spelling come after the topic."""
    return {4, 5} if name.endswith(".test.tsv") else {3}


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_prompt_a_reply_and_a_topic_in_their_normal_form(name):
    content = (CORPORA / name).read_bytes().decode("utf-8")
    lines = content.removesuffix("\n").split("\n")
    assert content.endswith("\n")
    assert len(lines) == len(rows_of(name))
    for line in lines:
        columns = line.split("\t")
        assert len(columns) in columns_of(name)
        assert all(normalize(column) == column for column in columns), line


def test_it_has_the_topics_and_prompts_it_promises(language, rows):
    assert len(replies_by_topic(rows)) >= LEAST_TOPICS[language]
    assert len(topics_by_prompt(rows)) >= LEAST_PROMPTS[language]


def test_every_topic_stands_in_one_block_of_twenty_phrasings_or_more(rows):
    blocks = [(topic, len(list(block))) for topic, block in groupby(rows, key=lambda row: row.further[0])]
    assert [topic for topic, blocks_of_it in Counter(topic for topic, _ in blocks).items() if blocks_of_it > 1] == []
    assert [topic for topic, size in blocks if size < 20] == []


def test_no_prompt_stands_twice(rows):
    counts = Counter(row.pair.prompt.casefold() for row in rows)
    assert [prompt for prompt, count in counts.items() if count > 1] == []


def test_prompts_that_differ_by_spaces_and_apostrophes_have_one_topic(rows):
    topics = defaultdict(set)
    for row in rows:
        words = row.pair.prompt.casefold().split()
        if max(map(len, words)) > 1:  # "q w e r t y" is spelled, "qwerty" is none
            topics["".join(words).replace("'", "")].add((row.further[0], row.pair.prompt))
    assert [sorted(found) for found in topics.values() if len({topic for topic, _ in found}) > 1] == []


def test_every_topic_has_two_to_four_replies_of_its_own(rows):
    replies = replies_by_topic(rows)
    assert [topic for topic, own in replies.items() if not 2 <= len(own) <= 4] == []
    counts = Counter(reply for own in replies.values() for reply in own)
    assert [reply for reply, count in counts.items() if count > 1] == []


def test_a_quarter_of_the_replies_have_fewer_than_seven_words(rows):
    replies = {row.pair.reply for row in rows}
    assert 4 * sum(len(reply.split()) < 7 for reply in replies) >= len(replies)


def test_the_datasheet_says_whose_every_telephone_number_is():
    sheet = " ".join((CORPORA / "README.md").read_text(encoding="utf-8").split())
    named = {number for row in rows_of("dialogs.ko.tsv") for number in TELEPHONE.findall(row.pair.reply)}
    assert {"109", "112", "119", "1388"} <= named
    assert [number for number in sorted(named) if f"{number} (" not in sheet] == []


def test_what_stands_in_both_languages_has_no_korean_letter():
    english, korean = ({row.pair.prompt.casefold() for row in rows_of(f"{name}.tsv")} for name in LANGUAGES)
    assert [prompt for prompt in english & korean if HANGUL.search(prompt)] == []


def test_every_topic_has_held_out_phrasings(language, rows, held_out):
    topics = topics_by_prompt(held_out)
    assert len(topics) >= LEAST_HELD_OUT[language]
    counts = Counter(topic for accepted in topics.values() for topic in accepted)
    assert [topic for topic in replies_by_topic(rows) if counts[topic] < 2] == []


def test_a_held_out_phrasing_accepts_replies_that_are_taught_each_once(rows, held_out):
    replies = replies_by_topic(rows)
    assert [row for row in held_out if row.pair.reply not in replies.get(row.further[0], ())] == []
    assert [pair for pair, count in Counter(row.pair for row in held_out).items() if count > 1] == []


def test_the_held_out_prompts_are_of_all_kinds_and_lengths_and_spellings(language, held_out):
    tags = {row.pair.prompt: row.further[1:] for row in held_out}
    kinds = Counter(kind for kind, *_ in tags.values())
    assert set(kinds) == set(LEAST_OF_KIND[language])
    assert [kind for kind, least in LEAST_OF_KIND[language].items() if kinds[kind] < least] == []
    assert {tag for _, *spelling in tags.values() for tag in spelling} == {MISSPELT}
    assert 10 * sum(MISSPELT in of for of in tags.values()) >= len(tags)
    long = [prompt for prompt in tags if len(prompt.split()) >= 15 or TWO_SENTENCES.search(prompt)]
    assert 10 * len(long) >= len(tags)


def test_a_held_out_prompt_has_one_kind_and_one_spelling(held_out):
    tags = defaultdict(set)
    for row in held_out:
        tags[row.pair.prompt.casefold()].add(row.further[1:])
    assert [prompt for prompt, of in tags.items() if len(of) > 1] == []


def test_no_held_out_phrasing_is_nearly_one_that_is_trained_on_in_a_topic_it_accepts(language, rows, held_out):
    # English ones that are near what is taught are asked with the others: all rows are gone through once.
    assert given_away_by(rows, [*held_out, *(rows_of(NEAR) if language == "dialogs" else ())]) == []


def given_away_by(rows, held_out):
    taught = {row.pair.prompt: row.further[0] for row in rows}
    accepted = topics_by_prompt(held_out)
    asked = list(dict.fromkeys(row.pair.prompt for row in held_out))
    return [
        (known, prompt)
        for known, prompt in near_duplicates(taught, asked)
        if taught[known] in accepted[prompt.casefold()] or form(known).text == form(prompt).text
    ]


def test_prompts_near_what_is_taught_are_held_out_too_of_four_kinds_each_with_replies_that_are_taught():
    rows, near_rows = rows_of("dialogs.tsv"), rows_of(NEAR)
    replies = replies_by_topic(rows)
    tags = {row.pair.prompt: row.further[1:] for row in near_rows}
    kinds = Counter(kind for kind, *_ in tags.values())
    assert set(kinds) == set(LEAST_NEAR)
    assert [kind for kind, least in LEAST_NEAR.items() if kinds[kind] < least] == []
    assert [prompt for prompt, (kind, *_) in tags.items() if kind == "long" and len(prompt.split()) < 15] == []
    assert [p for p, (kind, *_) in tags.items() if kind == "two-sentences" and not TWO_SENTENCES.search(p)] == []
    assert {tag for _, *further in tags.values() for tag in further} == {OUTSIDE}
    assert [row for row in near_rows if row.pair.reply not in replies.get(row.further[0], ())] == []
    assert [pair for pair, count in Counter(row.pair for row in near_rows).items() if count > 1] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What's up?", "whats up"),
        ("are you there", "there you are"),
        ("how long does it take to train you", "how long does it take to train you, bot"),
        ("I'm tired", "im so tired today"),
        ("you don't know what i mean", "you do not know what I mean, mate"),
        ("i lost my keys", "i lost my old keys"),
        ("my flat is on fire", "my house is on fire"),
        ("who painted this", "who painted this picture"),
        ("뭐 해?", "뭐해"),
        ("심심해 ㅠㅠ", "심심해ㅋㅋㅋ"),
        ("너 외동이야?", "외동이에요"),
        ("오늘 진짜 너무 졸려", "졸려요"),
        ("눈앞에서 버스를 놓쳤어", "눈앞에서 버스 놓쳤네"),
        ("?!", "?!"),
    ],
)
def test_near_duplicates_have_the_same_letters_or_words_all_but_one_word_or_nearly_the_same_trigrams(one, other):
    assert near(form(one), form(other))
    assert list(near_duplicates([one], [other])) == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i like tea", "i like coffee"),
        ("do you sleep", "did you sleep well"),
        ("i like tea a lot", "i like coffee a little"),
        ("잘 자", "잘 잤어?"),
        ("버스 놓쳤어", "지하철 놓쳤어"),
        ("나", "너"),
        ("ㅋㅋ", "ㅠㅠ"),
        ("?", "!"),
    ],
)
def test_other_phrasings_are_no_near_duplicates(one, other):
    assert not near(form(one), form(other))
    assert list(near_duplicates([one], [other])) == []


def test_a_prompt_of_nothing_but_fillers_keeps_them():
    assert say_in_full("oh hey") == ["oh", "hey"]
    assert say_in_full("oh hey what's up") == ["what", "is", "up"]


few_letters = st.text("ab c", min_size=1, max_size=12) | st.text("가나 다요", min_size=1, max_size=12)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(few_letters, max_size=8), st.lists(few_letters, max_size=8))
def test_the_index_finds_every_near_duplicate_that_comparing_all_pairs_finds(known, asked):
    compared = [(one, other) for one in known for other in asked if near(form(one), form(other))]
    assert list(near_duplicates(known, asked)) == compared


@pytest.mark.parametrize(("name", "count"), [(TRANSLATIONS, 1000), (HELD_OUT_TRANSLATIONS, 150)])
def test_the_translations_are_english_sentences_each_once_in_korean(name, count):
    pairs = [row.pair for row in rows_of(name)]
    assert len(pairs) == count
    assert len({pair.prompt.casefold() for pair in pairs}) == len(pairs)
    assert [pair for pair in pairs if not pair.prompt.isascii()] == []
    assert [pair for pair in pairs if not any("가" <= letter <= "힣" for letter in pair.reply)] == []


@pytest.mark.parametrize("name", [TRANSLATIONS, HELD_OUT_TRANSLATIONS])
def test_every_korean_sentence_is_in_the_polite_informal_style(name):
    replies = [row.pair.reply for row in rows_of(name)]
    assert [reply for reply in replies if not reply.rstrip(".?!").endswith("요")] == []


def test_no_held_out_translation_is_nearly_one_that_is_trained_on():
    known, asked = rows_of(TRANSLATIONS), rows_of(HELD_OUT_TRANSLATIONS)
    assert list(near_duplicates([row.pair.prompt for row in known], [row.pair.prompt for row in asked])) == []
    assert {row.pair.reply for row in known} & {row.pair.reply for row in asked} == set()


@pytest.mark.parametrize("name", [*FILES, TRANSLATIONS, HELD_OUT_TRANSLATIONS])
def test_the_datasheet_counts_as_the_files_do(name):
    rows = rows_of(name)
    topics = {topic for row in rows for topic in row.further[:1]}
    prompts = {row.pair.prompt.casefold() for row in rows}
    replies = {row.pair.reply for row in rows}
    counts = " | ".join(f"{len(counted):,}" for counted in (rows, prompts, replies))
    sheet = (CORPORA / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}` | {counts} | {len(topics) or '–'} |" in sheet


def test_the_datasheet_names_every_topic_with_the_number_of_its_phrasings(rows):
    sheet = (CORPORA / "README.md").read_text(encoding="utf-8")
    counts = Counter(row.further[0] for row in rows)
    assert [topic for topic, count in counts.items() if f"`{topic}` {count}" not in sheet] == []


def test_the_datasheet_adds_up_each_group_of_topics(language, rows):
    sheet = (CORPORA / "README.md").read_text(encoding="utf-8")
    section = sheet.split({"dialogs": "### English", "dialogs.ko": "### Korean"}[language])[1].split("\n## ")[0]
    counts = Counter(row.further[0] for row in rows)
    groups = re.findall(r"- \*\*([^*]+)\*\* \(([\d,]+)\)(.*?)(?=\n- |\n\n|\Z)", section.split("\n### ")[0], re.DOTALL)
    sums = {name: sum(counts[topic] for topic in re.findall(r"`(\w+!?)`", topics)) for name, _, topics in groups}
    assert sums == {name: int(total.replace(",", "")) for name, total, _ in groups}
    assert sum(sums.values()) == len(rows)
