"""Calibrate any encoder on the background passages that come with this package."""

from __future__ import annotations

import json
from importlib.resources import files

from matcher import calibration
from matcher.calibration import Calibration
from matcher.encoding import Encoder, Role

_BACKGROUND = "background/passages.jsonl"


def calibrate(encoder: Encoder) -> Calibration:
    """Return what the similarities of this encoder are worth.

    The background is 120 passages on 60 subjects, each in Korean and in English, written for this purpose. It
    does not depend on the cohort, so that a new profile moves no other pair's score.
    """
    lines = files("models").joinpath(_BACKGROUND).read_text(encoding="utf-8").splitlines()
    passages = [json.loads(line) for line in lines]
    texts = [passage[language] for language in ("ko", "en") for passage in passages]
    half = len(passages)
    background = {}
    for role in Role:
        vectors = encoder.encode(texts, role)
        background[role] = (vectors[:half], vectors[half:])
    subjects = [passage["field"] for passage in passages]
    return calibration.measure(background, subjects)
