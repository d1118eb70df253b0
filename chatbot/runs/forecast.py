"""What training will take, in numbers that need no TensorFlow.

The trainer makes its choices and its estimates with these functions, and `chatbot corpus check`
tells what they come to before anyone waits.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.config import EOS, PRESETS, ModelConfig, TrainingConfig, choose_preset
from chatbot.corpus.reply_prefixes import Tails
from chatbot.corpus.split import choose_share
from chatbot.tokenizer import Tokenizer, vocabulary_size_for

#: Share of the machine's matrix-multiply speed that a step reaches, and what a step costs
#: besides; see benchmarks/README.md.
_SHARE_OF_PEAK = 0.3
_SECONDS_PER_STEP = 0.012
#: A default run takes about this many steps, within the bounds on its epochs.
_STEPS = 12_000
#: Tokens. A corpus of four million has the largest; beyond, memory and a step would grow with the corpus.
_SMALLEST_BATCH, _LARGEST_BATCH = 256, 4096
_FEWEST_EPOCHS, _MOST_EPOCHS = 40, 150
#: A handful of pairs is a single step, and a network needs some hundreds to learn anything.
_FEWEST_STEPS = 500
#: Rows, inner size and columns of a product that is large enough to be timed well.
_PROBE = 1024
_PROBES = 9


def choose_batch_tokens(tokens: int) -> int:
    """Tokens in a batch: small ones learn more in a minute, larger ones suit larger corpora, up to a point."""
    return min(max(_SMALLEST_BATCH, round(2 * math.sqrt(tokens))), _LARGEST_BATCH)


def choose_epochs(steps_per_epoch: int) -> int:
    """Most passes over a corpus: many over a small one, few over a large one."""
    most = max(_MOST_EPOCHS, math.ceil(_FEWEST_STEPS / steps_per_epoch))
    return min(most, max(_FEWEST_EPOCHS, math.ceil(_STEPS / steps_per_epoch)))


def pass_operations(config: ModelConfig, prompt_tokens: float, target_tokens: float) -> float:
    """Floating-point operations in the matrix products of a pass over the pairs, padding aside.

    Two for each weight and token forward, and twice as many backward.

    Args:
        config: Shape of the model.
        prompt_tokens: Of all pairs.
        target_tokens: Of all replies, EOS included.
    """
    first = 4 * config.units * (config.embedding_size + config.units)
    further = 4 * config.units * 2 * config.units * (config.layers - 1)
    both_ways = 4 * config.units // 2 * (config.embedding_size + config.units // 2) * 2
    encoder = (both_ways if config.bidirectional else first) + further
    attention = 0 if config.attention == "none" else 2 * config.units * config.units
    projection = config.units * config.vocabulary_size
    return 6 * (prompt_tokens * encoder + target_tokens * (first + further + attention + projection))


def pass_seconds(operations: float, steps: int, speed: float) -> float:
    """Estimate of the time of a pass.

    Args:
        operations: See `pass_operations`.
        steps: Batches in the pass.
        speed: Floating-point operations a second of large matrix products on this machine.
    """
    return operations / (_SHARE_OF_PEAK * speed) + steps * _SECONDS_PER_STEP


@dataclass(frozen=True)
class Forecast:
    """What a default run on a corpus would take, all of it approximate.

    Attributes:
        vocabulary_size: Pieces of the tokenizer.
        tokens: Of both sides of all pairs, as far as the model reads them.
        long_prompts: Share of the prompts of which a part is cut off.
        long_replies: The same of replies.
        pass_seconds: One pass over the training pairs.
        passes: Most passes.
        seconds: The run, its time limit included.
    """

    vocabulary_size: int
    tokens: int
    long_prompts: float
    long_replies: float
    pass_seconds: float
    passes: int
    seconds: float


def forecast(sample: Sequence[tuple[str, str]], pairs: int, characters: int, alphabet: int) -> Forecast:
    """Foretell a default run from a sample of the corpus.

    Args:
        sample: Prompts, in lower case, and replies, drawn evenly.
        pairs: In the whole corpus.
        characters: In the whole corpus.
        alphabet: Different characters in the whole corpus, without the space.

    Raises:
        TokenizerError: Training would fail, for no tokenizer can be fitted.
    """
    texts = [text for pair in sample for text in pair]
    vocabulary = vocabulary_size_for(characters, alphabet)
    tokenizer = Tokenizer.fit(texts, vocabulary)
    recipe = TrainingConfig()
    learned = 1 - choose_share(pairs)
    config = ModelConfig.of(PRESETS[choose_preset(round(learned * pairs))], vocabulary)
    prompts = np.array([len(tokenizer.encode(prompt)) for prompt, _ in sample])
    targets = [[*tokenizer.encode(reply), EOS] for _, reply in sample]
    scale = pairs / len(sample)
    tails = Tails.of(
        ("".join(map(chr, target[: config.max_reply_tokens])) for target in targets), recipe.whole_replies, scale
    )
    prompt_tokens = scale * float(prompts.clip(max=config.max_prompt_tokens).sum())
    tokens = round(prompt_tokens + scale * float(tails.lengths.sum()))
    a_pass = round(learned * (prompt_tokens + scale * tails.tokens))
    steps = max(1, round(a_pass / choose_batch_tokens(a_pass)))
    operations = pass_operations(config, learned * prompt_tokens, learned * scale * tails.tokens)
    one_pass, passes = pass_seconds(operations, steps, _multiply_speed()), choose_epochs(steps)
    return Forecast(
        vocabulary_size=vocabulary,
        tokens=tokens,
        long_prompts=float((prompts > config.max_prompt_tokens).mean()),
        long_replies=float(np.mean([len(target) > config.max_reply_tokens for target in targets])),
        pass_seconds=one_pass,
        passes=passes,
        seconds=min(passes * one_pass, recipe.max_seconds or math.inf),
    )


def _multiply_speed() -> float:
    """Floating-point operations a second of a float32 matrix product on this machine, now."""
    left = right = np.ones((_PROBE, _PROBE), np.float32)
    fastest = math.inf
    for _ in range(_PROBES):
        started = time.perf_counter()
        np.matmul(left, right)
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * _PROBE**3 / fastest
