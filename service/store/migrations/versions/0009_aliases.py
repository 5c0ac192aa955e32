"""Who is one under several ids or names, as people confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    program = sa.Column("program", sa.String(200), sa.ForeignKey("programs.id", ondelete="CASCADE"), nullable=False)
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        program,
        sa.Column("fields", sa.JSON, nullable=False),
    )
    op.create_index("ix_aliases_program", "aliases", ["program"])


def downgrade() -> None:
    """Drop the table: everybody is alone again."""
    op.drop_table("aliases")
