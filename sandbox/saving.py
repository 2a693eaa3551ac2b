"""The state file: everything the sandbox holds as one JSON document, replaced whole."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sandbox.media import Files, StoredFile
from sandbox.models import Contents
from sandbox.state import State
from sandbox.world_file import WorldError


@dataclass(slots=True)
class _File:
    content: str
    content_type: str


@dataclass(slots=True)
class _Saved:
    contents: Contents
    files: dict[int, _File] = field(default_factory=dict[int, _File])
    version: int = 1


_ADAPTER = TypeAdapter(_Saved)


def save_state(state: State, path: Path) -> None:
    files = {
        number: _File(b64encode(stored.content).decode(), stored.content_type)
        for number, stored in state.files.stored.items()
    }
    written = path.with_name(path.name + ".new")
    written.write_bytes(_ADAPTER.dump_json(_Saved(state.contents, files)))
    written.replace(path)


def load_state(path: Path, clock: Callable[[], datetime]) -> State:
    """Raises `WorldError` for a file that is none of ours."""
    try:
        saved = _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise WorldError(
            [f"{path}: is no state file of the sandbox ({first['msg']}); remove it to begin anew"]
        ) from None
    except OSError as error:
        raise WorldError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    stored = {number: StoredFile(b64decode(one.content), one.content_type) for number, one in saved.files.items()}
    return State(contents=saved.contents, files=Files(stored), clock=clock)
