"""How answers came about, for /why."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
    )
    op.create_index("traces_asker", "traces", ["asker_id", "channel_id"])
    op.create_index("traces_request", "traces", ["request_id"])
    op.create_table(
        "trace_messages",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("is_answer", sa.Boolean, nullable=False),
    )
    op.create_index("trace_messages_message", "trace_messages", ["message_id"])
