"""What the bot says to fixed prompts while it learns."""

from collections.abc import Callable, Sequence
from typing import Any

from chatbot.config import DecodingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.inference.search import best_replies, strip_eos
from chatbot.runs.events import SHOWN_SAMPLES, SampleReply
from chatbot.text import fold, normalize
from chatbot.training.models.keras_steps import KerasSteps
from chatbot.training.setup.start import Beginning

#: Enough that a reply which most of them get is no accident; answered as one batch.
_SAMPLES = 32
_LONGEST_SAMPLE = 40


def choose_samples(corpus: Corpus) -> list[Pair]:
    """What the bot is asked at every measurement: held-out prompts, and known ones if those are few.

    The first `SHOWN_SAMPLES`, those that people see, are spread over the held-out ones if there
    are so many, else over all.
    """
    held_out = {pair.prompt: pair for pair in corpus.validation}
    known = {pair.prompt: pair for pair in corpus.sample if pair.prompt not in held_out}
    unseen = _spread(list(held_out.values()), _SAMPLES)
    chosen = unseen + _spread(list(known.values()), _SAMPLES - len(unseen))
    shown = _spread(unseen if len(unseen) >= SHOWN_SAMPLES else chosen, SHOWN_SAMPLES)
    return shown + [pair for pair in chosen if pair not in shown]


def sampler(start: Beginning, model: Any, pairs: Sequence[Pair]) -> Callable[[], Sequence[SampleReply]]:
    """A function that says the greedy replies of a model, as it then is, to the prompts of some pairs."""
    tokenizer, config = start.tokenizer, start.config
    steps = KerasSteps(model, config)
    ids = [tokenizer.encode(fold(pair.prompt))[config.prompt_window] for pair in pairs]
    decoding = DecodingConfig(max_tokens=min(_LONGEST_SAMPLE, config.max_reply_tokens))

    def say() -> Sequence[SampleReply]:
        replies = best_replies(steps, ids, decoding, tokenizer.suppressed_ids)
        return [
            SampleReply(pair.prompt, normalize(tokenizer.decode(strip_eos(reply))), pair.reply)
            for pair, reply in zip(pairs, replies, strict=True)
        ]

    return say


def _spread(pairs: Sequence[Pair], count: int) -> list[Pair]:
    count = min(count, len(pairs))
    return [pairs[number * len(pairs) // count] for number in range(count)]
