"""What memory must know beyond messages: channels and how far they were read, rules, facts, who opted out."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _channels_and_rules()
    _facts_and_people()


def _channels_and_rules() -> None:
    op.create_table(
        "memory_channels",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("parent_id", sa.BigInteger()),
        sa.Column("walk_top", sa.BigInteger()),
        sa.Column("walk_reached", sa.BigInteger()),
        sa.Column("walk_started_at", MOMENT),
        sa.Column("walk_finished_at", MOMENT),
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
        sa.Column("set_at", MOMENT, nullable=False),
    )


def _facts_and_people() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT),
    )
    op.create_index("facts_guild", "facts", ["guild_id", "person_id"])
    op.create_index("facts_person", "facts", ["person_id"])
    op.create_table(
        "opt_outs",
        sa.Column("person_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("since", MOMENT, nullable=False),
    )
