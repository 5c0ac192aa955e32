"""Where what was computed for a text is kept, so that it is computed once: bytes by what made them and by the text."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Protocol

# Texts computed between two writes to a cache: what work that is cut short does not lose, and how long others wait.
PORTION = 512


class Cache(Protocol):
    """What was computed, by the fingerprint of what computed it and by the text."""

    def read(self, fingerprint: str, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what is known, by text; a value that fails its checksum is left out."""
        ...

    def write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        """Keep the values by text, all or none; those that are there already are replaced."""
        ...


def text_hash(text: str) -> bytes:
    """Return the 32 bytes that a text is found by."""
    return hashlib.sha256(text.encode()).digest()


def checksum(fingerprint: str, key: bytes, value: bytes) -> int:
    """Return a checksum of the whole row, so that a value under another text's key does not pass."""
    return zlib.crc32(value, zlib.crc32(key, zlib.crc32(fingerprint.encode())))
