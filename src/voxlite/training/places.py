"""Where a corpus, its cache and the weights of a checkout lie."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from voxlite.errors import VoxliteError

CORPUS_VARIABLE = "VOXLITE_CORPUS"
SPEAKER_WEIGHTS = Path("models/speaker-compact.weights.h5")
"""Where a checkout keeps the weights of the shipped speaker model."""


def find_manifest(manifest: Path | None) -> Path:
    """Return the manifest that was named, or the one of the folder in VOXLITE_CORPUS.

    Raises
    ------
    VoxliteError
        If neither is given.
    """
    if manifest is None:
        folder = os.environ.get(CORPUS_VARIABLE)
        if not folder:
            raise VoxliteError(f"no corpus: pass --manifest, or set {CORPUS_VARIABLE} to the corpus's folder")
        manifest = Path(folder)
    return manifest / "manifest.csv" if manifest.is_dir() else manifest


def find_cache(cache: Path | None, manifest: Path, purpose: str) -> Path:
    """Return the cache that was named, or one in the user's cache folder for this corpus and purpose."""
    if cache is not None:
        return cache
    from platformdirs import user_cache_path

    corpus = hashlib.sha256(str(manifest.resolve()).encode()).hexdigest()[:12]
    return user_cache_path("voxlite", appauthor=False) / "corpus" / f"{corpus}-{purpose}"
