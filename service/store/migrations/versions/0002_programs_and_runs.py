"""Programs with their profiles and relations, runs with their matches, and replies to repeated writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "programs",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("decisions", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("edited", sa.Integer, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "profiles",
        sa.Column("program", sa.String(200), sa.ForeignKey("programs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("side", sa.String(8), primary_key=True),
        sa.Column("id", sa.String(500), primary_key=True),
        sa.Column("fields", sa.JSON(none_as_null=True)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.CheckConstraint("side IN ('startup', 'expert')", name="profiles_side"),
    )
    op.create_index("profiles_by_revision", "profiles", ["program", "revision"])
    op.create_table(
        "relations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("program", sa.String(200), sa.ForeignKey("programs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
    )
    op.create_index("ix_relations_program", "relations", ["program"])
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("program", sa.String(200), sa.ForeignKey("programs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("snapshot", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True)),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(32)),
        sa.Column("beat", sa.DateTime(timezone=True)),
        sa.Column("record", sa.JSON(none_as_null=True)),
        sa.Column("problem", sa.JSON(none_as_null=True)),
        sa.Column("published", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'infeasible', 'failed', 'cancelled')",
            name="runs_state",
        ),
        sa.CheckConstraint("published IS NULL OR state = 'done'", name="runs_published"),
    )
    op.create_index("ix_runs_program", "runs", ["program"])
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("startup", sa.String(500)),
        sa.Column("expert", sa.String(500)),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("reason", sa.String(2000)),
        sa.Column("decided", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("run", "startup", "expert", name="matches_pair"),
        sa.CheckConstraint("decision IN ('accepted', 'declined')", name="matches_decision"),
    )
    op.create_index("ix_matches_run", "matches", ["run"])
    op.create_table(
        "replies",
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True)),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop what upgrade makes."""
    for name in ("replies", "matches", "runs", "relations", "profiles", "programs"):
        op.drop_table(name)
