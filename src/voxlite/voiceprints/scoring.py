"""How alike two voices are: cosine, normalised against strangers, as a calibrated log-likelihood ratio (LLR).

A cosine means more for some voices than for others: adaptive score normalisation (AS-norm, Matejka et al. 2017) asks
how far it lies above the cosines of the same two embeddings to the nearest strangers of a cohort, in their standard
deviations, and takes the mean of both sides. A logistic calibration turns that into an LLR whose slope and offset
depend on the seconds of speech and on the bandwidth: short or narrow speech says less. An LLR of 0 says nothing
either way; one of 3 that the pair is e^3 = 20 times as likely of one person as of two.

A speaker model's metadata carries the constants: "wide_slope", "wide_slope_per_octave", "wide_offset",
"wide_offset_per_octave", the same with "narrow_", "cohort_top", and "llr_at_far_0.1" and so on, the LLR that this
share of strangers reached on held-out voices.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import ModelError
from voxlite.runtime.catalog import ModelInfo
from voxlite.values import FloatArray

SHORTEST_S, LONGEST_S = 1.0, 8.0
"""Seconds of speech between which the calibration follows the length; beyond, it stays as at the end."""
_REFERENCE_S = 3.0
FAR_KEY = "llr_at_far_"
"""Calibration keys of rates: followed by the rate, "llr_at_far_0.001"."""
_CONSTANTS = tuple(
    f"{band}_{what}{by}"
    for band in ("wide", "narrow")
    for what in ("slope", "offset")
    for by in ("", "_per_octave")
)
_LEAST_DEVIATION = 1e-3
_LEAST_NORM = 1e-3
_LIKENESS = 3.0
"""How much a reference that is nearer to the probe counts for more: weights are exp(_LIKENESS * cosine)."""

_COST_OF_DOUBLING = 0.28
"""LLR that twice as many blended references cost: a mean is nearer to strangers, too. With it the LLR that one stranger
in a hundred reaches stays where it is, on validation voices 2.38, 2.39 and 2.36 with one, two and four references:
`voxlite evaluate speaker --split val --quick --sources speechocean762 --per-speaker 20`."""


def cost_of(n_references: int) -> float:
    """Return what the LLR of several blended references is lowered by, natural logarithm; 0 for one."""
    return float(_COST_OF_DOUBLING * np.log2(n_references))


def octaves(speech_s: FloatArray | float) -> FloatArray:
    """Return lengths of speech as the calibration sees them: octaves from the reference, limited at both ends."""
    return np.asarray(np.log2(np.clip(speech_s, SHORTEST_S, LONGEST_S) / _REFERENCE_S), np.float32)


def blended(probes: FloatArray, references: FloatArray) -> FloatArray:
    """Return one reference made of several of a person, for each probe: their mean, the nearer ones counting more.

    The mean knows a voice better than any single recording; the weights keep what another microphone said apart.

    Parameters
    ----------
    probes
        float32[m, dim], unit norm.
    references
        float32[n, dim], unit norm, n of 1 or more.

    Returns
    -------
    FloatArray
        float32[m, dim], unit norm.
    """
    cosines = probes @ references.T
    weights = np.exp(_LIKENESS * (cosines - cosines.max(axis=1, keepdims=True)))
    mixed = (weights / weights.sum(axis=1, keepdims=True)) @ references
    norm = np.linalg.norm(mixed, axis=1, keepdims=True)
    nearest = references[cosines.argmax(axis=1)]  # stands for references that cancel each other
    return np.asarray(
        np.where(norm > _LEAST_NORM, mixed / np.maximum(norm, _LEAST_NORM), nearest), np.float32
    )


class Cohort:
    """Embeddings of strangers.

    Parameters
    ----------
    rows
        float32[n, dim], unit norm; n may be 0: then scores stay cosines.
    top
        How many of the nearest count.
    """

    def __init__(self, rows: FloatArray, top: int) -> None:
        self._rows, self._top = rows, min(top, len(rows))

    def statistics(self, embeddings: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the cosines to the nearest strangers.

        Parameters
        ----------
        embeddings
            float32[n, dim], unit norm.

        Returns
        -------
        mean, deviation
            float32[n] each; 0 and 1 without a cohort.
        """
        if not self._top:
            return np.zeros(len(embeddings), np.float32), np.ones(len(embeddings), np.float32)
        found = embeddings @ self._rows.T
        nearest = np.partition(found, found.shape[1] - self._top, axis=1)[:, -self._top :]
        deviation = np.maximum(nearest.std(axis=1), np.float32(_LEAST_DEVIATION))
        return np.asarray(nearest.mean(axis=1), np.float32), np.asarray(deviation, np.float32)

    def normalised(
        self,
        cosines: FloatArray,
        first: tuple[FloatArray, FloatArray],
        second: tuple[FloatArray, FloatArray],
    ) -> FloatArray:
        """Return AS-norm of cosines from the `statistics` of either side; shapes must broadcast."""
        sides = [(cosines - mean) / deviation for mean, deviation in (first, second)]
        return np.asarray((sides[0] + sides[1]) / 2, np.float32)

    def of_pairs(
        self,
        cosines: FloatArray,
        first: tuple[FloatArray, NDArray[np.int64]],
        second: tuple[FloatArray, NDArray[np.int64]],
    ) -> FloatArray:
        """Return AS-norm of the cosines of many pairs.

        Parameters
        ----------
        cosines
            float32[pairs].
        first, second
            Of either side: embeddings float32[n, dim], unit norm, and which of them a pair has, int[pairs].
        """
        sides = []
        for rows, index in (first, second):
            mean, deviation = self.statistics(rows)
            sides.append((mean[index], deviation[index]))
        return self.normalised(cosines, *sides)


class PairScorer:
    """From embeddings to LLRs, as one model's file says.

    Parameters
    ----------
    model
        A speaker model.

    Raises
    ------
    ModelError
        If its file holds no calibration.
    """

    def __init__(self, model: ModelInfo) -> None:
        self._calibration: Mapping[str, float] = model.metadata.calibration
        try:
            for name in _CONSTANTS:
                float(self._calibration[name])
            self.cohort = Cohort(model.cohort(), max(0, int(self._calibration["cohort_top"])))
            rates = sorted(float(key[len(FAR_KEY) :]) for key in self._calibration if key.startswith(FAR_KEY))
            self._at = np.array([self._calibration[f"{FAR_KEY}{rate:g}"] for rate in rates])
        except (KeyError, ValueError) as missing:
            raise ModelError(
                f"{model.path}: its scores are not calibrated: import or export the model again ({missing})"
            ) from None
        self._rates = np.array(rates)

    def llr(self, probe: FloatArray, references: FloatArray, speech_s: float, narrow: bool) -> FloatArray:
        """Return the LLR of one voice and each of several references.

        Parameters
        ----------
        probe, references
            float32[dim] and float32[n, dim], unit norm.
        speech_s
            Net speech of the shorter side.
        narrow
            Whether one of both sides carries a telephone's band alone.

        Returns
        -------
        FloatArray
            float32[n], natural logarithm.
        """
        one = self.cohort.statistics(probe[None])
        scores = self.cohort.normalised(references @ probe, one, self.cohort.statistics(references))
        return self.calibrated(scores, speech_s, narrow)

    def calibrated(self, scores: FloatArray, speech_s: FloatArray | float, narrow: bool) -> FloatArray:
        """Return the LLR of normalised scores, float32 of the same shape; lengths for all of them or for each."""
        band, octave = "narrow" if narrow else "wide", octaves(speech_s)
        slope, offset = (
            self._calibration[f"{band}_{what}"] + octave * self._calibration[f"{band}_{what}_per_octave"]
            for what in ("slope", "offset")
        )
        return np.asarray(scores * slope + offset, np.float32)

    def llr_at_far(self, far: float) -> float:
        """Return the LLR that a share `far` of strangers reaches, in 0..1, between measured rates by their logarithm.

        Beyond the rarest rate that was measured, the LLR rises by as much as the odds fall: a calibrated ratio says so.
        """
        if not len(self._rates):
            return float(-np.log(far))
        below = max(0.0, float(np.log(self._rates[0] / far)))
        return float(np.interp(np.log(far), np.log(self._rates), self._at)) + below


def probability(llr: FloatArray | float) -> FloatArray:
    """Return the probability that a pair is of one person where that is as likely as not before hearing it, 0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(llr, -80, 80))), np.float32)
