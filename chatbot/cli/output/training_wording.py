"""Figures of training and evaluation in words."""

import math

from chatbot.metrics import Quality, Validation
from chatbot.runs.events import Plan, Resumption
from chatbot.text import plural


def describe_plan(plan: Plan) -> list[str]:
    """The lines about a plan: the expected time of the training, its pairs, and the size of the model."""
    about = "at most" if plan.expected_seconds == plan.max_seconds else "about"
    truncated = f"{plural(plan.truncated_pairs, 'pair')} truncated" if plan.truncated_pairs else "nothing truncated"
    return [
        f"training takes {about} {say_duration(plan.expected_seconds)}, plus compiling and exporting;"
        f" up to {plural(plan.epochs, 'epoch')} of {plural(plan.steps_per_epoch, 'step')}",
        f"{plural(plan.training_pairs, 'pair')}, {_say_held_out(plan.validation_pairs)};"
        f" {plan.training_tokens:,} tokens, vocabulary of {plan.vocabulary_size:,}, {truncated}",
        f"{plan.parameters:,} parameters, about {plan.memory_bytes / 1e9:.1f} GB of memory, on {plan.devices}",
    ]


def describe_resumption(where: Resumption) -> str:
    """The line about the place where an interrupted run is resumed.

    Args:
        where: That place.
    """
    if not where.step:
        return "resuming a run that was interrupted before its first step"
    best = "nothing measured yet" if where.best is None else f"best so far: epoch {where.best.epoch}"
    return (
        f"resuming after step {where.step:,}, in epoch {where.epoch}, {say_duration(where.seconds)} of training; {best}"
    )


def say_pairs(training: int, held_out: int) -> str:
    """The numbers of pairs in words.

    Args:
        training: Pairs to train on.
        held_out: Pairs to measure on.
    """
    return f"{training:,}, and {_say_held_out(held_out)}"


def _say_held_out(pairs: int) -> str:
    return f"{pairs:,} held out" if pairs else "none held out"


def say_perplexity(perplexity: float) -> str:
    """A perplexity with two decimals where they can be seen, and none where they cannot."""
    if not math.isfinite(perplexity) or perplexity >= 1e6:
        return "over 1,000,000"
    return f"{perplexity:.2f}" if perplexity < 100 else f"{perplexity:,.0f}"


def say_validation(valid: Validation) -> str:
    """The figures of a measurement on the validation pairs.

    Args:
        valid: The measurement.
    """
    return f"{say_loss(valid)}, {valid.exact:.0%} exact"


def say_loss(valid: Validation) -> str:
    """The loss of the validation pairs, in bits a byte and as perplexity.

    Args:
        valid: The measurement.
    """
    return f"{valid.bits_per_byte:.3f} bits/byte, perplexity {say_perplexity(valid.perplexity)}"


def say_quality(quality: Quality | None, valid: Validation | None) -> str:
    """The quality of a bot, and its meaning.

    Args:
        quality: The quality of the finished bot; None for a bundle without it.
        valid: The best measurement of the training, for such a bundle.
    """
    if quality is None:
        return "not measured" if valid is None else f"{valid.exact:.1%} of the held-out pairs get the recorded reply"
    means = "the recorded reply, or another of its topic" if quality.by_topic else "the recorded reply"
    measured = ", ".join(f"{name} {right / quality.prompts:.1%}" for name, right in quality.baselines.items())
    beside = f"; {measured}" if measured else ""
    return f"{quality.share:.1%} of {plural(quality.prompts, 'held-out prompt')} answered right ({means}){beside}"


def say_duration(seconds: float) -> str:
    """A duration in seconds for people: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
