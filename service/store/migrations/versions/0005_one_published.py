"""The schema itself sees to it that a program shows one run at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_SHOWN = sa.text("published IS NOT NULL")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "runs_one_published", "runs", ["program"], unique=True, sqlite_where=_SHOWN, postgresql_where=_SHOWN
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("runs_one_published", "runs")
