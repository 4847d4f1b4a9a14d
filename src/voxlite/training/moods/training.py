"""`voxlite train mood`: fit the linear layers of a mood model, and learn how far to trust them.

How far is learned from answers about voices that were left out: whole corpora where several are learned from, speakers
where there is one corpus only. What is kept in the end is fitted on all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from voxlite._version import __version__
from voxlite.tasks.mood import AGAINST_NEUTRAL
from voxlite.training.corpus import Clip
from voxlite.training.moods.features import Described, described_corpus
from voxlite.training.moods.folds import shared_labels, speaker_folds
from voxlite.training.moods.judging import mood_head
from voxlite.training.moods.reference import against_neutral, reference_head
from voxlite.training.ridge import Head, Scaling, balanced, fit_head
from voxlite.training.traits.calibration import Vectors, calibrate_trait
from voxlite.training.traits.labels import AROUSAL, MOOD, TRAITS

RUN_KIND = "mood"


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What is said of clips by heads that have not heard their voices.

    Parameters
    ----------
    scores
        float32[n, outputs]: of the moods, then of arousal unless a reference is given.
    labels
        Of each clip, empty where it has none of the moods.
    arousal
        float64[n], 0..1.
    left_out
        What a head had not heard: "corpus" or "speaker".
    """

    scores: NDArray[np.float32]
    labels: NDArray[np.str_]
    arousal: NDArray[np.float64]
    left_out: str


def both_heads(described: Described) -> Head:
    """Fit the layer of moods and the one of arousal; it takes features as they are."""
    labels, arousal = shared_labels(described.words), arousals(described)
    known = labels != ""
    of_moods = mood_head(described.part(known), labels[known], MOOD)
    scaling = Scaling.of(described.rows, described.blocks)
    weights = balanced(described.sources, described.words)
    of_arousal = fit_head(
        scaling(described.rows), arousal[:, None].astype(np.float32), weights, described.sources
    )
    return of_moods.beside(of_arousal.behind(scaling))


def arousals(described: Described) -> NDArray[np.float64]:
    """Return how excited each clip's mood is, float64[n]."""
    return np.array([AROUSAL[clip.mood] for clip in described.clips])


def out_of_fold(
    described: Described,
    tick: Callable[[], None] = lambda: None,
    fit: Callable[[Described], Head] = both_heads,
) -> OutOfFold:
    """Let heads judge what they have not heard: other corpora where there are several, else other speakers."""
    sources = described.sources
    corpora = np.unique(sources)
    several = len(corpora) > 1
    folds = [sources == name for name in corpora] if several else speaker_folds(described.voices)
    parts = []
    for fold in folds:
        parts.append(fit(described.part(~fold))(described.rows[fold]))
        tick()
    scores = np.zeros((len(described.clips), parts[0].shape[1]), np.float32)
    for fold, part in zip(folds, parts, strict=True):
        scores[fold] = part
    labels = shared_labels(described.words)
    return OutOfFold(scores, labels, arousals(described), "corpus" if several else "speaker")


def as_vectors(found: OutOfFold, described: Described) -> Vectors:
    """Return the scores of clips that have a mood, as the calibration of traits takes them."""
    known = np.flatnonzero(found.labels != "")
    weights = balanced(described.sources[known], found.labels[known])
    return Vectors(
        found.scores[known],
        np.array([MOOD.index(label) for label in found.labels[known].tolist()]),
        np.array([described.clips[at].duration_s for at in known]),
        weights / weights.sum(),
        tuple((str(described.sources[at]), str(found.labels[at])) for at in known),
    )


def arousal_constants(found: OutOfFold, described: Described) -> dict[str, float]:
    """Return slope and offset that turn the score of arousal into the odds of a number in 0..1, by least squares."""
    score, weights = found.scores[:, -1].astype(np.float64), balanced(described.sources, described.words)

    def cost(values: NDArray[np.float64]) -> float:
        told = 1 / (1 + np.exp(-(values[0] * score + values[1])))
        return float((weights * np.square(told - found.arousal)).mean())

    slope, offset = minimize(cost, np.array([4.0, -2.0]), method="Nelder-Mead").x
    return {"arousal_slope": float(slope), "arousal_offset": float(offset)}


def train_mood(
    manifest: Path,
    out: Path,
    cache: Path,
    weights: Path,
    *,
    free_only: bool = True,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Fit a mood model on a corpus.

    Parameters
    ----------
    manifest
        CSV of clips.
    out
        Folder for `plan.json`, which says what was learned from, and `head.npz`, the fitted layer.
    cache
        Folder of decoded samples and features, reused.
    weights
        Of the speaker net whose layers are used.
    free_only
        Whether clips that are not free are left out.
    tick
        Called after each decoded clip, each described clip and each fold.

    Returns
    -------
    dict
        What `plan.json` holds.

    Raises
    ------
    CorpusError
        If fewer than two speakers, or not every mood, can be learned from.
    """
    described = described_corpus(manifest, weights, cache, tick, free_only)
    found = out_of_fold(described, tick)
    constants, points = _calibrated(found, described, "")
    constants |= arousal_constants(found, described)
    head, against = both_heads(described), against_neutral(described).described
    if len(np.unique(against.voices)) > 1:
        head = head.beside(reference_head(against))
        more, more_points = _calibrated(out_of_fold(against, tick, reference_head), against, AGAINST_NEUTRAL)
        constants, points = {**constants, **more}, {**points, **more_points}
    scaling = Scaling.of(described.rows, described.blocks)
    head = head.before(scaling)
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "head.npz", mean=scaling.mean, factor=scaling.factor, kernel=head.kernel, bias=head.bias)
    plan = {
        "net_name": RUN_KIND,
        "speaker_weights": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "calibration": {"constants": constants, "thresholds": points},
        "training": _provenance(described.clips, free_only),
    }
    (out / "plan.json").write_text(json.dumps(plan, indent=1), encoding="utf-8")
    return plan


def _calibrated(
    found: OutOfFold, described: Described, prefix: str
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return constants and operating points, their names begun with a prefix."""
    calibrated = calibrate_trait(as_vectors(found, described), TRAITS["mood"])
    points = {
        prefix + name: {**point, "data": f"{point['data']}, each {found.left_out} left out"}
        for name, point in calibrated.thresholds.items()
    }
    return {prefix + name: value for name, value in calibrated.constants.items()}, points


def _provenance(clips: Sequence[Clip], free_only: bool) -> dict[str, Any]:
    return {
        "clips": len(clips),
        "voices": len({(clip.source, clip.speaker) for clip in clips}),
        "by_label": dict(Counter(label for clip in clips if (label := TRAITS["mood"].label_of(clip)))),
        "hours": round(sum(clip.duration_s for clip in clips) / 3600, 2),
        "licences": dict(Counter(clip.licence for clip in clips)),
        "sources": sorted({clip.source for clip in clips}),
        "free_only": free_only,
        "versions": {"keras": version("keras"), "numpy": version("numpy"), "voxlite": __version__},
    }
