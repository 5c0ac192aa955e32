"""What the core asks of an encoder: unit vectors for texts, and a name for the exact model that made them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Role(StrEnum):
    """How a text is used; models trained with prompts encode the two differently."""

    QUERY = "query"  # the side that asks: needs, data assets, summaries of startups
    PASSAGE = "passage"  # the side that is asked: expertise, papers, portfolio companies


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their similarity."""

    @property
    def fingerprint(self) -> str:
        """Names weights, number format and prompts: equal fingerprints give equal vectors for equal texts."""
        ...

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return (len(texts), d) float32, unit rows, in the order of `texts`; (0, 0) for no texts."""
        ...
