"""What one field of a configuration gives: an option, a setting, a row of the reference, a check on resuming."""

import runpy
from dataclasses import MISSING, dataclass
from pathlib import Path

import pytest
import typer
import typer.main
from typer.testing import CliRunner

from chatbot.cli.app import chatbot
from chatbot.cli.commands.train_request import TrainingRequest, training_options
from chatbot.cli.commands.train_run_options import CallOptions
from chatbot.cli.options.command import ProgramGroup, examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.lazy_commands import CommandRow
from chatbot.config import DecodingConfig, TrainingConfig, settings_by_name
from chatbot.config.base import Config
from chatbot.config.options import Form, option
from chatbot.errors import ConfigError, RunError
from tests.conftest import ROOT


@dataclass(frozen=True)
class ToyTraining(TrainingConfig):
    """A training configuration with one field more."""

    momentum: float = option(0.9, "Decay of the first moments.", panel="Fitting", lowest=0, highest=0.999)


class ToyRequest(TrainingRequest):
    """A request that has it."""

    TRAINING = ToyTraining


@dataclass(frozen=True)
class ToyDecoding(DecodingConfig):
    """A decoding configuration with one field more."""

    top_a: float | None = option(None, "Sample by the square of P.", metavar="P", lowest=0, highest=1, unset="all")


@dataclass(frozen=True, kw_only=True)
class ToyCall(Config):
    """Options as those of a command can be."""

    output: Path = option(MISSING, "Where to write.", flags=("--output", "-o"), metavar="FILE")
    tags: tuple[str, ...] = option((), "A tag; once for each.", flags=("--tag",), metavar="TEXT")
    gap: float | None = option(3600.0, "How long.", metavar="TIME", form=Form.DURATION)
    kind: str = option("auto", "Which.", choices=("auto", "csv"), metavar="NAME")


BEGAN = {"momentum": 0.5, "seed": 0}


@examples("# learn something\nlearn\n")
@training_options(ToyRequest)
def learn(*, context: typer.Context, call: CallOptions, request: ToyRequest) -> None:
    """Say what is asked for, and resume what began with a momentum of 0.5."""
    if call.resume:
        try:
            request = request.resuming(BEGAN, context)
        except RunError as error:
            typer.echo(error)
            return
    typer.echo(f"momentum {request.recipe.momentum}")


@examples("# say something\nsay\n")
@with_options(decoding=part_of(ToyDecoding))
def say(*, decoding: ToyDecoding) -> None:
    """Say how."""
    typer.echo(f"top_a {decoding.top_a}")


@examples("# write something\nwrite\n")
@with_options(call=part_of(ToyCall))
def write(*, call: ToyCall) -> None:
    """Say what is written."""
    typer.echo(call)


class ToyGroup(ProgramGroup):
    """The commands of this file, and `config`."""

    ROWS = (
        CommandRow("learn", f"{__name__}:learn", "Say what is asked for."),
        CommandRow("say", f"{__name__}:say", "Say how."),
        CommandRow("write", f"{__name__}:write", "Say what is written."),
        CommandRow("config", "chatbot.cli.commands.config:config", "Show the effective settings."),
    )


def toy_program():
    """A program of these commands."""
    program = typer.Typer(cls=ToyGroup, rich_markup_mode=None)
    program.callback()(chatbot)
    return program


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Call a program that has the two commands, without a configuration file of the account."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    program = toy_program()

    def call(*words, **environment):
        done = CliRunner().invoke(program, words, env=environment)
        return " ".join(done.output.split())

    return call


def test_a_field_is_an_option_with_its_range_on_the_help_page(toy):
    assert "--momentum X Decay of the first moments. [default: 0.9; 0 to 0.999]" in toy("learn", "--help")
    assert "--top-a P Sample by the square of P. [default: all; 0 to 1]" in toy("say", "--help")
    assert toy("learn", "--momentum", "0.3") == "momentum 0.3"
    assert "'--momentum': 2.0 is not in the range" in toy("learn", "--momentum", "2")
    assert "--momentum must be in 0..0.999" in toy("learn", "--momentum", "nan")
    assert toy("say", "--top-a", "0.2") == "top_a 0.2"


def test_a_field_may_be_needed_have_two_names_be_given_often_or_be_one_of_a_few(toy):
    assert toy("write", "-o", "a.tsv", "--tag", "x", "--tag", "y", "--gap", "90s") == str(
        ToyCall(output=Path("a.tsv"), tags=("x", "y"), gap=90.0)
    )
    assert toy("write", "--output", "a.tsv") == str(ToyCall(output=Path("a.tsv")))
    assert "Missing option '--output' / '-o'" in toy("write")
    assert "'--kind': 'tsv' is not one of 'auto', 'csv'" in toy("write", "-o", "a", "--kind", "tsv")
    assert "'--gap': '5' is not a duration" in toy("write", "-o", "a", "--gap", "5")
    page = toy("write", "--help")
    assert "-o, --output FILE Where to write. [required]" in page
    assert "--gap TIME How long. [default: 1h]" in page


def test_a_field_is_a_setting_of_variables_and_of_the_file(toy, tmp_path):
    assert toy("learn", CHATBOT_MOMENTUM="0.4") == "momentum 0.4"
    assert toy("learn", CHATBOT_LEARN_MOMENTUM="0.2", CHATBOT_MOMENTUM="0.4") == "momentum 0.2"
    file = tmp_path / "mine.toml"
    file.write_text("[learn]\nmomentum = 0.1\n")
    assert toy("--config", str(file), "learn") == "momentum 0.1"
    assert f"momentum 0.1 {file}: [learn] momentum" in toy("--config", str(file), "config", "learn")


def test_a_field_is_a_setting_of_a_conversation():
    changed = settings_by_name.change(ToyDecoding(), "top_a", "0.5")
    assert (changed.top_a, settings_by_name.show(changed, "top_a")) == (0.5, "0.5")
    with pytest.raises(ConfigError, match=r"^top-a must be in 0\.\.1"):
        settings_by_name.change(changed, "top_a", "2")
    assert settings_by_name.restore(changed, "top_a") == ToyDecoding()


def test_a_field_is_a_row_of_the_reference():
    pages = runpy.run_path(str(ROOT / "docs" / "generate_reference.py"))
    program = typer.main.get_command(toy_program())
    row = "| `--momentum X` | Decay of the first moments. | 0.9 | 0 to 0.999 |"
    assert row in pages["commands_page"](program).splitlines()
    assert "| `momentum` | number | `learn` |" in pages["settings_page"](program).splitlines()


def test_a_field_is_checked_when_a_run_is_resumed(toy):
    assert toy("learn", "--resume") == "momentum 0.5"
    assert toy("learn", "--resume", "--momentum", "0.5") == "momentum 0.5"
    assert toy("learn", "--resume", "--momentum", "0.6").startswith(
        "--momentum 0.6: the interrupted run began with --momentum 0.5; leave that out to resume it"
    )
