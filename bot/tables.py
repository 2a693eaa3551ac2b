"""The bot's own tables: mentions and what became of them, questions before an act, calls of outside tools, plugins."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Index, MetaData, String, Table, Text

from storage.columns import ROW_ID, UtcDateTime

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

approvals = Table(
    "approvals",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("token", String(25), nullable=False, unique=True),
    Column("root", String(100), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("asker_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    Column("decision", String(16)),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("approvals_root", "root"),
)
"""One row a question, without its words: those stand in its message. `decision` is empty while it is open; `token` is
what its buttons carry; `root` is what the keys of all calls of one request begin with."""

outside_calls = Table(
    "outside_calls",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("root", String(100), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("run_id", String(16), nullable=False),
    Column("guild_id", BigInteger),
    Column("asker_id", BigInteger, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("outside_calls_root", "root", "identity"),
)
"""One row a call that changes something in an outside program, without its words: so that a run that is repeated
after a crash does not make it again. `run_id` is the attempt that has seen it last."""

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
