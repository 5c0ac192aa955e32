"""What was computed for the texts of programs: vectors and words, by what computed them and by the text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "computed",
        sa.Column("text_hash", sa.LargeBinary, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("checksum", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the table: all that is in it can be computed again."""
    op.drop_table("computed")
