"""Messages that were found, read from the archive together with what was said around them in their channels."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    ScalarSelect,
    Text,
    bindparam,
    cast,
    func,
    select,
)

from chat.ids import ChannelId, MessageId, UserId, created_at
from memory.full_text import MAX_ID
from memory.rows import AttachmentRow, line_of
from memory.tables import messages

REACH = 5
"""How many messages on either side are read."""
PAUSE = timedelta(hours=1)
"""After so long a silence something new is being talked of."""


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
    """Lines in the order of their ids, and which of them belong to one talk."""

    lines: Sequence[Line]
    after: Mapping[MessageId, MessageId] = field(default_factory=dict[MessageId, MessageId])
    """What was said next in the channel, soon enough and without anything in between."""


def surroundings(connection: Connection, ids: Collection[MessageId]) -> Surroundings:
    """These messages, as far as they are still kept, `REACH` messages on either side of each, and what these answer."""
    lines: dict[MessageId, Line] = {}
    after: dict[MessageId, MessageId] = {}
    around, previous = None, MessageId(0)
    for found, *columns in connection.execute(_AROUND, {"ids": list(ids)}):
        line = Line._make(columns)
        if found == around and created_at(line.id) - created_at(previous) <= PAUSE:
            after[previous] = line.id
        around, previous = found, line.id
        lines[line.id] = line
    answered = {line.reply_to for line in lines.values() if line.reply_to} - lines.keys()
    if answered:
        for columns in connection.execute(_LINES, {"ids": list(answered)}):
            line = Line._make(columns)
            lines[line.id] = line
    return Surroundings([lines[id_] for id_ in sorted(lines)], after)


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


def _columns(table: FromClause) -> Sequence[ColumnElement[object]]:
    """Those of a `Line`."""
    return (
        *(table.c.id, table.c.channel_id, table.c.author_id, table.c.author_name, table.c.author_is_bot),
        *(table.c.text, table.c.reply_to),
        cast(table.c.attachments, Text),  # decoding an empty list a thousand times takes time
    )


def _around() -> Executable:
    """Each of the messages `ids` with each line that is near it, in order."""
    found, near = messages.alias("found"), messages.alias("near")
    spans = (
        select(
            found.c.id,
            found.c.channel_id,
            func.coalesce(_far(found, older=True), 0).label("first"),
            func.coalesce(_far(found, older=False), MAX_ID).label("last"),
        )
        .where(found.c.id.in_(bindparam("ids", expanding=True)))
        .cte("spans")
    )
    there = (near.c.channel_id == spans.c.channel_id) & near.c.id.between(spans.c.first, spans.c.last)
    return select(spans.c.id, *_columns(near)).join(near, there).order_by(spans.c.id, near.c.id)


# Putting a query together takes as long as asking it.
_AROUND = _around()
_LINES = select(*_columns(messages)).where(messages.c.id.in_(bindparam("ids", expanding=True)))
