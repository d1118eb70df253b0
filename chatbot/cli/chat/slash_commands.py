"""The /commands of a conversation: one row of a table each, with its Tab completion."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatbot.cli.chat.argument_completion import TabCompletion, beams, bundles, paths, setting_and_value, setting_names
from chatbot.cli.chat.conversation import Conversation
from chatbot.cli.chat.corrections import FILE, add_correction
from chatbot.cli.chat.retraining_command import learn
from chatbot.cli.chat.transcript import save
from chatbot.config import MOST_HYPOTHESES, DecodingConfig, FallbackOptions, settings_by_name
from chatbot.config.options import spell
from chatbot.errors import ConversationError
from chatbot.files import parse_path
from chatbot.inference.decoding.strategies import choose_strategy
from chatbot.text import excerpt, nearest_name, normalize, plural

_KEYS = """\
Tab completes commands, settings and values. Ctrl-C stops a reply or drops the line; Ctrl-D leaves.
Alt-Enter begins a new line, as Enter does between \"""; Ctrl-X Ctrl-E opens an editor.
Ctrl-R searches what was typed before; Right arrow accepts a suggestion."""


def _nothing(_talk: Conversation, _typed: str) -> Iterable[TabCompletion]:
    return ()


@dataclass(frozen=True)
class SlashCommand:
    """A command of a conversation.

    Attributes:
        name: With its slash.
        argument: What follows the name, as the help shows it, in brackets if it may be left out;
            empty if nothing may follow.
        meaning: A line for the help.
        run: Does it, given the conversation and the argument; raises a `ChatbotError` where it cannot be done.
        complete: What Tab offers for an argument, given what is typed of it.
        aliases: Other names that people try, with their slashes.
    """

    name: str
    argument: str
    meaning: str
    run: Callable[[Conversation, str], None]
    complete: Callable[[Conversation, str], Iterable[TabCompletion]] = _nothing
    aliases: tuple[str, ...] = ()

    def __call__(self, talk: Conversation, argument: str) -> None:
        """Do it.

        Raises:
            ChatbotError: It cannot be done, or not with this argument.
        """
        if argument and not self.argument:
            raise ConversationError(f"{self.name} takes no arguments")
        if not argument and self.argument and not self.argument.startswith("["):
            raise ConversationError(f"usage: {self.name} {self.argument}")
        self.run(talk, argument)


def find(name: str, commands: Sequence[SlashCommand]) -> SlashCommand:
    """The command with a name or an alias.

    Args:
        name: As typed, in any case.
        commands: All commands.

    Raises:
        ConversationError: There is none.
    """
    typed = name.lower()
    for command in commands:
        if typed in (command.name, *command.aliases):
            return command
    near = nearest_name(typed, [name for command in commands for name in (command.name, *command.aliases)])
    meant = f"did you mean {near}? " if near else ""
    raise ConversationError(f"unknown command {excerpt(name)}; {meant}/help lists the commands")


def complete(talk: Conversation, line: str, commands: Sequence[SlashCommand]) -> Iterator[TabCompletion]:
    """Yield what Tab offers at the end of a line: names of commands, then values of their arguments.

    Args:
        talk: The conversation.
        line: The line so far.
        commands: All commands.
    """
    name, space, argument = line.partition(" ")
    if space:
        for command in commands:
            if name in (command.name, *command.aliases):
                yield from command.complete(talk, argument.lstrip())
    elif name.startswith("/"):
        found = [(command.name, command) for command in commands]
        found += [(alias, command) for command in commands for alias in command.aliases if len(name) > 1]
        begun = [(whole, command) for whole, command in found if whole.startswith(name)]
        own = [(whole, command) for whole, command in begun if whole == command.name]
        for whole, command in own or begun:
            yield TabCompletion(f"{whole} " if command.argument else whole, len(name), command.meaning)


def with_help(commands: Sequence[SlashCommand]) -> tuple[SlashCommand, ...]:
    """The commands behind the one that lists them, and the keys."""
    lines = [(f"{command.name} {command.argument}".strip(), command.meaning) for command in commands]
    lines.insert(0, ("/help", "show this list"))
    width = max(len(usage) for usage, _ in lines)
    text = "\n".join([*(f"{usage:<{width}}  {meaning}" for usage, meaning in lines), _KEYS])
    show = SlashCommand("/help", "", lines[0][1], lambda talk, _: talk.screen.notice(text), aliases=("/h", "/?"))
    return (show, *commands)


def _set(talk: Conversation, argument: str) -> None:
    if not argument:
        return talk.screen.notice(_show_settings(talk))
    typed, _, value = argument.partition(" ")
    name = settings_by_name.find(typed)
    if value := value.strip():
        talk.change(settings_by_name.change(talk.settings_with(name), name, value))
    return _say_setting(talk, name)


def _unset(talk: Conversation, argument: str) -> None:
    if not argument:
        talk.decoding, talk.fallback = DecodingConfig(), FallbackOptions()
        return talk.screen.notice("all settings are at their defaults")
    name = settings_by_name.find(argument)
    talk.change(settings_by_name.restore(talk.settings_with(name), name))
    return _say_setting(talk, name)


def _beam(talk: Conversation, argument: str) -> None:
    _set(talk, f"beam {argument}")


def _say_setting(talk: Conversation, name: str) -> None:
    talk.screen.notice(f"{spell(name)} {talk.show_setting(name)}")


def _show_settings(talk: Conversation) -> str:
    how = choose_strategy(talk.decoding).describe(talk.decoding)
    width = max(map(len, settings_by_name.NAMES))
    lines = [f"Replies are {how}; * marks what is not the default."]
    for name in settings_by_name.NAMES:
        settings = talk.settings_with(name)
        mark = " " if getattr(settings, name) == getattr(type(settings)(), name) else "*"
        lines.append(f"{mark} {spell(name):<{width}}  {talk.show_setting(name)}")
    return "\n".join(lines)


def _alternatives(talk: Conversation, argument: str) -> None:
    wanted = _parse_alternatives(argument) if argument else None
    said = talk.last.reply.text
    lines = ["  score  reply (the score is its log-probability; * marks the last one said)"]
    found = sorted(talk.alternatives(wanted), key=lambda reply: reply.score, reverse=True)
    for reply in found:
        lines.append(f"{'*' if reply.text == said else ' '} {reply.score:6.2f}  {reply.text}")
    talk.screen.notice("\n".join(lines))


def _parse_alternatives(argument: str) -> int:
    most = MOST_HYPOTHESES
    try:
        plural = int(argument)
    except ValueError:  # also of more digits than Python reads
        plural = 0
    if not 2 <= plural <= most:
        raise ConversationError(f"/alternatives takes a number from 2 to {most}, not {excerpt(argument)}")
    return plural


def _undo(talk: Conversation, _: str) -> None:
    prompt = normalize(talk.last.prompt)
    talk.turns.pop()
    talk.screen.notice(f"forgotten: {prompt}")


def _reset(talk: Conversation, _: str) -> None:
    talk.screen.clear()
    talk.screen.notice(f"new conversation; {plural(len(talk.turns), 'turn')} forgotten")
    talk.turns.clear()


def _context(talk: Conversation, _: str) -> None:
    most = talk.loaded.bot.context_turns
    if not most:
        return talk.screen.notice(f"{talk.loaded.name} answers each prompt on its own; it reads no earlier turns")
    context = talk.context
    lines = [f"{talk.loaded.name} reads up to {plural(most, 'turn')} before a prompt; before your next one it reads"]
    return talk.screen.notice("\n".join([*lines, *(f"  {text}" for text in context or ["nothing"])]))


def _save(talk: Conversation, argument: str) -> None:
    if not talk.turns:
        raise ConversationError("nothing has been said yet")
    path = parse_path(argument)
    save(path, talk.turns, overwrite=path in talk.saved)
    talk.saved.add(path)
    talk.screen.notice(f"{plural(len(talk.turns), 'turn')} saved to {path}")


def _load(talk: Conversation, argument: str) -> None:
    talk.switch(talk.load(parse_path(argument)))
    talk.screen.notice(talk.loaded.introduction)


def _teach(talk: Conversation, argument: str) -> None:
    last = talk.last
    wished = argument or talk.screen.ask("it should have said> ", last.reply.text)
    if wished is None:
        talk.over = True
        return
    add_correction(FILE, last.prompt, last.context, wished)
    learning = learn(FILE, talk.loaded.place, talk.loaded.manifest)
    talk.screen.notice(f"saved to {FILE}; so that the bot learns it, run:")
    talk.screen.copyable(shlex.join(learning.command))
    if learning.missing:
        talk.screen.notice(f"not found here, so put its path there: {', '.join(learning.missing)}")


def _exit(talk: Conversation, _: str) -> None:
    talk.over = True


COMMANDS = (
    SlashCommand("/set", "[NAME VALUE]", "show all settings, or change one", _set, setting_and_value),
    SlashCommand("/unset", "[NAME]", "reset a setting, or all of them", _unset, setting_names),
    SlashCommand("/beam", "[N]", "search with a beam of N; 1 is greedy", _beam, beams),
    SlashCommand("/alternatives", "[N]", "show the best N other replies", _alternatives),
    SlashCommand(
        "/again",
        "",
        "give another reply to the same prompt",
        lambda talk, _: talk.again(),
        aliases=("/retry", "/regenerate"),
    ),
    SlashCommand("/undo", "", "forget the last turn", _undo),
    SlashCommand("/reset", "", "start a new conversation on a clean screen", _reset, aliases=("/clear", "/new")),
    SlashCommand("/context", "", "show what the bot reads before the next prompt", _context),
    SlashCommand("/save", "FILE", "write the conversation to a file, as JSON Lines", _save, paths),
    SlashCommand("/load", "BUNDLE", "switch to another bot", _load, bundles),
    SlashCommand("/teach", "[REPLY]", f"save what it should have said to {FILE}", _teach),
    SlashCommand("/exit", "", "leave, as /quit and Ctrl-D do", _exit, aliases=("/quit", "/bye", "/q")),
)
"""All /commands but those of the terminal, in the order of the help; a new command is a new row."""
