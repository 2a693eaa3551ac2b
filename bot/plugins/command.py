"""A command, defined once as a typed function: called with the prefix and as a slash command."""

import inspect
import re
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

from chat.channels import Channel, Guild
from chat.messages import Message
from chat.people import Person

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}( [a-z0-9][a-z0-9_-]{0,31})?")
MAX_ABOUT = 100
NUMBER = {int: re.compile(r"[+-]?\d{1,15}"), float: re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")}
FLAGS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


class CannotDo(Exception):  # noqa: N818 - what happened, and no fault
    """The command comes to nothing: one sentence for whoever gave it."""


class NotAllowed(Exception):  # noqa: N818 - likewise
    """Whoever gave the command may not. They are told so in the bot's own words."""


class Malformed(Exception):  # noqa: N818 - likewise
    """The words after the command are not what it takes. They are told how it is written."""


class Who(StrEnum):
    """Who may give a command at all; a command itself may refuse more, with `NotAllowed`."""

    EVERYBODY = auto()
    OWNERS = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """Who gave a command, and where."""

    asker: Person
    bot: Person
    channel: Channel
    guild: Guild | None
    request: Message
    """The message with the command in it; for a slash command, one of the same meaning that is nowhere on Discord."""
    is_owner: bool
    is_slash: bool = False


Run = Callable[..., Awaitable[str | None]]
"""Takes a `Call`, then what the person wrote. Answers with what to say; None when there is nothing to say."""
Suggest = Callable[[Call, str], Awaitable[Sequence[str]]]
"""What might be meant by what has been typed so far, likeliest first."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a command takes."""

    name: str
    kind: type[str | int | float | bool]
    about: str = "…"
    choices: tuple[str, ...] = ()
    required: bool = True
    default: str | float | bool | None = None
    rest: bool = False
    """With the prefix, it is the rest of the line."""

    @property
    def told(self) -> str:
        what = "|".join(self.choices) or self.name
        return f"<{what}>" if self.required else f"[{what}]"

    def read(self, word: str) -> str | float | bool:
        """Raises Malformed."""
        if self.choices:
            return self._choice(word)
        if self.kind is bool:
            if (flag := FLAGS.get(word.lower())) is None:
                raise Malformed(f"{self.name} is yes or no")
            return flag
        if self.kind in NUMBER and not NUMBER[self.kind].fullmatch(word):
            raise Malformed(f"{self.name} is a {'whole ' if self.kind is int else ''}number")
        return self.kind(word)

    def _choice(self, word: str) -> str:
        chosen = next((each for each in self.choices if each.lower() == word.lower()), None)
        if chosen is None:
            raise Malformed(f"{self.name} is one of {', '.join(self.choices)}")
        return chosen


@dataclass(frozen=True, slots=True)
class Command:
    """`run` takes a `Call` first; what it takes besides is read off its annotations: `str`, `int`, `float`, `bool`,
    `Literal["a", "b"]`, any of these `| None = None`, and `Annotated[…, "what it is"]` to say what it is.
    """

    run: Run
    name: str
    """One word, or two: `rivals list` is a subcommand."""
    about: str
    who: Who = Who.EVERYBODY
    private: bool = False
    """As a slash command, only the person sees the answer. They also see that others cannot be told."""
    suggest: Mapping[str, Suggest] = field(default_factory=dict[str, Suggest])
    """By parameter, for slash commands."""
    allows: Callable[[Call], bool] | None = None
    """Who may give it, where `who` does not say it all. `help` shows it to nobody else."""
    begins_run: bool = False
    """With the prefix it is a request to the agent in other words, queued and answered as a mention is. Ours alone."""
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for a command; write one or two words of a-z 0-9 - _")
        if not 0 < len(self.about) <= MAX_ABOUT:
            raise ValueError(f"the command {self.name} needs a description of up to {MAX_ABOUT} characters")
        object.__setattr__(self, "parameters", _parameters(self.run, self.name))

    @property
    def told(self) -> str:
        """How it is written, without a prefix."""
        return " ".join([self.name, *(each.told for each in self.parameters)])

    def read(self, text: str) -> dict[str, str | float | bool]:
        """What the words after the name mean. Raises Malformed."""
        given: dict[str, str | float | bool] = {}
        left = text.strip()
        for each in self.parameters:
            word, _, after = (left, "", "") if each.rest else _first_word(left)
            if word:
                given[each.name] = each.read(word)
            elif each.required:
                raise Malformed(f"{each.name} is missing")
            left = after.strip()
        if left:
            raise Malformed("there are words too many")
        return given

    def checked(self, given: Mapping[str, str | float | bool]) -> dict[str, str | float | bool]:
        """What a slash command was given, whatever Discord has let through. Raises Malformed."""
        read = dict(given)
        for each in self.parameters:
            value = given.get(each.name, "")
            if each.required and isinstance(value, str) and not value.strip():
                raise Malformed(f"{each.name} is missing")
            if each.choices and isinstance(value, str) and value:
                read[each.name] = each.read(value)
        return read


def _first_word(text: str) -> tuple[str, str, str]:
    word, *after = text.split(None, 1)[:2] if text.strip() else [""]
    return word, " ", after[0] if after else ""


def _parameters(run: Run, name: str) -> tuple[Parameter, ...]:
    """Raises ValueError for a function that is no command."""
    taken = list(inspect.signature(run).parameters.values())[1:]
    try:
        hints = get_type_hints(run, include_extras=True)
    except NameError as error:
        raise ValueError(f"the command {name}: {error}") from None
    found = [_parameter(each, hints.get(each.name), name) for each in taken]
    if found and found[-1].kind is str and not found[-1].choices:
        last = found[-1]
        found[-1] = Parameter(last.name, str, last.about, (), last.required, last.default, rest=True)
    return tuple(found)


def _parameter(taken: inspect.Parameter, hint: object, command: str) -> Parameter:
    about, hint = _described(hint)
    required = taken.default is inspect.Parameter.empty
    if get_origin(hint) in (Union, types.UnionType):
        hint = next((each for each in get_args(hint) if each is not type(None)), None)
        inner, hint = _described(hint)
        about = inner or about
    default = None if required else taken.default
    if get_origin(hint) is Literal:
        choices = tuple(str(each) for each in get_args(hint))
        return Parameter(taken.name, str, about or "…", choices, required, default)
    for kind in (bool, str, int, float):
        if hint is kind:
            return Parameter(taken.name, kind, about or "…", (), required, default)
    raise ValueError(f"the command {command}: {taken.name} must be str, int, float, bool or a Literal of words")


def _described(hint: object) -> tuple[str, object]:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return next((each for each in notes if isinstance(each, str)), ""), inner
    return "", hint
