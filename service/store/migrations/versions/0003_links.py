"""Links to the pages of those who are matched in a published run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "links",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("party", sa.String(500), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True)),
        sa.CheckConstraint("side IN ('startup', 'expert')", name="links_side"),
    )
    op.create_index("ix_links_run", "links", ["run"])


def downgrade() -> None:
    """Drop what upgrade makes."""
    op.drop_table("links")
