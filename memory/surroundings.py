"""Messages that were found, read from the archive together with what was said around them in their channels."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Connection, Executable, FromClause, ScalarSelect, Text, cast, func, select

from chat.ids import ChannelId, MessageId, UserId
from memory.batches import batches
from memory.full_text import MAX_ID
from memory.rows import AttachmentRow, line_of
from memory.tables import messages

REACH = 3
"""How many messages on either side are read."""

_COLUMNS = (
    *(messages.c.id, messages.c.channel_id, messages.c.author_id, messages.c.author_name, messages.c.author_is_bot),
    *(messages.c.text, messages.c.reply_to),
    cast(messages.c.attachments, Text).label("files"),  # decoding an empty list a thousand times takes time
)


class Line(NamedTuple):
    """One message as the ranking sees it. A tuple, for a recall makes a thousand of them."""

    id: MessageId
    channel: ChannelId
    author: UserId
    author_name: str
    is_bot: bool
    text: str
    reply_to: MessageId | None
    files: str
    """The attachments as the archive writes them: JSON."""

    @property
    def told(self) -> str:
        """Who said it, what, and with which files: what the indexes read, too."""
        attachments: list[AttachmentRow] = [] if self.files == "[]" else json.loads(self.files)
        return line_of(self.author_name, self.text, attachments)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Lines in the order of their ids, and which of them follow each other without anything in between."""

    lines: Sequence[Line]
    after: Mapping[MessageId, MessageId] = field(default_factory=dict[MessageId, MessageId])


def surroundings(connection: Connection, ids: Collection[MessageId]) -> Surroundings:
    """These messages, as far as they are still kept, and `REACH` messages on either side of each."""
    pairs = [(int(row["found"]), MessageId(row["near"])) for row in connection.execute(_near(ids)).mappings()]
    after: dict[MessageId, MessageId] = {}
    for (found, one), (still, next_) in pairwise(pairs):
        if found == still:
            after[one] = next_
    lines: list[Line] = []
    for some in batches(sorted({near for _, near in pairs})):
        query = select(*_COLUMNS).where(messages.c.id.in_(some)).order_by(messages.c.id)
        lines += map(Line._make, connection.execute(query))
    return Surroundings(lines, after)


def _near(ids: Collection[MessageId]) -> Executable:
    """Each of the ids with each that is near it, in order: the index of the channels answers it alone."""
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
    there = (near.c.channel_id == spans.c.channel_id) & near.c.id.between(spans.c.first, spans.c.last)
    return select(spans.c.id.label("found"), near.c.id.label("near")).join(near, there).order_by(spans.c.id, near.c.id)


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
