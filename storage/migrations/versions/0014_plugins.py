"""What plugins keep, and what was wrong with them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "plugin_state",
        sa.Column("plugin", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
    )
    op.create_index("plugin_state_person", "plugin_state", ["person_id"])
    op.create_table(
        "plugin_health",
        sa.Column("plugin", sa.String(64), primary_key=True),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
