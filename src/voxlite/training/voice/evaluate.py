"""The voice protocol: one number per window from any detector, and everything that follows from them.

Windows are those of `voxlite.training.windows`: at most 80 clips per (source, kind) in path order, those under
0.5 s left out; speech against nonhuman sounds, music and silence; of each the loudest second, zero-padded if the
clip is shorter. Conditions change the windows: other clips' sounds mixed into the speech, the telephone band,
other lengths. Crying and babble stand apart: how often they are called voice is told, neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.training import metrics
from voxlite.training.corpus import Clip
from voxlite.training.protocol import CLEAN, Chosen, Protocol
from voxlite.training.store import SampleStore
from voxlite.training.voice import never_voice
from voxlite.training.windows import Windows, clean_windows, telephone, with_noise
from voxlite.values import FloatArray

Score = Callable[[FloatArray], float]
"""A detector: samples float32[n] at the store's rate in; out comes a number, the higher the likelier a voice."""


@dataclass(frozen=True)
class Evaluation:
    """Scores of every condition and what they mean.

    Parameters
    ----------
    protocol, threshold
        What was measured; the score from which a window counts as voice.
    clips, apart
        Clips in the order of the scores.
    conditions
        Name -> float64[clips], "clean" first.
    apart_scores
        float64[apart], clean windows.
    never_voice
        Result of `voxlite.training.voice.never_voice.check`, empty when skipped.
    """

    protocol: Protocol
    threshold: float
    clips: tuple[Clip, ...]
    conditions: dict[str, NDArray[np.float64]]
    apart: tuple[Clip, ...]
    apart_scores: NDArray[np.float64]
    never_voice: dict[str, Any] = field(default_factory=dict)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """bool[clips]: which clips are speech."""
        return np.array([clip.kind == "speech" for clip in self.clips], bool)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data without NaN."""
        truth = self.truth
        return {
            "schema": "voxlite.evaluation/1",
            "task": "voice",
            "protocol": asdict(self.protocol),
            "threshold": self.threshold,
            "n_speech": int(truth.sum()),
            "n_other": int((~truth).sum()),
            "conditions": {
                name: measure(values, truth, self.threshold, self.protocol.bins)
                for name, values in self.conditions.items()
            },
            "by_source": {
                name: called_voice(self.clips, values, self.threshold)
                for name, values in self.conditions.items()
            },
            "apart": called_voice(self.apart, self.apart_scores, self.threshold),
            "never_voice": self.never_voice,
        }


def measure(
    values: NDArray[np.float64], truth: NDArray[np.bool_], threshold: float, bins: int = 15
) -> dict[str, Any]:
    """Return the figures of one condition.

    Parameters
    ----------
    values
        float64[n] scores.
    truth
        bool[n], true for speech; both classes present.
    threshold
        At or above it a score means voice.
    bins
        Of the calibration, which is left out (None) when scores leave 0..1.
    """
    called = values >= threshold
    calibrated = values.min() >= 0 and values.max() <= 1
    error, points = metrics.calibration(values, truth, bins) if calibrated else (None, None)
    return {
        "roc_auc": metrics.roc_auc(values, truth),
        "eer": metrics.equal_error_rate(values, truth),
        "far_at_99_recall": metrics.false_alarms_at_recall(values, truth, 0.99),
        "far_at_95_recall": metrics.false_alarms_at_recall(values, truth, 0.95),
        "accuracy": float(np.mean(called == truth)),
        "recall": float(np.mean(called[truth])),
        "false_alarm_rate": float(np.mean(called[~truth])),
        "ece": error,
        "reliability": points,
    }


def called_voice(
    clips: Sequence[Clip], values: NDArray[np.float64], threshold: float
) -> list[dict[str, Any]]:
    """Return per (kind, source) how many clips there are and the share called voice.

    For speech the share is the recall, for other sounds the false alarm rate.
    """
    groups: dict[tuple[str, str], list[float]] = {}
    for clip, value in zip(clips, values, strict=True):
        groups.setdefault((clip.kind, clip.source), []).append(float(value))
    return [
        {
            "kind": kind,
            "source": source,
            "n": len(scores),
            "called_voice": float(np.mean(np.array(scores) >= threshold)),
            "mean_score": float(np.mean(scores)),
        }
        for (kind, source), scores in sorted(groups.items())
    ]


def _variants(
    chosen: Chosen, store: SampleStore, protocol: Protocol
) -> Iterator[tuple[str, Iterator[FloatArray]]]:
    """Yield the conditions that change every window: names and windows in clip order."""
    if protocol.telephone:
        windows = clean_windows(chosen.main, store, protocol.window_s)
        yield "telephone", iter(telephone(windows, store.rate_hz).samples)
    for seconds in protocol.lengths_s:
        yield f"{seconds:g} s", (clean_windows([clip], store, seconds).samples[0] for clip in chosen.main)
    if protocol.whole:
        yield "whole clip", (store.samples(clip) for clip in chosen.main)


def evaluate_voice(
    score: Score,
    chosen: Chosen,
    store: SampleStore,
    *,
    threshold: float = 0.5,
    protocol: Protocol | None = None,
    hears: Callable[[FloatArray], bool] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Put a detector through the protocol.

    Parameters
    ----------
    score
        The detector.
    chosen
        Its clips, from `choose`.
    store
        Holds their samples at the rate the detector wants.
    threshold
        At or above it a score means voice.
    protocol
        What to measure; the default is the published protocol.
    hears
        Whether the detector finds a stretch of voice, asked of sounds that never hold one.
    tick
        Called after each score, `n_scores` times.
    """
    protocol = protocol or Protocol()

    def scored(windows: Iterator[FloatArray]) -> NDArray[np.float64]:
        values = []
        for samples in windows:
            values.append(float(score(np.ascontiguousarray(samples, np.float32))))
            tick()
        return np.array(values, np.float64)

    windows = clean_windows(chosen.main, store, protocol.window_s)
    conditions = {CLEAN: scored(iter(windows.samples))}
    for snr_db in protocol.snrs_db:
        conditions[f"{snr_db:g} dB"] = _noisy(windows, conditions[CLEAN], snr_db, protocol.seed, scored)
    for name, variant in _variants(chosen, store, protocol):
        conditions[name] = scored(variant)
    apart = scored(clean_windows([clip], store, protocol.window_s).samples[0] for clip in chosen.apart)
    never: dict[str, Any] = {}
    if protocol.never_voice_s:
        never = never_voice.check(
            score, store.rate_hz, threshold, seconds=protocol.never_voice_s, hears=hears, tick=tick
        )
    return Evaluation(
        protocol, threshold, tuple(chosen.main), conditions, tuple(chosen.apart), apart, never_voice=never
    )


def _noisy(
    windows: Windows,
    clean: NDArray[np.float64],
    snr_db: float,
    seed: int,
    scored: Callable[[Iterator[FloatArray]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Score the voices with sounds mixed in; the other windows stay, and so do their scores."""
    noisy = with_noise(windows, snr_db, seed)
    values: NDArray[np.float64] = clean.copy()
    values[windows.is_voice] = scored(iter(noisy.samples[windows.is_voice]))
    return values
