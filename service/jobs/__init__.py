"""Runs as jobs: a queue, workers that take from it, and a process of its own for each run."""
