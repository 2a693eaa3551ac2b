"""A tool's schema of arguments, made fit for function calling: a bounded object, complete in itself."""

import json
from collections.abc import Mapping

from pydantic import JsonValue, TypeAdapter, ValidationError

MOST_BYTES = 40_000
DEEPEST = 16
LONGEST_DESCRIPTION = 1000
_NOISE = {"$schema", "$id", "$comment", "title", "examples"}
# Whose keys are names that the server chose, not words of JSON Schema.
_NAMED = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependentRequired"}
# Whose values are data, not schemas.
_DATA = {"const", "enum", "default", "required", "type"}
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def cleaned_schema(raw: Mapping[str, object]) -> Mapping[str, JsonValue] | None:
    """None when it is too large even without its descriptions."""
    try:
        schema = _OBJECT.validate_python(dict(raw))
    except (ValidationError, RecursionError):
        return None
    for keep_descriptions in (True, False):
        cleaned = _schema(schema, DEEPEST, keep_descriptions=keep_descriptions)
        made: dict[str, JsonValue] = cleaned if isinstance(cleaned, dict) else {}
        properties = made.get("properties")
        made = {**made, "type": "object", "properties": properties if isinstance(properties, dict) else {}}
        if len(json.dumps(made)) <= MOST_BYTES:
            return made
    return None


def _schema(value: JsonValue, depth: int, *, keep_descriptions: bool) -> JsonValue:
    """A schema, or what stands where a schema may: true, false, or a list of them."""
    if depth == 0:
        return {}
    if isinstance(value, list):
        return [_schema(each, depth - 1, keep_descriptions=keep_descriptions) for each in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, JsonValue] = {}
    for key, inner in value.items():
        if key in _NOISE or key.startswith("x-") or _is_elsewhere(key, inner):
            continue
        if key == "description":
            if keep_descriptions and isinstance(inner, str):
                made[key] = inner[:LONGEST_DESCRIPTION]
        elif key in _DATA:
            made[key] = inner
        elif key in _NAMED and isinstance(inner, dict):
            made[key] = {
                name: _schema(each, depth - 1, keep_descriptions=keep_descriptions) for name, each in inner.items()
            }
        else:
            made[key] = _schema(inner, depth - 1, keep_descriptions=keep_descriptions)
    return made


def _is_elsewhere(key: str, value: JsonValue) -> bool:
    """A reference that somebody would have to fetch."""
    return key in {"$ref", "$dynamicRef"} and not (isinstance(value, str) and value.startswith("#"))
