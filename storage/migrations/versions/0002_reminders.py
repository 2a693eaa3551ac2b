"""The reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("request_id", sa.BigInteger()),
        sa.Column("request_link", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False, unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("wake_at", moment),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_message_id", sa.BigInteger()),
        sa.Column("closed_at", moment),
        sa.Column("failure", sa.Text(), nullable=False),
    )
    op.create_index("reminders_wake", "reminders", ["wake_at"])
    op.create_index("reminders_owner", "reminders", ["owner_id", "status"])
    op.create_index("reminders_guild", "reminders", ["guild_id", "status"])
    op.create_index("reminders_request", "reminders", ["request_id"])
