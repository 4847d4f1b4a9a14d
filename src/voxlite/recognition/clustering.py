"""Embeddings of short windows to one centre per speaker: agglomerative clustering with average linkage on cosines.

SciPy (extra `diarize`) builds the tree; what is decided here is where to cut it. From the root down, the clusters that
hold enough speech are counted; strays, windows of noise or of two voices, stay small and count for nothing. With a
given number of speakers the first cut with so many clusters is taken. Otherwise clusters are added as long as every
two of them are rather two persons than one by the model's own calibrated likelihood ratio.

Of a long recording `MOST_CLUSTERED` windows, evenly spread, are clustered: the tree's memory grows with the square.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import MissingExtraError
from voxlite.values import FloatArray

MOST_CLUSTERED = 2_000
_MOST_LEVELS = 150
"""Cuts that are looked at: below, clusters are too many to be persons."""

Together = Callable[[FloatArray, FloatArray, int], bool]
"""Whether two centres, the smaller one of so many windows, rather belong to one person."""


def centres(
    rows: FloatArray, least_windows: int, least: int, most: int, together: Together | None = None
) -> FloatArray:
    """Return one centre per speaker.

    Parameters
    ----------
    rows
        float32[n, dim], unit norm, n at least 1.
    least_windows
        How many windows make a speaker; fewer are asked for where that leaves too few speakers.
    least, most
        Number of speakers, at least 1; fewer where there are not enough windows.
    together
        Decides between `least` and `most`; not needed where they are equal.

    Returns
    -------
    FloatArray
        float32[speakers, dim], unit norm, the larger cluster first.

    Raises
    ------
    MissingExtraError
        If SciPy is not installed.
    """
    if len(rows) > MOST_CLUSTERED:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_CLUSTERED).round().astype(np.int64)]
    levels = _levels(rows)
    need = max(1, least_windows)
    cuts = _cuts(levels, need)
    while max(cuts) < min(least, len(rows)) and need > 1:
        need = (need + 1) // 2
        cuts = _cuts(levels, need)
    found = _members(levels[cuts[min(cuts)]], need)
    for count in sorted(cuts):
        members = _members(levels[cuts[count]], need)
        if count > most:
            break
        if count > least and together is not None and _any_together(rows, members, together):
            break
        found = members
    return _means(rows, found)


def _levels(rows: FloatArray) -> list[NDArray[np.int64]]:
    """Return the cluster of each row, for 1, 2, 3, ... clusters."""
    try:
        from scipy.cluster.hierarchy import leaves_list, linkage
    except ImportError as error:
        raise MissingExtraError("telling speakers apart", "diarize") from error
    n = len(rows)
    labels = np.zeros(n, np.int64)
    levels = [labels.copy()]
    if n == 1:
        return levels
    tree = linkage(rows.astype(np.float64), "average", "cosine")
    leaves = leaves_list(tree)
    # A node's leaves are neighbours in that order: its first place and its size say which. SciPy's own cuts skip
    # numbers of clusters where merges are equally high.
    children = tree[:, :2].astype(np.int64)
    size = np.concatenate([np.ones(n, np.int64), tree[:, 3].astype(np.int64)])
    place = np.concatenate([np.argsort(leaves), np.zeros(n - 1, np.int64)])
    for at, pair in enumerate(children):
        place[n + at] = place[pair].min()
    for number, (_, child) in enumerate(children[::-1][: _MOST_LEVELS - 1], 1):
        labels[leaves[place[child] : place[child] + size[child]]] = number
        levels.append(labels.copy())
    return levels


def _cuts(levels: list[NDArray[np.int64]], need: int) -> dict[int, int]:
    """Return, for each number of clusters with `need` rows or more, the first level that has so many."""
    cuts: dict[int, int] = {}
    for level, labels in enumerate(levels):
        cuts.setdefault(int((np.bincount(labels) >= need).sum()), level)
    return {count: level for count, level in cuts.items() if count} or {1: 0}


def _members(labels: NDArray[np.int64], need: int) -> list[NDArray[np.int64]]:
    """Return the rows of each cluster with `need` rows or more, the largest first; all rows where none has."""
    counts = np.bincount(labels)
    large = [int(label) for label in np.argsort(-counts, kind="stable") if counts[label] >= need]
    return [np.flatnonzero(labels == label) for label in large] or [np.arange(len(labels))]


def _any_together(rows: FloatArray, members: list[NDArray[np.int64]], together: Together) -> bool:
    means = _means(rows, members)
    return any(
        together(means[one], means[other], min(len(members[one]), len(members[other])))
        for one in range(len(members))
        for other in range(one)
    )


def _means(rows: FloatArray, members: list[NDArray[np.int64]]) -> FloatArray:
    return unit(np.stack([rows[index].mean(axis=0) for index in members]))


def unit(rows: FloatArray) -> FloatArray:
    """Return rows brought to unit norm, float32; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), np.float32)
