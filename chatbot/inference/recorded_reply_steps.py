"""A step model that can only say recorded replies, from one that can say anything.

Its logits are finite for the tokens that some recorded reply has next, and -inf for all others. The shares of the reply
memory decide with the decoder. Where a reply so far, y, branches, the probability of
its next token t is

    p(t | y) ∝ p_decoder(t | y)^w · (share(y t) / share(y))^(1 - w),

a geometric mean. Where replies are drawn, share(y) is the sum of the shares of all recorded replies that begin with y.
Where the best one is looked for, it is the share of the likeliest of them, for a greedy search would follow a beginning
that many unlikely replies have in common; and the likeliest reply of a topic has the shares of all replies of the
topic, for three ways to answer one question must not lose against the one to another. Shares of urgent replies are
weighed before, so that these are not missed (see `Urgency`). The decoder
starts from the mean that the same shares make of the values, so the two are no independent witnesses, and their
product would be too sure. The logits are the logarithms of these probabilities, so that score and explanation see the
same ones as the search, and those of all recorded replies add up to 1.

Where only one recorded reply is left its tokens are certain, and the decoder is not asked any more.

References: De Cao et al. (2021), "Autoregressive Entity Retrieval", section 3.2, for decoding constrained by a prefix
tree; Hinton (2002), "Training Products of Experts by Minimizing Contrastive Divergence", section 1, for the
product of two distributions, and Heskes (1998), "Selecting Weighting Factors in Logarithmic Opinion Pools", for
its weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chatbot.inference.prefix_tree import Branches, Indices, PrefixTree, join_topics
from chatbot.inference.recorded_prompts import KnownPrompts
from chatbot.inference.step_model import Attentive, DecoderState, Logits, Remembering, Rows, StepModel, Tokens
from chatbot.inference.urgency import Urgency

#: Weight of the decoder beside the shares; docs/log.md has the figures.
DECODER_WEIGHT = 0.1
#: Added to each share, so that the decoder may still choose a reply that the memory does not recall at all.
_LEAST_SHARE = 1e-9
#: Nats that a token is behind the best one at most, so that every log-probability is finite.
_MOST_NATS = 1e4
_LARGEST = 1e30


class RememberingSteps(StepModel, Remembering, Protocol):
    """A step model that may have a reply memory."""


@dataclass(frozen=True, kw_only=True)
class TreeState(DecoderState):
    """The state of a `RecordedSteps`; `arrays`, `fixed` and `prompts` are of the rows that the decoder still steps.

    Attributes:
        first: (rows,), where the replies begin that each row may still become, in the order of the tree.
        last: (rows,), and where they end.
        depth: Tokens of each row; -1 before GO.
        places: (rows,), the row of `arrays` for each; -1 where the decoder is not asked any more.
        asked: (rows,), the prompt of each.
        shares: (prompts, replies + 1) float64, in the order of the tree, and behind them what is no reply's; None where
            nothing is recalled.
    """

    first: Indices
    last: Indices
    depth: int
    places: Indices
    asked: Indices
    shares: npt.NDArray[np.float64] | None

    @property
    def rows(self) -> int:
        """Number of sentences."""
        return len(self.first)

    @property
    def decoder(self) -> DecoderState:
        """The state of the decoder."""
        return DecoderState(self.arrays, self.fixed, self.prompts)

    def select(self, rows: Rows) -> "TreeState":
        """See `DecoderState.select`."""
        index = np.asarray(rows, dtype=np.intp)
        first, last, asked = self.first[index], self.last[index], self.asked[index]
        return replace(self, first=first, last=last, asked=asked, places=self.places[index]).compact()

    def compact(self) -> "TreeState":
        """The same without the rows of `arrays` that no row has its place at."""
        live = self.places >= 0
        decoder = self.decoder.select(self.places[live])
        places = np.where(live, live.cumsum() - 1, -1)
        return replace(self, arrays=decoder.arrays, fixed=decoder.fixed, prompts=decoder.prompts, places=places)


class RecordedSteps:
    """A `StepModel` whose replies are all in a tree."""

    def __init__(
        self,
        model: RememberingSteps,
        tree: PrefixTree,
        vocabulary_size: int,
        always_steps: bool = False,
        prompts: KnownPrompts | None = None,
        topics: Indices | None = None,
        urgency: Urgency | None = None,
    ) -> None:
        """Constrain a model.

        Args:
            model: Reads prompts, and gives the logits.
            tree: The replies.
            vocabulary_size: Number of logits.
            always_steps: Whether the decoder is stepped to the end of each reply, for who looks at its states.
            prompts: Those whose replies are looked up, or None.
            topics: (replies,), the topic of each by its number, where the best reply is looked for; None where replies
                are drawn.
            urgency: Which of the replies, by their numbers, are urgent; None where all are alike.
        """
        self._urgency = None if urgency is None else urgency.arrange(tree)
        self._topics = None if topics is None else tree.select(topics)
        self._collect = np.add if topics is None else np.maximum
        self._model, self._tree, self._size, self._always_steps = model, tree, vocabulary_size, always_steps
        self._prompts = prompts

    def encode(self, prompts: Sequence[Sequence[int]]) -> TreeState:
        """See `StepModel.encode`."""
        state, shares = self._model.encode_with_shares(prompts)
        if shares is not None and self._prompts is not None:
            shares = self._prompts.recall(prompts, shares)
        arranged = None if shares is None else self._tree.arrange(shares)
        if arranged is not None and self._topics is not None:
            arranged = join_topics(arranged, self._topics)
        if arranged is not None and self._urgency is not None:
            arranged = self._urgency.weigh(arranged, self._collect)
        rows = np.arange(len(prompts))
        return TreeState(
            arrays=state.arrays,
            fixed=state.fixed,
            prompts=state.prompts,
            first=np.zeros(len(prompts), np.intp),
            last=np.full(len(prompts), self._tree.replies, np.intp),
            depth=-1,
            places=rows,
            asked=rows,
            shares=None if arranged is None else np.pad(arranged + _LEAST_SHARE, ((0, 0), (0, 1))),
        )

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, TreeState]:
        """See `StepModel.step`."""
        assert isinstance(state, TreeState)  # from `encode`
        state = self._descend(tokens, state)
        logits = np.full((len(tokens), self._size), -np.inf, np.float32)
        branches = self._tree.branches(state.first, state.last, state.depth)
        decoded, state = self._decode(tokens, state)
        forks = np.bincount(branches.node, minlength=len(tokens))[branches.node] > 1
        logits[branches.node[~forks], branches.token[~forks]] = 0.0
        if forks.any():
            parted = Branches(*(array[forks] for array in branches))
            weighed = _weigh(decoded[state.places[parted.node], parted.token], parted, state, self._collect)
            logits[parted.node, parted.token] = weighed
        return logits, state

    def foresee(self, state: DecoderState) -> dict[int, list[int]]:
        """See `Foreseeing.foresee`: nothing where the decoder is stepped to the end of each reply."""
        assert isinstance(state, TreeState)  # from `step`
        if self._always_steps:
            return {}
        settled = np.flatnonzero(state.last - state.first == 1)
        replies = state.first[settled].tolist()
        return {row: self._tree.rest(reply, state.depth) for row, reply in zip(settled.tolist(), replies, strict=True)}

    def alignment(self, tokens: Tokens, state: DecoderState) -> npt.NDArray[np.float32] | None:
        """See `Attentive.alignment`; of a model that is stepped to the end of each reply."""
        assert isinstance(state, TreeState)  # from `encode`
        return self._model.alignment(tokens, state.decoder) if isinstance(self._model, Attentive) else None

    def _descend(self, tokens: Tokens, state: TreeState) -> TreeState:
        """Follow the tokens down the tree.

        Args:
            tokens: (rows,) int32.
            state: Before them.

        Returns:
            The state at the nodes that they lead to; nothing is beneath a node to which none does.
        """
        if state.depth < 0:  # GO leads to the root
            return replace(state, depth=0)
        branches = self._tree.branches(state.first, state.last, state.depth)
        taken = branches.token == tokens[branches.node]
        node, first, last = branches.node[taken], np.zeros_like(state.first), np.zeros_like(state.last)
        first[node], last[node] = branches.first[taken], branches.last[taken]
        return replace(state, first=first, last=last, depth=state.depth + 1)

    def _decode(self, tokens: Tokens, state: TreeState) -> tuple[Logits, TreeState]:
        """Step the decoder where it matters.

        Args:
            tokens: (rows,) int32.
            state: At the nodes that they lead to.

        Returns:
            Its logits, (places, vocabulary) float32, and the state after it.
        """
        settled = (state.last - state.first <= 1) & (not self._always_steps)
        if (settled & (state.places >= 0)).any():
            state = replace(state, places=np.where(settled, -1, state.places)).compact()
        asked = tokens[state.places >= 0]
        if not len(asked):
            return np.empty((0, self._size), np.float32), state
        logits, decoder = self._model.step(asked, state.decoder)
        return logits, replace(state, arrays=decoder.arrays, fixed=decoder.fixed, prompts=decoder.prompts)


def _weigh(
    decoded: npt.NDArray[np.float32], branches: Branches, state: TreeState, collect: np.ufunc
) -> npt.NDArray[np.float64]:
    """The log-probabilities of branches, from the logits of the decoder and from the shares beneath.

    Args:
        decoded: (branches,) float32, -inf allowed.
        branches: All those of their nodes.
        state: After the tokens that lead to the nodes.
        collect: Of the shares of the replies beneath a branch, that of the branch.

    Returns:
        (branches,) float64, finite.
    """
    starts = np.flatnonzero(np.diff(branches.node, prepend=-1))
    counts = np.diff(starts, append=len(branches.node))
    logits = np.clip(decoded.astype(np.float64), -_LARGEST, _LARGEST)
    logits -= np.repeat(np.maximum.reduceat(logits, starts), counts)
    logits = logits.clip(-_MOST_NATS)
    if state.shares is not None:
        ranges = np.stack([branches.first, branches.last], axis=1)
        ranges += state.asked[branches.node, None] * state.shares.shape[1]
        beneath = collect.reduceat(state.shares.ravel(), ranges.ravel())[::2]  # what is between ranges does not count
        logits = DECODER_WEIGHT * logits + (1 - DECODER_WEIGHT) * np.log(beneath)
        logits -= np.repeat(np.maximum.reduceat(logits, starts), counts)
    normalized: npt.NDArray[np.float64] = logits - np.repeat(np.log(np.add.reduceat(np.exp(logits), starts)), counts)
    return normalized
