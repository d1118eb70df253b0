"""Forecast of the time and memory of a training run, without TensorFlow.

The trainer chooses and estimates with these functions, and `chatbot corpus check` shows the results
before a run is started.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chatbot.config import EOS, PRESETS, ModelConfig, TrainingConfig, choose_preset
from chatbot.config.model_description import describe
from chatbot.corpus.reply_set import is_reply_set
from chatbot.corpus.split import choose_share
from chatbot.corpus.unique_reply_prefixes import ReplyPrefixes
from chatbot.tokenizer import Tokenizer, vocabulary_size_for

#: Share of the machine's matrix-multiply speed that a step reaches, and the fixed cost of a step in
#: seconds; see docs/log.md.
_SHARE_OF_PEAK = 0.3
_SECONDS_PER_STEP = 0.012
#: A default run takes about this many steps, within the bounds on its epochs.
_STEPS = 12_000
#: Where a corpus has a set of replies, a run takes no more than this many steps for each pair: from few pairs, the view
#: of n-grams learns most of what is to be learned, and more epochs teach the network those pairs alone.
_STEPS_PER_PAIR = 1
#: Tokens. A corpus of four million tokens gets the largest; memory and time of a step stop growing there.
_SMALLEST_BATCH, _LARGEST_BATCH = 256, 4096
_FEWEST_EPOCHS, _MOST_EPOCHS = 40, 150
#: A handful of pairs is a single step, and a network needs some hundreds of steps to learn anything; fewer where it
#: chooses among replies, since it begins with what their prompts say.
_FEWEST_STEPS, _FEWEST_CHOOSING = 500, 250
#: Rows, inner size and columns of a matrix product that is large enough to be timed well.
PROBE_SIZE = 1024
_PROBES = 9


def choose_batch_tokens(tokens: int) -> int:
    """The number of tokens of a batch: small batches learn more in a minute, up to a point.

    Args:
        tokens: Of the corpus.
    """
    return min(max(_SMALLEST_BATCH, round(2 * math.sqrt(tokens))), _LARGEST_BATCH)


def choose_epochs(steps_per_epoch: int, chosen_pairs: int | None = None) -> int:
    """The maximum number of epochs: many for a small corpus, few for a large one.

    Args:
        steps_per_epoch: The size of the corpus in batches.
        chosen_pairs: Pairs of a corpus with a set of replies to choose from; None of any other.
    """
    most = max(_MOST_EPOCHS, math.ceil(_FEWEST_STEPS / steps_per_epoch))
    if chosen_pairs is not None:
        most = min(most, math.ceil(max(_FEWEST_CHOOSING, _STEPS_PER_PAIR * chosen_pairs) / steps_per_epoch))
    return min(most, max(_FEWEST_EPOCHS, math.ceil(_STEPS / steps_per_epoch)))


def epoch_operations(
    config: ModelConfig, pairs: float, prompt_tokens: float, target_tokens: float, reply_tokens: int | None = None
) -> float:
    """The floating-point operations in the matrix products of an epoch, padding aside.

    There are two for each multiplication forward, and twice as many backward. Attention is counted as if all prompts
    were equally long, and all targets.

    Args:
        config: Shape of the model.
        pairs: In an epoch.
        prompt_tokens: In an epoch.
        target_tokens: In an epoch, EOS included.
        reply_tokens: Different tokens of the replies, if only these are projected to; None for the vocabulary.
    """
    if reply_tokens is not None:
        config = replace(config, vocabulary_size=max(EOS + 1, reply_tokens))
    return 6 * pairs * describe(config).count_operations(prompt_tokens / pairs, target_tokens / pairs)


def epoch_seconds(operations: float, steps: int, speed: float) -> float:
    """The estimated seconds of an epoch.

    Args:
        operations: See `epoch_operations`.
        steps: Batches in the epoch.
        speed: Floating-point operations a second of large matrix products on this machine.
    """
    return operations / (_SHARE_OF_PEAK * speed) + steps * _SECONDS_PER_STEP


@dataclass(frozen=True)
class Forecast:
    """A default run on a corpus in numbers, all approximate.

    Attributes:
        vocabulary_size: Pieces of the tokenizer.
        tokens: Of both sides of all pairs, as far as the model reads them.
        long_prompts: Share of the prompts that are truncated.
        long_replies: Share of the replies that are truncated.
        epoch_seconds: Time of an epoch.
        epochs: Maximum number of epochs.
        seconds: Time of the run, its time limit included.
    """

    vocabulary_size: int
    tokens: int
    long_prompts: float
    long_replies: float
    epoch_seconds: float
    epochs: int
    seconds: float


def forecast(sample: Sequence[tuple[str, str]], pairs: int, characters: int, alphabet: int) -> Forecast:
    """The forecast of a default run, from a sample of the corpus.

    Args:
        sample: Prompts, in lower case, and replies, drawn evenly.
        pairs: In the whole corpus.
        characters: In the whole corpus.
        alphabet: Different characters in the whole corpus, without the space.

    Raises:
        TokenizerError: No tokenizer can be fitted, so training would fail.
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
    chooses = is_reply_set(len({reply for _, reply in sample}), len(sample))
    prefixes = ReplyPrefixes.of(
        ("".join(map(chr, target[: config.max_reply_tokens])) for target in targets),
        recipe.whole_replies,
        scale,
        chosen=chooses,
    )
    prompt_tokens = scale * float(prompts.clip(max=config.max_prompt_tokens).sum())
    tokens = round(prompt_tokens + scale * float(prefixes.lengths.sum()))
    per_epoch = round(learned * (prompt_tokens + scale * prefixes.tokens))
    steps = max(1, round(per_epoch / choose_batch_tokens(per_epoch)))
    pairs_learned, prompts_learned, targets_learned = (
        learned * count for count in (pairs, prompt_tokens, scale * prefixes.tokens)
    )
    spoken = len({token for target in targets for token in target}) if chooses else None
    operations = epoch_operations(config, pairs_learned, prompts_learned, targets_learned, spoken)
    chosen_pairs = round(learned * pairs) if chooses else None
    seconds, epochs = epoch_seconds(operations, steps, _numpy_speed()), choose_epochs(steps, chosen_pairs)
    return Forecast(
        vocabulary_size=vocabulary,
        tokens=tokens,
        long_prompts=float((prompts > config.max_prompt_tokens).mean()),
        long_replies=float(np.mean([len(target) > config.max_reply_tokens for target in targets])),
        epoch_seconds=seconds,
        epochs=epochs,
        seconds=min(epochs * seconds, recipe.max_seconds or math.inf),
    )


def matrix_multiply_speed(multiply: Callable[[], object], size: int = PROBE_SIZE) -> float:
    """The floating-point operations a second of a matrix product on this machine, now: the fastest of nine.

    Args:
        multiply: Computes the product of two matrices of (size, size) and waits for the result.
        size: Rows and columns of the matrices.
    """
    multiply()
    fastest = math.inf
    for _ in range(_PROBES):
        started = time.perf_counter()
        multiply()
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * size**3 / fastest


def _numpy_speed() -> float:
    matrix = np.ones((PROBE_SIZE, PROBE_SIZE), np.float32)
    return matrix_multiply_speed(lambda: np.matmul(matrix, matrix))
