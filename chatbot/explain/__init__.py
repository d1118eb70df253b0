"""Explanations of replies and descriptions of models: as data, and as pictures of one file each.

from chatbot import Chatbot
from chatbot.explain import explain

explanation = explain(Chatbot.load("checkpoints/dialogs"), "hello")
for step in explanation.steps:
    print(step.token, step.probability, step.entropy)
"""

from chatbot.config.architectures.architecture import ModelBlock
from chatbot.config.model_description import ModelDescription, describe
from chatbot.explain.attention_heads import HeadMaps, head_maps
from chatbot.explain.documents import picture_architecture, picture_explanation
from chatbot.explain.explaining import explain
from chatbot.explain.explanation import (
    BeamNode,
    Explanation,
    Fate,
    Neighbour,
    Neighbours,
    RecalledReplies,
    RecalledReply,
    Step,
    TokenAlternative,
)

__all__ = [
    "BeamNode",
    "Explanation",
    "Fate",
    "HeadMaps",
    "ModelBlock",
    "ModelDescription",
    "Neighbour",
    "Neighbours",
    "RecalledReplies",
    "RecalledReply",
    "Step",
    "TokenAlternative",
    "describe",
    "explain",
    "head_maps",
    "picture_architecture",
    "picture_explanation",
]
