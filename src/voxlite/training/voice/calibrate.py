"""Calibration of voice nets on validation data: of steps and of clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voxlite.tasks.pooling import pool
from voxlite.training.exported import ExportedNet
from voxlite.training.metrics import Truth, Values
from voxlite.training.mixing import VoiceExamples
from voxlite.training.platt import fit_platt, operating_point, sigmoid
from voxlite.training.windows import Windows, every, telephone, with_noise

_SNRS_DB = (20.0, 10.0, 5.0)
_MIX_EXAMPLES = 800
_SINGLE_SHARE = 10
"""A net that sees one window per call costs thousands of times more: that fraction of the sound is enough."""


def spread(sources: Sequence[str], truth: Truth) -> Values:
    """Return weights that let each source count alike within its class."""
    keys = np.array([f"{source}/{is_voice}" for source, is_voice in zip(sources, truth, strict=True)])
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[inverse])


def calibrate_clips(
    net: ExportedNet, windows: Windows, calibration: dict[str, float]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Fit "clip_slope" and "clip_offset" on clean, noisy and telephone windows together.

    Parameters
    ----------
    net
        The exported net.
    windows
        Validation windows.
    calibration
        Holds "pool_steps" and "pool_span_steps".

    Returns
    -------
    calibration, threshold
        The former with slope and offset.
    """
    metadata = net.metadata
    sets = [windows, *(with_noise(windows, snr_db) for snr_db in _SNRS_DB)]
    sets.append(telephone(windows, metadata.frontend.rate_hz))
    if not metadata.resizable:
        sets = [every(item, _SINGLE_SHARE, k) for k, item in enumerate(sets)]
    n_steps, span = int(calibration["pool_steps"]), int(calibration["pool_span_steps"])
    values = np.array([pool(row, n_steps, span) for item in sets for row in net.logits(item.samples)])
    truth = np.concatenate([item.is_voice for item in sets])
    sources = [source for item in sets for source in item.sources]
    slope, offset = fit_platt(values, truth, spread(sources, truth))
    data = "validation split, 1 s: clean, 20, 10, 5 dB SNR, telephone"
    point = operating_point(sigmoid(values, slope, offset), truth, 0.5, data)
    return {**calibration, "clip_slope": slope, "clip_offset": offset}, point


def calibrate_steps(
    net: ExportedNet, examples: VoiceExamples, seed: int, calibration: dict[str, float]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Fit "step_slope" and "step_offset" on mixtures of validation clips; return as `calibrate_clips` does.

    A step is voice when more than half of it is, and counts when nothing about it is unsure.
    """
    metadata, rng = net.metadata, np.random.default_rng(seed)
    step = round(metadata.geometry.step / metadata.frontend.hop_samples)
    logits, active, sure = [], [], []
    for _ in range(_MIX_EXAMPLES if metadata.resizable else _MIX_EXAMPLES // _SINGLE_SHARE):
        samples, *labels = examples.draw(rng)
        row = net.logits(samples[None])[0]
        n = min(len(row), len(labels[0]) // step)
        logits.append(row[:n])
        shares = [label[: n * step].reshape(n, step).mean(axis=1) for label in labels]
        active.append(shares[0])
        sure.append((shares[1] == 1) & (np.abs(shares[0] - 0.5) > 0.2))
    counted = np.concatenate(sure)
    values = np.concatenate(logits)[counted].astype(np.float64)
    truth = np.concatenate(active)[counted] > 0.5
    slope, offset = fit_platt(values, truth)
    milliseconds = 1000 * metadata.geometry.step / metadata.frontend.rate_hz
    data = f"mixtures of validation clips, -5..30 dB SNR, {milliseconds:.0f} ms steps"
    point = operating_point(sigmoid(values, slope, offset), truth, 0.5, data)
    return {**calibration, "step_slope": slope, "step_offset": offset}, point
