"""Reminders that reached nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("reminders", sa.Column("unheard_at", sa.DateTime(timezone=True)))
