"""The words of a question before an act: exactly what will happen, in plain sight."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
from pydantic import JsonValue

from bot.text.plain_sight import fenced, in_plain_sight, mixed_words, one_line
from tools.approval import ApprovalRequest, Decision
from tools.calls import Effect

QUOTABLE = 1000  # more than this is shown as a file, so that the question itself always fits
MOST_DETAILS = 300
MOST_TITLE = 60
MOST_NAMED = 3
FILE = "text.txt"

ENDS = {
    Decision.APPROVED: "✅ {who} agreed",
    Decision.REFUSED: "🚫 {who} said no",
    Decision.EXPIRED: "⌛ Nobody decided in time",
}


@dataclass(frozen=True, slots=True)
class Worded:
    """What is sent."""

    content: str
    file_text: str | None = None

    @property
    def files(self) -> Sequence[discord.File]:
        return [] if self.file_text is None else [discord.File(io.BytesIO(self.file_text.encode()), FILE)]


def question(request: ApprovalRequest, asker_id: int, until: datetime) -> Worded:
    details = _details(request)
    in_file = "\n\n".join(
        text for text, most in ((request.text, QUOTABLE), (details, MOST_DETAILS)) if len(in_plain_sight(text)) > most
    )
    where = f" in <#{request.channel.id}>" if request.channel else ""
    mark = "⚠️ " if request.effect is Effect.DESTRUCTIVE else ""
    act = f"{mark}**{one_line(request.title, MOST_TITLE)}**{where} (`{request.tool}`)"
    lines = [
        f"<@{asker_id}>, shall I? {request.reason}",
        f"{act}, until <t:{int(until.timestamp())}:T>:",
        _shown(request.text, QUOTABLE),
    ]
    if details:
        lines.append(_shown(details, MOST_DETAILS))
    if strange := mixed_words(f"{request.text}\n{details}"):
        lines.append(f"⚠️ Letters of two alphabets in one word: {fenced(', '.join(strange[:MOST_NAMED])[:200])}")
    return Worded("\n".join(lines), in_plain_sight(in_file) or None)


def closed(content: str, decision: Decision, who: str) -> str:
    """The question once it is answered; `content` is how it stood there."""
    _, _, what = content.partition("\n")
    return f"{ENDS[decision].format(who=who)}.\n{what}"


def _shown(text: str, most: int) -> str:
    if len(in_plain_sight(text)) <= most:
        return fenced(text)
    return f"(the attached file, {len(text)} characters)"


def _details(request: ApprovalRequest) -> str:
    return "\n".join(f"{name}: {_plain(value)}" for name, value in request.details.items())


def _plain(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
