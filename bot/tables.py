"""The bot's own tables: mentions, questions before an act, outside calls, traces, spending, policies, plugins."""

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

traces = Table(
    "traces",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("asker_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("request_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("figures", Text, nullable=False),
    Column("words", Text),
    Index("traces_asker", "asker_id", "channel_id"),
    Index("traces_request", "request_id"),
)
"""How an answer came about. `figures` are ids, names of tools and numbers; `words`, which the model wrote or an outside
program said, are dropped as soon as a message that the run has read is deleted or edited."""

trace_messages = Table(
    "trace_messages",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("is_answer", Boolean, nullable=False),
    Index("trace_messages_message", "message_id"),
)
"""Which messages a run has read, and in which its answer stands."""

usage = Table(
    "usage",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("runs", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("told_near", Boolean, nullable=False),
    Index("usage_person", "day", "person_id"),
    Index("usage_guild", "day", "guild_id"),
)
"""One row a request, for today only. `reserved` stands for what a run under way will cost; a crash leaves it there."""

server_limits = Table(
    "server_limits",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("scope", String(8), primary_key=True),
    Column("role_id", BigInteger, primary_key=True, autoincrement=False),
    Column("runs", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("set_by", BigInteger, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
"""What the managers of a server allow a day: the `server`, each `person`, holders of a `role` (`role_id`, else 0)."""

server_policies = Table(
    "server_policies",
    metadata,
    Column("guild_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("mode", String(8), nullable=False),
    Column("channels", JSON, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("writes_elsewhere", Boolean, nullable=False),
    Column("set_by", BigInteger, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
"""Where the managers of a server let the bot act, and for whom."""

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
