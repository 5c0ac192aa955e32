"""Open encoder, lexicon and calibration as one, by name. Nothing is loaded before a text needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matcher.calibration import Calibration
from models import catalogue
from models.cache import Cache
from models.calibration import calibrated
from models.disk_cache import DiskCache
from models.encoders import CACHE_FILE, CachedEncoder, OpenedEncoder, open_encoder
from models.loading import HERE, Loader
from models.sentence_encoder import NumberFormat
from models.views import TwoViews
from models.words import CachedLexicon


@dataclass(frozen=True)
class Models:
    """What turns texts into evidence, and what evidence is worth."""

    encoder: OpenedEncoder
    lexicon: CachedLexicon
    calibration: Calibration

    def keeping_in(self, cache: Cache) -> Models:
        """Return the same with another cache; what is loaded is shared."""
        return Models(self.encoder.keeping_in(cache), self.lexicon.keeping_in(cache), self.calibration)

    def prepare(self) -> None:
        """Load what encodes and what cuts words, so that the next text does not wait for it."""
        self.encoder.prepare()
        self.lexicon.prepare()

    def release(self) -> None:
        """Let go of what encodes and what cuts words: a gigabyte that a run does not need once its texts are read."""
        self.encoder.release()
        self.lexicon.release()


def open_models(
    name: str, cache_folder: Path, number_format: NumberFormat | None = None, loader: Loader = HERE
) -> Models:
    """Return the models of the encoder called `name`, keeping what they compute in the cache folder.

    name: as in `models.encoders.open_encoder`; with "+all-minilm-l6-v2" behind it, English pairs are compared by that.
    number_format: None chooses bfloat16 where the processor multiplies it natively, else float32.
    loader: where what encodes and what cuts words is loaded.

    Raises `BadInput` for a name that is neither.
    """
    encoder = _open(name, partial(open_encoder, cache_folder=cache_folder, number_format=number_format, loader=loader))
    cache = DiskCache(cache_folder / CACHE_FILE)
    lexicon = CachedLexicon(cache, loader.cutter())
    return Models(encoder, lexicon, calibrated(encoder, lexicon, cache))


def _open(name: str, opened: Callable[[str], CachedEncoder]) -> OpenedEncoder:
    if not name.endswith(catalogue.WITH_ENGLISH) or Path(name).is_dir():
        return opened(name)
    return TwoViews(opened(name.removesuffix(catalogue.WITH_ENGLISH)), opened(catalogue.MINILM_L6.name))
