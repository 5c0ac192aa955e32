"""Where a model is loaded: in this process, or wherever else somebody keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from matcher.encoding import Role, Vectors
from models.sentence_encoder import NumberFormat, SentenceEncoder
from models.words import Cutter, TextCutter


class TextEncoder(Protocol):
    """What encodes, with nothing kept between two texts."""

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """See `matcher.encoding.Encoder`."""
        ...


@dataclass(frozen=True)
class ModelSource:
    """Where a model is. It can be sent to another process, and is equal to itself there.

    revision: the hash of its weights or its commit. locate: gives its folder or hub id. commit: that of the hub.
    """

    name: str
    revision: str
    locate: Callable[[], str] = field(compare=False)
    commit: str | None = None

    def load(self, number_format: NumberFormat) -> SentenceEncoder:
        """Load the model. Raises `BadInput` where there is none, or not the one that was pinned."""
        return SentenceEncoder.load(self.locate(), number_format, self.commit)


class Loader(Protocol):
    """Gives what encodes and what cuts words. It is asked for an encoder when the first text needs it."""

    def encoder(self, source: ModelSource, number_format: NumberFormat) -> TextEncoder:
        """Return the encoder. Raises `BadInput` as `ModelSource.load` does, or leaves that to the first text."""
        ...

    def cutter(self) -> TextCutter:
        """Return what cuts texts into words."""
        ...


class LoadHere:
    """Loads into this process."""

    def encoder(self, source: ModelSource, number_format: NumberFormat) -> TextEncoder:
        """See `Loader.encoder`."""
        return source.load(number_format)

    def cutter(self) -> TextCutter:
        """See `Loader.cutter`."""
        return Cutter()


HERE = LoadHere()
