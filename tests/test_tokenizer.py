import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.config import EOS, GO, PAD, UNK
from chatbot.errors import TokenizerError
from chatbot.text import normalize
from chatbot.tokenizer import Tokenizer, choose_vocabulary_size

TEXTS = ["hello there", "how are you today?", "안녕하세요, 반갑습니다", "good morning, good night", "see you there"] * 4


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.fit(TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "안녕 Hello",
        "never SEEN ŁETTERS",
        "日本語もどうぞ",
        "👩\u200d🚀 and 🇰🇷",
        "e\u0323\u0302 combining",
        "שלום \u200f(abc)\u200f 123",
        "\ufffd",
    ],
)
def test_any_text_survives_the_way_there_and_back(tokenizer, text):
    text = normalize(text)
    ids = tokenizer.encode(text)
    assert UNK not in ids
    assert tokenizer.decode(ids) == text


@given(st.text(st.characters(codec="utf-8")).map(normalize))
def test_no_text_is_ever_unknown(text):
    tokenizer = Tokenizer.fit(TEXTS)
    ids = tokenizer.encode(text)
    assert UNK not in ids


@given(st.text(st.sampled_from("heloty ruñ안녕😀."), max_size=400).map(normalize), st.integers(1, 12))
def test_the_end_of_a_text_has_the_tokens_that_the_whole_ends_with(text, count):
    tokenizer = Tokenizer.fit(TEXTS)
    spaced = " ".join(text[at : at + 20] for at in range(0, len(text), 20))
    for each in (text, normalize(spaced), spaced * 20):
        assert tokenizer.encode_end(each, count) == tokenizer.encode(each)[-count:]


def test_special_tokens_have_their_ids_and_are_not_spoken(tokenizer):
    assert tokenizer.pieces([PAD, UNK, GO, EOS]) == ("<pad>", "<unk>", "<go>", "<eos>")
    assert tokenizer.decode([GO, *tokenizer.encode("hello"), EOS, PAD]) == "hello"


def test_control_characters_can_not_be_spoken(tokenizer):
    names = tokenizer.pieces(tokenizer.suppressed_ids)
    assert {"<pad>", "<unk>", "<go>", "<0x00>", "<0x0A>", "<0x1B>", "<0x7F>"} <= set(names)
    assert "<eos>" not in names
    assert "<0x20>" not in names


def test_the_same_texts_give_the_same_tokenizer():
    assert Tokenizer.fit(TEXTS).model == Tokenizer.fit(TEXTS).model


def test_the_vocabulary_grows_with_the_corpus():
    small, large = choose_vocabulary_size(["hello you"] * 60), choose_vocabulary_size(["hello you"] * 60_000)
    assert 260 < small < large < 32_001


def test_the_vocabulary_of_a_sample_is_that_of_its_corpus_and_beyond_25_million_characters_grows_no_more():
    sizes = [choose_vocabulary_size(["hello you"], characters) for characters in (None, 10**5, 10**7, 10**8, 10**10)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[2] < sizes[3] == sizes[4]


def test_a_vocabulary_too_small_for_the_alphabet_says_what_is_needed():
    with pytest.raises(TokenizerError, match="265"):
        Tokenizer.fit(["abc abd"], vocabulary_size=100)
    assert Tokenizer.fit(["abc abd"], vocabulary_size=265).vocabulary_size == 265


@pytest.mark.parametrize("text", ["a", "aa", "😀", "ab cd"])
def test_the_smallest_corpus_is_enough(text):
    tokenizer = Tokenizer.fit([text])
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_no_text_and_no_model_are_errors():
    with pytest.raises(TokenizerError, match="no text"):
        Tokenizer.fit([])
    with pytest.raises(TokenizerError, match="not a SentencePiece model"):
        Tokenizer(b"nonsense")


def test_a_text_can_be_cut_in_several_ways_that_all_spell_it(tokenizer):
    ways = tokenizer.segmentations("good morning", 6)
    assert ways[0] == tokenizer.encode("good morning")
    assert 1 < len({tuple(way) for way in ways}) == len(ways) <= 6
    assert {tokenizer.decode(way) for way in ways} == {"good morning"}


def test_many_texts_are_encoded_as_each_alone(tokenizer):
    texts = ["hello there", "", "안녕", "🙂"]
    assert tokenizer.encode_all(texts) == [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_all([]) == []
