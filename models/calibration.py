"""Calibrate any encoder on the background passages that come with this package, once.

The calibrations of the default encoder come along, in `models/calibrations/`; `python -m models.measure` makes them
anew. That of another encoder is measured when it is first used, and kept in the cache.
"""

from __future__ import annotations

import hashlib
import io
import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from matcher import calibration
from matcher.calibration import Background, Calibration, View
from matcher.encoding import Role
from matcher.engine import calibrated_for
from matcher.languages import Language
from models.cache import Cache
from models.encoders import OpenedEncoder
from models.words import CachedLexicon

_BACKGROUND = "background/passages.jsonl"
_KEPT_UNDER = "calibration"
SHIPPED = Path(__file__).parent / "calibrations"


def calibrated(encoder: OpenedEncoder, lexicon: CachedLexicon, cache: Cache) -> Calibration:
    """Return the calibration of the two: the one that comes along, one measured before, or one measured now."""
    name = file_name(calibrated_for(encoder, lexicon))
    if (SHIPPED / name).exists():
        return from_bytes((SHIPPED / name).read_bytes())
    kept = cache.read(_KEPT_UNDER, [name])
    if kept:
        return from_bytes(kept[name])
    measured = calibrate(encoder, lexicon)
    cache.write(_KEPT_UNDER, {name: to_bytes(measured)})
    return measured


def file_name(fingerprint: str) -> str:
    """Return what the file is called that holds this calibration; it changes with the background too."""
    digest = hashlib.sha256(f"{fingerprint} {_background()}".encode()).hexdigest()
    return f"{digest[:16]}.npz"


def calibrate(encoder: OpenedEncoder, lexicon: CachedLexicon) -> Calibration:
    """Return what the evidence of these two is worth, measured now.

    The background is 120 passages on 60 subjects, each in Korean and in English, written for this purpose. It
    does not depend on the cohort, so that a new profile moves no other pair's score.
    """
    passages = [json.loads(line) for line in _background().splitlines()]
    half = len(passages)
    texts = [passage[language] for language in ("ko", "en") for passage in passages]
    vectors = {role: encoder.encode(texts, role) for role in Role}
    words = lexicon.words(texts)
    background = Background(
        {role: (both[:half], both[half:]) for role, both in vectors.items()},
        (words[:half], words[half:]),
        [passage["field"] for passage in passages],
    )
    views = encoder.views(vectors[Role.QUERY].shape[1])
    return calibration.measure(calibrated_for(encoder, lexicon), views, background)


def _background() -> str:
    return files("models").joinpath(_BACKGROUND).read_text(encoding="utf-8")


def from_bytes(content: bytes) -> Calibration:
    """Return what `to_bytes` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        views = tuple(
            View(int(begin), int(end), tuple(Language(name) for name in languages.split()))
            for begin, end, languages in kept["views"]
        )
        centres = {role: kept[f"centres_{role}"] for role in Role}
        return Calibration(str(kept["fingerprint"]), views, centres, kept["knots"], float(kept["chance"]))


def to_bytes(measured: Calibration) -> bytes:
    """Return the calibration as the content of an .npz file."""
    views = [(str(view.begin), str(view.end), " ".join(view.languages)) for view in measured.views]
    content = io.BytesIO()
    np.savez_compressed(
        content,
        fingerprint=np.array(measured.fingerprint),
        views=np.array(views),
        knots=measured.knots,
        chance=np.array(measured.chance),
        centres_query=measured.centres[Role.QUERY],
        centres_passage=measured.centres[Role.PASSAGE],
    )
    return content.getvalue()
