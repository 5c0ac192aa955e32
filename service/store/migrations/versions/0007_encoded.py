"""Which profiles are encoded, in which revision and by which models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "encoded",
        sa.Column("program", sa.String(200), primary_key=True),
        sa.Column("side", sa.String(8), primary_key=True),
        sa.Column("id", sa.String(500), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["program", "side", "id"], ["profiles.program", "profiles.side", "profiles.id"], ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Drop the table: profiles are looked at again."""
    op.drop_table("encoded")
