"""Messages that were found, read from the archive together with what was said around them in their channels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from sqlalchemy import Connection, FromClause, RowMapping, ScalarSelect, func, select

from chat.ids import ChannelId, MessageId, UserId, created_at
from memory.full_text import MAX_ID
from memory.rows import line_of
from memory.tables import messages
from memory.words import terms

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
REACH = 4
"""How many messages on either side are read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the ranking sees it."""

    id: MessageId
    channel: ChannelId
    author: UserId
    author_name: str
    is_bot: bool
    text: str
    reply_to: MessageId | None
    terms: Sequence[str]
    """Of author and text, as `memory.words.terms` gives them."""
    date: Sequence[str]
    """Year, month and day of the month in words that a question may have."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Lines in the order of their ids, and which of them follow each other without anything in between."""

    lines: Sequence[Line]
    after: Mapping[MessageId, MessageId] = field(default_factory=dict[MessageId, MessageId])


def surroundings(connection: Connection, ids: Collection[MessageId]) -> Surroundings:
    """These messages, as far as they are still kept, and `REACH` messages on either side of each."""
    found = messages.alias("found")
    spans = (
        select(
            found.c.id,
            found.c.channel_id,
            func.coalesce(_far(found, older=True), 0).label("first"),
            func.coalesce(_far(found, older=False), MAX_ID).label("last"),
        )
        .where(found.c.id.in_(ids))
        .cte("spans")
    )
    near = messages.alias("near")
    columns = near.c.id, near.c.channel_id, near.c.author_id, near.c.author_name, near.c.author_is_bot
    query = (
        select(spans.c.id.label("found"), *columns, near.c.text, near.c.attachments, near.c.reply_to)
        .join(near, (near.c.channel_id == spans.c.channel_id) & near.c.id.between(spans.c.first, spans.c.last))
        .order_by(spans.c.id, near.c.id)
    )
    lines: dict[MessageId, Line] = {}
    after: dict[MessageId, MessageId] = {}
    for _, group in groupby(connection.execute(query).mappings(), key=_found):
        rows = list(group)
        for row in rows:
            if row["id"] not in lines:
                lines[row["id"]] = _line(row)
        after |= {MessageId(one["id"]): MessageId(next_["id"]) for one, next_ in pairwise(rows)}
    return Surroundings(sorted(lines.values(), key=lambda each: each.id), after)


def _found(row: RowMapping) -> int:
    return row["found"]


def _far(found: FromClause, *, older: bool) -> ScalarSelect[int]:
    """The message that is `REACH` away, if there are so many."""
    near = messages.alias("older" if older else "newer")
    beyond = near.c.id < found.c.id if older else near.c.id > found.c.id
    order = near.c.id.desc() if older else near.c.id
    return (
        select(near.c.id)
        .where(near.c.channel_id == found.c.channel_id, beyond)
        .order_by(order)
        .offset(REACH - 1)
        .limit(1)
        .scalar_subquery()
    )


def _line(row: RowMapping) -> Line:
    day = created_at(row["id"])
    return Line(
        id=MessageId(row["id"]),
        channel=ChannelId(row["channel_id"]),
        author=UserId(row["author_id"]),
        author_name=row["author_name"],
        is_bot=row["author_is_bot"],
        text=row["text"],
        reply_to=None if row["reply_to"] is None else MessageId(row["reply_to"]),
        terms=terms(line_of(row["author_name"], row["text"], row["attachments"])),
        date=(str(day.year), *terms(MONTHS[day.month - 1]), str(day.day)),
    )
