"""What the models know of a key: which kind of value it takes, and where further tables lie below it."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings.base import PLACEHOLDER, Section
from bot.settings.secrets import parts_of

FILE = "_file"
KeyNames = tuple[str, ...]
Table = dict[str, object]


class Kind(Enum):
    """What a value is, as far as reading and showing it must differ."""

    TEXT = auto()
    SECRET = auto()
    PATH = auto()
    BOOL = auto()
    INT = auto()
    FLOAT = auto()
    LIST = auto()
    TABLE = auto()
    """A table of values under free names."""
    SECRETS = auto()
    """A table of secrets under free names."""
    SECTION = auto()
    SECTIONS = auto()
    """A table of sections under free names."""


KINDS: dict[object, Kind] = {
    SecretStr: Kind.SECRET,
    Path: Kind.PATH,
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.FLOAT,
    tuple: Kind.LIST,
    dict: Kind.TABLE,
}


@dataclass(frozen=True, slots=True)
class Key:
    """A documented key: its field, its kind, and the model of the tables below it, if any."""

    name: str
    field: FieldInfo
    kind: Kind
    below: type[Section] | None = None

    @property
    def required(self) -> bool:
        """Whether the bot cannot run without it."""
        return self.field.examples == [PLACEHOLDER]

    @property
    def extra(self) -> Mapping[str, object]:
        return as_table(self.field.json_schema_extra)

    @property
    def legacy(self) -> bool:
        return bool(self.extra.get("legacy"))


def keys_of(model: type[Section]) -> dict[str, Key]:
    """The keys of a table, in the order of the model."""
    return {name: _key(name, field) for name, field in model.model_fields.items()}


def _key(name: str, field: FieldInfo) -> Key:
    plain = _plain(field.annotation)
    inner = next((arg for arg in map(_plain, reversed(get_args(plain))) if _is_section(arg)), None)
    match plain, inner:
        case type() as model, _ if issubclass(model, Section):
            return Key(name, field, Kind.SECTION, model)
        case _, type() as model if issubclass(model, Section):
            kind = Kind.SECTIONS if get_origin(plain) is dict else Kind.LIST
            return Key(name, field, kind, model)
        case _ if get_origin(plain) is dict and SecretStr in map(_plain, get_args(plain)):
            return Key(name, field, Kind.SECRETS)
        case _:
            return Key(name, field, KINDS.get(get_origin(plain) or plain, Kind.TEXT))


def _plain(annotation: object) -> object:
    """The type behind `Annotated` and `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            some = [arg for arg in get_args(annotation) if arg is not type(None)]
            if len(some) != 1:
                return annotation
            annotation = some[0]
        else:
            return annotation


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def all_keys(model: type[Section], above: KeyNames = ()) -> Iterator[tuple[KeyNames, Key]]:
    """Every key that has a fixed name, with its path: sections are gone into, lists and free names are not."""
    for name, key in keys_of(model).items():
        if key.kind is Kind.SECTION and key.below is not None:
            yield from all_keys(key.below, (*above, name))
        else:
            yield (*above, name), key


def given_keys(model: type[Section], value: object, above: KeyNames = ()) -> Iterator[tuple[KeyNames, Key]]:
    """As `all_keys`, and what `value` has under free names: each key of such a section, each name of such secrets."""
    for name, key in keys_of(model).items():
        below, here = parts_of(value).get(name), (*above, name)
        match key.kind, key.below:
            case Kind.SECTION, type() as section:
                yield from given_keys(section, below, here)
            case Kind.SECTIONS, type() as section:
                for free, inner in parts_of(below).items():
                    yield from given_keys(section, inner, (*here, free))
            case Kind.SECRETS, _:
                yield from (((*here, free), key) for free in parts_of(below))
            case _:
                yield here, key


def tables_in(
    table: Table, model: type[Section], at: tuple[str | int, ...] = ()
) -> Iterator[tuple[Table, type[Section], tuple[str | int, ...]]]:
    """Each table of what a file says that a model describes. What is of the wrong type is left to validation."""
    yield table, model, at
    for name, key in keys_of(model).items():
        below = table.get(name)
        if key.below is None or below is None:
            continue
        here = (*at, name)
        match key.kind:
            case Kind.SECTION:
                inner = [(here, below)]
            case Kind.SECTIONS:
                inner = [((*here, free), value) for free, value in as_table(below).items()]
            case _:
                inner = [((*here, index), value) for index, value in enumerate(as_list(below))]
        for path, value in inner:
            if is_table(value):
                yield from tables_in(value, key.below, path)


def as_table(value: object) -> Table:
    """The same dict, typed; an empty one for what is none."""
    return value if is_table(value) else {}


def is_table(value: object) -> TypeGuard[Table]:
    """Keys of TOML and JSON tables are always text."""
    return isinstance(value, dict)


def as_list(value: object) -> list[object]:
    """The same list, typed; an empty one for what is none."""
    return value if _is_list(value) else []


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
