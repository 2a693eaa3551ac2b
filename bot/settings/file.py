"""Reading the TOML file: whatever is the matter with it becomes one sentence."""

import os
import re
import stat
import tomllib
from pathlib import Path

from bot.settings.layers import Layer
from bot.settings.problems import Problem
from bot.settings.toml_lines import key_lines

WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
DOUBLE = re.compile(r"Cannot (overwrite|declare|mutate|redefine)|Duplicate|twice|already", re.IGNORECASE)


def file_layer(path: Path, *, required: bool) -> Layer | None:
    """What the file says. None when it is absent and nobody named it."""
    layer = Layer(str(path), Path(os.path.abspath(path)).parent)  # noqa: PTH100  `resolve` would follow links
    try:
        if path.is_dir():
            return _broken(layer, "is a directory; name the file in it")
        with path.open("rb") as file:
            content = file.read()
            mode = os.fstat(file.fileno()).st_mode
    except FileNotFoundError:
        text = "there is no such file; `digmbot config init` writes one"
        return _broken(layer, text) if required else None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = error.strerror if isinstance(error, OSError) else "its name is not valid"
        return _broken(layer, f"cannot be read ({reason}); check its path and rights")
    layer.readable_by_others = os.name == "posix" and stat.S_ISREG(mode) and bool(mode & 0o077)
    return _parse(layer, content)


def _parse(layer: Layer, content: bytes) -> Layer:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _broken(layer, "is not UTF-8 text; save it as UTF-8", line)
    try:
        layer.values = tomllib.loads(text)
        layer.lines = key_lines(text)
    except RecursionError:
        return _broken(layer, "tables or lists are nested too deeply")
    except ValueError as error:
        return _broken(layer, *_syntax(str(error), text))
    return layer


def _syntax(message: str, text: str) -> tuple[str, int]:
    """A sentence and a line. The parser's own words go no further than is known to hold no value."""
    where = WHERE.search(message)
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    column = f" at column {where[2]}" if where and where[2] else ""
    if DOUBLE.search(message):
        return "the same key or table is given twice; remove one of them", line
    if "Invalid value" in message:
        return f'is not valid TOML{column}: no value can be read here; text needs quotes, like name = "text"', line
    if "=" in message:
        return f"is not valid TOML{column}: a line must be name = value, a [section], or a # comment", line
    if where is None:  # a number with thousands of digits
        return "has a number that is too long", 1
    return f"is not valid TOML{column}; look for a missing quote, bracket or line end", line


def _broken(layer: Layer, text: str, line: int | None = None) -> Layer:
    place = f"{layer.name}:{line}" if line else layer.name
    layer.problems.append(Problem(place, "", text))
    layer.broken = True
    return layer
