"""Figures of training and evaluation in words."""

import math

from chatbot.cli.options import say_duration
from chatbot.progress import Plan, Resumption, Validation


def describe_plan(plan: Plan) -> str:
    """One line that says what training will work on and what it will take."""
    held_out = f"{plan.validation_pairs:,} held out" if plan.validation_pairs else "none held out"
    limit = " at most" if plan.expected_seconds == plan.max_seconds else ""
    expected = f"about {say_duration(plan.expected_seconds)}{limit}"
    return (
        f"{plan.training_pairs:,} pairs, {held_out}; {plan.training_tokens:,} tokens of {plan.vocabulary_size:,} kinds,"
        f" {plan.truncated_pairs:,} pairs cut; {plan.parameters:,} parameters, about {plan.memory_bytes / 1e9:.1f} GB;"
        f" up to {plan.epochs} epochs of {plan.steps_per_epoch:,} steps, {expected}, on {plan.devices}"
    )


def describe_resumption(where: Resumption) -> str:
    """One line that says where an interrupted run goes on."""
    best = "nothing measured yet" if where.best is None else f"the best so far is of epoch {where.best.epoch}"
    return (
        f"going on after step {where.step:,}, in epoch {where.epoch}, {say_duration(where.seconds)} of training; {best}"
    )


def say_perplexity(perplexity: float) -> str:
    """Two decimals where they can be seen, none where they cannot."""
    if not math.isfinite(perplexity) or perplexity >= 1e6:
        return "over 1,000,000"
    return f"{perplexity:.2f}" if perplexity < 100 else f"{perplexity:,.0f}"


def say_validation(valid: Validation) -> str:
    """What was measured on the validation pairs."""
    return (
        f"{valid.bits_per_byte:.3f} bits/byte, perplexity {say_perplexity(valid.perplexity)}, {valid.exact:.0%} exact"
    )
