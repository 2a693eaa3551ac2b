"""The bot's own tables: which mentions were taken and what became of them."""

from sqlalchemy import JSON, BigInteger, Column, DateTime, Index, MetaData, String, Table

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
