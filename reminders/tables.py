"""The tables of reminders. Their migration is in `storage/migrations`."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text

from storage.columns import ROW_ID, UtcDateTime

metadata = MetaData()

reminders = Table(
    "reminders",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("request_id", BigInteger),
    Column("request_link", Text, nullable=False),
    Column("source_key", Text, nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("wake_at", UtcDateTime),
    Column("claimed_by", String(40)),
    Column("attempts", Integer, nullable=False),
    Column("delivered_message_id", BigInteger),
    Column("closed_at", UtcDateTime),
    Column("failure", Text, nullable=False),
    Column("kind", String(8), nullable=False, server_default="text"),
    Column("schedule", Text),
    Column("zone", String(64)),
    Column("due_wall", DateTime),  # what the wall shows in `zone` at `due_at`: it stays when zone data change
    Column("turn", Integer, nullable=False, server_default="1"),
    Column("failed_turns", Integer, nullable=False, server_default="0"),
    Column("grace_seconds", Integer),
    Column("acknowledged_at", UtcDateTime),
    Column("unheard_at", UtcDateTime),
    # Closed reminders have no `wake_at`: the alarm clock's queries touch only what is open.
    Index("reminders_wake", "wake_at"),
    Index("reminders_owner", "owner_id", "status"),
    Index("reminders_guild", "guild_id", "status"),
    Index("reminders_request", "request_id"),
)

time_zones = Table(
    "time_zones",
    metadata,
    Column("person_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("zone", String(64), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
