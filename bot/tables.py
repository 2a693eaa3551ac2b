"""The bot's own tables: which mentions were taken and what became of them; what plugins keep."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Index, MetaData, String, Table, Text

from storage.columns import ROW_ID

metadata = MetaData()

mentions = Table(
    "mentions",
    metadata,
    Column("message_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("author_id", BigInteger, nullable=False),
    Column("outcome", String(16)),
    Column("reply_ids", JSON, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Index("mentions_outcome", "outcome"),
    Index("mentions_guild", "guild_id"),
)
"""One row a mention; `outcome` is empty while the answer is owed."""

plugin_state = Table(
    "plugin_state",
    metadata,
    Column("plugin", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("value", Text, nullable=False),
    Column("person_id", BigInteger),
    Index("plugin_state_person", "person_id"),
)
"""`value` is JSON; `person_id` says whose data it is, where it is somebody's."""

plugin_health = Table(
    "plugin_health",
    metadata,
    Column("plugin", String(64), primary_key=True),
    Column("problem", String(500), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""What was last wrong with a plugin since the bot was started; a whole plugin has no row."""
