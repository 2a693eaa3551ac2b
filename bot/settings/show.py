"""What holds: every setting, its value, and where that is from. Secrets are masked."""

import json
from collections.abc import Iterator

from pydantic import BaseModel, SecretStr

from bot.settings.keys import all_keys
from bot.settings.load import Loaded
from bot.settings.model import Settings
from bot.settings.secrets import MASK, parts_of
from bot.settings.toml_lines import BARE_KEY


def effective(loaded: Loaded) -> Iterator[str]:
    """Lines like the file's own, each with its origin."""
    section = ""
    for path, key in all_keys(Settings):
        if path[0] != section:
            section = path[0]
            yield f"\n[{section}]" if section != "general" else f"[{section}]"
        value: object = loaded.settings
        for name in path:  # through the sections
            value = parts_of(value)[name]
        origin = loaded.origins.get(path, "default")
        if not (key.legacy and value is None):
            yield loaded.redactor(f"{'.'.join(path[1:])} = {as_toml(value)}".ljust(48)) + f"  # {origin}"


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
            inner = ", ".join(
                f"{name if BARE_KEY.fullmatch(name) else quoted(name)} = {part}" for name, part in parts.items()
            )
            text = f"{{ {inner} }}" if inner else "{}"
        case bool() | int() | float():
            text = json.dumps(value)
        case _:
            text = quoted(str(value))
    return text


def quoted(text: str) -> str:
    """Basic strings of TOML are those of JSON, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
