"""Replies that come piece by piece while their search runs, several side by side."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple

from chatbot.bot.reply.prompt import Prompt
from chatbot.bot.reply.reply_building import empty_reply
from chatbot.bot.reply.reply_object import Reply
from chatbot.bot.reply.search_plan import SearchPlan
from chatbot.bot.reply.text_stream import TextStream
from chatbot.config import EOS, DecodingConfig
from chatbot.inference.decoding.run_generator import Running
from chatbot.inference.decoding.search_results import Hypothesis, TokenChoice, hypothesis_of
from chatbot.tokenizer import Tokenizer


class StreamEvent(NamedTuple):
    """News of one of several replies that grow side by side.

    Attributes:
        row: Index of the prompt.
        piece: More of its text; empty where there is none.
        reply: The whole reply where it is over, which is the last event of its row; else None.
    """

    row: int
    piece: str
    reply: Reply | None = None


#: Builds the reply to a prompt from hypotheses, the best first.
Build = Callable[[Prompt, Sequence[Hypothesis]], Reply]
#: Replies that grow side by side: the events of each step of their search, which may be none.
Streaming = Generator[list[StreamEvent], None, None]


def stream_replies(prompts: Sequence[Prompt], plan: SearchPlan, tokenizer: Tokenizer, build: Build) -> Streaming:
    """Search for the replies to prompts, and turn them into text while the search runs.

    Args:
        prompts: What was asked.
        plan: Of the search.
        tokenizer: Token ids to text.
        build: Builds the reply to a prompt from the hypotheses that were found.

    Yields:
        Events; no character is split over two pieces. A reply is over with its last token where the search
        follows one hypothesis, else with the search.
    """
    yield [StreamEvent(row, "", empty_reply()) for row, prompt in enumerate(prompts) if not prompt.ids]
    growing = {
        row: _Growing(row, prompt, TextStream(tokenizer), build) for row, prompt in enumerate(prompts) if prompt.ids
    }
    rows = [*growing]
    if not rows:
        return
    running = Running(plan.search([prompts[row].ids for row in rows]))
    for step in running:
        yield [event for choice in step for event in growing[rows[choice.row]].add(choice, plan.decoding)]
    yield [event for row, found in zip(rows, running.result, strict=True) for event in growing[row].end(found)]


class _Growing:
    """One of the replies."""

    def __init__(self, row: int, prompt: Prompt, text: TextStream, build: Build) -> None:
        self._row, self._prompt, self._text, self._build = row, prompt, text, build
        self._choices: list[TokenChoice] = []
        self._over = False

    def add(self, choice: TokenChoice, decoding: DecodingConfig) -> Iterator[StreamEvent]:
        """Take a token; with EOS the reply is over where there is no other hypothesis."""
        self._choices.append(choice)
        if choice.token != EOS:
            if piece := self._text.push(choice.token):
                yield StreamEvent(self._row, piece)
        elif decoding.beam == 1:
            yield from self.end([hypothesis_of(self._choices)])

    def end(self, found: Sequence[Hypothesis]) -> Iterator[StreamEvent]:
        """Take what the search has found, unless the reply is over."""
        if not self._over:
            self._over = True
            reply = self._build(self._prompt, found)
            yield StreamEvent(self._row, self._text.finish(), reply)


def join_stream(events: Streaming) -> Generator[str, None, Reply]:
    """The pieces of the one reply of a stream.

    Args:
        events: Of a stream of one prompt.

    Yields:
        The pieces.

    Returns:
        The reply.
    """
    reply = empty_reply()
    for step in events:
        for _, piece, whole in step:
            if piece:
                yield piece
            reply = whole or reply
    return reply
