"""What holds: every setting, its value, and where that is from. Secrets are masked."""

import json
from collections.abc import Iterator

from pydantic import BaseModel, SecretStr

from bot.settings.keys import KeyNames, Kind, given_keys, keys_of
from bot.settings.load import Loaded
from bot.settings.model import Settings
from bot.settings.secrets import MASK, parts_of
from bot.settings.toml_lines import BARE_KEY


def effective(loaded: Loaded) -> Iterator[str]:
    """Lines like the file's own, each with its origin. Below a free name, only what is given."""
    shown = ""
    for path, key in given_keys(Settings, loaded.settings):
        table = path[: -2 if key.kind is Kind.SECRETS else -1]
        origin = loaded.origins.get(path, "default")
        value = _value(loaded.settings, path)
        if (key.legacy and value is None) or (_is_below_a_free_name(table) and path not in loaded.origins):
            continue
        if (head := ".".join(table)) != shown:
            yield f"\n[{head}]" if shown else f"[{head}]"
            shown = head
        name = ".".join(map(_name, path[len(table) :]))
        yield loaded.redactor(f"{name} = {as_toml(value)}".ljust(48)) + f"  # {origin}"


def _value(settings: Settings, path: KeyNames) -> object:
    value: object = settings
    for name in path:
        value = parts_of(value)[name]
    return value


def _is_below_a_free_name(table: KeyNames) -> bool:
    """Whether a table is one of those that only the operator names."""
    keys = keys_of(Settings)
    for name in table:
        key = keys.get(name)
        if key is None or key.below is None:
            return True
        keys = {} if key.kind is Kind.SECTIONS else keys_of(key.below)
    return False


def _name(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else quoted(name)


def as_toml(value: object) -> str:
    """A value as the file would have it. TOML has no word for what is not set."""
    parts = {name: as_toml(part) for name, part in parts_of(value).items() if part is not None}
    match value:
        case None:
            text = "(not set)"
        case SecretStr():
            text = f'"{MASK}"'
        case tuple() | list():
            text = f"[{', '.join(parts.values())}]"
        case BaseModel() | dict():
            inner = ", ".join(f"{_name(name)} = {part}" for name, part in parts.items())
            text = f"{{ {inner} }}" if inner else "{}"
        case bool() | int() | float():
            text = json.dumps(value)
        case _:
            text = quoted(str(value))
    return text


def quoted(text: str) -> str:
    """Basic strings of TOML are those of JSON, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
