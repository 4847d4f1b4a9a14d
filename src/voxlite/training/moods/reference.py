"""A person's own neutral recordings as reference: moods told by how a voice differs from its calm self.

The first half of a voice's neutral clips, ten at most, stand for it: their mean is taken away from its other clips, and
they are judged no more. Voices with fewer than four neutral clips are left out. The layer is linear, so that at use the
reference's own scores are subtracted from a recording's, and one file does both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.training.moods.features import Described
from voxlite.training.moods.folds import shared_labels
from voxlite.training.moods.judging import RidgeJudge, mood_head
from voxlite.training.ridge import Head
from voxlite.training.traits.labels import MOOD

REFERENCE_ALPHA = 10.0
"""Weight of the ridge penalty: differences are noisier than what is told without a reference."""
LEAST_NEUTRAL = 4
MOST_REFERENCES = 10


@dataclass(frozen=True, eq=False)
class Against:
    """Clips as differences from their voice's neutral ones.

    Parameters
    ----------
    described
        The clips that are left, their features less the reference's.
    kept
        bool[clips]: which of all clips these are.
    """

    described: Described
    kept: NDArray[np.bool_]


def against_neutral(described: Described) -> Against:
    """Return clips as differences from their voices' references; none are left where no voice has enough of them."""
    voices, neutral = described.voices, shared_labels(described.words) == "neutral"
    rows, kept = described.rows.copy(), np.zeros(len(described.clips), np.bool_)
    for voice in np.unique(voices):
        own = voices == voice
        calm = np.flatnonzero(own & neutral)
        if len(calm) < LEAST_NEUTRAL:
            continue
        reference = calm[: min(len(calm) // 2, MOST_REFERENCES)]
        rows[own] -= described.rows[reference].mean(axis=0)
        kept |= own
        kept[reference] = False
    left = Described(described.clips, rows, described.blocks)
    return Against(left.part(kept), kept)


def reference_head(against: Described) -> Head:
    """Fit the layer of moods on differences; its bias is zero, for it is taken from differences of scores."""
    labels = shared_labels(against.words)
    known = labels != ""
    head = mood_head(against.part(known), labels[known], MOOD, REFERENCE_ALPHA)
    return Head(head.kernel, np.zeros_like(head.bias))


def referring_judge(described: Described) -> RidgeJudge:
    """Return voxlite's judge of what `against_neutral` leaves of the clips."""
    return RidgeJudge(against_neutral(described).described, REFERENCE_ALPHA)
