"""Every setting, as frozen dataclasses that travel to and from JSON strictly (`chatbot.strict`)."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Self

from chatbot.strict import Config

#: Ids of the four special tokens, the same in every bundle.
PAD, UNK, GO, EOS = 0, 1, 2, 3
#: How EOS is written where tokens are shown.
EOS_PIECE = "<eos>"

#: How the decoder looks back at the prompt: not at all (the sentence vector is all it has), by dot
#: products (Luong et al. 2015), or by a small network (Bahdanau et al. 2015).
ATTENTIONS = ("none", "dot", "additive")


#: Of the matrix products of the projection; "auto" measures which one this machine does faster.
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Architecture(Config):
    """Shape of an encoder-decoder whose vocabulary is not known yet.

    Attributes:
        embedding_size: Length of a token's vector, shared by encoder and decoder.
        units: Length of the LSTM states `h` and `c` of a layer; those of all layers together
            are the sentence vector.
        layers: LSTMs stacked in the encoder, and as many in the decoder.
        bidirectional: Whether the encoder's first layer reads the prompt both ways, with half
            of the units each (Wu et al. 2016, "GNMT", section 3.2).
        attention: One of `ATTENTIONS`.
        max_prompt_tokens: Longer prompts are cut to their last tokens, where the latest turn stands.
        max_reply_tokens: Longer replies are cut in training, without an EOS at the cut.
    """

    embedding_size: int = 128
    units: int = 128
    layers: int = 1
    bidirectional: bool = False
    attention: str = "none"
    max_prompt_tokens: int = 128
    max_reply_tokens: int = 128

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.embedding_size > 0, "embedding_size must be above 0")
        self._require(self.units > 0, "units must be above 0")
        self._require(self.layers > 0, "layers must be above 0")
        self._require(not self.bidirectional or self.units % 2 == 0, "units must be even to read both ways")
        self._require(self.attention in ATTENTIONS, f"attention must be one of {', '.join(ATTENTIONS)}")
        self._require(self.max_prompt_tokens > 0, "max_prompt_tokens must be above 0")
        self._require(self.max_reply_tokens > 0, "max_reply_tokens must be above 0")

    @property
    def prompt_window(self) -> slice:
        """The tokens of a prompt that the encoder reads, in training and in answering alike."""
        return slice(-self.max_prompt_tokens, None)


#: Architectures by name, from quickest to best; benchmarks/README.md has the table.
PRESETS = {
    "tiny": Architecture(embedding_size=64, units=64, bidirectional=True, attention="dot"),
    "small": Architecture(embedding_size=128, units=128, bidirectional=True, attention="dot"),
    "base": Architecture(embedding_size=128, units=256, bidirectional=True, attention="dot"),
    "large": Architecture(embedding_size=256, units=512, bidirectional=True, attention="dot"),
}
#: From so many pairs on, what a larger model can hold is worth its slower steps.
_PAIRS_FOR_BASE = 3_000


def choose_preset(pairs: int) -> str:
    """The preset that learns most from so many pairs in a few minutes; see benchmarks/README.md."""
    return "small" if pairs < _PAIRS_FOR_BASE else "base"


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Architecture):
    """Shape of an encoder-decoder, as a bundle's manifest holds it.

    Attributes:
        vocabulary_size: Rows of the embedding and of the projection, as many as the
            tokenizer has pieces.
        known_replies: Replies that a prompt is compared with between encoder and decoder; 0 is the
            plain model, where the sentence vector itself is what the decoder starts from.
    """

    vocabulary_size: int
    known_replies: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        super().__post_init__()
        self._require(self.vocabulary_size > EOS, "vocabulary_size must be above 3")
        self._require(self.known_replies >= 0, "known_replies must be 0 or more")

    @classmethod
    def of(cls, architecture: Architecture, vocabulary_size: int, known_replies: int = 0) -> Self:
        """The architecture with what depends on the corpus."""
        given = dataclasses.asdict(architecture)
        return cls(**given, vocabulary_size=vocabulary_size, known_replies=known_replies)


@dataclass(frozen=True)
class TrainingConfig(Config):
    """How the model is fitted.

    Attributes:
        seed: Of the split, the initial weights, the order of the batches and dropout.
        valid_share: Share of the distinct prompts held out when no validation file is given; None is a
            tenth, of a few thousand prompts at most (`chatbot.corpus.split`).
        epochs: Most passes over the pairs; None chooses from the number of batches.
        max_seconds: Longest training time in seconds from the first step, compilation
            included; None is no limit.
        patience: Measurements of held-out pairs in a row, none with more exact replies or a lower loss than
            any before, after which training stops.
        batch_tokens: Tokens of a batch, of both sides; None chooses from the corpus.
        learning_rate: Adam's rate at its highest, after warm-up.
        beta_2: Decay of Adam's second moments.
        warmup_share: Share of the run in which the rate climbs to `learning_rate`, at most
            300 steps.
        clip_norm: Largest global norm of the gradient.
        dropout: Share of the embeddings and of the LSTMs' outputs dropped while training; None
            chooses from the passes over the pairs that there is time for.
        weight_decay: Share of the weights that a step takes off, times the rate; None chooses
            as for dropout.
        subword_sampling: Share of the prompts in a batch that are cut into tokens in another way
            than the most probable one; None chooses as for dropout.
        word_dropout: Share of the prompts' tokens read as UNK while training; None chooses as
            for dropout.
        whole_replies: Of the pairs that share a reply, how many have it whole in each pass; the
            others end where it is told from all other replies (`chatbot.tails`).
        known_replies: Most replies that the model is to know as such (`chatbot.known_replies`); a corpus with
            more of them gets the plain model, as every corpus does with 0.
        precision: Of the projection's matrix products while training, one of `PRECISIONS`.
        vocabulary_size: Asked of the tokenizer; None chooses from the corpus.
    """

    seed: int = 0
    valid_share: float | None = None
    epochs: int | None = None
    max_seconds: float | None = 240.0
    patience: int = 8
    batch_tokens: int | None = None
    learning_rate: float = 1.2e-2
    beta_2: float = 0.98
    warmup_share: float = 0.05
    clip_norm: float = 1.0
    dropout: float | None = None
    weight_decay: float | None = None
    subword_sampling: float | None = None
    word_dropout: float | None = None
    whole_replies: int = 4
    known_replies: int = 4096
    precision: str = "auto"
    vocabulary_size: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.seed >= 0, "seed must be 0 or more")
        self._require(self.valid_share is None or 0 <= self.valid_share < 1, "valid_share must be in 0..1")
        self._require(self.epochs is None or self.epochs > 0, "epochs must be above 0")
        self._require(self.max_seconds is None or self.max_seconds > 0, "max_seconds must be above 0")
        self._require(self.patience > 0, "patience must be above 0")
        self._require(self.batch_tokens is None or self.batch_tokens > 0, "batch_tokens must be above 0")
        self._require(self.learning_rate > 0, "learning_rate must be above 0")
        self._require(0 < self.beta_2 < 1, "beta_2 must be between 0 and 1")
        self._require(0 <= self.warmup_share < 1, "warmup_share must be in 0..1")
        self._require(self.clip_norm > 0, "clip_norm must be above 0")
        self._require(self.dropout is None or 0 <= self.dropout < 1, "dropout must be in 0..1")
        for name in ("subword_sampling", "word_dropout"):
            share = getattr(self, name)
            self._require(share is None or 0 <= share <= 1, f"{name} must be in 0..1")
        self._require(self.weight_decay is None or self.weight_decay >= 0, "weight_decay must be 0 or more")
        self._require(self.whole_replies > 0, "whole_replies must be above 0")
        self._require(self.known_replies >= 0, "known_replies must be 0 or more")
        self._require(self.precision in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}")


#: Exponent of the length penalty of a beam search for which none is given.
LENGTH_PENALTY = 0.6


@dataclass(frozen=True)
class DecodingConfig(Config):
    """How the words of a reply are chosen: greedily, or by beam search, or by sampling.

    The reply is sampled if `temperature`, `top_k`, `top_p` or `min_p` is given; found by beam
    search if `beam` is above 1; and greedy otherwise. Settings that contradict each other, or
    that would do nothing without another, are errors.

    Attributes:
        max_tokens: A reply that has no EOS after so many tokens is cut.
        min_tokens: A reply has at least so many tokens before EOS, unless nothing else is left to say.
        beam: Hypotheses that a beam search keeps, 1,000 at most; 1 is no beam search.
        n_best: Different replies to return, `beam` at most.
        length_penalty: Exponent of the length that divides a hypothesis's log-probability (Wu et
            al. 2016, "GNMT", equation 14); 0 prefers short replies, 1 long ones. None is
            `LENGTH_PENALTY` in a beam search.
        temperature: Divides the logits before sampling; 0 is greedy. None is 1 when sampling.
        top_k: Sample from the so many most probable tokens.
        top_p: Sample from the fewest tokens whose probabilities reach this share together.
        min_p: Sample from the tokens at least this many times as probable as the most probable one.
        seed: The same seed gives the same reply to the same prompt; None draws another each time.
        repetition_penalty: Above 1, tokens that the reply has already become less probable.
        no_repeat_ngram: No run of so many tokens comes twice in a reply; 0 is no limit.
        ban_words: Words and phrases that never stand in a reply, whatever their case.
        diversity: λ of the anti-LM reranking of the beam's hypotheses (Li et al. 2016): how much
            of a reply's log-probability without any prompt is taken off; 0 is no reranking.
        length_bonus: γ of the same: added for each token.
    """

    max_tokens: int = 128
    min_tokens: int = 0
    beam: int = 1
    n_best: int = 1
    length_penalty: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    seed: int | None = None
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0
    ban_words: tuple[str, ...] = ()
    diversity: float = 0.0
    length_bonus: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges, then what contradicts what."""
        require = self._require
        require(self.max_tokens > 0, "max_tokens must be above 0")
        require(0 <= self.min_tokens <= self.max_tokens, "min_tokens must be 0 or more, and max_tokens at most")
        require(1 <= self.beam <= 1000, "beam must be in 1..1000")
        require(1 <= self.n_best <= self.beam, "n_best must be 1 or more, and at most as large as beam")
        require(self.length_penalty is None or 0 <= self.length_penalty <= 100, "length_penalty must be in 0..100")
        require(self.temperature is None or _in_order(0, self.temperature), "temperature must be 0 or more")
        require(self.top_k is None or self.top_k > 0, "top_k must be above 0")
        require(self.top_p is None or 0 < self.top_p <= 1, "top_p must be above 0 and at most 1")
        require(self.min_p is None or 0 <= self.min_p <= 1, "min_p must be in 0..1")
        require(self.seed is None or self.seed >= 0, "seed must be 0 or more")
        require(0 < self.repetition_penalty < math.inf, "repetition_penalty must be above 0")
        require(self.no_repeat_ngram >= 0, "no_repeat_ngram must be 0 or more")
        require(all(map(str.strip, self.ban_words)), "ban_words must hold no empty word")
        require(_in_order(0, self.diversity), "diversity must be 0 or more")
        require(math.isfinite(self.length_bonus), "length_bonus must be a number")
        beam, asked = self.beam > 1, [name for name in _SAMPLING if getattr(self, name) is not None]
        require(not (beam and asked), f"beam searches and {' and '.join(asked)} samples; use one or the other")
        require(bool(asked) or self.seed is None, f"seed needs sampling: give one of {', '.join(_SAMPLING)} too")
        require(beam or self.length_penalty is None, "length_penalty needs a beam of 2 or more")
        require(beam or not self.diversity, "diversity reranks what a beam has found; it needs a beam of 2 or more")
        require(bool(self.diversity) or not self.length_bonus, "length_bonus needs diversity")

    @property
    def samples(self) -> bool:
        """Whether chance has a part in the reply."""
        return self.temperature != 0 and any(getattr(self, name) is not None for name in _SAMPLING)


_SAMPLING = ("temperature", "top_k", "top_p", "min_p")


def _in_order(lowest: float, value: float) -> bool:
    """Whether a number is finite and not below another; NaN is neither."""
    return lowest <= value < math.inf


@dataclass(frozen=True)
class FallbackConfig(Config):
    """What is said where the bot is not sure of its reply.

    Attributes:
        text: Said instead of the reply.
        min_confidence: Replies of a lower confidence give way; None takes the bot's own
            threshold, below which 3 % of the validation prompts were.
    """

    text: str
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        least = self.min_confidence
        self._require(least is None or 0 <= least <= 1, "min_confidence must be in 0..1")
