"""Recurring reminders and tasks, and the time zones of people."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("kind", sa.String(8), nullable=False, server_default="text"),
        sa.Column("schedule", sa.Text()),
        sa.Column("zone", sa.String(64)),
        sa.Column("due_wall", sa.DateTime()),
        sa.Column("turn", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("failed_turns", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("grace_seconds", sa.Integer()),
        sa.Column("acknowledged_at", moment),
    ):
        op.add_column("reminders", column)
    op.create_table(
        "time_zones",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("set_at", moment, nullable=False),
    )
