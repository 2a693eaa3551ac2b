"""Settings from the environment: `DIGMBOT_SECTION__KEY`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from bot.settings.base import Section
from bot.settings.keys import FILE, Key, KeyNames, Kind, Table, all_keys, as_table, is_table, keys_of
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


def environment_layer(environ: Mapping[str, str], file: Table) -> tuple[Layer, list[str]]:
    """What the environment sets, and warnings about variables that look like a slip. Empty variables are not set.

    A free name is the one of the `file` that it can stand for: no shell takes `my-server` or `X-Key` in a variable.
    """
    layer = Layer("environment", Path.cwd())
    warnings: list[str] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in OURS or not environ[name]:
            continue
        if "__" not in name:
            warnings.append(f"environment {_shown(name)}: is not a setting and not used{_suggestion(name)}")
        else:
            _take(layer, name, environ[name], file)
    return layer, warnings


def _take(layer: Layer, name: str, text: str, file: Table) -> None:
    names = name.removeprefix(PREFIX).split("__")
    place = f"environment {_shown(name)}"
    found = _resolved(Settings, names, file) if all(names) else None
    if found is None:
        layer.problems.append(Problem(place, "", f"there is no such setting{_suggestion(name)}"))
        return
    path, kind = found
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


Found = tuple[KeyNames, Kind] | None


def _resolved(model: type[Section], names: Sequence[str], file: Table) -> Found:
    """The key that a variable's `names` lead to and what it holds; None when there is no such setting."""
    name, rest = names[0].lower(), names[1:]
    key, known = keys_of(model).get(name), as_table(file.get(name))
    found: Found = None
    match key.kind if key else None, rest:
        case None, _:
            found = _secret_in_a_file(model, name, rest, file)
        case Kind.SECTIONS, [free, *inner]:
            free = _known(free.lower(), known)
            below = _resolved(key.below, inner, as_table(known.get(free))) if key and key.below and inner else None
            found = _below((name, free), below) if inner else ((name, free), Kind.TABLE)
        case Kind.SECTION, [_, *_] if key and key.below:
            found = _below((name,), _resolved(key.below, rest, known))
        case Kind.SECRETS, [_, *_] if key:
            found = (name, _free("__".join(rest), key, file)), Kind.SECRET
        case Kind.TABLE, [free]:
            found = (name, free.lower()), Kind.TEXT
        case Kind() as kind, [] if kind is not Kind.SECTION:
            found = (name,), kind
        case _:
            pass
    return found


def _secret_in_a_file(model: type[Section], name: str, rest: Sequence[str], file: Table) -> Found:
    key = keys_of(model).get(name.removesuffix(FILE))
    match key.kind if key else None, rest:
        case Kind.SECRET, []:
            return (name,), Kind.TEXT
        case Kind.SECRETS, []:
            return (name,), Kind.TABLE
        case Kind.SECRETS, _ if key:
            return (name, _free("__".join(rest), key, file)), Kind.TEXT
        case _:
            return None


def _below(above: KeyNames, found: Found) -> Found:
    return found and ((*above, *found[0]), found[1])


def _free(written: str, key: Key, file: Table) -> str:
    """The name within a table of secrets: of headers, case does not matter and none has a `_`."""
    fresh = written.lower().replace("_", "-") if key.extra.get("names") == "headers" else written
    return _known(written, {**as_table(file.get(key.name)), **as_table(file.get(f"{key.name}{FILE}"))}, fresh)


def _known(written: str, known: Table, fresh: str | None = None) -> str:
    """The name in the file that is written so in a variable; `fresh`, or as it is, when there is none."""
    fold = {name.lower().replace("-", "_"): name for name in reversed(list(known))}
    return written if written in known else fold.get(written.lower(), fresh or written)


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
        case Kind.LIST | Kind.TABLE | Kind.SECRETS | Kind.SECTIONS:
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
    known = dict(_variables(name))
    known |= {f"{variable}{FILE.upper()}": key for variable, key in known.items() if key.kind is Kind.SECRET}
    for variable in known:
        if name.startswith(f"{variable}__"):
            return f"; write all of it as JSON into {variable}"
    near = get_close_matches(name.replace("__", "_"), plain := {v.replace("__", "_"): v for v in known}, 1, 0.75)
    ends = [variable for variable in known if variable.endswith("__" + name.removeprefix(PREFIX).split("__")[-1])]
    best = plain[near[0]] if near else ends[0] if ends else None
    return f"; did you mean {best}?" if best else "; `digmbot config show` lists what there is"


def _variables(name: str) -> Iterator[tuple[str, Key]]:
    """All there are; of sections under free names, those of the one that `name` speaks of."""
    for path, key in all_keys(Settings):
        variable = variable_of(path)
        free = name.removeprefix(f"{variable}__").partition("__")[0]
        if key.kind is Kind.SECTIONS and key.below and free and name.startswith(f"{variable}__"):
            yield from ((variable_of((*path, free, *inner)), part) for inner, part in all_keys(key.below))
        else:
            yield variable, key
