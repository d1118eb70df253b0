"""Figures and settings in words, the same on a terminal and in a picture."""

import dataclasses
from collections.abc import Mapping

from chatbot.config import DecodingConfig
from chatbot.config.model_description import ModelDescription
from chatbot.explain.beam_branches import Layout
from chatbot.explain.explanation import (
    BeamNode,
    CorpusLine,
    Explanation,
    Fate,
    Neighbour,
    Neighbours,
    RecalledReplies,
    RecalledReply,
)
from chatbot.inference.decoding.strategies import choose_strategy
from chatbot.inference.urgency import DOUBT

#: The probability of each of several steps that are shown together, see `chatbot.explain.merged_steps`.
CERTAIN = "≥99.9%"

#: The views of `chatbot.inference.step_model.VIEWS` in a sentence.
_SEEN = {"sentence": "the sentence", "words": "its words", "pairs": "its pairs of words", "n-grams": "its n-grams"}

#: Settings that have no part in the choice of the words, or are said in other words.
_UNSAID = ("ban_words", "max_tokens", "n_best", "suggest")


def say_share(share: float) -> str:
    """A probability or a share of attention: `98.2%`, and `<0.1%` where it is next to nothing."""
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def say_decoding(decoding: DecodingConfig) -> str:
    """The decoding settings of a reply: `greedy`, `beam 5`, `sampled, temperature 0.8`."""
    settings = {
        field.name: getattr(decoding, field.name)
        for field in dataclasses.fields(decoding)
        if getattr(decoding, field.name) != field.default and field.name not in _UNSAID
    }
    parts = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in settings.items()
        if value is not True
    ]
    if decoding.free:
        parts.append("free")
    if decoding.ban_words:
        parts.append("some words banned")
    strategy = choose_strategy(decoding)
    if strategy.setting is None:
        parts.insert(0, strategy.describe(decoding))
    return ", ".join(parts)


def say_facts(explanation: Explanation) -> list[str]:
    """The facts about the reply of an explanation: its settings, its probability, its confidence."""
    reply = explanation.reply
    facts = [say_decoding(explanation.decoding)]
    if explanation.steps:
        facts.append(f"log-probability {reply.score:.2f}")
        if reply.confidence is not None:
            facts.append(f"confidence {say_share(reply.confidence)}")
    if explanation.origin is not None:
        facts.append(f"recorded at {say_line(explanation.origin)}")
    recalled = explanation.recalled
    if recalled is not None and recalled.looked_up:
        facts.append("prompt looked up")
    if recalled is not None and recalled.urgent is not None and recalled.urgent >= DOUBT:
        facts.append(f"something urgent {say_share(recalled.urgent)}")
    if reply.truncated:
        facts.append("cut before it ended")
    if reply.prompt_truncated:
        facts.append("only the end of the prompt was read")
    return facts


def say_line(line: CorpusLine) -> str:
    """A line of the corpus: `faq.tsv:12`."""
    return f"{line.file}:{line.line}"


def say_recorded(neighbour: Neighbour) -> str:
    """The reply recorded for a neighbour, with its line where that is known: `→ At nine. (faq.tsv:12)`."""
    return f"→ {neighbour.reply}{f' ({say_line(neighbour.origin)})' if neighbour.origin else ''}"


def say_decoder_start(recalled: RecalledReplies) -> str:
    """The meaning of the shares and the views of recalled replies."""
    shares = f"the shares of {recalled.known:,} candidate replies in what the decoder starts from"
    seen = [_SEEN[view] for view in recalled.views]
    views = f"; then by {', '.join(seen[:-1])} and {seen[-1]} alone" if seen else ""
    missing = "; none of these was said" if not recalled.said else ""
    return f"{shares}{views}{missing}"


def say_views(reply: RecalledReply) -> list[str]:
    """The share that each view of the prompt alone would give a candidate reply: `words 12.0%`."""
    return [f"{view} {say_share(share)}" for view, share in reply.by_view.items()]


def say_notes(reply: RecalledReply) -> str:
    """The notes beside a candidate reply: its topic, and whether it was said."""
    return "  ·  ".join([*([reply.topic] if reply.topic else []), *(["said"] if reply.said else [])])


def say_architecture(architecture: ModelDescription) -> list[str]:
    """The parts of an architecture that a drawing cannot show, a sentence or two each."""
    start = (
        "The decoder starts from a mean of the values of the candidate replies, weighted by how well their keys"
        " fit the sentence vector, the words and the pairs of words. The candidate replies are an addition to"
        " the encoder-decoder (Henderson et al. 2017)."
        if architecture.memory
        else "The decoder starts from the sentence vector."
    )
    attention = ["At each token attention looks back at the encoder's outputs."] if architecture.looks_back else []
    forcing = (
        "Teacher forcing: while training, the decoder is given the recorded reply, whatever it would have"
        " said. While answering it is given its own tokens."
    )
    return [start, *attention, forcing]


def say_sizes(states: Mapping[str, int]) -> str:
    """The lengths of the states of a block: `512`, or `2 × 512` for two.

    Args:
        states: Lengths by the names of the states, all of one length.
    """
    (size,) = set(states.values())
    return f"{size:,}" if len(states) == 1 else f"{len(states)} × {size:,}"


def say_fate(node: BeamNode) -> str:
    """The fate of the hypothesis at a node, the end of its branch."""
    if node.rank is not None and node.score is not None:
        cut = ", cut" if node.fate is Fate.CUT else ""
        return f"{'the reply' if node.chosen else f'no. {node.rank}'}{cut}, score {node.score:.2f}"
    return f"{node.fate.value}, {node.total:.2f}"


def say_left_out(layout: Layout) -> str:
    """The number of branches of a tree that a layout leaves out; empty where it leaves out none."""
    count = layout.left_out
    branches = "1 further branch is" if count == 1 else f"{count:,} further branches are"
    return f"{branches} not shown." if count else ""


def say_compared(neighbours: Neighbours) -> str:
    """The number of training prompts among which the neighbours were found."""
    if neighbours.compared == neighbours.known:
        return f"of all {neighbours.known:,} training prompts"
    return f"of the {neighbours.compared:,} training prompts most alike by their characters, of {neighbours.known:,}"
