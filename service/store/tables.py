"""The tables as SQLAlchemy sees them; migrations make them."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Integer, MetaData, String, Table

metadata = MetaData()

# Of a key only its SHA-256 is kept. scope: the program, and the startup or expert that it speaks for.
keys = Table(
    "keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("program", String(500)),
    Column("party", String(500)),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True)),
    Column("revoked", DateTime(timezone=True)),
    CheckConstraint("role IN ('admin', 'manager', 'startup', 'expert')", name="keys_role"),
    CheckConstraint(
        "(role IN ('startup', 'expert')) = (party IS NOT NULL) AND (party IS NULL OR program IS NOT NULL)",
        name="keys_scope",
    ),
)

# Rows are added and never changed: triggers refuse it.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", String(1100), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
)
