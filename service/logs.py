"""The log of a process of the service."""

from __future__ import annotations

import logging

from pythonjsonlogger.json import JsonFormatter


def log_as_json() -> None:
    """Send every log line to stderr as one JSON object."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter("{asctime}{levelname}{name}{message}", style="{"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # It would log whole paths, in which ids of people stand.
    logging.getLogger("httpx").setLevel(logging.WARNING)
