"""`python -m models.measure`: measure the calibrations that come with this package, in both number formats."""

from __future__ import annotations

import tempfile
from pathlib import Path

from models.calibration import SHIPPED, file_name, to_bytes
from models.catalogue import DEFAULT_ENCODER
from models.opening import open_models
from models.sentence_encoder import NumberFormat


def main() -> None:
    """Replace all calibrations in the package by new ones."""
    for old in SHIPPED.glob("*.npz"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for number_format in NumberFormat:
            measured = open_models(DEFAULT_ENCODER, Path(folder), number_format).calibration
            (SHIPPED / file_name(measured.fingerprint)).write_bytes(to_bytes(measured))


if __name__ == "__main__":
    main()
