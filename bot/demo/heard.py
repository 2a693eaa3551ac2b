"""What the scripted demo model takes out of a prompt: the request, the moment, and what its tools have answered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

NOW = "%A %Y-%m-%d %H:%M"  # as the prompt's `context` line writes it


@dataclass(frozen=True, slots=True)
class Heard:
    """One request, as far as a script understands it."""

    request: str
    now: datetime | None = None
    """Local time of the asker, to the minute."""
    replied_to: str | None = None
    """The id of the message that the request answers."""
    bot: str = ""
    """What the bot is called."""
    results: tuple[tuple[str, str], ...] = ()
    """(tool, result) pairs of this run so far."""


class _Line(BaseModel):
    """What may stand in a line of the prompt; each kind of line has some of it."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = None
    text: str = ""
    now: str = ""


def hear(prompt: str, *, system: str = "", results: Sequence[tuple[str, str]] = ()) -> Heard:
    """The prompt's lines are a word and a JSON object each; a text without any is a request itself."""
    named = re.search(r"^- You are (.+) on Discord \(", system, re.MULTILINE)
    lines = {word: line for word, line in map(_parsed, prompt.splitlines()) if line is not None}
    if "request" not in lines:
        return Heard(prompt.strip(), results=tuple(results))
    context, replied_to = lines.get("context"), lines.get("replied_to")
    return Heard(
        lines["request"].text.strip(),
        now=_moment(context.now) if context else None,
        replied_to=replied_to.id if replied_to else None,
        bot=named[1] if named else "",
        results=tuple(results),
    )


def _parsed(line: str) -> tuple[str, _Line | None]:
    word, _, rest = line.partition(" ")
    try:
        return word, _Line.model_validate_json(rest) if rest.startswith("{") else None
    except ValidationError:
        return word, None


def _moment(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, NOW)  # noqa: DTZ007 - local time of a zone that only the tools need to know
    except ValueError:
        return None
