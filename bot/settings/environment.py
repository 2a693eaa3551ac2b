"""Settings from the environment: `DIGMBOT_SECTION__KEY`."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from bot.settings.base import Section
from bot.settings.keys import FILE, KeyNames, Kind, Table, all_keys, is_table, keys_of
from bot.settings.layers import Layer
from bot.settings.model import Settings
from bot.settings.problems import Problem

PREFIX = "DIGMBOT_"
PATH_VARIABLE = "DIGMBOT_CONFIG"
OURS = {PATH_VARIABLE, "DIGMBOT_MCP_TOKEN"}
"""Variables of the program that are no settings."""
BOOLS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
NUMBERS = {"shard_ids"}  # lists of numbers; in a list of owners a long number is an id anyway


def variable_of(path: KeyNames) -> str:
    return PREFIX + "__".join(path).upper()


def environment_layer(environ: Mapping[str, str]) -> tuple[Layer, list[str]]:
    """What the environment sets, and warnings about variables that look like a slip. Empty variables are not set."""
    layer = Layer("environment", Path.cwd())
    warnings: list[str] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in OURS or not environ[name]:
            continue
        if "__" not in name:
            warnings.append(f"environment {_shown(name)}: is not a setting and not used{_suggestion(name)}")
        else:
            _take(layer, name, environ[name])
    return layer, warnings


def _take(layer: Layer, name: str, text: str) -> None:
    path = tuple(name.removeprefix(PREFIX).lower().split("__"))
    place = f"environment {_shown(name)}"
    kind = _kind(path)
    if kind is None:
        layer.problems.append(Problem(place, "", f"there is no such setting{_suggestion(name)}"))
        return
    if kind is Kind.SECRET:
        layer.secrets.add(text)
    key = ".".join(path)
    try:
        text.encode()
        value = _read(text, kind, path)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:
        layer.problems.append(Problem(place, key, "is not UTF-8 text; write it in UTF-8"))
    except (ValueError, RecursionError):
        example = '["a", "b"]' if kind is Kind.LIST else '{"name": "value"}'
        layer.problems.append(Problem(place, key, f"is not JSON; write it like {example}"))
    else:
        _put(layer.values, path, value)
        layer.variables[path] = name


def _kind(path: KeyNames) -> Kind | None:
    """What the variable of this path holds; None when there is no such setting."""
    return _kind_in(Settings, path) if all(path) else None


def _kind_in(model: type[Section], path: KeyNames) -> Kind | None:
    keys = keys_of(model)
    key = keys.get(path[0])
    if key is None:
        secret = keys.get(path[0].removesuffix(FILE))
        return Kind.TEXT if secret and secret.kind is Kind.SECRET and len(path) == 1 else None
    # How many names lead to the tables below: a section is one, a free name under it is another.
    deep = {Kind.SECTION: 1, Kind.SECTIONS: 2}.get(key.kind)
    if deep and key.below and len(path) > deep:
        return _kind_in(key.below, path[deep:])
    if len(path) == 1:
        return None if key.kind is Kind.SECTION else key.kind
    inside = {Kind.SECTIONS: Kind.TABLE, Kind.TABLE: Kind.TEXT}
    return inside.get(key.kind) if len(path) == 2 else None


def _read(text: str, kind: Kind, path: KeyNames) -> object:
    """The value as TOML would have it; text that is no such value is left for validation to name."""
    match kind:
        case Kind.BOOL:
            return BOOLS.get(text.strip().lower(), text)
        case Kind.INT:
            return int(text) if INTEGER.fullmatch(text.strip()) else text
        case Kind.FLOAT:
            return _number(text)
        case Kind.LIST if not text.lstrip().startswith("["):
            numbers = path[-1] in NUMBERS
            parts = [part.strip() for part in text.split(",")]
            return [int(part) if numbers and INTEGER.fullmatch(part) else part for part in parts if part]
        case Kind.LIST | Kind.TABLE | Kind.SECTIONS:
            return json.loads(text)
        case _:
            return text


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _put(values: Table, path: KeyNames, value: object) -> None:
    """Into nested tables. A table that another variable gave whole is added to."""
    table = values
    for name in path[:-1]:
        below = table.setdefault(name, {})
        if not is_table(below):
            return
        table = below
    table[path[-1]] = value


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)


def _suggestion(name: str) -> str:
    known = {variable_of(path): key for path, key in all_keys(Settings)}
    known |= {f"{variable}{FILE.upper()}": key for variable, key in known.items() if key.kind is Kind.SECRET}
    for variable in known:
        if name.startswith(f"{variable}__"):
            return f"; write all of it as JSON into {variable}"
    near = get_close_matches(name.replace("__", "_"), plain := {v.replace("__", "_"): v for v in known}, 1, 0.75)
    ends = [variable for variable in known if variable.endswith("__" + name.removeprefix(PREFIX).split("__")[-1])]
    best = plain[near[0]] if near else ends[0] if ends else None
    return f"; did you mean {best}?" if best else "; `digmbot config show` lists what there is"
