from hypothesis import given
from hypothesis import strategies as st

from chatbot.bot.reply.text_stream import TextStream
from chatbot.config import EOS
from chatbot.text import normalize
from chatbot.tokenizer import Tokenizer

TOKENIZER = Tokenizer.fit(["hello there", "how are you", "안녕하세요"])


def streamed(ids):
    stream = TextStream(TOKENIZER)
    return [*[stream.push(token) for token in ids], stream.finish()]


def test_a_stream_says_characters_whole():
    pieces = streamed(TOKENIZER.encode("hello 😀 ok"))
    assert "".join(pieces) == "hello 😀 ok"
    assert "😀" in pieces
    assert len([piece for piece in pieces if piece]) > 3


@given(st.text(st.characters(codec="utf-8")).map(normalize))
def test_the_pieces_of_any_text_join_to_it(text):
    ids = TOKENIZER.encode(text)
    assert "".join(streamed(ids)) == TOKENIZER.decode(ids)


@given(st.lists(st.integers(EOS + 1, TOKENIZER.vocabulary_size - 1), max_size=12))
def test_the_pieces_of_any_tokens_join_to_their_text(ids):
    assert "".join(streamed(ids)) == TOKENIZER.decode(ids)
