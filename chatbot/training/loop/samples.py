"""Sample replies: the answers to fixed prompts during training, as the bot would give them."""

from collections.abc import Callable, Sequence

from chatbot.config import DecodingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search_results import strip_eos
from chatbot.inference.step_model import StepModel
from chatbot.runs.events import SHOWN_SAMPLES, SampleReply
from chatbot.text import fold, normalize
from chatbot.training.setup.initial_model import Start

#: Enough prompts to recognize a reply that most of them get; answered as one batch.
_SAMPLES = 32
_LONGEST_SAMPLE = 40


def choose_samples(corpus: Corpus) -> list[Pair]:
    """Choose the pairs whose prompts are answered at every measurement.

    Held-out prompts come first, training prompts fill up. The first `SHOWN_SAMPLES`, which are shown to people, are
    spread over the held-out ones if there are enough of them, else over all.

    Args:
        corpus: The training and the validation pairs.

    Returns:
        The pairs, those that are shown to people first.
    """
    held_out = {pair.prompt: pair for pair in corpus.validation}
    known = {pair.prompt: pair for pair in corpus.sample if pair.prompt not in held_out}
    unseen = _spread(list(held_out.values()), _SAMPLES)
    chosen = unseen + _spread(list(known.values()), _SAMPLES - len(unseen))
    shown = _spread(unseen if len(unseen) >= SHOWN_SAMPLES else chosen, SHOWN_SAMPLES)
    return shown + [pair for pair in chosen if pair not in shown]


def sampler(start: Start, steps: StepModel, pairs: Sequence[Pair]) -> Callable[[], Sequence[SampleReply]]:
    """Make a function that answers the prompts of some pairs greedily with the current weights.

    Where replies are known it says one of them, as the bot will: a decoder that repeats itself for the first minutes
    tells nothing of a bot that chooses.

    Args:
        start: The tokenizer, the shape of the model, and the known replies with their topics.
        steps: The inference models, with the current weights at each call.
        pairs: From `choose_samples`.

    Returns:
        The function, which returns a reply for each of the pairs.
    """
    tokenizer, config = start.tokenizer, start.config
    ids = [tokenizer.encode(fold(pair.prompt))[config.prompt_window] for pair in pairs]
    decoding = DecodingConfig(max_tokens=min(_LONGEST_SAMPLE, config.max_reply_tokens))
    plan = start.plan_search(steps, decoding)

    def sample() -> Sequence[SampleReply]:
        replies = [hypotheses[0] for hypotheses in drain(plan.search(ids))]
        return [
            SampleReply(pair.prompt, normalize(tokenizer.decode(strip_eos(reply))), pair.reply)
            for pair, reply in zip(pairs, replies, strict=True)
        ]

    return sample


def _spread(pairs: Sequence[Pair], count: int) -> list[Pair]:
    count = min(count, len(pairs))
    return [pairs[number * len(pairs) // count] for number in range(count)]
