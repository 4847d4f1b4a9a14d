"""One logit for a clip: the mean of its highest step logits within its best second.

A syllable in a second of hiss must count as voice, and so must an hour with one word in it: hence the highest steps,
not all of them. That they must lie within one span keeps chance peaks from adding up over a long recording.
"""

from __future__ import annotations

import numpy as np

from voxlite.values import FloatArray

SILENT_LOGIT = -8.0
"""What a silent step counts."""


def pool(logits: FloatArray, n_steps: int, span: int) -> float:
    """Return a clip's logit: the mean of its `n_steps` highest step logits within the best `span` steps.

    A clip shorter than `n_steps` counts as if silent steps followed.
    """
    if len(logits) < max(n_steps, span):
        logits = np.pad(logits, (0, max(n_steps, span) - len(logits)), constant_values=SILENT_LOGIT)
    best = -np.inf
    for first in range(0, len(logits) - span + 1, 16_384):
        block = logits[first : first + 16_384 + span - 1]
        view = np.lib.stride_tricks.sliding_window_view(block, span)
        best = max(
            best, float(np.partition(view, span - n_steps, axis=1)[:, span - n_steps :].mean(axis=1).max())
        )
    return best
