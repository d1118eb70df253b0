import json
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.bot.reply.reply_object import LazyConfidence, Reply
from chatbot.bot.reply.suggestions import Suggestion
from chatbot.cli.chat import repl
from chatbot.cli.chat.conversation import Conversation
from chatbot.cli.chat.conversation_bot import LoadedBot
from chatbot.cli.chat.repl import converse
from chatbot.cli.chat.screen import LineDropped
from chatbot.cli.chat.slash_commands import COMMANDS, SlashCommand, with_help
from chatbot.cli.chat.transcript import Transcript, save
from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.config import DecodingConfig, FallbackConfig, FallbackOptions
from chatbot.errors import BundleError, ConversationError, InputError
from chatbot.text import visible
from tests.conftest import file_size_limit
from tests.nasty import NASTY, texts

DROP = "(drop)"


class Paper:
    """A screen that writes the whole conversation down."""

    def __init__(self, *lines: str) -> None:
        self.lines = deque(lines)
        self.written: list[str] = []

    @property
    def transcript(self) -> str:
        return "".join(self.written)

    def read(self, in_block: bool = False) -> str | None:
        return self._take("...: " if in_block else "you: ")

    def ask(self, question: str, draft: str) -> str | None:
        return self._take(f"{question}[{draft}] ")

    def piece(self, text: str) -> None:
        self.written.append(f"<{text}>")

    def end_reply(self, stopped: bool) -> None:
        self.written.append(" stopped\n" if stopped else "\n")

    def notice(self, text: str) -> None:
        self.written.append(f"note: {text}\n")

    def copyable(self, line: str) -> None:
        self.written.append(f"copy: {line}\n")

    def error(self, text: str) -> None:
        self.written.append(f"error: {text}\n")

    def clear(self) -> None:
        self.written.append("(clear)\n")

    def _take(self, before: str) -> str | None:
        if not self.lines:
            self.written.append("(end)\n")
            return None
        line = self.lines.popleft()
        self.written.append(f"{before}{line}\n")
        if line == DROP:
            raise LineDropped
        return line


class Parrot:
    """A bot that says what it reads in capitals, with more to say the wider the beam, less and less sure."""

    fallback_threshold = 0.35
    fallbacks: tuple[str, ...] = ()

    def __init__(self, context_turns: int = 0) -> None:
        self.context_turns = context_turns
        self.asked: list[tuple[str, DecodingConfig, tuple[str, ...]]] = []

    def reply(
        self,
        text: str,
        decoding: DecodingConfig,
        fallback: FallbackConfig | None = None,  # noqa: ARG002
        context: Sequence[str] = (),
    ) -> Reply:
        self.asked.append((text, decoding, tuple(context)))
        others = [
            Reply(
                text.upper() + "!" * count,
                score=-1.5 - count,
                _confidence=LazyConfidence(partial(float, 0.5 - count / 10)),
            )
            for count in range(decoding.n_best)
        ]
        return replace(others[0], alternatives=tuple(others[1:]))

    def stream(
        self,
        text: str,
        decoding: DecodingConfig,
        fallback: FallbackConfig | None = None,
        context: Sequence[str] = (),
    ) -> Generator[str, None, Reply]:
        reply = self.reply(text, decoding, fallback, context)
        for number, word in enumerate(reply.text.split()):
            yield f" {word}" if number else word
            if word == "INTERRUPT":
                raise KeyboardInterrupt
        return reply


def hold(*lines: str, bot: Parrot | None = None, commands: Sequence[SlashCommand] = COMMANDS, **given: object) -> str:
    """Hold a conversation of these lines and return how it went."""
    paper = Paper(*lines)
    parrot = LoadedBot("polly", "polly, a parrot.", Path("checkpoints/polly"), bot or Parrot())
    clock = iter(range(100))

    def load(path: Path) -> LoadedBot:
        if path.name != "parrot2":
            raise BundleError(f"{path}: no such bundle")
        return LoadedBot("parrot2", "parrot2, another parrot.", path, Parrot(2))

    def now() -> datetime:
        return datetime(2026, 1, 2, 3, 4, next(clock), tzinfo=UTC)

    converse(Conversation(paper, parrot, load, now=now, **given), with_help(commands))
    return paper.transcript


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_whole_conversation():
    lines = ["hello there", "", "   ", "/frobnicate now", "/rest", DROP, "how are you", "/reset", "/reset now"]
    assert hold(*lines, "bye", "/exit", "unread") == (
        "you: hello there\n"
        "<HELLO>< THERE>\n"
        "you: \n"
        "you:    \n"
        "you: /frobnicate now\n"
        "error: unknown command /frobnicate; /help lists the commands\n"
        "you: /rest\n"
        "error: unknown command /rest; did you mean /reset? /help lists the commands\n"
        "you: (drop)\n"
        "you: how are you\n"
        "<HOW>< ARE>< YOU>\n"
        "you: /reset\n"
        "(clear)\n"
        "note: new conversation; 2 turns forgotten\n"
        "you: /reset now\n"
        "error: /reset takes no arguments\n"
        "you: bye\n"
        "<BYE>\n"
        "you: /exit\n"
    )


def test_the_end_of_the_input_and_quit_leave_too():
    assert hold("hi") == "you: hi\n<HI>\n(end)\n"
    for name in ("/quit", "/bye", "/q", "/Exit"):
        assert hold(name, "hi") == f"you: {name}\n"


def test_what_other_programs_call_a_command_runs_it_or_is_suggested():
    assert hold("/h") == hold("/help").replace("you: /help", "you: /h")
    assert hold("/?") == hold("/help").replace("you: /help", "you: /?")
    assert hold("hi", "/clear").startswith("you: hi\n<HI>\nyou: /clear\n(clear)\n")
    assert hold("hi", "/retry").startswith("you: hi\n<HI>\nyou: /retry\n<HI!>\n")
    for typed, meant in (
        ("/alt", "/alternatives"),
        ("/ex", "/exit"),
        ("/byee", "/bye"),
        ("/tech", "/teach"),
        ("/xyzzy", None),
    ):
        suggested = f"did you mean {meant}? " if meant else ""
        shown = hold(typed)
        assert (
            shown
            == f"you: {typed}\nerror: unknown command {typed.strip()}; {suggested}/help lists the commands\n(end)\n"
        )


def test_help_names_every_command_and_key():
    shown = hold("/help")
    for name in (*(command.name for command in COMMANDS), "/help", "Ctrl-C", "Ctrl-D", "Ctrl-R", "Ctrl-X", "Alt-Enter"):
        assert name in shown


def test_a_further_command_is_one_further_entry():
    why = SlashCommand(
        "/why", "", "explain the last reply", lambda talk, _: talk.screen.notice(f"<{talk.last.prompt}>")
    )
    shown = hold("/why", "hi", "/why", "/help", commands=(*COMMANDS, why))
    assert "you: /why\nerror: nothing has been said yet\nyou: hi\n<HI>\nyou: /why\nnote: <hi>\n" in shown
    assert "/why               explain the last reply\n" in shown


def test_ctrl_c_stops_the_reply_or_the_command_and_the_conversation_goes_on():
    def work(_: Conversation, __: str) -> None:
        raise KeyboardInterrupt

    shown = hold("to interrupt it", "hi", "/work", "hi", commands=[SlashCommand("/work", "", "takes long", work)])
    assert shown == (
        "you: to interrupt it\n<TO>< INTERRUPT> stopped\nyou: hi\n<HI>\nyou: /work\n stopped\nyou: hi\n<HI>\n(end)\n"
    )


def test_a_block_between_quotes_is_one_prompt_and_never_a_command():
    bot = Parrot()
    shown = hold('"""/exit', "", 'not"""', "hi", '"""one line"""', '"""', DROP, "hi", '"""', "the end", bot=bot)
    assert shown == (
        'you: """/exit\n...: \n...: not"""\n</EXIT>< NOT>\n'
        "you: hi\n<HI>\n"
        'you: """one line"""\n<ONE>< LINE>\n'
        'you: """\n...: (drop)\n'
        "you: hi\n<HI>\n"
        'you: """\n...: the end\n(end)\n<THE>< END>\n'
        "(end)\n"
    )
    assert bot.asked[0][0] == "/exit\n\nnot"


def test_replies_can_come_whole():
    shown = hold("hello there", "to interrupt it", streams=False)
    assert shown == "you: hello there\n<HELLO THERE>\nyou: to interrupt it\n<TO INTERRUPT> stopped\n(end)\n"


def test_the_last_turns_of_both_sides_are_remembered_until_they_are_reset_or_undone():
    bot = Parrot(3)
    lines = ["one", "/help", "", "two", "three", "/undo", "four", "/reset", "five", "/undo", "/undo"]
    shown = hold(*lines, bot=bot)
    assert [(prompt, context) for prompt, _, context in bot.asked] == [
        ("one", ()),
        ("two", ("one", "ONE")),
        ("three", ("ONE", "two", "TWO")),
        ("four", ("ONE", "two", "TWO")),
        ("five", ()),
    ]
    assert shown.endswith("you: /undo\nnote: forgotten: five\nyou: /undo\nerror: nothing has been said yet\n(end)\n")


def test_what_was_said_of_a_stopped_reply_is_remembered_and_nothing_without_a_memory():
    for memory, remembered in ((2, ("interrupt", "INTERRUPT")), (0, ())):
        bot = Parrot(memory)
        hold("interrupt", "two", bot=bot)
        assert [context for _, _, context in bot.asked] == [(), remembered]


def test_the_context_is_shown():
    shown = hold("/context", "one", "two", "/context", bot=Parrot(3))
    head = "note: polly reads up to 3 turns before a prompt; before your next one it reads\n"
    assert f"you: /context\n{head}  nothing\n" in shown
    assert f"you: /context\n{head}  ONE\n  two\n  TWO\n" in shown
    assert "note: polly answers each prompt on its own; it reads no earlier turns\n" in hold("/context")


def test_settings_change_what_follows_and_a_wrong_one_changes_nothing():
    bot = Parrot()
    shown = hold(
        *("/set temperature 0.7", "/set TOP_K 5", "/beam 3", "/set top-p 2", "/set seed one", "/set colour red"),
        *("hi", "/set top-k none", "/unset temperature", "/beam 3", "/beam", "/unset", "ho"),
        bot=bot,
    )
    assert shown == (
        "you: /set temperature 0.7\nnote: temperature 0.7\n"
        "you: /set TOP_K 5\nnote: top-k 5\n"
        "you: /beam 3\nerror: beam searches and temperature and top-k samples; use one or the other\n"
        "you: /set top-p 2\nerror: top-p must be in 0..1\n"
        "you: /set seed one\nerror: seed must be a whole number, not one\n"
        "you: /set colour red\n"
        "error: no setting is called colour; they are max-tokens, min-tokens, beam, length-penalty, temperature, top-k,"
        " top-p, min-p, seed, vary, repetition-penalty, no-repeat-ngram, ban-words, free, diversity, length-bonus,"
        " suggest, fallback, min-confidence, no-fallback\n"
        "you: hi\n<HI>\n"
        "you: /set top-k none\nnote: top-k none\n"
        "you: /unset temperature\nnote: temperature none\n"
        "you: /beam 3\nnote: beam 3\n"
        "you: /beam\nnote: beam 3\n"
        "you: /unset\nnote: all settings are at their defaults\n"
        "you: ho\n<HO>\n"
        "(end)\n"
    )
    assert [decoding for _, decoding, _ in bot.asked] == [DecodingConfig(temperature=0.7, top_k=5), DecodingConfig()]


def test_set_alone_shows_every_setting(folder):
    (folder / "words").write_text("Drat\n\nbother it\n")
    shown = hold("/beam 4", "/set ban-words words", "/set ban-words missing", "/set")
    assert "error: ban-words: missing: cannot be read: No such file or directory\n" in shown
    assert shown.endswith(
        "you: /set\n"
        "note: Replies are found with a beam of 4; * marks what is not the default.\n"
        "  max-tokens          none\n"
        "  min-tokens          0\n"
        "* beam                4\n"
        "  length-penalty      none\n"
        "  temperature         none\n"
        "  top-k               none\n"
        "  top-p               none\n"
        "  min-p               none\n"
        "  seed                none\n"
        "  vary                off\n"
        "  repetition-penalty  1.0\n"
        "  no-repeat-ngram     0\n"
        "* ban-words           Drat, bother it\n"
        "  free                off\n"
        "  diversity           0.0\n"
        "  length-bonus        0.0\n"
        "  suggest             none\n"
        "  fallback            none\n"
        "  min-confidence      0.35 (the bot's own)\n"
        "  no-fallback         off\n"
        "(end)\n"
    )


def test_another_reply_is_the_next_one_of_a_beam_until_it_has_no_more():
    bot = Parrot(2)
    shown = hold("/again", "hi", *["/again"] * 5, "/beam 6", "/again", "/undo", "hi", bot=bot)
    assert shown == (
        "you: /again\nerror: nothing has been said yet\n"
        "you: hi\n<HI>\n"
        "you: /again\n<HI!>\n"
        "you: /again\n<HI!!>\nnote: (not sure: 30% confident)\n"
        "you: /again\n<HI!!!>\nnote: (not sure: 20% confident)\n"
        "you: /again\n<HI!!!!>\nnote: (not sure: 10% confident)\n"
        "you: /again\nerror: no other reply is found with a beam of 5; try /beam 10, or /set temperature 0.8"
        " for a random one\n"
        "you: /beam 6\nnote: beam 6\n"
        "you: /again\n<HI!!!!!>\nnote: (not sure: 0% confident)\n"
        "you: /undo\nnote: forgotten: hi\n"
        "you: hi\n<HI>\n"
        "(end)\n"
    )
    assert bot.asked[-1] == ("hi", DecodingConfig(beam=6), ())  # what was undone left nothing


@pytest.mark.parametrize("least", [None, 0.35])
def test_with_a_fallback_no_other_reply_is_given_that_the_bot_is_not_sure_of(least):
    shown = hold("hi", "/again", "/again", fallback=FallbackOptions("Pardon?", least))
    assert shown == (
        "you: hi\n<HI>\n"
        "you: /again\n<HI!>\n"
        "you: /again\nerror: no other reply is confident enough with a beam of 5; try /beam 10,"
        " or /set temperature 0.8 for a random one\n"
        "(end)\n"
    )


class Doubtful(Parrot):
    """A parrot that is not sure of long words, and says a fallback for them if it has one."""

    def reply(self, text, decoding, fallback=None, context=()):
        plain = super().reply(text, decoding, None, context)
        reply = replace(plain, _confidence=LazyConfidence(partial(float, 0.3 if len(text) > 3 else 0.9)))
        return reply if fallback is None else reply.or_fallback(fallback, self.fallback_threshold, text)

    def stream(self, text, decoding, fallback=None, context=()):
        reply = self.reply(text, decoding, fallback, context)
        yield reply.text
        return reply


def test_a_reply_that_the_bot_is_not_sure_of_is_marked_by_words_where_there_is_no_fallback():
    assert hold("hi", "hello", bot=Doubtful()) == (
        "you: hi\n<HI>\nyou: hello\n<HELLO>\nnote: (not sure: 30% confident)\n(end)\n"
    )


class Ambiguous(Parrot):
    """A parrot that hears two questions in "either"."""

    def reply(self, text, decoding, fallback=None, context=()):
        plain = super().reply(text, decoding, fallback, context)
        offered = (Suggestion("one thing", "ONE THING", 0.5), Suggestion("the other", "THE OTHER", 0.4))
        return replace(plain, suggestions=offered) if text == "either" and decoding.suggest else plain


def test_a_number_picks_a_question_below_the_last_reply_and_nothing_else():
    shown = hold("2", "/set suggest 2", "either", "3", "either", "2", "2", bot=Ambiguous())
    assert shown == (
        "you: 2\n<2>\n"
        "you: /set suggest 2\nnote: suggest 2\n"
        "you: either\n<EITHER>\nnote: Did you mean …? Type its number.\n  1  one thing\n  2  the other\n"
        "you: 3\n<3>\n"
        "you: either\n<EITHER>\nnote: Did you mean …? Type its number.\n  1  one thing\n  2  the other\n"
        "you: 2\n<THE>< OTHER>\n"
        "you: 2\n<2>\n"
        "(end)\n"
    )


def test_a_bot_says_its_own_fallback_until_it_is_told_otherwise():
    bot = Doubtful()
    bot.fallbacks = ("I was not taught that.",)
    shown = hold(
        *("hi", "hello", "/set fallback Ask the baker.", "hello", "/set no-fallback on", "hello"),
        *("/unset", "hello", "/set min-confidence 0.2", "hello"),
        bot=bot,
    )
    assert shown == (
        "you: hi\n<HI>\n"
        "you: hello\n<I was not taught that.>\n"
        "you: /set fallback Ask the baker.\nnote: fallback Ask the baker.\n"
        "you: hello\n<Ask the baker.>\n"
        "you: /set no-fallback on\nnote: no-fallback on\n"
        "you: hello\n<HELLO>\nnote: (not sure: 30% confident)\n"
        "you: /unset\nnote: all settings are at their defaults\n"
        "you: hello\n<I was not taught that.>\n"
        "you: /set min-confidence 0.2\nnote: min-confidence 0.2\n"
        "you: hello\n<HELLO>\n"
        "(end)\n"
    )


def test_set_shows_the_fallback_and_the_threshold_that_the_bot_has_of_its_own():
    bot = Doubtful()
    bot.fallbacks = ("I was not taught that.",)
    shown = hold("/set fallback", "/set min-confidence", "/set fallback Ask the baker.", bot=bot)
    assert "note: fallback I was not taught that. (the bot's own)\n" in shown
    assert "note: min-confidence 0.35 (the bot's own)\n" in shown
    assert "note: fallback Ask the baker.\n" in shown


def test_a_threshold_is_refused_where_there_is_nothing_to_say_below_it():
    refusal = "error: min-confidence needs fallback TEXT, as this bot has no text of its own\n"
    assert refusal in hold("/set min-confidence 0.2")
    bot = Doubtful()
    bot.fallbacks = ("I was not taught that.",)
    shown = hold("/set min-confidence 0.2", "/load parrot2", "hello", bot=bot)
    assert f"you: /load parrot2\n{refusal}you: hello\n<HELLO>\n" in shown


def test_a_reply_takes_the_place_of_the_one_before_in_what_is_remembered():
    bot = Parrot(4)
    hold("hi", "/again", "ho", bot=bot)
    assert bot.asked[-1] == ("ho", DecodingConfig(), ("hi", "HI!"))


def test_another_reply_is_left_to_chance_where_the_first_was_with_another_seed():
    bot = Parrot()
    shown = hold("/set temperature 1", "/set seed 7", "hi", "/again", "/again", bot=bot)
    assert [decoding.seed for _, decoding, _ in bot.asked] == [7, 8, 9]
    said_before = "note: that reply was given before; a higher temperature varies more\n"
    assert f"you: /again\n<HI>\n{said_before}" in shown  # this bot knows no chance


def test_alternatives_are_listed_with_their_scores():
    shown = hold("hi", "/again", "/set temperature 1", "/alternatives 3", "/alternatives", "/alternatives many")
    head = "note:   score  reply (the score is its log-probability; * marks the last one said)\n"
    three = "   -1.50  HI\n*  -2.50  HI!\n   -3.50  HI!!\n"
    assert f"you: /alternatives 3\n{head}{three}you:" in shown
    assert f"you: /alternatives\n{head}{three}   -4.50  HI!!!\n   -5.50  HI!!!!\nyou:" in shown
    assert "error: /alternatives takes a number from 2 to 1000, not many\n" in shown


def test_alternatives_are_sorted_by_the_score_that_they_show():
    class Shuffled(Parrot):
        def reply(self, text, decoding, fallback=None, context=()):
            best = super().reply(text, decoding, fallback, context)
            return replace(best, score=-2.0, alternatives=best.alternatives[::-1])

    shown = hold("hi", "/alternatives 4", bot=Shuffled())
    assert shown.endswith("* -2.00  HI\n   -2.50  HI!\n   -3.50  HI!!\n   -4.50  HI!!!\n(end)\n".replace("* -", "*  -"))


def test_a_beam_that_cannot_be_wider_is_not_suggested():
    shown = hold("hi", "/beam 501", "/again", fallback=FallbackOptions("Pardon?", 1.0))
    assert "with a beam of 501; try /set temperature 0.8 for a random one\n" in shown


def test_a_setting_that_is_misspelled_is_suggested():
    assert "error: no setting is called tempertaure; did you mean temperature?\n" in hold("/set tempertaure 0.5")
    assert "error: no setting is called topp; did you mean top-p?\n" in hold("/unset topp")
    assert "error: no setting is called rep; did you mean repetition-penalty?\n" in hold("/set rep 2")


def test_a_prompt_that_is_too_long_is_said_to_be():
    class Short(Parrot):
        def reply(self, text, decoding, fallback=None, context=()):
            return replace(super().reply(text, decoding, fallback, context), prompt_truncated=len(text) > 5)

    shown = hold("hi", "hello there", bot=Short())
    assert shown == (
        "you: hi\n<HI>\nyou: hello there\n<HELLO>< THERE>\nnote: prompt too long: only its end was read\n(end)\n"
    )


def test_a_conversation_is_saved_as_it_stands(folder):
    shown = hold("/save talk", "hi", "ho", "/undo", "interrupt", "/save", "/save talk", "/save no/where", "/save talk")
    assert shown.endswith(
        "you: /save\nerror: usage: /save FILE\n"
        "you: /save talk\nnote: 2 turns saved to talk\n"
        "you: /save no/where\nerror: no/where: cannot be written: No such file or directory\n"
        "you: /save talk\nnote: 2 turns saved to talk\n"
        "(end)\n"
    )
    first, second = map(json.loads, (folder / "talk").read_text().splitlines())
    assert first == {
        "time": "2026-01-02T03:04:00+00:00",
        "bot": "polly",
        "user": None,
        "prompt": "hi",
        "context": [],
        "reply": "HI",
        "score": -1.5,
        "confidence": 0.5,
        "truncated": False,
        "fallback": False,
        "suggestions": [],
        "stopped": False,
        "settings": json.loads(json.dumps(DecodingConfig().to_json())),
    }
    assert (second["reply"], second["score"], second["confidence"], second["stopped"]) == (
        "INTERRUPT",
        None,
        None,
        True,
    )
    assert "a file is there already" in hold("hi", "/save talk")


def test_every_reply_is_recorded_and_a_record_that_fails_is_an_error_only():
    kept = []

    def record(turn):
        if turn.prompt == "fail":
            raise ConversationError("the disk is full")
        kept.append((turn.prompt, turn.reply.text))

    shown = hold("hi", "/again", "/undo", "fail", "ho", record=record)
    assert kept == [("hi", "HI"), ("hi", "HI!"), ("ho", "HO")]
    assert "<FAIL>\nerror: the disk is full\nyou: ho\n<HO>\n" in shown


def test_another_bot_goes_on_with_the_conversation_and_none_changes_nothing():
    shown = hold("one", "/load nowhere", "two", "/load sub/parrot2", "/context", "three")
    assert "error: nowhere: no such bundle\nyou: two\n<TWO>\n" in shown
    assert "note: parrot2, another parrot.\n" in shown
    assert "note: parrot2 reads up to 2 turns before a prompt; before your next one it reads\n  two\n  TWO\n" in shown


def test_what_it_should_have_said_is_kept_as_a_pair_with_the_context_that_was_read(folder):
    told = (
        "note: saved to corpora/corrections.tsv; so that the bot learns it, run:\n"
        "copy: chatbot train CORPUS corpora/corrections.tsv --init-from checkpoints/polly"
        " --checkpoint checkpoints/polly --overwrite\n"
    )
    shown = hold("/teach x", "hi", "/teach  Good\tday! ", "why?", "/teach", "Because.", "/teach", " ", bot=Parrot(2))
    assert shown == (
        "you: /teach x\nerror: nothing has been said yet\n"
        "you: hi\n<HI>\n"
        f"you: /teach  Good\tday! \n{told}"
        "you: why?\n<WHY?>\n"
        f"you: /teach\nit should have said> [WHY?] Because.\n{told}"
        "you: /teach\nit should have said> [WHY?]  \n"
        "error: an empty prompt or reply cannot be learned\n"
        "(end)\n"
    )
    file = folder / "corpora" / "corrections.tsv"
    assert file.read_text() == "hi\tGood day!\nhi ␞ HI ␞ why?\tBecause.\n"
    file.write_text("an\topen line")
    hold("hi", "/teach Hello.")
    assert file.read_text() == "an\topen line\nhi\tHello.\n"


def test_the_command_that_learns_what_was_taught_can_be_pasted_into_a_shell():
    shown = hold("/load my bots/parrot2", "hi", "/teach Hello.")
    assert "--init-from 'my bots/parrot2' --checkpoint 'my bots/parrot2' --overwrite\n" in shown


def test_an_answer_that_is_dropped_or_does_not_come_teaches_nothing(folder):
    assert hold("hi", "/teach", DROP, "ho").endswith("[HI] (drop)\nyou: ho\n<HO>\n(end)\n")
    assert hold("hi", "/teach").endswith("you: /teach\n(end)\n")
    assert not (folder / "corpora").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/save ~nosuch/x", "~nosuch/x: the home folder ~nosuch is not known; write out the path"),
        ("/load ~nosuch", "~nosuch: the home folder ~nosuch is not known; write out the path"),
        ("/set ban-words ~nosuch/w", "ban-words: ~nosuch/w: the home folder ~nosuch is not known; write out the path"),
        ("/save a\0b", "a\\x00b: no path; it has a character that no file name can have"),
        ("/set ban-words \0", "ban-words: \\x00: no path; it has a character that no file name can have"),
        (f"/load {'x' * 300}", f"{'x' * 60}…: no path; it is longer than a file name can be"),
        (f"/alternatives {'9' * 5000}", f"/alternatives takes a number from 2 to 1000, not {'9' * 60}…"),
        ("/alternatives 1001", "/alternatives takes a number from 2 to 1000, not 1001"),
        (f"/beam {'9' * 5000}", f"beam must be a whole number, not {'9' * 60}…"),
        ("/set max-tokens 100000000", "max-tokens must be in 1..10,000"),
        (f"/{'x' * 300}", f"unknown command /{'x' * 59}…; /help lists the commands"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_the_conversation_goes_on(line, said):
    shown = hold("hello", line, "world")
    assert f"error: {said}\n" in shown
    assert shown.endswith("you: world\n<WORLD>\n(end)\n")


_NAMES = [command.name for command in with_help(COMMANDS) if command.name not in ("/exit", "/quit")]
_BEFORE = st.sampled_from([*_NAMES, "/set ban-words", "/set seed", "/unset", '"""', ""])


@given(st.lists(st.tuples(_BEFORE, texts()), max_size=5))
@example([(before, text) for before in ("/save", "/load", "/set ban-words", "/alternatives") for text in NASTY])
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_ends_the_conversation(typed):
    lines = [f"{before} {text}".replace("INTERRUPT", "") for before, text in typed]
    assert hold("hello", *lines, '"""', '"""', "/exit").startswith("you: hello\n")


def test_a_full_disk_keeps_the_earlier_save(folder):
    assert "2 turns saved" in hold("hello", "world", "/save talk")
    kept = (folder / "talk").read_bytes()
    turns: list[ChatTurn] = []
    hold("hello", "world", "more", record=turns.append)
    with pytest.raises(ConversationError, match="^talk: cannot be written: File too large$"), file_size_limit(100):
        save(Path("talk"), turns, overwrite=True)
    assert (folder / "talk").read_bytes() == kept
    assert [path.name for path in folder.iterdir()] == ["talk"]


def test_a_full_disk_keeps_the_corrections_that_are_whole_and_no_other(folder):
    file = folder / "corpora" / "corrections.tsv"
    hold("hi", "/teach Hello.")
    with file_size_limit(20):
        shown = hold("hi", "/teach Good morning, good afternoon.")
    assert "error: corpora/corrections.tsv: cannot be written: File too large\n" in shown
    assert file.read_text() == "hi\tHello.\n"
    hold("hi", "/teach Good day.")
    assert file.read_text() == "hi\tHello.\nhi\tGood day.\n"


def test_a_full_disk_keeps_the_turns_of_a_transcript_that_are_whole_and_the_conversation_goes_on(folder):
    with Transcript(folder / "talk") as transcript:
        hold("hello", record=transcript.add)
        kept = (folder / "talk").read_bytes()
        with file_size_limit(len(kept) + 50):
            shown = hold("more", "and more", record=transcript.add)
        assert (folder / "talk").read_bytes() == kept
        hold("again", record=transcript.add)
    assert shown.count(f"error: {folder / 'talk'}: cannot be written: File too large\n") == 2
    assert "<AND>< MORE>" in shown
    assert [json.loads(line)["prompt"] for line in (folder / "talk").read_text().splitlines()] == ["hello", "again"]


def test_a_block_of_many_lines_is_one_prompt():
    bot = Parrot()
    hold('"""', *["word"] * 100_000, 'end"""', "hi", bot=bot)
    assert [text.count("word") for text, *_ in bot.asked] == [100_000, 0]


def test_what_cannot_be_read_ends_the_conversation():
    class Broken(Paper):
        def read(self, in_block: bool = False) -> str | None:  # noqa: ARG002
            raise InputError("standard input cannot be read")

    with pytest.raises(InputError):
        converse(Conversation(Broken(), LoadedBot("polly", "", Path(), Parrot()), lambda _: None), COMMANDS)


def test_a_block_without_an_end_fills_no_memory(monkeypatch):
    monkeypatch.setattr(repl, "LONGEST", 100)
    with pytest.raises(InputError, match="^standard input has a block of more than "):
        hold('"""', *["word"] * 100)


@given(texts(), texts())
def test_any_turn_is_one_line_of_a_transcript_that_only_shows_and_has_all_of_it(tmp_path_factory, prompt, reply):
    place = tmp_path_factory.mktemp("talk") / "talk"
    turn = ChatTurn(
        datetime(2026, 1, 2, tzinfo=UTC),
        LoadedBot("polly", "", Path(), Parrot()),
        prompt,
        (reply,),
        Reply(reply, score=0.0, _confidence=LazyConfidence(partial(float, 0.5))),
        DecodingConfig(),
    )
    save(place, [turn, turn], overwrite=False)
    content = place.read_text()
    assert len(content.splitlines()) == 2
    assert visible(content) == content
    for line in content.splitlines():
        told = json.loads(line)
        assert [told["prompt"], told["context"], told["reply"]] == json.loads(json.dumps([prompt, [reply], reply]))
