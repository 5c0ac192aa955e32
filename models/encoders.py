"""Open one encoder by name: one that comes in a package, a local folder or a Hugging Face id.

Opening reads the model's identity only. The model itself, and with it torch, is loaded when a text
turns up that the cache does not hold.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import View
from matcher.encoding import Role, Vectors
from matcher.errors import BadInput
from models import catalogue, converted
from models.cache import PORTION, Cache
from models.disk_cache import DiskCache
from models.loading import HERE, Loader, ModelSource, TextEncoder
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat

# Beside the converted model in the cache folder.
CACHE_FILE = "cache.sqlite"

# "owner/model", as the hub spells ids
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")

Progress = Callable[[int, int], None]


class OpenedEncoder(Protocol):
    """An encoder of the core that says what it is and how far it got."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model, or models, exactly."""
        ...

    @property
    def fingerprint(self) -> str:
        """See `matcher.encoding.Encoder`."""
        ...

    @property
    def encoded(self) -> int:
        """How many texts were encoded and not found in the cache."""
        ...

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """See `matcher.encoding.Encoder`."""
        ...

    def views(self, dimension: int) -> tuple[View, ...]:
        """Return what the columns of vectors of this length compare."""
        ...

    def report_to(self, progress: Progress) -> None:
        """Report how many of the texts that the cache does not hold are encoded."""
        ...

    def prepare(self) -> None:
        """Load what encodes, so that the next text does not wait for it."""
        ...

    def release(self) -> None:
        """Let go of what was loaded; a text that is new after that loads it again."""
        ...

    def keeping_in(self, cache: Cache) -> OpenedEncoder:
        """Return the same with another cache, nothing encoded yet; what is loaded is shared."""
        ...


@dataclass(frozen=True)
class ModelIdentity:
    """Which model exactly: `revision` is the hash of its weights or its commit."""

    name: str
    revision: str
    number_format: NumberFormat

    @property
    def fingerprint(self) -> str:
        """The identity as one string; vectors are kept and compared under it."""
        return f"{self.name}@{self.revision}/{self.number_format}"


class CachedEncoder:
    """An encoder that asks the cache first and loads its model for new texts only."""

    def __init__(self, identity: ModelIdentity, load: Callable[[], TextEncoder], cache: Cache) -> None:
        self.identity = identity
        self.encoded = 0
        self._progress: Progress = lambda done, total: None
        self._model = functools.cache(load)
        self._cache = cache

    @property
    def fingerprint(self) -> str:
        """See `ModelIdentity.fingerprint`."""
        return self.identity.fingerprint

    def report_to(self, progress: Progress) -> None:
        """Report how many of the texts that the cache does not hold are encoded."""
        self._progress = progress

    def prepare(self) -> None:
        """Load the model and let it encode once, so that the next text does not wait for it."""
        self._model().encode(["."], Role.QUERY)

    def keeping_in(self, cache: Cache) -> CachedEncoder:
        """Return the same with another cache, nothing encoded yet; the model is shared."""
        found = copy(self)
        found._cache, found.encoded = cache, 0
        return found

    def release(self) -> None:
        """Let go of the model, for all that share it; a text that is new after that loads it again."""
        self._model.cache_clear()

    def views(self, dimension: int) -> tuple[View, ...]:
        """Return what the columns of vectors of this length compare: all of them texts in any language."""
        return (View(0, dimension),)

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return (len(texts), d) float32, unit rows; each distinct text is encoded once, ever.

        Portions go from short to long texts, so that a batch holds texts of one length.
        """
        distinct = list(dict.fromkeys(texts))
        kept = self._cache.read(self._kept_under(role), distinct)
        known = {text: np.frombuffer(value, "<f4") for text, value in kept.items()}
        new = sorted((text for text in distinct if text not in known), key=lambda text: (len(text), text))
        for start in range(0, len(new), PORTION):
            self._progress(start, len(new))
            known |= self._encode_portion(new[start : start + PORTION], role)
        self._progress(len(new), len(new))
        return _stack([known[text] for text in texts])

    def _encode_portion(self, texts: list[str], role: Role) -> dict[str, NDArray[np.float32]]:
        vectors = self._model().encode(texts, role)
        found = dict(zip(texts, vectors, strict=True))
        values = {text: vector.astype("<f4").tobytes() for text, vector in found.items()}
        self._cache.write(self._kept_under(role), values)
        self.encoded += len(texts)
        return found

    def _kept_under(self, role: Role) -> str:
        return f"{self.fingerprint}/{role}"


def _stack(vectors: list[NDArray[np.float32]]) -> Vectors:
    return np.array(vectors, dtype=np.float32) if vectors else np.empty((0, 0), dtype=np.float32)


def open_encoder(
    name: str, cache_folder: Path, number_format: NumberFormat | None = None, loader: Loader = HERE
) -> CachedEncoder:
    """Return the encoder called `name`.

    name: `multilingual-e5-small` or `all-minilm-l6-v2`, which come in packages; the path of a
        SentenceTransformer folder; or a Hugging Face id ("owner/model").
    number_format: None chooses bfloat16 where the processor multiplies it natively, else float32.
    loader: where the model is loaded.

    Raises `BadInput` for a name that is none of these. Weights that are not the pinned ones are refused when they are
    loaded, which is when a text has to be encoded.
    """
    chosen = number_format or (NumberFormat.BFLOAT16 if has_bfloat16() else NumberFormat.FLOAT32)
    source = _find(name, cache_folder, chosen)
    identity = ModelIdentity(name, source.revision, chosen)
    return CachedEncoder(identity, partial(loader.encoder, source, chosen), DiskCache(cache_folder / CACHE_FILE))


def _find(name: str, cache_folder: Path, number_format: NumberFormat) -> ModelSource:
    if name == catalogue.E5_SMALL.name:
        revision = f"{catalogue.E5_SMALL.sha256[:12]}-v{converted.VERSION}"
        return ModelSource(name, revision, partial(_e5_folder, cache_folder, number_format))
    if name == catalogue.MINILM_L6.name:
        return ModelSource(name, catalogue.MINILM_L6.sha256[:12], _minilm_folder)
    if name and Path(name).is_dir():
        if not (Path(name) / "modules.json").is_file() and not (Path(name) / "config.json").is_file():
            raise BadInput(f"encoder {name}: expected modules.json or config.json of a model in this folder")
        return ModelSource(name, _folder_hash(Path(name)), partial(str, name))
    if _HUB_ID.fullmatch(name):
        commit = _hub_commit(name)
        return ModelSource(name, commit[:12], partial(str, name), commit)
    known = ", ".join(catalogue.PACKAGED)
    raise BadInput(f"unknown encoder {name!r}: expected {known}, a folder, or a Hugging Face id like owner/model")


def _e5_folder(cache_folder: Path, number_format: NumberFormat) -> str:
    return str(converted.e5_small_folder(cache_folder, number_format))


def _minilm_folder() -> str:
    return str(catalogue.checked_weights(catalogue.MINILM_L6).parent)


def _folder_hash(folder: Path) -> str:
    """Return 12 digits that change with any file of the model."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)} {catalogue.file_sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def _hub_commit(name: str) -> str:
    """Return the commit of the model on the hub, or of its newest local copy where the hub is out of reach."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(name, "config.json")).parent.name
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise BadInput(
            f"encoder {name!r} is neither a folder here nor to be had from the Hugging Face hub ({error}); "
            f"name one of {', '.join(catalogue.PACKAGED)}, or a folder that exists"
        ) from error
