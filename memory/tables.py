"""Memory's tables: the archive of messages and the queue of what its indexes have yet to learn.

The full-text table is virtual and SQLite's own; `memory/full_text.py` speaks to it. Migrations: `storage/migrations`.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, MetaData, String, Table, Text

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
