"""What a model wrote as arguments, read tolerantly, checked strictly, and told in words where it is wrong."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from tools.calls import ToolError

_JSON = TypeAdapter[JsonValue](JsonValue)
_NO_TITLE_BELOW = {"properties", "$defs"}  # there a key called "title" is somebody's own name


def read_arguments(text: str) -> dict[str, JsonValue]:
    """The arguments as an object: nothing and `null` mean none, JSON inside a JSON string is unwrapped once.

    Raises ToolError when it is no JSON object. Of a key that stands twice the last one counts.
    """
    value = _parse(text) if text.strip() else None
    if isinstance(value, str):
        value = _parse(value) if value.strip() else None
    match value:
        case None:
            return {}
        case dict():
            return value
        case _:
            raise ToolError('The arguments must be one JSON object, such as {} or {"name": "value"}.')


def check_arguments(model: type[BaseModel], given: Mapping[str, JsonValue]) -> dict[str, object]:
    """The values to call with. `null` for something optional means that it was left out.

    Raises ToolError, naming every argument that is wrong and why.
    """
    present = {name: value for name, value in given.items() if value is not None or _is_required(model, name)}
    try:
        return dict(model.model_validate(present))
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
        unwrapped = {name: _unwrap(value) if name in wrong else value for name, value in present.items()}
        if unwrapped == present:
            raise ToolError(_explain(model, error)) from None
    try:
        return dict(model.model_validate(unwrapped))
    except ValidationError as error:
        raise ToolError(_explain(model, error)) from None


def clean_schema(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """For function calling: no `title` noise; what may be left out is not also said to be nullable."""
    return {key: _clean(key, value) for key, value in schema.items() if key != "title"}


def schema_of(model: type[BaseModel]) -> dict[str, JsonValue]:
    schema = _JSON.validate_python(model.model_json_schema())
    match schema:
        case dict():
            cleaned = clean_schema(schema)
            cleaned.setdefault("properties", {})
            return cleaned
        case _:
            raise TypeError(f"{model.__name__} has no object schema")


def _clean(key: str, value: JsonValue) -> JsonValue:
    match value:
        case dict() if key in _NO_TITLE_BELOW:
            return {name: _clean("", inner) for name, inner in value.items()}
        case dict():
            return _without_null(clean_schema(value))
        case list():
            return [_clean("", item) for item in value]
        case _:
            return value


def _without_null(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    match schema:
        case {"anyOf": [dict() as only, {"type": "null"}], "default": None, **rest}:
            return {**only, **rest}
        case {"default": None, **rest}:
            return rest
        case _:
            return schema


def _parse(text: str) -> JsonValue:
    try:
        return _JSON.validate_python(json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):  # ValidationError is a ValueError
        raise ToolError("The arguments are not valid JSON; write one JSON object.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _unwrap(value: JsonValue) -> JsonValue:
    """A list, number or object that was written as JSON text; anything else stays."""
    if not isinstance(value, str):
        return value
    try:
        return _parse(value)
    except ToolError:
        return value


def _is_required(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is None or field.is_required()


def _explain(model: type[BaseModel], error: ValidationError) -> str:
    problems = "; ".join(_problem(detail) for detail in error.errors(include_url=False)[:10])
    known = ", ".join(model.model_fields) or "none"
    return f"The arguments are not right: {problems}. The arguments of this tool: {known}."


def _problem(detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"])[:100] or "arguments"
    match detail["type"]:
        case "missing":
            return f"`{where}` is missing"
        case "extra_forbidden":
            return f"`{where}` is not an argument"
        case _:
            message = detail["msg"]
            return f"`{where}`: {message[:1].lower()}{message[1:]}"
