"""The options of `chatbot train`, and how they go together with those that an interrupted run began with."""

import dataclasses
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, get_type_hints

import typer

from chatbot.cli.options.effective_settings import UsageError
from chatbot.cli.options.shared_options import parse_duration
from chatbot.config import PRESETS, Architecture, TrainingConfig, choose_preset
from chatbot.config.base import check_types
from chatbot.errors import ConfigError, PathError, RunError
from chatbot.files import parse_path

#: Options that may be other ones when a run goes on; lower limits are refused where the old ones are known.
_FREE = {"max_time", "epochs", "patience", "keep_float", "index"}
#: Options that JSON has as texts.
_PATHS = ("init_from", "valid")


@dataclass(frozen=True)
class TrainingRequest:
    """The options of `chatbot train` that decide what comes of a run, by the names of its parameters."""

    init_from: Path | None
    keep_float: bool
    index: bool
    valid: Path | None
    valid_share: float | None
    max_time: str
    epochs: int | None
    patience: int
    preset: str | None
    units: int | None
    layers: int | None
    embedding_size: int | None
    bidirectional: bool | None
    attention: str | None
    max_length: int | None
    vocabulary_size: int | None
    known_replies: int
    seed: int
    batch_tokens: int | None
    learning_rate: float
    dropout: float | None
    precision: str

    @classmethod
    def of(cls, context: typer.Context) -> Self:
        """Take what was typed, or set elsewhere, or holds by default.

        Raises:
            UsageError: The options contradict each other, or one is out of range.
        """
        if context.params["resume"] and context.params["overwrite"] and _was_typed(context, "overwrite"):
            raise UsageError(
                "--overwrite starts anew where --resume continues the interrupted run; leave one of them out"
            )
        request = cls._read(context.params)
        if request.init_from is not None and (request._shape or request.preset or request.vocabulary_size):
            raise UsageError(
                "--init-from keeps the model and the tokenizer of the bundle; leave out the options that choose others"
            )
        try:
            request.choose_architecture(0)
        except ConfigError as error:
            raise UsageError(f"--{str(error).removeprefix('Architecture: ')}") from None
        parse_duration(request.max_time, "--max-time")
        return request

    @property
    def recipe(self) -> TrainingConfig:
        """How to fit the model."""
        return TrainingConfig(
            seed=self.seed,
            valid_share=self.valid_share,
            epochs=self.epochs,
            max_seconds=parse_duration(self.max_time, "--max-time"),
            patience=self.patience,
            batch_tokens=self.batch_tokens,
            learning_rate=self.learning_rate,
            dropout=self.dropout,
            precision=self.precision,
            vocabulary_size=self.vocabulary_size,
            known_replies=self.known_replies,
        )

    @property
    def source(self) -> Path | None:
        """The bundle to fine-tune, its name alone being enough for one in a folder of bundles.

        Raises:
            BundleError: There is none.
        """
        from chatbot.cli.options.bundle_argument import find_bundle  # a help page need not wait for it

        return None if self.init_from is None else find_bundle(self.init_from)

    def choose_architecture(self, pairs: int) -> Architecture:
        """The shape of a new model for so many pairs to learn from.

        Raises:
            ConfigError: There is no such shape.
        """
        return replace(PRESETS[self.preset or choose_preset(pairs)], **self._shape)

    @property
    def _shape(self) -> dict[str, Any]:
        asked = {
            "units": self.units,
            "layers": self.layers,
            "embedding_size": self.embedding_size,
            "bidirectional": self.bidirectional,
            "attention": self.attention,
            "max_prompt_tokens": self.max_length,
            "max_reply_tokens": self.max_length,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def to_json(self) -> dict[str, Any]:
        """The options as JSON values, to be kept with the run."""
        return {name: _plain(value) for name, value in dataclasses.asdict(self).items()}

    def resuming(self, began: Mapping[str, Any], context: typer.Context) -> Self:
        """The request of a run that is resumed: what was not asked for now is as it was when the run began.

        Args:
            began: From `to_json`.
            context: Of the command, which knows what was asked for now, typed or set elsewhere.

        Raises:
            RunError: An option is another one than then and may not be; the message names it.
            ConfigError: What `began` holds are no such options.
        """
        request = self.over(began, context)
        spell = _speller(context)
        asked = self._given(context)
        other = [name for name, value in asked.items() if name not in _FREE and began.get(name) != value]
        if other:
            raise RunError(
                f"{', '.join(spell(name, asked[name]) for name in other)}: the interrupted run began"
                f" {', '.join(_said_before(spell, name, began.get(name)) for name in other)}; leave that out to resume"
                " it, or start anew with --overwrite"
            )
        return request

    def over(self, began: Mapping[str, Any], context: typer.Context) -> Self:
        """The options that a run began with, but for those that are given now.

        Raises:
            ConfigError: What `began` holds are no such options.
        """
        declared = {name: str | None if name in _PATHS else kind for name, kind in get_type_hints(type(self)).items()}
        check_types("options", began, declared)
        try:
            request = self._read({**self.to_json(), **began, **self._given(context)})
            request.choose_architecture(0)
            parse_duration(request.max_time, "max_time")
            request.recipe  # noqa: B018  # raises
            return request
        except PathError as error:
            raise ConfigError(f"options: {error}") from None
        except typer.BadParameter as error:
            raise ConfigError(f"options: max_time is {error.message}") from None
        except KeyError:
            raise ConfigError(f"options: preset is {request.preset!r}, not one of {', '.join(PRESETS)}") from None

    def _given(self, context: typer.Context) -> dict[str, Any]:
        return {name: value for name, value in self.to_json().items() if _was_given(context, name)}

    @classmethod
    def _read(cls, values: Mapping[str, Any]) -> Self:
        """Take values as the command line and JSON have them, where paths are texts."""
        paths = {name: parse_path(Path(values[name])) for name in _PATHS if values[name] is not None}
        return cls(**{one.name: values[one.name] for one in dataclasses.fields(cls)} | paths)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path | str) else value


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _was_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _said_before(spell: Callable[[str, Any], str], name: str, value: Any) -> str:
    return f"without --{name.replace('_', '-')}" if value is None else f"with {spell(name, value)}"


def _speller(context: typer.Context) -> Callable[[str, Any], str]:
    """A function that writes an option as it would be typed."""
    options = {param.name: param for param in context.command.params}

    def spell(name: str, value: Any) -> str:
        option = options[name]
        if isinstance(value, bool):
            return str((option.opts if value else option.secondary_opts)[0])
        return f"{option.opts[0]} {shlex.quote(str(value))}"

    return spell
