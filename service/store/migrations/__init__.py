"""Alembic's scripts; `service.store.database` runs them."""
