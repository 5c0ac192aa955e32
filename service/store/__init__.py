"""What is kept: SQLite by default, PostgreSQL by its URL."""
