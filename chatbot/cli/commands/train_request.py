"""Options of a training run, merged with those of the interrupted run that it resumes."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import typer

from chatbot.cli.commands.train_run_options import PROGRESS, CallOptions, RunOptions
from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command_introspection import source_of
from chatbot.cli.options.declared_options import Part, as_option, parameters_of, part_of, with_options
from chatbot.config import ModelShape, TrainingConfig, choose_preset, preset_of
from chatbot.config.base import check_types
from chatbot.config.option_values import read_values
from chatbot.config.options import Form, OnResume, Option, options_of, respell
from chatbot.config.training import PANELS
from chatbot.errors import ConfigError, PathError, RunError

#: Fields of the shape that no weight depends on.
_LENGTHS = {"max_prompt_tokens", "max_reply_tokens"}


@dataclass(frozen=True)
class TrainingRequest:
    """Options of `chatbot train` that decide what comes of a run, as the run keeps them.

    Attributes:
        values: Values by the names of the options, as JSON has them: paths and durations are texts.
    """

    values: Mapping[str, Any]

    #: The configurations whose fields are options of a run. Those of the shape are those of the preset unless set.
    RUN: ClassVar[type[RunOptions]] = RunOptions
    SHAPE: ClassVar[type[ModelShape]] = ModelShape
    TRAINING: ClassVar[type[TrainingConfig]] = TrainingConfig

    @classmethod
    def options(cls) -> dict[str, Option]:
        """The options by name."""
        kinds = (cls.RUN, cls.SHAPE, cls.TRAINING)
        return {one.name: one for kind in kinds for one in options_of(kind).values()}

    @classmethod
    def take(cls, given: Mapping[str, Any]) -> Self:
        """Take the values of the command line.

        Args:
            given: Values by the names of the options.

        Returns:
            The request.

        Raises:
            UsageError: The options contradict each other, or one is out of range.
        """
        request = cls({name: _to_json(one, given[name]) for name, one in cls.options().items()})
        run, shape = request.run, request._shape or request.values["preset"] or request.values["vocabulary_size"]
        if run.init_from is not None and run.base is not None:
            raise UsageError(
                "--init-from keeps the vocabulary and the replies of a bundle, --base only its language; leave one of"
                " them out"
            )
        if run.init_from is not None and shape:
            raise UsageError(
                "--init-from keeps the model and the tokenizer of the bundle; leave out the options that choose others"
            )
        if run.base is not None and run.preset is not None:
            raise UsageError("--base takes over the sizes of the bundle's model; leave --preset out")
        for kind, build in (
            (cls.SHAPE, lambda: request._new_shape(0)),
            (cls.TRAINING, lambda: request.recipe),
        ):
            try:
                build()
            except ConfigError as error:
                raise UsageError(respell(str(error), kind, as_option)) from None
        return request

    @cached_property
    def run(self) -> RunOptions:
        """The options that are no part of the configurations."""
        return self.RUN(**read_values(self.RUN, self.values))

    @cached_property
    def recipe(self) -> TrainingConfig:
        """The fitting of the model."""
        return self.TRAINING(**read_values(self.TRAINING, self.values))

    def choose_fallbacks(self, of_corpus: tuple[str, ...]) -> tuple[str, ...]:
        """The fallbacks of the new bot: as typed, those of the corpus, or those of the bundle to fine-tune.

        Args:
            of_corpus: The replies of the corpus that are fallbacks.
        """
        from chatbot import bundle  # a help page need not wait for it
        from chatbot.text import normalize

        source, texts = self.run.source, tuple(filter(None, map(normalize, self.run.fallback)))
        inherited = bundle.Bundle.open(source).fallbacks if source is not None and bundle.is_bundle(source) else ()
        return texts or of_corpus or inherited

    def choose_shape(self, pairs: int) -> ModelShape:
        """The shape of a new model for so many training pairs, or of one that begins with the layers of a base.

        Raises:
            ConfigError: There is no such shape.
            UsageError: An option disagrees with the model of the base.
            BundleError: The base cannot be read.
        """
        place = self.run.base_source
        return self._new_shape(pairs) if place is None else self._shape_of(place)

    def _shape_of(self, base: Path) -> ModelShape:
        from chatbot import bundle  # a help page need not wait for it

        model, asked = bundle.Bundle.open(base).model, self._shape
        kept = {field.name: getattr(model, field.name) for field in fields(ModelShape)}
        names = {field: one.name for field, one in options_of(self.SHAPE).items()}
        other = [names[field] for field, value in asked.items() if field not in _LENGTHS and kept[field] != value]
        if other:
            option, value = as_option(other[0]), next(kept[field] for field in kept if names[field] == other[0])
            raise UsageError(
                f"{option} {self.values[other[0]]}: the model of the base {base} has {value}, and its layers are taken"
                f" over; leave {option} out, or train without --base"
            )
        return ModelShape(**{**kept, **asked})

    def _new_shape(self, pairs: int) -> ModelShape:
        shape = self._shape
        preset = preset_of(self.run.preset or choose_preset(pairs), shape.get("architecture", ModelShape.architecture))
        return replace(preset, **shape)

    @property
    def _shape(self) -> dict[str, Any]:
        return {field: value for field, value in read_values(self.SHAPE, self.values).items() if value is not None}

    @classmethod
    def paths(cls) -> tuple[str, ...]:
        """The names of the options that are paths."""
        return tuple(name for name, one in cls.options().items() if Path in one.types)

    def without_folders(self) -> dict[str, Any]:
        """The values with the last names of paths only, as a bundle goes to people who need no folders of its maker."""
        names = {name: Path(self.values[name]).name for name in self.paths() if self.values[name] is not None}
        return {**self.values, **names}

    def resuming(self, began: Mapping[str, Any], context: typer.Context) -> Self:
        """The request of a resumed run: what is not given now is as it was when the run began.

        Args:
            began: The values of the request that it began with.
            context: Of the command, which knows what is given now, typed or set elsewhere.

        Raises:
            RunError: An option has another value than then and may not; the message names it.
            ConfigError: `began` holds no such options.
        """
        request = self.over(began, context)
        write = _writer(context)
        fixed = {name for name, one in self.options().items() if one.on_resume is OnResume.SAME}
        asked = self._given(context)
        other = [name for name, value in asked.items() if name in fixed and began.get(name) != value]
        if other:
            raise RunError(
                f"{', '.join(write(name, asked[name]) for name in other)}: the interrupted run began"
                f" {', '.join(_say_before(write, name, began.get(name)) for name in other)}; leave that out to resume"
                " it, or start anew with --overwrite"
            )
        return request

    def over(self, began: Mapping[str, Any], context: typer.Context) -> Self:
        """The options that a run began with, but for those that are given now.

        Raises:
            ConfigError: `began` holds no such options.
        """
        check_types("options", began, {name: self._json_type(one) for name, one in self.options().items()})
        known = {name: value for name, value in began.items() if name in self.values}
        request = type(self)({**self.values, **known, **self._given(context)})
        try:
            request._new_shape(0)
            request.recipe  # noqa: B018  # raises
            return request
        except PathError as error:
            raise ConfigError(f"options: {error}") from None

    def _given(self, context: typer.Context) -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if source_of(context, name) != "DEFAULT"}

    def _json_type(self, one: Option) -> Any:
        """The type of an option's value in JSON."""
        if one.form is Form.DURATION:
            return str
        if Path in one.types:
            return str | None
        return one.type | None if one.field in options_of(self.SHAPE) else one.type


def training_options(
    kind: type[TrainingRequest] = TrainingRequest,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a training in the place of its parameters `call` and `request`.

    Args:
        kind: The class of the request.

    Returns:
        A decorator for a function with these two keyword parameters. Values that a configuration
        refuses are usage errors that name the option.
    """
    asked = [*parameters_of(kind.RUN), *parameters_of(kind.SHAPE, preset=True), *parameters_of(kind.TRAINING)]
    return with_options(panels=(*PANELS, PROGRESS), call=part_of(CallOptions), request=Part(asked, kind.take))


def _to_json(option: Option, value: Any) -> Any:
    if option.type == tuple[str, ...]:
        return list(value or ())
    return str(value) if isinstance(value, Path) else value


def _say_before(write: Callable[[str, Any], str], name: str, value: Any) -> str:
    return f"without {as_option(name)}" if value is None else f"with {write(name, value)}"


def _writer(context: typer.Context) -> Callable[[str, Any], str]:
    """A function that writes an option as it would be typed."""
    options = {param.name: param for param in context.command.params}

    def write(name: str, value: Any) -> str:
        option = options[name]
        if isinstance(value, bool):
            return str((option.opts if value else option.secondary_opts)[0])
        return f"{option.opts[0]} {shlex.quote(str(value))}"

    return write
