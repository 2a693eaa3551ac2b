"""Questions before an act that outlive the process, and calls of outside tools that are made once."""

import sqlalchemy as sa
from alembic import op

from storage.columns import ROW_ID

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("token", sa.String(25), nullable=False, unique=True),
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("decision", sa.String(16)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("approvals_root", "approvals", ["root"])
    op.create_table(
        "outside_calls",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
    )
    op.create_index("outside_calls_root", "outside_calls", ["root", "identity"])
