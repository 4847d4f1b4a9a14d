"""A linear layer behind frozen ones: ridge regression (Hoerl and Kennard 1970) on standardised features.

Examples have weights, and each group's own mean is taken away before: what tells groups of recordings apart, their
microphones or languages, then tells nothing of what is learned. Solved in its dual form, for there are more features
than clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voxlite.values import FloatArray

ALPHA = 3.0


@dataclass(frozen=True)
class FeatureBlocks:
    """The features' blocks in order: name and size of each; blocks weigh alike, unless `weights` names them."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def slices(self) -> dict[str, slice]:
        """Where each block lies."""
        ends = np.cumsum(self.sizes).tolist()
        return {
            name: slice(end - size, end) for name, end, size in zip(self.names, ends, self.sizes, strict=True)
        }


@dataclass(frozen=True, eq=False)
class Scaling:
    """What brings features to a common scale: (x - mean) * factor, float32[features] each."""

    mean: FloatArray
    factor: FloatArray

    @classmethod
    def of(cls, rows: FloatArray, blocks: FeatureBlocks) -> Scaling:
        """Fit to features: each of standard deviation one, each block of mean square one over all of its features."""
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        factor = 1 / np.maximum(deviation, 1e-4)
        factor[deviation < 1e-4] = 0.0
        for name, part in blocks.slices.items():
            factor[part] *= blocks.weights.get(name, 1.0) / np.sqrt(part.stop - part.start)
        return cls(mean.astype(np.float32), factor.astype(np.float32))

    def __call__(self, rows: FloatArray) -> FloatArray:
        """Return scaled features."""
        return (rows - self.mean) * self.factor


@dataclass(frozen=True, eq=False)
class Head:
    """One linear layer: rows @ kernel + bias, float32[features, outputs] and float32[outputs]."""

    kernel: FloatArray
    bias: FloatArray

    def __call__(self, rows: FloatArray) -> FloatArray:
        """Return float32[n, outputs]."""
        return rows @ self.kernel + self.bias

    def behind(self, scaling: Scaling) -> Head:
        """Return the layer that does both: it takes features as they are."""
        kernel = scaling.factor[:, None] * self.kernel
        return Head(kernel, self.bias - scaling.mean @ kernel)

    def before(self, scaling: Scaling) -> Head:
        """Return the layer that takes scaled features instead: `behind`, undone; features of no scale count nothing."""
        used = scaling.factor > 0
        kernel = np.zeros_like(self.kernel)
        kernel[used] = self.kernel[used] / scaling.factor[used, None]
        return Head(kernel, self.bias + scaling.mean @ self.kernel)

    def beside(self, other: Head) -> Head:
        """Return one layer with the outputs of both."""
        return Head(
            np.concatenate([self.kernel, other.kernel], axis=1), np.concatenate([self.bias, other.bias])
        )


def fit_head(
    rows: FloatArray,
    targets: FloatArray,
    weights: NDArray[np.float64],
    groups: NDArray[np.str_],
    alpha: float = ALPHA,
) -> Head:
    """Fit a linear layer.

    Parameters
    ----------
    rows
        float32[n, features], scaled.
    targets
        float32[n, outputs].
    weights
        float64[n], mean one.
    groups
        Of each row, the corpus whose mean is taken away.
    alpha
        Weight of the penalty.
    """
    share = (weights / weights.sum()).astype(np.float32)
    middle, wanted = share @ rows, share @ targets
    apart = rows.copy()
    for group in np.unique(groups):
        own = groups == group
        apart[own] -= share[own] @ rows[own] / share[own].sum()
    root = np.sqrt(weights)[:, None].astype(np.float32)
    scaled = (apart * root).astype(np.float64)
    gram = scaled @ scaled.T
    gram[np.diag_indices_from(gram)] += alpha
    dual = np.linalg.solve(gram, ((targets - wanted) * root).astype(np.float64))
    kernel = (scaled.T @ dual).astype(np.float32)
    return Head(kernel, (wanted - middle @ kernel).astype(np.float32))


def balanced(*keys: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return weights of mean one with which every combination of keys that occurs weighs alike."""
    both = np.array(["\t".join(row) for row in zip(*keys, strict=True)])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    weights = 1 / counts[inverse]
    return np.asarray(weights * len(weights) / weights.sum())


def one_of(labels: NDArray[np.str_], names: tuple[str, ...]) -> FloatArray:
    """Return +1 where a row has a label and -1 elsewhere, float32[n, names]."""
    return np.where(labels[:, None] == np.array(names), 1, -1).astype(np.float32)
