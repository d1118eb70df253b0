"""What a finished training run comes to, read from the bundle that it wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.bundle import Bundle
from chatbot.catalogue import Card
from chatbot.cli.options import say_duration
from chatbot.cli.wording import say_loss, say_pairs, say_quality
from chatbot.collapse import TopReply, advise
from chatbot.progress import Validation
from chatbot.text import count

_ENDINGS = {
    "epochs": "trained",
    "time": "trained for the time given",
    "early": "trained until it got no better",
    "interrupted": "stopped by Ctrl-C, best weights kept",
    "diverged": "stopped at step {steps}: the loss was no number; best weights kept, try a lower --learning-rate",
}


@dataclass(frozen=True)
class Summary:
    """The end of a run.

    Attributes:
        title: Why it ended.
        facts: Names and values, for people.
        warning: What is wrong with the bot, if it is known.
        command: What to type next.
        figures: The same for programs.
    """

    title: str
    facts: list[tuple[str, str]]
    warning: str | None
    command: str
    figures: Mapping[str, Any]


def summarize(bundle: Bundle, command: str, again: str) -> Summary:
    """Sum up the run that wrote a bundle just now.

    Args:
        bundle: What was written.
        command: What to type next.
        again: What goes on with the run if it was stopped, in words.
    """
    metrics, weights = bundle.manifest["metrics"], bundle.manifest["weights"]
    samples = metrics["samples"]
    figures = {
        **metrics,
        "weights": weights["kind"],
        "keras_prompts": weights["prompts"],
        "keras_same_replies": weights["same_replies"],
        "bundle": str(bundle.path),
        "bytes": bundle.size,
        "next": command,
    }
    return Summary(
        title=_ENDINGS[metrics["stopped"]].format(**metrics),
        facts=_facts(bundle, again),
        warning=samples and advise(TopReply(None, **samples)),
        command=command,
        figures=figures,
    )


def summarize_part(metrics: Mapping[str, Any]) -> Summary:
    """Sum up what a process of a cluster that writes no bundle has had its part in.

    Args:
        metrics: As in the manifest of the bundle that the chief writes.
    """
    return Summary(_ENDINGS[metrics["stopped"]].format(**metrics), [], None, "", metrics)


def _facts(bundle: Bundle, again: str) -> list[tuple[str, str]]:
    manifest = bundle.manifest
    metrics, sizes, confidence = manifest["metrics"], manifest["sizes"], manifest["confidence"]
    facts = [
        ("pairs", say_pairs(sizes["training_pairs"], sizes["validation_pairs"])),
        ("parameters", f"{sizes['parameters']:,}"),
        ("time", _describe_time(metrics)),
    ]
    if "valid_loss" in metrics:
        valid = Validation(metrics["valid_loss"], metrics["valid_bits_per_byte"], metrics["valid_exact"])
        facts.append(("held out", f"{say_loss(valid)}; epoch {metrics['best_epoch']}"))
        facts.append(("quality", say_quality(Card.of(manifest).quality, valid)))
    facts.append(("LiteRT", _describe_weights(manifest["weights"])))
    fitted = f"fitted to {confidence['prompts']:,} {confidence['measured_on']}"
    facts.append(("confidence", f"{fitted}; fallback below {confidence['threshold']:.2g}"))
    facts.append(("bundle", f"{bundle.path}, {bundle.size / 1e6:.1f} MB"))
    if metrics["stopped"] == "interrupted":
        facts.append(("unfinished", f"{again} goes on from here"))
    return facts


def _describe_time(metrics: Mapping[str, Any]) -> str:
    return ", ".join(
        [say_duration(metrics["seconds"]), count(metrics["epochs"], "epoch"), count(metrics["steps"], "step")]
    )


def _describe_weights(weights: Mapping[str, Any]) -> str:
    """How faithful the step models are, and why int8 weights were not taken if somebody asked for them."""
    of = f"{weights['same_replies']} of {weights['prompts']} greedy replies as Keras gives them"
    refused = weights["kind"] != "int8" and weights["int8_same_replies"] is not None
    why = f": with int8 weights it would be {weights['int8_same_replies']} of {weights['prompts']}" if refused else ""
    return f"{of}, {weights['kind']} weights{why}"
