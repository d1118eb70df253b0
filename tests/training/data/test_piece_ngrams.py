import numpy as np

from chatbot.config import EOS
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.piece_ngrams import SubwordNgrams

# Pieces 0 and 2 share the n-gram "ab"; piece 1 has none.
SHARED = SubwordNgrams([["ab", "bc", "cd", "de"], [], ["ab"]])
TEXTS = ["sleepless in the hall", "asleep in the hall", "the hall of sleep"] * 4


def test_a_piece_is_spread_what_its_ngrams_have():
    spread = SHARED.spread(np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)).numpy()
    assert spread.tolist() == [[(2 + 4 + 6 + 8) / 2], [0], [2]]


def test_pieces_of_two_characters_have_ngrams_and_special_tokens_and_bytes_have_none():
    tokenizer = Tokenizer.fit(TEXTS, 320)
    grams = SubwordNgrams.of(tokenizer)
    everything = np.ones((grams.count, 1), np.float32)
    silent = np.flatnonzero(grams.spread(everything).numpy()[:, 0] == 0)
    assert {*range(EOS + 1), tokenizer.letter_id} <= set(silent.tolist())
    pieces = tokenizer.pieces(range(tokenizer.vocabulary_size))
    longer = [i for i, piece in enumerate(pieces) if len(piece) > 1 and not piece.startswith("<")]
    assert longer
    assert not set(longer) & set(silent.tolist())
