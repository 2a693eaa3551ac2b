"""Reads a world file and says everything that is wrong with it at once."""

import json
import tomllib
from pathlib import Path

from pydantic import ValidationError

from sandbox.building import build
from sandbox.world_file import World, WorldError

__all__ = ["World", "WorldError", "load_world"]


def load_world(path: str | Path) -> World:
    """Read a world file and check it whole. Raises `WorldError` with every problem found."""
    path = Path(path)
    try:
        world = World.model_validate({"base": path.parent, **_parsed(path)})
    except ValidationError as error:
        raise WorldError(
            [f"{path}: {_where(item['loc'])}: {_what(item['type'], item['msg'])}" for item in error.errors()]
        ) from None
    try:
        build(world)
    except WorldError as error:
        raise WorldError([f"{path}: {problem}" for problem in error.problems]) from None
    return world


def _parsed(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise WorldError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except UnicodeDecodeError:
        raise WorldError([f"{path}: is not UTF-8 text"]) from None
    try:
        found: object = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorldError([f"{path}: is not valid {'JSON' if path.suffix == '.json' else 'TOML'}: {error}"]) from None
    if not isinstance(found, dict):
        raise WorldError([f"{path}: must be an object with guilds, people and bots"])
    return {str(key): value for key, value in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _where(loc: tuple[int | str, ...]) -> str:
    """`guilds[0].channels[3].kind`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".") or "the file"


def _what(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "there is no such key here"
    if kind == "missing":
        return "is missing"
    return message.removeprefix("Value error, ")
