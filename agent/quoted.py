"""Messages and memories as lines of a prompt."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.budget import cut
from agent.prompt_input import KnownFact, RecalledLine
from agent.quoting import Kind, line, plain_name
from agent.tokens import count_text
from chat.messages import Message


def cost(quoted: str) -> int:
    """Tokens of a line and the line break after it."""
    return count_text(f"{quoted}\n")


def quoted_message(kind: Kind, message: Message, zone: ZoneInfo, *, room: int) -> str | None:
    """The message as one line of at most `room` tokens, its text cut with a note; None when it is hopeless."""

    def quoted(text: str) -> str:
        return line(
            kind,
            id=str(message.id),
            from_=plain_name(message.author.name),
            from_id=str(message.author.id),
            at=minute(message.created_at, zone),
            reply_to=str(message.reply_to) if message.reply_to else None,
            text=text,
            link=message.link if kind is Kind.REPLIED_TO else None,
        )

    text = cut(message.text, lambda each: cost(quoted(each)), room)
    return None if text is None else quoted(text)


def quoted_recall(recalled: RecalledLine, zone: ZoneInfo, *, room: int) -> str | None:
    """One line of at most `room` tokens, its text cut with a note; None when it is hopeless."""

    def quoted(text: str) -> str:
        return line(
            Kind.MEMORY,
            from_=plain_name(recalled.author.name),
            from_id=str(recalled.author.id),
            at=minute(recalled.at, zone),
            channel=plain_name(recalled.channel),
            text=text,
            link=recalled.link,
        )

    text = cut(recalled.text, lambda each: cost(quoted(each)), room)
    return None if text is None else quoted(text)


def quoted_facts(facts: Sequence[KnownFact], *, room: int) -> list[str]:
    """As many as fit, in their order; the newest stay."""
    kept: list[str] = []
    for fact in reversed(facts):
        quoted = line(Kind.FACT, about=fact.about, text=fact.text)
        if cost(quoted) > room:
            break
        kept.append(quoted)
        room -= cost(quoted)
    return kept[::-1]


def minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
