"""What a server wants to know, as fields of a form, and what was typed, as values that fit its schema."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import JsonValue

MAX_FIELDS = 25
MAX_CHOICES = 25
"""Of a menu; where there are more, one is typed."""
MAX_TEXT = 4000

Raw = tuple[str, ...]
"""What Discord sends back for one field: the words typed, or the chosen values."""


class CannotAskError(ValueError):
    """No form can be made of this schema."""


class WrongAnswerError(Exception):
    """What was typed does not fit: one sentence for whoever typed it."""


class Kind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what the server gets."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One property of the schema."""

    name: str
    title: str
    description: str
    kind: Kind
    required: bool
    default: Raw = ()
    choices: tuple[Choice, ...] = ()
    shape: str = ""
    """MCP's `format` of a text."""
    lowest: float | None = None
    """The least number, the fewest characters or choices."""
    highest: float | None = None

    @property
    def is_menu(self) -> bool:
        return self.kind is Kind.YES_NO or 0 < len(self.choices) <= MAX_CHOICES


def read_fields(schema: Mapping[str, JsonValue]) -> tuple[Field, ...]:
    """Raises CannotAskError for what is not a flat object of MCP's primitive kinds."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or len(properties) > MAX_FIELDS:
        raise CannotAskError("its fields are none, or too many")
    names = required if isinstance(required, list) else []
    return tuple(_field(name, given, required=name in names) for name, given in properties.items())


def read_value(field: Field, raw: Raw) -> JsonValue:
    """None where an optional field was left empty. Raises WrongAnswerError."""
    given = tuple(each.strip() for each in raw if each.strip())
    if not given:
        if field.required:
            raise WrongAnswerError(f"{field.title} is needed.")
        return None
    match field.kind:
        case Kind.YES_NO:
            return given[0] == "yes"
        case Kind.CHOICE:
            return _chosen(field, given[0])
        case Kind.CHOICES:
            return _several(field, given)
        case Kind.INTEGER | Kind.NUMBER:
            return _number(field, given[0])
        case Kind.TEXT:
            return _text(field, given[0])


def _field(name: str, given: JsonValue, *, required: bool) -> Field:
    if not isinstance(given, dict):
        raise CannotAskError(f"{name} is no schema")
    kind, choices = _kind(name, given)
    numeric = kind in {Kind.INTEGER, Kind.NUMBER}
    low, high = ("minimum", "maximum") if numeric else ("minLength", "maxLength")
    if kind is Kind.CHOICES:
        low, high = "minItems", "maxItems"
    return Field(
        name=name,
        title=_said(given.get("title")) or name,
        description=_said(given.get("description")),
        kind=kind,
        required=required,
        default=_raw(given.get("default")),
        choices=choices,
        shape=_said(given.get("format")),
        lowest=_bound(given.get(low)),
        highest=_bound(given.get(high)),
    )


def _kind(name: str, given: Mapping[str, JsonValue]) -> tuple[Kind, tuple[Choice, ...]]:
    match given.get("type"):
        case "string":
            choices = _choices(given)
            return (Kind.CHOICE if choices else Kind.TEXT), choices
        case "array":
            items = given.get("items")
            choices = _choices(items) if isinstance(items, dict) else ()
            if not choices:
                raise CannotAskError(f"{name} is a list of anything")
            return Kind.CHOICES, choices
        case "integer":
            return Kind.INTEGER, ()
        case "number":
            return Kind.NUMBER, ()
        case "boolean":
            return Kind.YES_NO, ()
        case _:
            raise CannotAskError(f"{name} is nothing that a form can ask")


def _choices(given: Mapping[str, JsonValue]) -> tuple[Choice, ...]:
    values, names = given.get("enum"), given.get("enumNames")
    if isinstance(values, list):
        labels = names if isinstance(names, list) and len(names) == len(values) else values
        return tuple(Choice(str(value), str(label)) for value, label in zip(values, labels, strict=True))
    titled = given.get("oneOf") or given.get("anyOf")
    if not isinstance(titled, list):
        return ()
    known = [each for each in titled if isinstance(each, dict) and isinstance(each.get("const"), str)]
    return tuple(Choice(str(each["const"]), str(each.get("title") or each["const"])) for each in known)


def _chosen(field: Field, given: str) -> str:
    found = next((each.value for each in field.choices if given in {each.value, each.label}), None)
    if found is None:
        known = ", ".join(each.label for each in field.choices[:10])
        raise WrongAnswerError(f"{field.title} must be one of {known}{' …' if len(field.choices) > 10 else ''}.")
    return found


def _several(field: Field, given: Raw) -> JsonValue:
    words = given if field.is_menu else tuple(word.strip() for word in given[0].split(",") if word.strip())
    chosen = list(dict.fromkeys(_chosen(field, word) for word in words))
    if not _is_within(field, len(chosen)):
        raise WrongAnswerError(f"{field.title} needs {_range(field)} choices.")
    return list[JsonValue](chosen)


def _number(field: Field, given: str) -> JsonValue:
    try:
        value = int(given) if field.kind is Kind.INTEGER else float(given.replace(",", "."))
    except ValueError as error:
        raise WrongAnswerError(f"{field.title} must be a {field.kind}.") from error
    if not _is_within(field, value) or value != value or abs(value) == float("inf"):  # noqa: PLR0124 - not a number
        raise WrongAnswerError(f"{field.title} must be {_range(field) or 'a number'}.")
    return value


def _text(field: Field, given: str) -> str:
    if not _is_within(field, len(given)):
        raise WrongAnswerError(f"{field.title} must be {_range(field)} characters long.")
    if not _has_shape(field.shape, given):
        raise WrongAnswerError(f"{field.title} must be {_SHAPES[field.shape]}.")
    return given


_SHAPES = {
    "email": "an e-mail address",
    "uri": "a whole address, as https://example.org/page",
    "date": "a date, as 2026-11-27",
    "date-time": "a date and time with a zone, as 2026-11-27T18:30:00Z",
}


def _has_shape(shape: str, given: str) -> bool:
    try:
        match shape:
            case "email":
                return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given))
            case "uri":
                parts = urlsplit(given)
                return bool(parts.scheme and (parts.netloc or parts.path)) and " " not in given
            case "date":
                return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", given)) and bool(date.fromisoformat(given))
            case "date-time":
                return "T" in given.upper() and datetime.fromisoformat(given).tzinfo is not None
            case _:
                return True
    except ValueError:
        return False


def _is_within(field: Field, size: float) -> bool:
    return (field.lowest is None or size >= field.lowest) and (field.highest is None or size <= field.highest)


def _range(field: Field) -> str:
    match field.lowest, field.highest:
        case None, None:
            return ""
        case low, None:
            return f"at least {low:g}"
        case None, high:
            return f"at most {high:g}"
        case low, high:
            return f"{low:g} to {high:g}"


def _bound(value: JsonValue) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _said(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _raw(value: JsonValue) -> Raw:
    match value:
        case bool():
            return ("yes" if value else "no",)
        case str() | int() | float():
            return (str(value),)
        case list():
            return tuple(str(each) for each in value)
        case _:
            return ()


def pages(fields: Sequence[Field], size: int = 5) -> list[tuple[Field, ...]]:
    """As many as fit one form."""
    return [tuple(fields[at : at + size]) for at in range(0, len(fields), size)]
