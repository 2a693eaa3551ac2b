"""What memory must know beyond messages: channels and how far they were read, rules, facts, who opted out."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "memory_channels",
        sa.Column("id", row_id, primary_key=True, autoincrement=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("parent_id", sa.BigInteger()),
        sa.Column("walk_top", sa.BigInteger()),
        sa.Column("walk_reached", sa.BigInteger()),
        sa.Column("walk_started_at", moment),
        sa.Column("walk_finished_at", moment),
        sa.Column("complete", sa.Boolean(), nullable=False),
    )
    op.create_index("memory_channels_guild", "memory_channels", ["guild_id"])
    op.create_index("memory_channels_parent", "memory_channels", ["parent_id"])
    op.create_table(
        "memory_rules",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("archived", sa.Boolean()),
        sa.Column("retention_days", sa.Integer()),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", moment, nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("edited_at", moment),
    )
    op.create_index("facts_guild", "facts", ["guild_id", "person_id"])
    op.create_index("facts_person", "facts", ["person_id"])
    op.create_table(
        "opt_outs",
        sa.Column("person_id", row_id, primary_key=True, autoincrement=False),
        sa.Column("since", moment, nullable=False),
    )
