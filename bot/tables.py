"""The bot's own tables: which mentions were taken and what became of them."""

from sqlalchemy import JSON, BigInteger, Column, DateTime, MetaData, String, Table

metadata = MetaData()

mentions = Table(
    "mentions",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False, index=True),
    Column("guild_id", BigInteger),
    Column("author_id", BigInteger, nullable=False),
    Column("outcome", String(16), index=True),
    Column("reply_ids", JSON, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
)
"""One row a mention; `outcome` is empty while the answer is owed."""
