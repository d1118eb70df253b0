"""The tokenizer, text to token ids and back: SentencePiece unigram with byte fallback.

The same model file is read here by the `sentencepiece` package, for answering, and in
`training/data/tokenized_pairs.py` by tensorflow-text, for training. SentencePiece's own normalization is
switched off: `chatbot.text.normalize` is the only one, so that both read the same text.

Reference: Kudo (2018), "Subword Regularization", section 3 (the unigram language model).
"""

import io
import math
from collections.abc import Iterable, Sequence
from typing import Self

import sentencepiece

from chatbot.config import EOS, EOS_PIECE, GO, PAD, UNK
from chatbot.errors import TokenizerError
from chatbot.files import Readable

_BYTES = 256
_SPECIALS = 4
_LARGEST_VOCABULARY = 32_000
_WORDS = 500
#: A corpus of 25 million characters comes to it; a step costs more with every piece, see docs/log.md.
_MOST_BY_LENGTH = 10_000
_LONGEST_SENTENCE = 1 << 20
#: Characters of the longest piece, the space before it among them.
LONGEST_PIECE = 16


def choose_vocabulary_size(texts: Sequence[str], characters: int | None = None) -> int:
    """The number of pieces to fit, from the amount of text and its alphabet.

    Special tokens, bytes and every character have a place; beyond them 500 + 2·√(characters of text) learned pieces, so
    that the words of a small corpus are whole: up to 850 for three hundred pairs, 2,100 for nine thousand short ones
    and 6,500 for seventy-six thousand. From 25 million characters on, some four hundred thousand pairs, there are no
    more than 10,500.

    Args:
        texts: The corpus, or a sample of it.
        characters: Of the whole corpus; None where the texts are all of it.
    """
    return vocabulary_size_for(sum(map(len, texts)) if characters is None else characters, _alphabet(texts))


def vocabulary_size_for(characters: int, alphabet: int) -> int:
    """See `choose_vocabulary_size`.

    Args:
        characters: Of all texts.
        alphabet: Different characters in them, without the space.
    """
    by_length = min(round(2 * math.sqrt(characters)), _MOST_BY_LENGTH)
    return min(_smallest_vocabulary(alphabet) + _WORDS + by_length, _LARGEST_VOCABULARY)


def _alphabet(texts: Sequence[str]) -> int:
    return len(set().union(*texts) - {" "})


def _smallest_vocabulary(alphabet: int) -> int:
    # SentencePiece writes the space as a character of its own, present in every text.
    return _SPECIALS + _BYTES + alphabet + 1


class Tokenizer:
    """A fitted SentencePiece model."""

    def __init__(self, model: bytes) -> None:
        """Load a serialized SentencePiece model.

        Raises:
            TokenizerError: `model` is not one, or its special tokens are not this project's.
        """
        self.model = model
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        except (RuntimeError, ValueError) as error:
            raise TokenizerError(f"not a SentencePiece model: {error}") from None
        processor = self._processor
        specials = (processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id())
        if specials != (PAD, UNK, GO, EOS):
            raise TokenizerError(f"special tokens are {specials}, expected {(PAD, UNK, GO, EOS)}")

    @classmethod
    def fit(cls, texts: Sequence[str], vocabulary_size: int | None = None, characters: int | None = None) -> Self:
        """Fit a tokenizer on normalized texts.

        Args:
            texts: Sentences, prompts and replies alike.
            vocabulary_size: Most pieces, the 4 special and 256 byte pieces among them; None chooses by
                `choose_vocabulary_size`. Fewer come out when the texts do not support so many.
            characters: See `choose_vocabulary_size`.

        Returns:
            The tokenizer.

        Raises:
            TokenizerError: There is no text, or the size cannot hold the alphabet.
        """
        if not any(texts):
            raise TokenizerError("there is no text to fit a tokenizer on")
        smallest = _smallest_vocabulary(_alphabet(texts))
        size = choose_vocabulary_size(texts, characters) if vocabulary_size is None else vocabulary_size
        if vocabulary_size is not None and size < smallest:
            raise TokenizerError(
                f"a vocabulary of {size} is too small: 4 special tokens, 256 bytes and the"
                f" {smallest - _SPECIALS - _BYTES} characters of this corpus need {smallest}"
            )
        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(texts),
                model_writer=model,
                model_type="unigram",
                vocab_size=max(size, smallest),
                hard_vocab_limit=False,
                byte_fallback=True,
                character_coverage=1.0,
                max_sentencepiece_length=LONGEST_PIECE,
                normalization_rule_name="identity",
                max_sentence_length=_LONGEST_SENTENCE,
                pad_id=PAD,
                unk_id=UNK,
                bos_id=GO,
                eos_id=EOS,
                pad_piece="<pad>",
                unk_piece="<unk>",
                bos_piece="<go>",
                eos_piece=EOS_PIECE,
                minloglevel=2,
            )
        except RuntimeError as error:
            raise TokenizerError(f"the tokenizer could not be fitted: {error}") from None
        return cls(model.getvalue())

    @classmethod
    def load(cls, path: Readable) -> Self:
        """Read a `tokenizer.model` file.

        Args:
            path: The file.

        Returns:
            The tokenizer.

        Raises:
            TokenizerError: The file is damaged.
        """
        try:
            return cls(path.read_bytes())
        except TokenizerError as error:
            raise TokenizerError(f"{path}: {error}") from None

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces, special and byte pieces included."""
        return int(self._processor.get_piece_size())

    @property
    def suppressed_ids(self) -> tuple[int, ...]:
        """Ids that no reply may hold: PAD, UNK, GO and the bytes of ASCII control characters."""
        controls = [self._processor.piece_to_id(f"<0x{byte:02X}>") for byte in (*range(32), 127)]
        return (PAD, UNK, GO, *controls)

    @property
    def letter_id(self) -> int:
        """Id of the byte piece of "A", a token that every vocabulary has and that shows."""
        return int(self._processor.piece_to_id("<0x41>"))

    def is_byte(self, token: int) -> bool:
        """Whether a token is one byte of a character that has no piece of its own."""
        return bool(self._processor.is_byte(token))

    def encode(self, text: str) -> list[int]:
        """The token ids of a normalized text, without GO or EOS."""
        return list(self._processor.encode(text))

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of normalized texts, each as `encode` gives them; many at once take less than each alone.

        Args:
            texts: The texts.

        Returns:
            The ids of each.
        """
        return list(self._processor.encode([*texts], num_threads=1))

    def encode_end(self, text: str, count: int) -> list[int]:
        """The last `count` tokens of `encode(text)`, without reading far before them.

        The text is cut at a space, which no piece crosses. Where so long a text has none, the cut is so far before the
        first token asked for that it is none of its concern.

        Args:
            text: A normalized text.
            count: Number of tokens, 1 and more.
        """
        enough = count * LONGEST_PIECE
        if len(text) > 2 * enough:
            text = text[-2 * enough :]
            text = text[text.rfind(" ", 0, enough) + 1 :]
        return self.encode(text)[-count:]

    def segmentations(self, text: str, count: int) -> list[list[int]]:
        """The most probable ways to cut a text into pieces, the one of `encode` first.

        Args:
            text: Normalized.
            count: Most ways to return; a short text has fewer.
        """
        ways: list[list[int]] = self._processor.nbest_encode(text, nbest_size=count)
        return ways

    def pieces(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The pieces of token ids as the model knows them: `▁` is a space, `<0xF0>` a byte."""
        return tuple(self._processor.id_to_piece(list(ids)))

    def ids(self, pieces: Iterable[str]) -> list[int]:
        """The ids of pieces in the form of `pieces`."""
        return [int(self._processor.piece_to_id(piece)) for piece in pieces]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids, without special tokens, and with U+FFFD for broken bytes."""
        return str(self._processor.decode([token for token in ids if token > EOS]))
