"""What lists are searched, sorted and counted by, kept beside profiles, matches and runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.migrations.fill_0008 import fill

revision = "0008"
down_revision = "0007"

# Both databases order these by the code points of their letters.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, and fill them from what is there."""
    keys = ("by_id", "by_name", "by_kind", "by_affiliation", "by_sectors", "by_stage", "by_region")
    op.create_table(
        "listings",
        sa.Column("program", sa.String(200), sa.ForeignKey("programs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("side", sa.String(8), primary_key=True),
        sa.Column("id", sa.String(500), primary_key=True),
        *(sa.Column(name, _KEY, nullable=False) for name in keys),
        sa.Column("places", sa.Float, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
    )
    op.create_table(
        "match_lines",
        sa.Column("id", sa.Integer, sa.ForeignKey("matches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("startup", sa.String(500)),
        sa.Column("expert", sa.String(500)),
        sa.Column("is_match", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("is_pinned", sa.Boolean, nullable=False),
        sa.Column("is_doubtful", sa.Boolean, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
    )
    op.create_index("ix_match_lines_run", "match_lines", ["run"])
    op.create_index("match_lines_counted", "match_lines", ["run", "is_match", "kind", "score"])
    op.create_table(
        "outlines",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("fields", sa.JSON, nullable=False),
    )
    fill(op.get_bind())


def downgrade() -> None:
    """Drop the tables."""
    for name in ("outlines", "match_lines", "listings"):
        op.drop_table(name)
