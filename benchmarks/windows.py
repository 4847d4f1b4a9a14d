"""The protocol's one-second windows of the corpus, and what a detector makes of them.

The same windows as `voxlite evaluate voice` reads: of at most 80 clips per source and kind the loudest second,
clean, with other sounds mixed into the speech, and in the telephone band.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import soxr
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.common import RATE_HZ
from voxlite.audio import Audio
from voxlite.cli.training_tools import progress_bar
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.corpus import at_most, read_manifest
from voxlite.training.metrics import roc_auc
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.protocol import CLEAN, Protocol, choose
from voxlite.training.store import build_store
from voxlite.training.windows import Windows, clean_windows, telephone, with_noise
from voxlite.values import FloatArray

TELEPHONE = "telephone"
Score = Callable[[FloatArray], float]
"""Samples of one window in, the probability of a voice out."""
Scores = dict[str, NDArray[np.float64]]
_Item = TypeVar("_Item")


def load_windows(
    manifest: Path | None = None,
    cache: Path | None = None,
    *,
    split: str = "test",
    limit: int = 80,
    snrs_db: Sequence[float] = (5.0,),
    rate_hz: int = RATE_HZ,
) -> dict[str, Windows]:
    """Return condition -> windows: clean, each ratio of speech to other sounds, the telephone band.

    Parameters
    ----------
    manifest, cache
        The corpus and the folder of its decoded clips; None finds both as the commands of voxlite do.
    split
        Of the corpus.
    limit
        Most clips per source and kind, at most 80: fewer for a trial.
    snrs_db
        Ratios of the mixtures.
    rate_hz
        Of the windows.

    Raises
    ------
    VoxliteError
        If there is no corpus.
    """
    path = find_manifest(manifest)
    chosen = choose(read_manifest(path), Protocol(split=split))
    with progress_bar(Console(), "decoding", len(chosen.all)) as tick:
        store = build_store(chosen.all, find_cache(cache, path, split), rate_hz=rate_hz, tick=tick)
    return conditions(clean_windows(at_most(chosen.main, limit), store), snrs_db, rate_hz)


def conditions(clean: Windows, snrs_db: Sequence[float], rate_hz: int) -> dict[str, Windows]:
    """Return the conditions of the protocol that keep a window's length, clean first."""
    noisy = {f"{snr_db:g} dB": with_noise(clean, snr_db) for snr_db in snrs_db}
    return {CLEAN: clean, **noisy, TELEPHONE: telephone(clean, rate_hz)}


def score_windows(sets: dict[str, Windows], score: Score, workers: int = 1) -> Scores:
    """Return condition -> float64[windows].

    A window that a condition left as it was, as mixtures leave the sounds without a voice, is scored once.
    """
    clean = sets[CLEAN].samples
    found: Scores = {}
    for name, windows in sets.items():
        values = found[CLEAN].copy() if found else np.full(len(clean), np.nan)
        fresh = np.flatnonzero((windows.samples != clean).any(axis=1) | np.isnan(values))
        values[fresh] = in_turn(score, list(windows.samples[fresh]), workers)
        found[name] = values
    return found


def in_turn(score: Callable[[_Item], float], items: Sequence[_Item], workers: int) -> list[float]:
    """Return the score of each item, in order, on one thread or several."""
    if workers == 1:
        return [score(item) for item in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(score, items))


def roc_aucs(sets: dict[str, Windows], score: Score, workers: int = 1) -> dict[str, float]:
    """Return condition -> ROC-AUC."""
    found = score_windows(sets, score, workers)
    return {name: roc_auc(values, sets[name].is_voice) for name, values in found.items()}


def verdicts(detector: VoiceDetector, rate_hz: int = RATE_HZ) -> Score:
    """Return the detector's probability for a clip at a rate, as its users get it."""
    return lambda samples: detector.decide(Audio(samples, rate_hz)).score


def altered(sets: dict[str, Windows], change: Callable[[FloatArray], FloatArray]) -> dict[str, Windows]:
    """Return the windows with each one's samples changed; all of a set stay equally long."""
    return {
        name: Windows(
            np.stack([change(row) for row in windows.samples]),
            windows.is_voice,
            windows.sources,
            windows.kinds,
        )
        for name, windows in sets.items()
    }


def resampled(samples: FloatArray, rate_hz: int) -> FloatArray:
    """Return sound of 16 kHz at another rate, float32[n * rate / 16 000]."""
    n = len(samples) * rate_hz // RATE_HZ
    out = samples if rate_hz == RATE_HZ else soxr.resample(samples, RATE_HZ, rate_hz, "HQ")[:n]
    return np.pad(out, (0, n - len(out))).astype(np.float32, copy=False)
