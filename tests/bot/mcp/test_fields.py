"""What is typed into a form becomes what the server's schema asks for, or a sentence that says why not."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.mcp.fields import Field, WrongAnswerError, read_fields, read_value


def field(schema: dict[str, JsonValue], *, required: bool = True) -> Field:
    given: dict[str, JsonValue] = {"type": "object", "properties": {"it": schema}}
    return read_fields({**given, "required": ["it"] if required else []})[0]


MANY: list[JsonValue] = [f"town {number}" for number in range(30)]
RIGHT: list[tuple[dict[str, JsonValue], tuple[str, ...], JsonValue]] = [
    ({"type": "string"}, (" tea ",), "tea"),
    ({"type": "string", "format": "email"}, ("a@b.example",), "a@b.example"),
    ({"type": "string", "format": "uri"}, ("https://a.example/x",), "https://a.example/x"),
    ({"type": "string", "format": "date"}, ("2026-02-28",), "2026-02-28"),
    ({"type": "string", "format": "date-time"}, ("2026-02-28T12:00:00Z",), "2026-02-28T12:00:00Z"),
    ({"type": "integer"}, ("-3",), -3),
    ({"type": "number"}, ("2,5",), 2.5),
    ({"type": "boolean"}, ("no",), False),
    ({"type": "string", "enum": ["a", "b"], "enumNames": ["First", "Second"]}, ("b",), "b"),
    ({"type": "string", "oneOf": [{"const": "x", "title": "The X"}]}, ("x",), "x"),
    ({"type": "string", "enum": MANY}, ("town 29",), "town 29"),
    ({"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}}, ("c", "a"), ["c", "a"]),
    ({"type": "array", "items": {"type": "string", "enum": MANY}}, ("town 1, town 2",), ["town 1", "town 2"]),
]
WRONG: list[tuple[dict[str, JsonValue], tuple[str, ...], str]] = [
    ({"type": "string"}, ("  ",), "it is needed"),
    ({"type": "string", "minLength": 3}, ("ab",), "at least 3 characters"),
    ({"type": "string", "minLength": 1, "maxLength": 3}, ("abcd",), "1 to 3 characters"),
    ({"type": "string", "format": "email"}, ("me at home",), "an e-mail address"),
    ({"type": "string", "format": "uri"}, ("not one",), "a whole address"),
    ({"type": "string", "format": "date"}, ("2026-02-30",), "a date"),
    ({"type": "string", "format": "date"}, ("20260228",), "a date"),
    ({"type": "string", "format": "date-time"}, ("2026-02-28T12:00:00",), "with a zone"),
    ({"type": "integer"}, ("2.5",), "a whole number"),
    ({"type": "integer", "minimum": 1, "maximum": 9}, ("10",), "1 to 9"),
    ({"type": "number"}, ("nan",), "a number"),
    ({"type": "number"}, ("inf",), "a number"),
    ({"type": "number", "maximum": 3}, ("4",), "at most 3"),
    ({"type": "string", "enum": ["a", "b"]}, ("c",), "one of a, b"),
    ({"type": "string", "enum": MANY}, ("town 99",), "one of town 0, .* …"),
    ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 2}, ("a",), "at least 2 choices"),
]


@pytest.mark.parametrize(("schema", "raw", "value"), RIGHT)
def test_what_fits_is_taken(schema: dict[str, JsonValue], raw: tuple[str, ...], value: JsonValue) -> None:
    assert read_value(field(schema), raw) == value
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(("schema", "raw", "why"), WRONG)
def test_what_does_not_fit_is_explained(schema: dict[str, JsonValue], raw: tuple[str, ...], why: str) -> None:
    with pytest.raises(WrongAnswerError, match=why):
        read_value(field(schema), raw)


def test_what_is_not_needed_may_be_empty() -> None:
    assert read_value(field({"type": "integer"}, required=False), ("",)) is None


SCHEMAS: list[dict[str, JsonValue]] = [schema for schema, _, _ in RIGHT]


@given(st.sampled_from(SCHEMAS), st.text(max_size=30))
def test_whatever_is_typed_either_fits_the_schema_or_is_refused(schema: dict[str, JsonValue], typed: str) -> None:
    try:
        value = read_value(field(schema), (typed,))
    except WrongAnswerError:
        return
    jsonschema.validate(value, schema)  # pyright: ignore[reportUnknownMemberType]
