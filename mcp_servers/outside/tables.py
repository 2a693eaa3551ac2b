"""The table of sign-ins. Its migration is in `storage/migrations`."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, Text

from storage.columns import UtcDateTime

metadata = MetaData()

mcp_credentials = Table(
    "mcp_credentials",
    metadata,
    Column("server", String(32), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("resource", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("mcp_credentials_person", "person_id"),
)
"""`person_id` 0 is the bot's own. `resource` is the URL that it was signed in for; what is `sealed` names all three
again, so that a row that was moved opens nothing."""
