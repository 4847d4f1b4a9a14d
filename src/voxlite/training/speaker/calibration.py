"""From cosines of validation pairs to calibrated likelihood ratios: what `voxlite.voiceprints.scoring` applies.

Slope and offset, each with a part per octave of length, are fitted for wide and narrow sound by logistic regression at
equal priors (Brummer and du Preez 2006). Every set of voices and every condition counts alike, however many pairs it
has. Slopes stay positive over all lengths. Noise and acted strong emotion are looked at, but not fitted to: they would
make every other score timid. Rates of false acceptances are counted with noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize

from voxlite.training.metrics import Truth, Values, equal_error_rate
from voxlite.training.speaker.trials import Condition, Pairs
from voxlite.training.speaker.verification import cosines
from voxlite.values import FloatArray
from voxlite.voiceprints.scoring import FAR_KEY, LONGEST_S, SHORTEST_S, Cohort, octaves

TOPS = (0, 20, 50, 100, 200)
"""Numbers of nearest strangers that are tried; 0 leaves cosines as they are."""
RATES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
DEFAULT_FAR = 0.01
ASIDE = ("emodb",)
"""Sets that scores are not fitted to."""
_AS_GOOD = 1.01
"""Error, against the least of `TOPS`, up to which fewer strangers are as good: more of them blunt rare errors."""
_LEAST_SLOPE = 0.05
_MOST_IMPOSTORS = 20_000


@dataclass(frozen=True)
class SpeakerCalibration:
    """What an export writes into the file, and what it found on the way.

    Parameters
    ----------
    constants, threshold
        Of `ModelMetadata.calibration`, and its operating point "verify".
    eers
        Equal error rate on whole utterances by number of strangers, mean of the sets.
    left_out
        By set: false alarm and false reject rates at the operating point of constants fitted without the set.
    """

    constants: dict[str, float]
    threshold: dict[str, Any]
    eers: dict[int, float]
    left_out: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Scored:
    """Pairs of all conditions, scored: arrays of one length each."""

    scores: Values
    octaves: Values
    narrow: Truth
    noisy: Truth
    plain: Truth
    same: Truth
    sets: np.ndarray
    weights: Values

    def only(self, kept: Truth) -> _Scored:
        return _Scored(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def calibrate_speaker(found: Sequence[Pairs], strangers: FloatArray) -> SpeakerCalibration:
    """Fit everything that turns cosines into likelihood ratios.

    Parameters
    ----------
    found
        Validation pairs under all conditions.
    strangers
        float32[n, dim], the cohort.
    """
    eers = {top: _mean_eer(found, Cohort(strangers, top)) for top in TOPS if top <= len(strangers)}
    top = min(top for top, eer in eers.items() if eer <= _AS_GOOD * min(eers.values()))
    scored = _score(found, Cohort(strangers, top))
    fitted = ~np.isin(scored.sets, ASIDE)
    constants, threshold = _fitted(scored.only(fitted))
    left_out = {}
    for name in sorted(set(scored.sets)):
        kept = fitted & (scored.sets != name)
        if kept.any():
            others, point = _fitted(scored.only(kept))
            own = scored.only(scored.sets == name)
            left_out[name] = _rates(llr_of(own, others), own, float(point["value"]))
    sets = ", ".join(sorted(set(scored.sets[fitted])))
    data = (
        f"validation voices ({sets}): FAR over 1 s to whole, quiet, noisy, telephone; "
        "FRR of whole utterances in quiet"
    )
    return SpeakerCalibration(
        {**constants, "cohort_top": float(top)}, {**threshold, "data": data}, eers, left_out
    )


def llr_of(scored: _Scored, constants: dict[str, float]) -> Values:
    """Return the likelihood ratios of scored pairs."""
    result = np.empty(len(scored.scores))
    for band, chosen in (("wide", ~scored.narrow), ("narrow", scored.narrow)):
        slope, offset = (
            constants[f"{band}_{what}"] + scored.octaves * constants[f"{band}_{what}_per_octave"]
            for what in ("slope", "offset")
        )
        result[chosen] = (slope * scored.scores + offset)[chosen]
    return result


def _score(found: Sequence[Pairs], cohort: Cohort) -> _Scored:
    rng = np.random.default_rng(0)
    parts: list[_Scored] = []
    for item in found:
        scores = _normalised(item, cohort)
        keep = item.same | (rng.random(len(item.same)) < _MOST_IMPOSTORS / max(1, int((~item.same).sum())))
        weights = np.zeros(len(scores))
        for name in set(item.sources):  # each set, class and condition counts alike
            for is_same in (True, False):
                own = keep & (item.sources == name) & (item.same == is_same)
                weights[own] = 1 / max(1, own.sum())
        parts.append(
            _Scored(
                scores, octaves(item.shorter_s()), np.full(len(scores), item.condition.narrow),
                np.full(len(scores), item.condition.noisy), np.full(len(scores), item.condition == Condition()),
                item.same, item.sources, weights,
            ).only(keep)
        )  # fmt: skip
    return _Scored(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _Scored.__dataclass_fields__)
    )


def _normalised(item: Pairs, cohort: Cohort) -> FloatArray:
    found = cosines(item.first[item.left], item.second[item.right])
    return cohort.of_pairs(found, (item.first, item.left), (item.second, item.right))


def _mean_eer(found: Sequence[Pairs], cohort: Cohort) -> float:
    rates = []
    for item in found:
        if item.condition.seconds is None:
            scores = _normalised(item, cohort)
            for name in set(item.sources):
                own = item.sources == name
                rates.append(equal_error_rate(scores[own], item.same[own]))
    return float(np.mean(rates))


def _fitted(scored: _Scored) -> tuple[dict[str, float], dict[str, Any]]:
    constants: dict[str, float] = {}
    for band, chosen in (("wide", ~scored.narrow), ("narrow", scored.narrow)):
        slope, slope_more, offset, offset_more = _logistic(scored.only(chosen & ~scored.noisy))
        constants |= {
            f"{band}_slope": slope,
            f"{band}_slope_per_octave": slope_more,
            f"{band}_offset": offset,
            f"{band}_offset_per_octave": offset_more,
        }
    llr = llr_of(scored, constants)
    impostor = ~scored.same
    for rate in RATES:
        constants[f"{FAR_KEY}{rate:g}"] = round(
            _upper_quantile(llr[impostor], scored.weights[impostor], rate), 4
        )
    value = constants[f"{FAR_KEY}{DEFAULT_FAR:g}"]
    return constants, {"value": value, **_rates(llr, scored, value)}


def _rates(llr: Values, scored: _Scored, value: float) -> dict[str, float]:
    alarm, weights = llr >= value, scored.weights
    impostor = np.where(scored.same, 0, weights)
    target = np.where(scored.same & scored.plain, weights, 0)
    return {
        "far": round(float((impostor * alarm).sum() / impostor.sum()), 5),
        "frr": round(float((target * ~alarm).sum() / target.sum()), 5),
    }


def _logistic(scored: _Scored) -> tuple[float, float, float, float]:
    """Return slope, slope per octave, offset, offset per octave."""
    spread = float(scored.scores.std()) or 1.0
    x, octave = scored.scores / spread, scored.octaves
    weight = np.where(
        scored.same,
        scored.weights / scored.weights[scored.same].sum(),
        scored.weights / scored.weights[~scored.same].sum(),
    )
    sign = np.where(scored.same, 1.0, -1.0)
    ends = octaves(np.array([SHORTEST_S, LONGEST_S], np.float32))

    def cost(parameters: Values) -> float:
        a, b, c, d = parameters
        odds = (a + b * octave) * x + c + d * octave
        steep = np.minimum(a + b * ends - _LEAST_SLOPE, 0)
        return float(np.sum(weight * np.logaddexp(0.0, -sign * odds)) + 100 * np.sum(steep**2))

    a, b, c, d = minimize(cost, np.array([1.0, 0.0, 0.0, 0.0]), method="L-BFGS-B").x
    return round(float(a) / spread, 5), round(float(b) / spread, 5), round(float(c), 5), round(float(d), 5)


def _upper_quantile(values: Values, weights: Values, share: float) -> float:
    """Return the value that a share of the weight lies at or above."""
    order = np.argsort(-values)
    passed = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(passed, share)), len(order) - 1)])
