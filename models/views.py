"""Two encoders as one: a multilingual one for all texts, beside it an English one for English texts.

A vector is that of the multilingual encoder followed by that of the English one, 0 where the text is not English.
Two English texts are compared by the second part alone, all others by the first (`matcher.calibration.View`): to mix
the two for English pairs changed nothing that could be told from chance (docs/relevance.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.calibration import View
from matcher.encoding import Role, Vectors
from matcher.languages import Language, language_of
from models import catalogue
from models.cache import Cache
from models.encoders import CachedEncoder, ModelIdentity, Progress


class TwoViews:
    """A multilingual encoder and all-MiniLM-L6-v2; see `matcher.encoding.Encoder`."""

    def __init__(self, multilingual: CachedEncoder, english: CachedEncoder) -> None:
        self._parts = multilingual, english
        one, other = multilingual.identity, english.identity
        self.identity = ModelIdentity(f"{one.name}+{other.name}", f"{one.revision}+{other.revision}", one.number_format)

    @property
    def fingerprint(self) -> str:
        """See `ModelIdentity.fingerprint`."""
        return self.identity.fingerprint

    @property
    def encoded(self) -> int:
        """How many texts were encoded and not found in the cache, each encoder counted for itself."""
        return sum(part.encoded for part in self._parts)

    def report_to(self, progress: Progress) -> None:
        """Report how many texts of each encoder are done."""
        for part in self._parts:
            part.report_to(progress)

    def prepare(self) -> None:
        """Load what encodes, so that the next text does not wait for it."""
        for part in self._parts:
            part.prepare()

    def release(self) -> None:
        """Let go of what was loaded; a text that is new after that loads it again."""
        for part in self._parts:
            part.release()

    def keeping_in(self, cache: Cache) -> TwoViews:
        """Return the same with another cache; the models are shared."""
        multilingual, english = self._parts
        return TwoViews(multilingual.keeping_in(cache), english.keeping_in(cache))

    def views(self, dimension: int) -> tuple[View, ...]:
        """Return what the columns of vectors of this length compare."""
        general = dimension - catalogue.MINILM_L6.dimension
        return View(0, general), View(general, dimension, (Language.ENGLISH,))

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return (len(texts), d) float32; (0, 0) for no texts."""
        multilingual, english = self._parts
        vectors = multilingual.encode(texts, role)
        if not texts:
            return vectors
        beside = np.zeros((len(texts), catalogue.MINILM_L6.dimension), dtype=np.float32)
        is_english = np.array([language_of(text) is Language.ENGLISH for text in texts])
        if is_english.any():
            beside[is_english] = english.encode(
                [text for text, is_one in zip(texts, is_english, strict=True) if is_one], role
            )
        return np.hstack([vectors, beside])
