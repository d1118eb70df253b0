"""State of a conversation: its bot, its settings and its turns.

It knows nothing of terminals, pipes or models: the screen and the bot are given to it, so that
whole conversations can be tested as transcripts.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.chat.conversation_bot import LoadedBot
from chatbot.cli.chat.doubts import choose_prompt, say_doubts
from chatbot.cli.chat.screen import Screen
from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.config import MOST_HYPOTHESES, DecodingConfig, FallbackConfig, FallbackOptions, settings_by_name
from chatbot.config.options import respell
from chatbot.errors import ConfigError, ConversationError
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.strategies import choose_strategy

#: Hypotheses of the beam search for other replies where no wider one is set.
_BEAM = 5


def _ignore(_: ChatTurn) -> None:
    """Keep nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Conversation:
    """The state of a conversation.

    Attributes:
        screen: Where lines come from and replies go.
        loaded: The bot that answers.
        load: Opens another bundle.
        decoding: How the words of a reply are chosen.
        fallback: What the person chose to be said where the bot is not sure.
        streams: Whether replies are shown while they are made.
        record: Told of every reply.
        now: The clock.
        turns: What was said, the oldest first.
        saved: Files that this conversation was saved to, and may be saved to again.
        over: Whether the person wants to leave.
    """

    screen: Screen
    loaded: LoadedBot
    load: Callable[[Path], LoadedBot]
    decoding: DecodingConfig = field(default_factory=DecodingConfig)
    fallback: FallbackOptions = field(default_factory=FallbackOptions)
    streams: bool = True
    record: Callable[[ChatTurn], None] = _ignore
    now: Callable[[], datetime] = _now
    turns: list[ChatTurn] = field(default_factory=list)
    saved: set[Path] = field(default_factory=set)
    over: bool = False

    @property
    def context(self) -> tuple[str, ...]:
        """The turns that the bot will read before the next prompt, of both sides, the oldest first."""
        return self._before(len(self.turns))

    @property
    def last(self) -> ChatTurn:
        """The latest turn.

        Raises:
            ConversationError: Nothing has been said yet.
        """
        if not self.turns:
            raise ConversationError("nothing has been said yet")
        return self.turns[-1]

    @property
    def instead(self) -> FallbackConfig | None:
        """The fallback of the bot that answers now; None for none.

        Raises:
            ConfigError: See `FallbackOptions.settle`.
        """
        return _settle(self.fallback, self.loaded)

    def settings_with(self, name: str) -> settings_by_name.Settings:
        """The settings that have one of a name among them, one of `settings_by_name.NAMES`."""
        return self.fallback if settings_by_name.is_of_fallback(name) else self.decoding

    def show_setting(self, name: str) -> str:
        """The value of a setting as a person would type it; where none is set, the bot's own.

        Args:
            name: Of the setting.
        """
        settings, own = self.settings_with(name), self.loaded.own_settings.get(name)
        return own if own and getattr(settings, name) is None else settings_by_name.show(settings, name)

    def change(self, settings: settings_by_name.Settings) -> None:
        """Let other settings take the place of those of their kind.

        Raises:
            ConfigError: They do nothing with the bot that answers now.
        """
        if isinstance(settings, DecodingConfig):
            self.decoding = settings
        else:
            _settle(settings, self.loaded)
            self.fallback = settings

    def switch(self, loaded: LoadedBot) -> None:
        """Let another bot answer from now on.

        Args:
            loaded: That bot.

        Raises:
            ConfigError: The settings of the fallback do nothing with it.
        """
        _settle(self.fallback, loaded)
        self.loaded = loaded

    def answer(self, prompt: str) -> None:
        """Answer a prompt on the screen and remember the turn.

        Args:
            prompt: What was typed, perhaps the number of a question that was suggested.
        """
        prompt = choose_prompt(prompt, self.turns[-1].reply.suggestions if self.turns else ())
        turn = self._say(prompt, self.context, self.decoding)
        self.turns.append(turn)
        self.record(turn)
        if turn.reply.prompt_truncated:
            self.screen.notice("prompt too long: only its end was read")
        self._mark(turn)

    def _mark(self, turn: ChatTurn) -> None:
        """Say that the bot is not sure of a reply, where nothing else is said instead, and what may have been meant."""
        if not turn.stopped:
            threshold = self.loaded.bot.fallback_threshold
            for note in say_doubts(turn.reply, threshold if self.instead is None else None):
                self.screen.notice(note)

    def again(self) -> None:
        """Give another reply to the last prompt, in the place of the last one.

        Raises:
            ConversationError: There is no other reply to be found.
        """
        last = self.last
        turn = self._draw_again(last) if choose_strategy(self.decoding).random else self._next_best(last)
        self.turns[-1] = replace(turn, said=(*last.said, *turn.said))
        self.record(self.turns[-1])
        if turn.reply.text in last.said:
            more = "no other recorded one is likely" if self.decoding.vary else "a higher temperature varies more"
            self.screen.notice(f"that reply was given before; {more}")
        self._mark(self.turns[-1])

    def alternatives(self, count: int | None = None) -> list[Reply]:
        """The best replies to the last prompt that a beam finds, the best first.

        Args:
            count: How many; None is as many as the beam that is set keeps, and at least five.

        Raises:
            ConversationError: Nothing has been said yet.
        """
        best = self.loaded.bot.reply(self.last.prompt, self._searching(count), None, self._before_last)
        return [best, *best.alternatives]

    @property
    def _before_last(self) -> tuple[str, ...]:
        return self._before(len(self.turns) - 1)

    def _before(self, number: int) -> tuple[str, ...]:
        """The turns that the bot reads before the turn of a number."""
        turns = self.loaded.bot.context_turns
        if not turns:
            return ()
        recent = self.turns[max(number - turns, 0) : number]  # each turn has one text at least
        texts = [text for turn in recent for text in (turn.prompt, turn.reply.text) if text.strip()]
        return tuple(texts[-turns:])

    def _say(self, prompt: str, context: tuple[str, ...], decoding: DecodingConfig) -> ChatTurn:
        return self._show(prompt, context, decoding, self.loaded.bot.stream(prompt, decoding, self.instead, context))

    def _draw_again(self, last: ChatTurn) -> ChatTurn:
        """Leave it to chance; the same seed would sample the same reply, so another takes its place."""
        decoding = self.decoding
        if decoding.seed is not None and not decoding.vary:
            decoding = replace(decoding, seed=decoding.seed + len(last.said))
        return self._say(last.prompt, self._before_last, decoding)

    def _next_best(self, last: ChatTurn) -> ChatTurn:
        decoding = self._searching()
        others = [reply for reply in self.alternatives() if reply.text not in last.said]
        if (instead := self.instead) is not None:
            threshold = self.loaded.bot.fallback_threshold
            others = [reply for reply in others if not reply.or_fallback(instead, threshold).fallback]
        if not others:
            raise ConversationError(_say_none_left(decoding.beam, instead is not None))
        return self._show(last.prompt, self._before_last, decoding, _whole(replace(others[0], alternatives=())))

    def _searching(self, count: int | None = None) -> DecodingConfig:
        """The settings of a beam search for several replies, as near as can be to those that are set."""
        return self.decoding.for_alternatives(count or max(self.decoding.beam, _BEAM))

    def _show(
        self, prompt: str, context: tuple[str, ...], decoding: DecodingConfig, pieces: Generator[str, None, Reply]
    ) -> ChatTurn:
        """Show a reply while it is made, or whole; KeyboardInterrupt stops it."""
        said: list[str] = []

        def show(piece: str) -> None:
            said.append(piece)
            if self.streams:
                self.screen.piece(piece)

        try:
            reply, stopped = drain(pieces, show), False
        except KeyboardInterrupt:
            reply, stopped = Reply("".join(said)), True
        if not self.streams:
            self.screen.piece(reply.text)
        self.screen.end_reply(stopped)
        return ChatTurn(self.now(), self.loaded, prompt, context, reply, decoding, stopped, (reply.text,))


def _settle(chosen: FallbackOptions, loaded: LoadedBot) -> FallbackConfig | None:
    try:
        return chosen.settle(loaded.bot.fallbacks)
    except ConfigError as error:
        raise ConfigError(respell(str(error), FallbackOptions)) from None


def _say_none_left(beam: int, fallback: bool) -> str:
    """The reason why a search finds no other reply, and a remedy."""
    wanting = "is confident enough" if fallback else "is found"
    wider = f"/beam {2 * beam}, or " if 2 * beam <= MOST_HYPOTHESES else ""
    return f"no other reply {wanting} with a beam of {beam}; try {wider}/set temperature 0.8 for a random one"


def _whole(reply: Reply) -> Generator[str, None, Reply]:
    """A reply that is known already, as `Bot.stream` would give it."""
    yield reply.text
    return reply
