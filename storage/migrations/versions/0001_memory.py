"""The archive of messages, its full-text index and the queue for its vectors."""

import sqlalchemy as sa
from alembic import op

from storage.columns import ROW_ID

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_is_bot", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("reply_to", sa.BigInteger()),
        sa.Column("attachments", sa.JSON(), nullable=False),
    )
    op.create_index("messages_channel", "messages", ["channel_id", "id"])
    op.create_index("messages_guild", "messages", ["guild_id", "channel_id"])
    # SQLite must never give a number twice: a worker that forgets a taken number must not forget a newer entry.
    op.create_table(
        "index_queue",
        sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.String(24), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "full_text_purge",
        sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE messages_fts USING fts5(text, scope, tokenize = 'porter unicode61')")
