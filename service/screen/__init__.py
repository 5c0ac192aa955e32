"""What a person at a terminal sees: progress on stderr, tables and sentences on stdout."""
