"""Memory's tables: the archive of messages and the queue of what its indexes have yet to learn.

The full-text table is virtual and SQLite's own; `memory/full_text.py` speaks to it. Migrations: `storage/migrations`.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from storage.columns import ROW_ID, UtcDateTime

metadata = MetaData()

messages = Table(
    "messages",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("author_is_bot", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("reply_to", BigInteger),
    Column("attachments", JSON, nullable=False),
    Index("messages_channel", "channel_id", "id"),
    Index("messages_guild", "guild_id", "channel_id"),
)

index_queue = Table(
    "index_queue",
    metadata,
    Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    Column("scope", String(24), nullable=False),
    Column("message_id", BigInteger),
)
"""What changed in the archive and is not yet in the vectors. It says which message, not how: the archive is the truth,
so a message that is there is embedded and one that is not is dropped. Without a message id the whole scope is gone."""

full_text_purge = Table(
    "full_text_purge",
    metadata,
    Column("seq", ROW_ID, primary_key=True, autoincrement=True),
)
"""A row for each erasure whose words may still stand in the full-text index's older segments."""

memory_channels = Table(
    "memory_channels",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger),
    Column("parent_id", BigInteger),
    Column("walk_top", BigInteger),
    Column("walk_reached", BigInteger),
    Column("walk_started_at", UtcDateTime),
    Column("walk_finished_at", UtcDateTime),
    Column("complete", Boolean, nullable=False),
    Index("memory_channels_guild", "guild_id"),
    Index("memory_channels_parent", "parent_id"),
)
"""Channels and threads of which something is (or shall be) kept, and how far the walk through their history has come:
from `walk_top`, newest first, down to `walk_reached`. `complete`: a walk has once seen the very beginning."""

memory_rules = Table(
    "memory_rules",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("archived", Boolean),
    Column("retention_days", Integer),
    Column("set_by", BigInteger, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
"""What the admins of a server said of it (`channel_id` 0), a channel or a category; NULL is "as the wider says"."""

facts = Table(
    "facts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),
    Column("author_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("message_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Index("facts_guild", "guild_id", "person_id"),
    Index("facts_person", "person_id"),
)
"""Things kept on purpose: about a person, or (`person_id` NULL) a server. `channel_id` is where it was told, which says
who may hear it again."""

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("person_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("since", UtcDateTime, nullable=False),
)
"""People of whom nothing is stored."""

forgotten = Table(
    "forgotten",
    metadata,
    Column("person_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("until", UtcDateTime, nullable=False),
)
"""People who had themselves forgotten: what they had said until then stands on Discord, and is not read again."""
