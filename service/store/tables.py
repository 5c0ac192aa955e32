"""The tables as SQLAlchemy sees them; migrations make them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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


# decisions: the fields of program.toml. revision counts every write to the program or what is in it, edited those to
# its decisions alone.
programs = Table(
    "programs",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("decisions", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("edited", Integer, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

# fields: the row as a file would have it; null for one that was deleted, which leaves its id behind so that an index
# can follow. revision: the program's, when it was written.
profiles = Table(
    "profiles",
    metadata,
    Column("program", String(200), ForeignKey("programs.id", ondelete="CASCADE"), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("id", String(500), primary_key=True),
    Column("fields", JSON(none_as_null=True)),
    Column("revision", Integer, nullable=False),
    CheckConstraint("side IN ('startup', 'expert')", name="profiles_side"),
    Index("profiles_by_revision", "program", "revision"),
)

relations = Table(
    "relations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("program", String(200), ForeignKey("programs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("fields", JSON, nullable=False),
)

# fields: canonical, alias and whether they are the same, as a row of `aliases.csv`.
aliases = Table(
    "aliases",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("program", String(200), ForeignKey("programs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("fields", JSON, nullable=False),
)

# snapshot: the cohort when the run was asked for. claim: the worker that has it, beat: when it last said so. record:
# what run.json holds. published: when startups and experts were shown it.
runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("program", String(200), ForeignKey("programs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("snapshot", JSON, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("started", DateTime(timezone=True)),
    Column("finished", DateTime(timezone=True)),
    Column("by", String(64), nullable=False),
    Column("claim", String(32)),
    Column("beat", DateTime(timezone=True)),
    Column("record", JSON(none_as_null=True)),
    Column("problem", JSON(none_as_null=True)),
    Column("published", DateTime(timezone=True)),
    CheckConstraint(
        "state IN ('queued', 'running', 'done', 'infeasible', 'failed', 'cancelled')",
        name="runs_state",
    ),
    CheckConstraint("published IS NULL OR state = 'done'", name="runs_published"),
)
_SHOWN = runs.c.published.is_not(None)
Index("runs_one_published", runs.c.program, unique=True, sqlite_where=_SHOWN, postgresql_where=_SHOWN)

# One row a pair of a finished run, and one for everybody without any (then startup or expert is null).
matches = Table(
    "matches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("startup", String(500)),
    Column("expert", String(500)),
    Column("fields", JSON, nullable=False),
    Column("decision", String(16)),
    Column("reason", String(2000)),
    Column("decided", DateTime(timezone=True)),
    UniqueConstraint("run", "startup", "expert", name="matches_pair"),
    CheckConstraint("decision IN ('accepted', 'declined')", name="matches_decision"),
)

# What tables of people are searched and sorted by; see `listings`. Both databases order these texts by code points.
_KEY = Text().with_variant(Text(collation="C"), "postgresql")
listings = Table(
    "listings",
    metadata,
    Column("program", String(200), ForeignKey("programs.id", ondelete="CASCADE"), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("id", String(500), primary_key=True),
    Column("by_id", _KEY, nullable=False),
    Column("by_name", _KEY, nullable=False),
    Column("by_kind", _KEY, nullable=False),
    Column("by_affiliation", _KEY, nullable=False),
    Column("by_sectors", _KEY, nullable=False),
    Column("by_stage", _KEY, nullable=False),
    Column("by_region", _KEY, nullable=False),
    Column("places", Float, nullable=False),
    Column("searched", Text, nullable=False),
)

# What a match list is searched and ordered by, a line for each row of matches; see `match_lines`.
match_lines = Table(
    "match_lines",
    metadata,
    Column("id", Integer, ForeignKey("matches.id", ondelete="CASCADE"), primary_key=True),
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("startup", String(500)),
    Column("expert", String(500)),
    Column("is_match", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("score", Float),
    Column("is_pinned", Boolean, nullable=False),
    Column("is_doubtful", Boolean, nullable=False),
    Column("searched", Text, nullable=False),
    Index("match_lines_counted", "run", "is_match", "kind", "score"),
)

# What a run that is done comes to: its record is long, and lists of runs need little of it; see `outlines`.
outlines = Table(
    "outlines",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("fields", JSON, nullable=False),
)

# A link to the page of one party in a run; of its secret only the SHA-256 is kept.
links = Table(
    "links",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("side", String(8), nullable=False),
    Column("party", String(500), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False),
    Column("revoked", DateTime(timezone=True)),
    CheckConstraint("side IN ('startup', 'expert')", name="links_side"),
)

# What was answered to a write, so that the same one sent again is not done twice.
replies = Table(
    "replies",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSON(none_as_null=True)),
    Column("headers", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# Who is signed in to the console: of the cookie's secret only the SHA-256 is kept.
sessions = Table(
    "sessions",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("key", String(32), ForeignKey("keys.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False),
)

# What was computed for the texts of programs: of a text only its SHA-256 is kept. fingerprint: of what computed it.
computed = Table(
    "computed",
    metadata,
    Column("text_hash", LargeBinary, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("checksum", BigInteger, nullable=False),
)

# Profiles whose texts were computed for: as they were in this revision, by models of this fingerprint.
encoded = Table(
    "encoded",
    metadata,
    Column("program", String(200), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("id", String(500), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    ForeignKeyConstraint(
        ["program", "side", "id"], ["profiles.program", "profiles.side", "profiles.id"], ondelete="CASCADE"
    ),
)
