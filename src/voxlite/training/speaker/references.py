"""What several references of a person are worth: a test against one, two and four of them, blended as the product does.

It shows whether `voxlite.voiceprints.scoring.cost_of` is right: the LLR that one stranger in a hundred reaches must not
rise with the number of references.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.training import metrics
from voxlite.training.protocol import CLEAN
from voxlite.training.speaker.evaluate import Sides, SpeakerEvaluation
from voxlite.values import FloatArray
from voxlite.voiceprints.scoring import PairScorer, blended, cost_of

COUNTS = (1, 2, 4)


def ratios_to(sides: Sides, references: NDArray[np.int64], scorer: PairScorer) -> FloatArray:
    """Return the LLR of every utterance with some utterances of one person together, float32[n]."""
    blends = blended(sides.first, sides.first[references])
    cosines = np.sum(sides.first * blends, axis=1)
    cohort = scorer.cohort
    scores = cohort.normalised(cosines, cohort.statistics(sides.first), cohort.statistics(blends))
    seconds = np.minimum(sides.first_s, sides.first_s[references].sum())
    return scorer.calibrated(scores, seconds, narrow=False) - np.float32(cost_of(len(references)))


def by_references(evaluation: SpeakerEvaluation, scorer: PairScorer, llr: float) -> list[dict[str, Any]]:
    """Return a row per number of references, on clean clips of voices that have more than the most of them.

    The first clips of a voice are its references, those after the most references ask, and so do all other voices of
    the source.

    Parameters
    ----------
    evaluation, scorer
        Of one model.
    llr
        From which on a voice is accepted.

    Returns
    -------
    list of dict
        "n_references", "eer", "far", "frr", and "llr_at_far_0.01", the LLR that one stranger in a hundred reaches;
        empty where no voice has enough clips.
    """
    voices, sides = np.array(evaluation.trials.voices()), evaluation.sides[CLEAN]
    sources = np.array([clip.source for clip in evaluation.trials.clips])
    clips = [np.flatnonzero(voices == name) for name in np.unique(voices)]
    rows = []
    for count in COUNTS:
        asked = [
            _asked(ratios_to(sides, own[:count], scorer), own[max(COUNTS) :], sources, voices)
            for own in clips
            if len(own) > max(COUNTS)
        ]
        if not asked or not any(len(strangers) for _, strangers in asked):
            return []
        same, other = (np.concatenate(part) for part in zip(*asked, strict=True))
        truth = np.repeat([True, False], [len(same), len(other)])
        rows.append(
            {
                "n_references": count,
                "eer": metrics.equal_error_rate(np.concatenate([same, other]), truth),
                "far": float(np.mean(other >= llr)),
                "frr": float(np.mean(same < llr)),
                "llr_at_far_0.01": float(np.quantile(other, 0.99)),
            }
        )
    return rows


def _asked(
    ratios: FloatArray, own: NDArray[np.int64], sources: NDArray[np.str_], voices: NDArray[np.str_]
) -> tuple[FloatArray, FloatArray]:
    """Return the LLRs of a person's own tests, and of the source's other voices."""
    strangers = (sources == sources[own[0]]) & (voices != voices[own[0]])
    return ratios[own], ratios[strangers]
