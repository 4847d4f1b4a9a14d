"""The made-up voices and questions that the vectors of who speaks when are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.recognition.clustering import unit
from voxlite.tasks.voice_windows import HOP_S, WINDOW_S, Windows
from voxlite.values import FloatArray


@dataclass(frozen=True)
class Question:
    """How `centres` is asked.

    Parameters
    ----------
    least_windows, least, most
        As it takes them.
    cosine
        From which on two centres belong together; None if that is not asked.
    """

    least_windows: int
    least: int
    most: int
    cosine: float | None = None

    def together(self, one: FloatArray, other: FloatArray, n_windows: int) -> bool:
        """Tell whether two centres belong together; fewer windows make that likelier."""
        return float(one @ other) >= (self.cosine or 0.0) - 0.5 / n_windows


@dataclass(frozen=True, eq=False)
class Clustered:
    """Rows to be clustered, float32[n, dim] of unit norm, and what is asked of them."""

    name: str
    rows: FloatArray
    questions: Sequence[Question]


_QUESTIONS = (
    Question(6, 1, 20, 0.5),
    Question(6, 1, 20, 0.95),
    Question(6, 2, 3, 0.5),
    Question(2, 4, 4),
    Question(9, 20, 20),
    Question(1, 1, 1),
)


def clustered_cases() -> list[Clustered]:
    """Return voices that are easy to tell apart and hard, strays, equal distances, one row, more rows than are used."""
    rng = np.random.default_rng(11)
    corners = np.concatenate([np.eye(8), -np.eye(8), np.kron(np.eye(2), [[0.5, 0.5, 0.5, 0.5]] * 2)])
    return [
        Clustered("apart", _people(rng, (30, 20, 12), 24, 0.4), _QUESTIONS),
        Clustered("near", _people(rng, (40, 25, 9, 7, 3, 1), 16, 1.1), _QUESTIONS),
        Clustered("strays", np.concatenate([_people(rng, (50,), 12, 0.3), _people(rng, (1,) * 30, 12, 1)]), _QUESTIONS),
        Clustered("equal", np.repeat(corners.astype(np.float32), 3, axis=0), _QUESTIONS),
        Clustered("one", _people(rng, (1,), 5, 0.1), _QUESTIONS),
        Clustered("two", _people(rng, (1, 1), 5, 0.1), _QUESTIONS),
        Clustered("long", _people(rng, (1200, 700, 330), 8, 0.5), _QUESTIONS[:1]),
    ]  # fmt: skip


def paths() -> list[tuple[FloatArray, NDArray[np.int64]]]:
    """Return cosines to some speakers and the segments of windows: few and many of either, and one window."""
    rng = np.random.default_rng(12)
    shapes = ((1, 1), (1, 3), (40, 1), (60, 2), (200, 5), (80, 20))
    return [
        (
            rng.uniform(-0.2, 0.9, (n, n_speakers)).astype(np.float32),
            np.cumsum(rng.random(n) < 0.3).astype(np.int64),
        )
        for n, n_speakers in shapes
    ]


def windows_cases(dim: int) -> dict[str, Windows]:
    """Return windows of made-up people who talk by turns; of none, of one, of short words alone."""
    rng = np.random.default_rng(13)
    return {
        "nobody": _windows(rng, dim, (), ()),
        "word": _windows(rng, dim, (0.4,), (0,)),
        "words": _windows(rng, dim, (0.4, 0.7, 0.9, 0.3, 0.8), (0, 0, 1, 1, 0)),
        "by-turns": _windows(rng, dim, (9.2, 14.0, 3.1, 8.4, 12.0, 0.6), (0, 1, 0, 1, 2, 2)),
        "interrupted": _windows(rng, dim, (40.0, 25.3, 1.7), (0, 1, 1), n_inside=4),
        "narrow": _windows(rng, dim, (12.0, 12.0, 12.0), (0, 1, 0), bandwidth_hz=3_400.0),
    }


def _windows(
    rng: np.random.Generator,
    dim: int,
    lengths_s: Sequence[float],
    people: Sequence[int],
    n_inside: int = 1,
    bandwidth_hz: float | None = 7_600.0,
) -> Windows:
    """Return the windows of segments, each begun by one person and relieved by `n_inside` - 1 others."""
    voices = rng.standard_normal((4, dim))
    spans: list[tuple[float, float, int]] = []
    rows = []
    voice_s = []
    begin_s = 0.32
    for number, (length_s, person) in enumerate(zip(lengths_s, people, strict=True)):
        n = max(1, int((length_s - WINDOW_S) / HOP_S) + 1)
        for at in range(n):
            start_s = begin_s + at * HOP_S
            spans.append((start_s, min(start_s + WINDOW_S, begin_s + length_s), number))
            own = voices[(person + at * n_inside // n) % 3]
            rows.append(own + rng.standard_normal(dim) * rng.uniform(0.3, 1.2))
        voice_s.append((begin_s, begin_s + length_s))
        begin_s += length_s + 0.48
    found = np.array(spans, np.float64).reshape(-1, 3)
    return Windows(
        start_s=found[:, 0],
        end_s=found[:, 1],
        segment=found[:, 2].astype(np.int64),
        vectors=unit(np.array(rows, np.float32).reshape(-1, dim)),
        voice_s=np.array(voice_s, np.float64).reshape(-1, 2),
        bandwidth_hz=bandwidth_hz if spans else None,
    )


def _people(rng: np.random.Generator, sizes: Sequence[int], dim: int, spread: float) -> FloatArray:
    """Return rows of several people, mixed up."""
    rows = np.concatenate(
        [rng.standard_normal(dim) + spread * rng.standard_normal((size, dim)) for size in sizes]
    )
    return unit(rng.permutation(rows).astype(np.float32))
