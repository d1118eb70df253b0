"""The choice of a reply."""

from dataclasses import dataclass, replace

from chatbot.config.base import Config
from chatbot.config.options import Form, option

#: Exponent of the length penalty of a beam search, and tokens after which a reply is cut, where none is given.
LENGTH_PENALTY, MAX_TOKENS = 0.6, 128
#: Hypotheses that a beam search keeps at most, tokens of a reply at most, and the most of both multiplied: a model
#: with a cache keeps up to some ten kilobytes for each token of each hypothesis, which comes to a gigabyte or two.
MOST_HYPOTHESES, MOST_TOKENS = 1000, 10_000
MOST_HELD = MOST_HYPOTHESES * MAX_TOKENS
_RULES, _BEAM, _SAMPLING = "What may be said", "Beam search", "Sampling"


@dataclass(frozen=True)
class DecodingConfig(Config):
    """The settings by which the words of a reply are chosen: greedily, by beam search or by sampling.

    The reply is sampled if `temperature`, `top_k`, `top_p` or `min_p` is given; found by beam search if `beam` is above
    1; and greedy otherwise. Settings that contradict each other, or that would do nothing without another, are errors,
    as are values out of range. Within its range every log-probability is finite and the memory of a reply has a bound:
    10,000 tokens are a chapter, and `beam` times them are `MOST_HELD` at most.

    Attributes:
        max_tokens: A reply that has no EOS after so many tokens is cut. None is `MAX_TOKENS`, and no limit
            where only recorded replies are said.
        min_tokens: A reply has at least so many tokens before EOS, unless nothing else is left to say.
        beam: Hypotheses that a beam search keeps; 1 is no beam search.
        n_best: Different replies to return, `beam` at most.
        length_penalty: Exponent of the length that divides a hypothesis's log-probability (Wu et al. 2016, "GNMT",
            equation 14); 0 prefers short replies, 1 long ones. None is `LENGTH_PENALTY` in a beam search, and 0 in one
            for recorded replies, whose probabilities add up to 1.
        temperature: Divides the logits before sampling; 0 is greedy. None is 1 when sampling.
        top_k: Sample from the so many most probable tokens.
        top_p: Sample from the fewest tokens whose probabilities reach this share together.
        min_p: Sample from the tokens at least this many times as probable as the most probable one.
        seed: The same seed gives the same reply to the same prompt, and with `vary` the same sequence of
            replies; None draws another each time.
        vary: Whether a reply is drawn among the recorded ones to a prompt, and none twice running.
        repetition_penalty: Above 1, tokens that the reply has already become less probable.
        no_repeat_ngram: No run of so many tokens comes twice in a reply; 0 is no limit.
        ban_words: Words and phrases that are never in a reply, whatever their case.
        free: Whether the bot may phrase replies of its own where it would say only recorded ones.
        diversity: λ of the anti-LM reranking of the beam's hypotheses (Li et al. 2016): how much of a reply's
            log-probability without any prompt is taken off; 0 is no reranking.
        length_bonus: γ of the same: added for each token.
        suggest: Where two answers are near each other, so many questions at most that were learned for them come with
            the reply; None is none.
    """

    max_tokens: int | None = option(
        None,
        "Cut replies off after N tokens.",
        panel=_RULES,
        metavar="N",
        lowest=1,
        highest=MOST_TOKENS,
        unset=f"{MAX_TOKENS}, but recorded replies are whole",
        examples=("32", "128"),
    )
    min_tokens: int = option(
        0,
        "Make every reply at least N tokens long.",
        panel=_RULES,
        metavar="N",
        lowest=0,
        highest=MOST_TOKENS,
        examples=("0", "5"),
    )
    beam: int = option(
        1,
        "Keep the N most promising hypotheses at each token; 1 is greedy.",
        panel=_BEAM,
        metavar="N",
        lowest=1,
        highest=MOST_HYPOTHESES,
        examples=("1", "5", "10"),
    )
    n_best: int = option(
        1, "Give the K best replies found by the beam.", panel=_BEAM, metavar="K", lowest=1, highest=MOST_HYPOTHESES
    )
    length_penalty: float | None = option(
        None,
        "Prefer short replies (0) or long ones (1): GNMT's α.",
        panel=_BEAM,
        metavar="A",
        lowest=0,
        highest=10,
        unset=f"{LENGTH_PENALTY}, or 0 among recorded replies",
        examples=("0", "0.6", "1"),
    )
    temperature: float | None = option(
        None,
        "Sample tokens: below 1 the likely ones more often, above 1 less often; 0 is greedy.",
        panel=_SAMPLING,
        metavar="X",
        lowest=0,
        highest=100,
        unset="1 with another sampling option, else no sampling",
        examples=("0.5", "0.7", "1"),
    )
    top_k: int | None = option(
        None,
        "Sample from the K likeliest tokens.",
        panel=_SAMPLING,
        metavar="K",
        lowest=1,
        highest=1_000_000,
        unset="all",
        examples=("10", "40"),
    )
    top_p: float | None = option(
        None,
        "Sample from the fewest tokens whose probabilities add up to P.",
        panel=_SAMPLING,
        metavar="P",
        lowest=0,
        highest=1,
        unset="all",
        examples=("0.9", "0.95"),
    )
    min_p: float | None = option(
        None,
        "Sample from the tokens at least P times as likely as the likeliest one.",
        panel=_SAMPLING,
        metavar="P",
        lowest=0,
        highest=1,
        unset="all",
        examples=("0.05", "0.1"),
    )
    seed: int | None = option(
        None,
        "Random seed for sampling; the same seed gives the same reply, and with --vary the same sequence of them.",
        panel=_SAMPLING,
        metavar="N",
        lowest=0,
        highest=2**63 - 1,
        unset="another one each time",
        examples=("0", "1"),
    )
    vary: bool = option(False, "Draw among the recorded replies to a prompt, none twice running.", panel=_SAMPLING)
    repetition_penalty: float = option(
        1.0,
        "Penalize tokens already used in the reply (values above 1).",
        panel=_RULES,
        metavar="X",
        lowest=0.01,
        highest=100,
        examples=("1", "1.2"),
    )
    no_repeat_ngram: int = option(
        0,
        "Never repeat the same N tokens in a row; 0 turns this off.",
        panel=_RULES,
        metavar="N",
        lowest=0,
        highest=10_000,
        examples=("0", "3"),
    )
    ban_words: tuple[str, ...] = option(
        (),
        "Never say the words and phrases in this file, one a line, in any case.",
        panel=_RULES,
        metavar="FILE",
        form=Form.WORDS,
        unset="no words are banned",
    )
    free: bool = option(
        False, "Let the bot phrase replies of its own, not only say recorded or taught ones.", panel=_RULES
    )
    diversity: float = option(
        0.0,
        "Prefer replies that fit this prompt over those that fit any (anti-LM reranking); try 0.7.",
        panel=_BEAM,
        metavar="X",
        lowest=0,
        highest=100,
        examples=("0", "0.7"),
    )
    length_bonus: float = option(
        0.0,
        "With --diversity, add X to a reply's score for each token; try 0.3.",
        panel=_BEAM,
        metavar="X",
        lowest=-100,
        highest=100,
        examples=("0", "0.3"),
    )
    suggest: int | None = option(
        None,
        "Where two answers are near each other, add up to N questions that were learned for them.",
        panel=_RULES,
        metavar="N",
        lowest=2,
        highest=9,
        unset="none",
        examples=("2", "3"),
    )

    def __post_init__(self) -> None:
        """Check the types and the ranges, then what contradicts what."""
        self._check_types()
        object.__setattr__(self, "ban_words", tuple(self.ban_words))  # a list will do, and has no hash
        require = self._require
        self._check_ranges()
        require(self.top_p != 0, "top_p must be above 0")
        require(self.min_tokens <= self.limit, "min_tokens must be max_tokens at most")
        require(self.beam * self.limit <= MOST_HELD, f"beam times max_tokens must be {MOST_HELD:,} at most")
        require(self.n_best <= self.beam, "n_best must be at most as large as beam")
        require(all(map(str.strip, self.ban_words)), "ban_words must hold no empty word")
        beam, asked = self.beam > 1, [name for name in _CHANCE if getattr(self, name) is not None]
        require(not (beam and asked), f"beam searches and {' and '.join(asked)} samples; use one or the other")
        seeds = bool(asked) or self.vary or self.seed is None
        require(seeds, f"seed needs sampling: give one of {', '.join(_CHANCE)}, vary too")
        require(not (self.vary and asked), f"vary draws replies and {' and '.join(asked)} tokens; use one or the other")
        require(not (self.vary and self.free), "vary draws among recorded replies, which free does not keep to")
        require(not (self.suggest and self.free), "suggest names recorded replies, which free does not keep to")
        require(beam or self.length_penalty is None, "length_penalty needs a beam of 2 or more")
        require(beam or not self.diversity, "diversity reranks what a beam has found; it needs a beam of 2 or more")
        require(bool(self.diversity) or not self.length_bonus, "length_bonus needs diversity")

    @property
    def limit(self) -> int:
        """Tokens after which a reply is cut."""
        return max(MAX_TOKENS, self.min_tokens) if self.max_tokens is None else self.max_tokens

    @property
    def samples(self) -> bool:
        """Whether chance has a part in the reply."""
        return self.temperature != 0 and any(getattr(self, name) is not None for name in _CHANCE)

    def for_alternatives(self, count: int) -> "DecodingConfig":
        """A beam search for several replies, with these settings as far as they are not of chance.

        Args:
            count: Different replies to find, at least 1; the beam is as wide, or wider if it was.
        """
        beam = max(self.beam, count)
        most, chance = MOST_HELD // beam, dict.fromkeys((*_CHANCE, "seed", "suggest"))
        lengths = {
            "max_tokens": self.max_tokens and min(self.max_tokens, most),
            "min_tokens": min(self.min_tokens, most),
        }
        return replace(self, beam=beam, n_best=count, vary=False, **lengths, **chance)  # type: ignore[arg-type]  # all may be None


_CHANCE = ("temperature", "top_k", "top_p", "min_p")
