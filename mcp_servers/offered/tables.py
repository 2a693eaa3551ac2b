"""The table of tokens. Its migration is in `storage/migrations`."""

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table

from storage.columns import UtcDateTime

metadata = MetaData()

mcp_tokens = Table(
    "mcp_tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("name", String(50), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("scopes", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index("mcp_tokens_user", "user_id"),
)
