"""Commands as Typer builds them, with their own help page and with settings from elsewhere."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, ClassVar, TypeVar

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup
from typer.models import TyperPath

from chatbot.cli.options import help_pages
from chatbot.cli.options.click_aliases import Context, Parameter, UsageError
from chatbot.cli.options.command_introspection import kind_of, path_of, settable_options, source_of
from chatbot.cli.options.effective_settings import connect, say_place, settings_file, settle_home
from chatbot.cli.options.lazy_commands import CommandRow, LazyCommands
from chatbot.cli.output import exit_codes_and_messages
from chatbot.errors import PathError
from chatbot.files import parse_path
from chatbot.text import excerpt

_Function = TypeVar("_Function", bound=Callable[..., Any])


def examples(lines: str) -> Callable[[_Function], _Function]:
    """Give a command the examples of its help page.

    Args:
        lines: For a shell, each group under a comment.

    Returns:
        A decorator for the function of the command, which `build_command` reads.
    """

    def add(function: _Function) -> _Function:
        function.examples = lines  # type: ignore[attr-defined]  # functions have room for more
        return function

    return add


def build_command(row: CommandRow) -> Any:
    """Import a command and let Typer make its options.

    Args:
        row: Of its group. The target is a function that has its `examples`, or Typer's group.

    Returns:
        The command as Click knows it.
    """
    module, _, name = row.target.partition(":")
    target = getattr(import_module(module), name)
    if isinstance(target, typer.Typer):
        return typer.main.get_group(target)
    program = typer.Typer(add_completion=False, rich_markup_mode=None)
    settings = {"epilog": target.examples, "no_args_is_help": row.no_args_is_help}
    program.command(row.name, cls=ProgramCommand, **settings)(target)
    return typer.main.get_command(program)


class _TypedPath(TyperPath):
    """A path as a person types it, wherever they do."""

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> Any:
        """The path, if it can be one and is what the option asks for."""
        try:
            path = parse_path(value)
        except PathError as error:
            self.fail(str(error), param, ctx)
        return super().convert(path, param, ctx)


def _take_typed_paths(params: Iterable[Parameter]) -> None:
    for param in params:
        if isinstance(param.type, TyperPath):
            asked = {name: value for name, value in vars(param.type).items() if name not in {"name", "type"}}
            param.type = _TypedPath(**asked, path_type=param.type.type)


class ProgramCommand(TyperCommand):
    """A command whose options may be set by the environment and by the configuration file."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        """See `TyperCommand`; paths are as people type them, and what takes a value gets a word for it."""
        super().__init__(name, **settings)
        _take_typed_paths(self.params)
        help_pages.name_values(self.params)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Collect the words of the usage line, with brackets around optional ones alone.

        See `click.Command.collect_usage_pieces`.
        """
        arguments = (param for param in self.get_params(ctx) if param.param_type_name == "argument")
        return ["[OPTIONS]", *map(help_pages.usage_of, arguments)]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the typed words, and ask the settings for the options that were not typed.

        See `click.Command.parse_args`.
        """
        if not ctx.resilient_parsing:  # which only guesses at a command line, for completion
            connect(ctx)
        with _annotate_usage_errors(ctx), _explain_prompts(ctx, [*args]):
            rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            settings_file(ctx)  # so that a file is refused by every command, whatever was typed
        return rest

    def invoke(self, ctx: Context) -> Any:
        """Run the command with the home of the settings.

        See `click.Command.invoke`.
        """
        settle_home(ctx)
        with _annotate_usage_errors(ctx), exit_codes_and_messages.adding(partial(_add_places, ctx)):
            return super().invoke(ctx)

    def format_help(self, ctx: Context, formatter: Any) -> None:
        """Write the page, with the defaults that are valid where nothing is set.

        See `click.Command.format_help`.
        """
        ctx.default_map = None
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Context, formatter: Any) -> None:
        """Write the options by their groups.

        See `click.Command.format_options`.
        """
        help_pages.write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: Any) -> None:
        """Write the examples, which are the epilog, and the places where options can be set.

        See `click.Command.format_epilog`.
        """
        help_pages.write_examples(self.epilog, formatter)
        if settable_options(self):
            help_pages.write_settings(path_of(ctx), formatter)


class ProgramGroup(TyperGroup):
    """A command that only holds others, which are imported when they are called.

    Attributes:
        ROWS: The commands of the group; a subclass has them.
    """

    ROWS: ClassVar[Sequence[CommandRow]] = ()

    def __init__(self, *args: Any, **settings: Any) -> None:
        """See `ProgramCommand`."""
        super().__init__(*args, **settings | {"commands": LazyCommands(self.ROWS, build_command)})
        _take_typed_paths(self.params)

    def format_options(self, ctx: Context, formatter: Any) -> None:
        """Write the options, then the commands.

        See `click.Command.format_options`.
        """
        help_pages.write_options(self.get_params(ctx), ctx, formatter)
        help_pages.write_list("Commands", [(row.name, row.summary) for row in self.ROWS], formatter)

    def format_epilog(self, _ctx: Context, formatter: Any) -> None:
        """Write the examples, which are the epilog.

        See `click.Command.format_epilog`.
        """
        help_pages.write_examples(self.epilog, formatter)


@contextmanager
def _annotate_usage_errors(ctx: Context) -> Iterator[None]:
    """Add to a usage error where those of its options come from that were not typed."""
    try:
        yield
    except UsageError as error:
        words = f"{error.message} {getattr(error, 'param_hint', None) or ''}"
        named = set(re.findall(r"--[a-z][a-z-]*", words))
        blamed = [
            say_place(ctx, option)
            for option in settable_options(ctx.command)
            if (named & set(option.opts) or option is getattr(error, "param", None))
            and _came_from_settings(ctx, option)
        ]
        if blamed:
            error.message = f"{error.message} ({', '.join(blamed)})"
        raise


def _add_places(ctx: Context, message: str) -> str:
    """Add to a message about a path where it is set, if nobody typed it."""
    blamed = [
        say_place(ctx, option)
        for option in settable_options(ctx.command)
        if kind_of(option) == "path"
        and _came_from_settings(ctx, option)
        and re.search(rf"(?<!\w){re.escape(str(ctx.params[option.name]))}(?!\w)", message)
    ]
    return f"{message} ({', '.join(blamed)})" if blamed else message


def _came_from_settings(ctx: Context, option: Parameter) -> bool:
    return source_of(ctx, option.name) in {"ENVIRONMENT", "DEFAULT_MAP"}


@contextmanager
def _explain_prompts(ctx: Context, args: Sequence[str]) -> Iterator[None]:
    """Say how to type a prompt whose words were taken for options or for further arguments.

    Args:
        ctx: Of a command; only those that take a PROMPT are concerned.
        args: As typed behind the command.
    """
    try:
        yield
    except UsageError as error:
        if any(param.metavar == "PROMPT" for param in ctx.command.params):
            called, option = " ".join(path_of(ctx)), getattr(error, "option_name", None)
            if option is not None and not getattr(error, "possibilities", None):
                near = (word for word in args if word.startswith("-") and word.startswith(option[:2]))
                prompt = shlex.quote(excerpt(next(near, option)))
                error.message += f"; a prompt that begins with a dash goes behind --: chatbot {called} -- {prompt}"
            elif "unexpected extra argument" in error.message:
                prompt = shlex.quote(excerpt(" ".join(word for word in args if not word.startswith("-"))))
                error.message += f"; put the prompt in quotes: chatbot {called} {prompt}"
        raise
