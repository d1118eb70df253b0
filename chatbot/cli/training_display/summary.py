"""Summary of a finished training run, read from the bundle that it wrote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.bot.grading import GradedReply
from chatbot.bot.mistakes import ExpectedReply, weakest_first
from chatbot.bundle import Bundle
from chatbot.bundle.metadata import BundleMetadata
from chatbot.cli.output.training_wording import say_duration, say_loss, say_pairs, say_quality
from chatbot.config import ModelConfig
from chatbot.metrics import Quality, Validation
from chatbot.runs.collapse_alarm import FEWEST_STEPS, TopReply, advise
from chatbot.text import plural

_ENDINGS = {
    "epochs": "trained for all epochs",
    "time": "trained until the time limit",
    "early": "stopped early, no improvement",
    "interrupted": "interrupted, best weights kept",
    "diverged": "stopped at step {steps}, where the loss became NaN; best weights kept, try a lower --learning-rate",
}

#: Answers that are named, and how much of each.
_WEAKEST, _LONGEST_ANSWER = 3, 60
#: Held-out prompts from which on the bot is compared with a baseline; fewer decide nothing.
_FEWEST_COMPARED = 30


@dataclass(frozen=True)
class Summary:
    """The end of a run.

    Attributes:
        title: The reason of its end.
        facts: Names and values, for people.
        warning: The advice of the collapse alarm; None if there is none.
        command: The next command to type.
        figures: The facts for programs.
    """

    title: str
    facts: list[tuple[str, str]]
    warning: str | None
    command: str
    figures: Mapping[str, Any]


def summarize(bundle: Bundle, graded: Sequence[GradedReply], chooses: bool, command: str, again: str) -> Summary:
    """The summary of the run that wrote a bundle just now.

    Args:
        bundle: The bundle.
        graded: The replies to held-out prompts, or to altered training prompts if none were held out.
        chooses: Whether the replies of the corpus are a set to choose from.
        command: The next command to type.
        again: How to resume the run if it was interrupted, in words.
    """
    held_out = bool(bundle.manifest["sizes"]["validation_pairs"])
    weakest = weakest_first(graded) if chooses else []
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
        "weakest": [{"expected": one.text, "prompts": one.prompts, "right": one.right} for one in weakest[:_WEAKEST]],
    }
    none_right = held_out and not any(one.right for one in graded)
    if metrics["stopped"] == "time" and metrics["steps"] < FEWEST_STEPS:
        few = f"the time was up after {plural(metrics['steps'], 'step')}; to learn anything takes some hundreds"
        advice = [("note", f"{few}: raise --max-time")]
    else:
        advice = _none_right(chooses) if none_right else list(_describe_weakest(weakest, held_out))
    return Summary(
        title=_ENDINGS[metrics["stopped"]].format(**metrics),
        facts=[*_facts(bundle, again), *advice],
        warning=samples and advise(TopReply(None, **samples), metrics["steps"]),
        command=command,
        figures=figures,
    )


def summarize_part(metrics: Mapping[str, Any]) -> Summary:
    """The summary of the run for a worker of a cluster, which writes no bundle.

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
        quality = BundleMetadata.of(manifest).quality
        facts.append(("quality", say_quality(quality, valid)))
        facts += _judge(quality, bundle.model)
    facts.append(("LiteRT", _describe_weights(manifest["weights"])))
    calibrated = f"calibrated on {confidence['prompts']:,} {confidence['measured_on']}"
    facts.append(("confidence", f"{calibrated}; fallback threshold {confidence['threshold']:.2g}"))
    facts.append(("", _describe_costs(confidence["costs"])))
    facts.append(("bundle", f"{bundle.path}, {bundle.size / 1e6:.1f} MB"))
    if metrics["stopped"] == "interrupted":
        facts.append(("unfinished", f"{again} continues from here"))
    return facts


def _judge(quality: Quality | None, model: ModelConfig) -> Iterator[tuple[str, str]]:
    """Remarks on the quality: that more was learned after it, and that a simple baseline is better."""
    if model.ngrams:
        yield "", "measured before the held-out prompts were learned, too"
    if quality is not None and quality.beaten_by is not None and quality.prompts >= _FEWEST_COMPARED:
        yield "note", f"below the {quality.beaten_by}, which takes a second: train longer (--max-time), or write more"
        yield "", "phrasings for each answer"


def _describe_costs(costs: Mapping[str, int]) -> str:
    """The replies that the fallback takes the place of."""
    parts = [
        f"{costs['right_lost']:,} of {costs['right']:,} right replies",
        f"{costs['wrong_caught']:,} of {costs['wrong']:,} wrong ones",
    ]
    if costs["outside"]:
        parts.append(f"{costs['outside_caught']:,} of {costs['outside']:,} to foreign prompts")
    return f"below it: {', '.join(parts)}"


def _describe_weakest(weakest: Sequence[ExpectedReply], held_out: bool) -> Iterator[tuple[str, str]]:
    """The answers learned worst, and what to do about them."""
    for number, one in enumerate(weakest[:_WEAKEST]):
        text = one.text if len(one.text) <= _LONGEST_ANSWER else f"{one.text[: _LONGEST_ANSWER - 1].rstrip()}…"
        yield "" if number else "weakest", f"{one.right} of {one.prompts} right: “{text}”"
    if weakest:
        asked = "" if held_out else ", asked training prompts with one token changed"
        yield "", f"write more phrasings for these{asked}"


def _none_right(chooses: bool) -> list[tuple[str, str]]:
    """The meaning of a run in which no held-out prompt was answered right."""
    if chooses:
        return [
            (
                "note",
                "no held-out prompt was answered right: the bot has learned nothing that helps with new phrasings",
            ),
            ("", "write more phrasings for each answer, or train longer (--max-time)"),
        ]
    return [
        (
            "note",
            "no held-out prompt got its recorded reply, and few can: nearly every reply of the corpus occurs once, as",
        ),
        ("", "in translation or open dialogue, so the bot composes replies and hardly repeats one that it never saw;"),
        ("", "judge it by the bits per byte of the held-out replies (lower is better) and by its sample replies;"),
        ("", "to compose good ones it needs tens of thousands of pairs"),
    ]


def _describe_time(metrics: Mapping[str, Any]) -> str:
    return ", ".join(
        [say_duration(metrics["seconds"]), plural(metrics["epochs"], "epoch"), plural(metrics["steps"], "step")]
    )


def _describe_weights(weights: Mapping[str, Any]) -> str:
    """The agreement of the step models with Keras, and the reason where int8 weights were asked for and not taken."""
    same, prompts = weights["same_replies"], weights["prompts"]
    refused = weights["kind"] != "int8" and weights["int8_same_replies"] is not None
    why = f"; int8 would on {weights['int8_same_replies']}" if refused else ""
    return f"{weights['kind']} model agrees with Keras on {same} of {prompts} replies{why}"
