"""From pydantic's errors to sentences that say what to write. No sentence repeats a value: it may be a secret."""

import json
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic_core import ErrorDetails

from bot.settings.base import PLACEHOLDER, Section
from bot.settings.keys import FILE, Key, Kind, all_keys, as_list, keys_of
from bot.settings.mcp import Mcp
from bot.settings.model import Settings
from bot.settings.toml_lines import KeyPath

WHAT = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a table of names and values",
    "finite_number": "must be a finite number",
    "too_short": "has too few entries",
    "too_long": "has too many entries",
    "string_too_short": "is too short",
    "string_pattern_mismatch": "may have letters, digits, _ and the pattern signs * ? [ ] only",
}
SECRET_KINDS = {Kind.SECRET, Kind.SECRETS}
SILENT = {"default_factory_not_called"}  # follows from an error that is told already


def sentence(error: ErrorDetails, path: KeyPath) -> str:
    """What is wrong at `path`, and what to write."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return unknown(path)
    if kind == "value_error":  # our own: whole sentences already
        return error["msg"].removeprefix("Value error, ")
    if kind in {"model_type", "model_attributes_type"}:
        return f"must be a table; write [{'.'.join(map(str, path))}] and its keys below it"
    what = WHAT.get(kind) or error["msg"].replace("Input should", "must").replace("String should", "must")
    key = key_at(path)
    if key is None:
        return what
    example = _example(key)
    return f"{what}; write it like {key.name} = {example}" if example else what


def missing(path: KeyPath, *, placeholder: bool) -> str:
    key = key_at(path)
    what = f"still has the placeholder {PLACEHOLDER}" if placeholder else "is missing"
    hint = f": {key.field.description}" if key and key.field.description else ""
    or_file = f" (or {key.name}{FILE}, the path of a file with it)" if key and key.kind in SECRET_KINDS else ""
    return f"{what}; write your own value{or_file}{hint}"


def unknown(path: KeyPath) -> str:
    """For a key that no model has: the nearest that there is, or the section where it belongs."""
    name = str(path[-1])
    model = model_at(path[:-1])
    keys = keys_of(model) if model else {}
    here = [*keys, *(f"{key.name}{FILE}" for key in keys.values() if key.kind in SECRET_KINDS)]
    kind = "section" if len(path) == 1 else "key"
    if name in {"mcpServers", "mcp_servers"}:
        return f"unknown {kind}; here each server is a table of its own: write [mcp.servers.NAME] and its keys below it"
    if other := next((key for key in keys.values() if name in as_list(key.extra.get("elsewhere"))), None):
        return f"unknown {kind}; here it is {other.name}: {other.field.description or 'a table of its own'}"
    if model is Mcp and name not in keys and not get_close_matches(name, here, 1, 0.8):
        return f"unknown {kind}; a server is written [mcp.servers.{name}]; known here: {', '.join(keys)}"
    elsewhere = [where for where, _ in _everywhere() if where[-1] == name]
    if elsewhere:
        return f"unknown {kind} here; it belongs into [{'.'.join(elsewhere[0][:-1])}]"
    if near := get_close_matches(name.lower(), here, 1, 0.6):
        return f"unknown {kind}; did you mean {near[0]}?"
    return f"unknown {kind}; known here: {', '.join(name for name in here if not name.endswith(FILE))}"


def _everywhere() -> Iterator[tuple[tuple[str, ...], Key]]:
    """All keys, those below a free name under the word NAME."""
    for path, key in all_keys(Settings):
        yield path, key
        if key.kind is Kind.SECTIONS and key.below:
            yield from (((*path, "NAME", *inner), part) for inner, part in all_keys(key.below))


def model_at(path: KeyPath) -> type[Section] | None:
    """The model of the table at `path`."""
    model: type[Section] = Settings
    free = False
    for name in path:
        if free:
            free = False
            continue
        key = keys_of(model).get(str(name))
        if key is None or key.below is None:
            return None
        model = key.below
        free = key.kind is not Kind.SECTION
    return model


def key_at(path: KeyPath) -> Key | None:
    """The key that `path` names, or within whose value it lies."""
    for end in range(len(path), 0, -1):
        model = model_at(path[: end - 1])
        if model is not None:
            return keys_of(model).get(str(path[end - 1]))
    return None


def _example(key: Key) -> str:
    """A right value in TOML; empty where only the operator knows one."""
    if key.kind is Kind.SECRET or key.required:
        return '"…"'
    match key.extra.get("example"):
        case str(example):
            return example
        case _:
            pass
    value = (key.field.examples or [key.extra.get("default", key.field.default)])[0]
    if isinstance(value, bool | int | float | str | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return ""
