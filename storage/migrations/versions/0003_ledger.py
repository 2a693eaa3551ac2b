"""The ledger of mentions: what was taken, what became of it, which messages show it."""

import sqlalchemy as sa
from alembic import op

from storage.columns import ROW_ID

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "mentions",
        sa.Column("message_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reply_ids", sa.JSON(), nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.Column("settled_at", moment),
    )
    op.create_index("mentions_outcome", "mentions", ["outcome"])
    op.create_index("mentions_guild", "mentions", ["guild_id"])
