"""The commands of a conversation: one entry of the table each, with what Tab completes."""

import difflib
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatbot import settings
from chatbot.completion import Candidate, beams, bundles, paths, setting_and_value, setting_names
from chatbot.config import MOST_HYPOTHESES, DecodingConfig
from chatbot.conversation import Conversation
from chatbot.corrections import FILE, add_correction
from chatbot.errors import ConversationError
from chatbot.paths import parse_path
from chatbot.text import count, excerpt, normalize
from chatbot.transcripts import save

_KEYS = """\
Tab completes commands, settings and values. Ctrl-C stops a reply or drops the line; Ctrl-D leaves.
Alt-Enter begins a new line, as Enter does between \"""; Ctrl-X Ctrl-E opens an editor; Ctrl-R searches
what was typed before; the arrow right takes up a suggestion."""


def _nothing(_talk: Conversation, _typed: str) -> Iterable[Candidate]:
    return ()


@dataclass(frozen=True)
class Command:
    """Something that a person can ask of the program in a conversation.

    Attributes:
        name: With its slash.
        argument: What follows the name, as the help shows it, in brackets if it may be left out;
            empty if nothing may follow.
        meaning: A line for the help.
        run: Does it, given the conversation and the argument; raises a `ChatbotError` where it cannot be done.
        complete: What Tab offers for an argument, given what is typed of it.
    """

    name: str
    argument: str
    meaning: str
    run: Callable[[Conversation, str], None]
    complete: Callable[[Conversation, str], Iterable[Candidate]] = _nothing

    def __call__(self, talk: Conversation, argument: str) -> None:
        """Do it.

        Raises:
            ChatbotError: It cannot be done, or not with this argument.
        """
        if argument and not self.argument:
            raise ConversationError(f"{self.name} takes nothing after it")
        if not argument and self.argument and not self.argument.startswith("["):
            raise ConversationError(f"{self.name} needs more: {self.name} {self.argument}")
        self.run(talk, argument)


def find(name: str, commands: Sequence[Command]) -> Command:
    """The command of a name.

    Raises:
        ConversationError: There is none.
    """
    names = [command.name for command in commands]
    if name in names:
        return commands[names.index(name)]
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise ConversationError(f"unknown command {excerpt(name)}; {meant}/help lists the commands")


def complete(talk: Conversation, line: str, commands: Sequence[Command]) -> Iterator[Candidate]:
    """What Tab offers at the end of a line: names of commands, then what their arguments can be."""
    name, space, argument = line.partition(" ")
    for command in commands:
        if not space and name.startswith("/") and command.name.startswith(name):
            more = " " if command.argument else ""
            yield Candidate(command.name + more, len(name), command.meaning)
        elif space and command.name == name:
            yield from command.complete(talk, argument.lstrip())


def with_help(commands: Sequence[Command]) -> tuple[Command, ...]:
    """The commands behind the one that lists them, and the keys."""
    lines = [(f"{command.name} {command.argument}".strip(), command.meaning) for command in commands]
    lines.insert(0, ("/help", "show this list"))
    width = max(len(usage) for usage, _ in lines)
    text = "\n".join([*(f"{usage:<{width}}  {meaning}" for usage, meaning in lines), _KEYS])
    return (Command("/help", "", lines[0][1], lambda talk, _: talk.screen.notice(text)), *commands)


def _set(talk: Conversation, argument: str) -> None:
    if not argument:
        return talk.screen.notice(_show_settings(talk.decoding))
    typed, _, value = argument.partition(" ")
    name = settings.find(typed)
    if value := value.strip():
        talk.decoding = settings.change(talk.decoding, name, value)
    return _say_setting(talk, name)


def _unset(talk: Conversation, argument: str) -> None:
    if not argument:
        talk.decoding = DecodingConfig()
        return talk.screen.notice("every setting has its default")
    name = settings.find(argument)
    talk.decoding = settings.restore(talk.decoding, name)
    return _say_setting(talk, name)


def _beam(talk: Conversation, argument: str) -> None:
    _set(talk, f"beam {argument}")


def _say_setting(talk: Conversation, name: str) -> None:
    talk.screen.notice(f"{settings.spell(name)} {settings.show(talk.decoding, name)}")


def _show_settings(decoding: DecodingConfig) -> str:
    how = "by chance" if decoding.samples else f"with a beam of {decoding.beam}" if decoding.beam > 1 else "greedily"
    width = max(map(len, settings.NAMES))
    lines = [f"Words are chosen {how}. * is not the default."]
    for name in settings.NAMES:
        mark = " " if getattr(decoding, name) == getattr(DecodingConfig(), name) else "*"
        lines.append(f"{mark} {settings.spell(name):<{width}}  {settings.show(decoding, name)}")
    return "\n".join(lines)


def _alternatives(talk: Conversation, argument: str) -> None:
    wanted = _parse_alternatives(argument) if argument else None
    said = talk.last.reply.text
    lines = ["  score  reply (the log-probability; * is the last one said)"]
    for reply in talk.alternatives(wanted):
        lines.append(f"{'*' if reply.text == said else ' '} {reply.score:6.2f}  {reply.text}")
    talk.screen.notice("\n".join(lines))


def _parse_alternatives(argument: str) -> int:
    most = MOST_HYPOTHESES
    try:
        count = int(argument)
    except ValueError:  # also of more digits than Python reads
        count = 0
    if not 2 <= count <= most:
        raise ConversationError(f"/alternatives takes how many to look for, from 2 to {most}, not {excerpt(argument)}")
    return count


def _undo(talk: Conversation, _: str) -> None:
    prompt = normalize(talk.last.prompt)
    talk.turns.pop()
    talk.screen.notice(f"forgotten: {prompt}")


def _reset(talk: Conversation, _: str) -> None:
    talk.screen.clear()
    talk.screen.notice(f"new conversation; {count(len(talk.turns), 'turn')} forgotten")
    talk.turns.clear()


def _context(talk: Conversation, _: str) -> None:
    most = talk.speaker.bot.context_turns
    if not most:
        return talk.screen.notice(f"{talk.speaker.name} answers each prompt by itself and reads no turns before it")
    context = talk.context
    lines = [f"{talk.speaker.name} reads at most {count(most, 'turn')} before a prompt; before the next one it reads"]
    return talk.screen.notice("\n".join([*lines, *(f"  {text}" for text in context or ["nothing"])]))


def _save(talk: Conversation, argument: str) -> None:
    if not talk.turns:
        raise ConversationError("nothing has been said yet")
    path = parse_path(argument)
    save(path, talk.turns, overwrite=path in talk.saved)
    talk.saved.add(path)
    talk.screen.notice(f"{count(len(talk.turns), 'turn')} saved to {path}")


def _load(talk: Conversation, argument: str) -> None:
    talk.speaker = talk.load(parse_path(argument))
    talk.screen.notice(talk.speaker.introduction)


def _teach(talk: Conversation, argument: str) -> None:
    last = talk.last
    wished = argument or talk.screen.ask("it should have said> ", last.reply.text)
    if wished is None:
        talk.over = True
        return
    add_correction(FILE, last.prompt, last.context, wished)
    place = shlex.quote(str(talk.speaker.place))
    learn = f"chatbot train CORPUS {FILE} --init-from {place} --checkpoint {place} --overwrite"
    talk.screen.notice(f"kept in {FILE}; learn it with: {learn}")


def _exit(talk: Conversation, _: str) -> None:
    talk.over = True


COMMANDS = (
    Command("/set", "[NAME VALUE]", "show the settings of the reply, or change one", _set, setting_and_value),
    Command("/unset", "[NAME]", "give a setting, or all, the default back", _unset, setting_names),
    Command("/beam", "[N]", "set how many hypotheses a beam search keeps; 1 is greedy", _beam, beams),
    Command("/alternatives", "[N]", "show what else could have been said", _alternatives),
    Command("/again", "", "give another reply to the same prompt", lambda talk, _: talk.again()),
    Command("/undo", "", "forget the last turn", _undo),
    Command("/reset", "", "start a new conversation on a clean screen", _reset),
    Command("/context", "", "show what the bot reads before the next prompt", _context),
    Command("/save", "FILE", "write the conversation to a file, as JSON Lines", _save, paths),
    Command("/load", "BUNDLE", "go on with another bot", _load, bundles),
    Command("/teach", "[REPLY]", f"write what it should have said to {FILE}", _teach),
    Command("/exit", "", "leave, as /quit and Ctrl-D do", _exit),
    Command("/quit", "", "leave", _exit),
)
"""What a conversation understands, in the order of the help; a further command is a further entry."""
