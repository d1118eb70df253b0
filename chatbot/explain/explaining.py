"""The making of an explanation: a search with an observer, and its reply taken through the decoder once more."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chatbot.bot.chatbot import Chatbot
from chatbot.bot.reply.reply_object import Reply
from chatbot.bot.reply.search_plan import SearchPlan
from chatbot.config import EOS, GO, DecodingConfig
from chatbot.explain.explanation import BeamNode, Explanation, Step, TokenAlternative
from chatbot.explain.neighbours import find_line, find_neighbours
from chatbot.explain.reply_memory_candidates import recall_replies
from chatbot.explain.state_reading import read_states
from chatbot.explain.states import HeadShares
from chatbot.inference.decoding.beam_tree import ROOT, BeamTree, Node
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search_results import Hypothesis
from chatbot.inference.decoding.strategies import choose_strategy
from chatbot.inference.decoding.strategy import Strategy
from chatbot.inference.logits import ban
from chatbot.inference.probabilities import log_softmax, top_tokens
from chatbot.inference.recorded_reply_steps import TreeState
from chatbot.inference.step_model import Attentive, Logits, MultiHeaded, Tokens
from chatbot.text import normalize
from chatbot.tokenizer import Tokenizer

#: Runners-up of a step.
_OTHERS = 5


def explain(
    bot: Chatbot,
    prompt: str,
    decoding: DecodingConfig | None = None,
    context: Sequence[str] = (),
    reply: Reply | None = None,
    states: bool = False,
) -> Explanation:
    """Explain the reply to a prompt.

    Args:
        bot: The bot.
        prompt: What is said to it.
        decoding: How the tokens are chosen.
        context: What was said before, as `Chatbot.reply` takes it.
        reply: A reply that the bot gave to this prompt with these settings. Where chance had a
            part in it, it is this one that is explained, and without it another is drawn; a
            greedy reply or one of a beam comes out the same again. A fallback has lost its own tokens.
        states: Whether to keep the states of the encoder and of the decoder, a token at a time.

    Returns:
        The explanation. A prompt that says nothing has an empty reply and no steps.

    Raises:
        BundleError: The index of the bundle, or the file of its candidate replies, is damaged.
    """
    decoding = decoding or DecodingConfig()
    asked, strategy = bot.read(prompt, context), choose_strategy(decoding)
    if not asked.ids:
        said, steps, beam, read = bot.reply(prompt, decoding), [], None, None
    else:
        plan = bot.plan(decoding, always_steps=True)
        given = _given(reply, bot.tokenizer) if strategy.random else None
        hypotheses, nodes = ([given], []) if given else _find(plan, asked.ids, strategy)
        hypotheses = hypotheses if given else [*bot.vary(hypotheses, decoding)]
        said = bot.build_reply(asked, hypotheses, decoding)
        steps = list(_Retracing(bot, plan, strategy).steps(asked.ids, hypotheses[0].tokens))
        beam = _as_tree(nodes, bot.tokenizer) if nodes else None
        read = read_states(bot, plan.model, asked.ids, hypotheses[0].tokens) if states else None
    model = bot.model
    blocks = model.prompt_attention(asked.ids) if asked.ids and isinstance(model, MultiHeaded) else []
    return Explanation(
        typed=normalize(prompt),
        prompt=bot.tokenizer.decode(asked.ids),
        tokens=bot.tokenizer.pieces(asked.ids),
        reply=said,
        decoding=decoding,
        attention="mean of all heads" if blocks else bot.config.attention,
        recalled=recall_replies(bot, asked.ids, said.text, decoding) if asked.ids else None,
        steps=tuple(steps),
        states=read,
        beam=beam,
        neighbours=None if bot.index is None else find_neighbours(bot, bot.index, asked.ids),
        origin=None if bot.index is None else find_line(bot, bot.index.origin_of(said.text)),
        read=tuple(_shares([block[:, place] for block in blocks]) for place in range(len(asked.ids) if blocks else 0)),
    )


def _shares(blocks: Sequence[npt.NDArray[np.float32]]) -> HeadShares:
    """The shares of attention as plain numbers, from (heads, tokens) float32 of each block."""
    return tuple(tuple(map(tuple, block.tolist())) for block in blocks)


def _given(reply: Reply | None, tokenizer: Tokenizer) -> Hypothesis | None:
    if reply is None or reply.fallback or not reply.log_probabilities:
        return None
    tokens = [*tokenizer.ids(reply.tokens), *([] if reply.truncated else [EOS])]
    return Hypothesis(tuple(tokens), reply.log_probabilities, reply.score)


def _find(plan: SearchPlan, prompt: Sequence[int], strategy: Strategy) -> tuple[list[Hypothesis], list[Node]]:
    """The replies, and the tree of all hypotheses; it is empty where the strategy keeps no more than one."""
    tree = BeamTree(plan.decoding.beam)
    found = drain(strategy.search(plan.model, [prompt], plan.decoding, plan.constraints, tree))[0]
    return found, tree.nodes(found)


@dataclass(frozen=True)
class _Retracing:
    """A second pass of a reply through the decoder, teacher-forced."""

    bot: Chatbot
    plan: SearchPlan
    strategy: Strategy

    def steps(self, prompt: Sequence[int], reply: Sequence[int]) -> Iterator[Step]:
        model = self.plan.model
        state, before = model.encode([prompt]), GO
        for position, token in enumerate(reply):
            given: Tokens = np.array([before], np.int32)
            weights = model.alignment(given, state) if isinstance(model, Attentive) else None
            alignment = () if weights is None else tuple(weights[0, : len(prompt)].tolist())
            inner = state.decoder if isinstance(state, TreeState) else state
            blocks = self.bot.model.block_attention(given, inner) if isinstance(self.bot.model, MultiHeaded) else []
            logits, state = model.step(given, state)
            step = self._look_at(logits, list(reply[:position]), token, alignment)
            across = _shares([block.prompt[:, : len(prompt)] for block in blocks])
            yield replace(step, back=_shares([block.own for block in blocks]), across=across)
            before = token

    def _look_at(self, logits: Logits, history: list[int], token: int, alignment: tuple[float, ...]) -> Step:
        """Look at one step of the reply.

        Args:
            logits: (1, vocabulary) float32, as the model gave them.
            history: The tokens before.
            token: The token that was chosen.
            alignment: Attention to each token of the prompt; empty without attention.

        Returns:
            The step.
        """
        constraints, pieces = self.plan.constraints, self.bot.tokenizer.pieces
        surprisals = -log_softmax(logits)[0].astype(np.float64)
        probabilities = np.exp(-surprisals)
        possible = probabilities > 0
        adjusted = constraints.adjust(logits, [history])
        top = top_tokens(logits, _OTHERS + 1)[0].tolist()
        likeliest = [other for other in top if other != token and possible[other]][:_OTHERS]
        refused = [bool(np.isneginf(adjusted[0, one])) or not constraints.may_follow(history, one) for one in likeliest]
        changed = constraints.reshapes or self.strategy.random
        forbidden = [one for one, no in zip(likeliest, refused, strict=True) if no]
        adjusted = ban(adjusted, forbidden)
        chosen_by = log_softmax(self.strategy.reshape(adjusted, self.plan.decoding))[0, token] if changed else None
        return Step(
            token=pieces([token])[0],
            probability=float(probabilities[token]),
            adjusted=None if chosen_by is None else float(np.exp(chosen_by)),
            rank=1 + int((probabilities > probabilities[token]).sum()),
            entropy=float((probabilities[possible] * surprisals[possible]).sum() / math.log(2)),
            others=tuple(map(TokenAlternative, pieces(likeliest), probabilities[likeliest].tolist(), refused)),
            alignment=alignment,
        )


def _as_tree(nodes: Sequence[Node], tokenizer: Tokenizer) -> tuple[BeamNode, ...]:
    chosen: set[int] = set()
    place = next((number for number, node in enumerate(nodes) if node.rank == 1), ROOT)
    while place != ROOT:
        chosen.add(place)
        place = nodes[place].parent
    names = tokenizer.pieces(node.token for node in nodes)
    return tuple(
        BeamNode(
            parent=node.parent,
            step=node.step,
            token=name,
            probability=math.exp(node.log_probability),
            total=node.total,
            fate=node.fate,
            rank=node.rank,
            score=node.score,
            chosen=number in chosen,
        )
        for number, (node, name) in enumerate(zip(nodes, names, strict=True))
    )
