"""What a speaker model's file makes of the protocol's embeddings: AS-norm, likelihood ratios, stated and found rates.

Three questions: does the normalisation help; do the rates that the file states hold on voices that it never met; and
what happens when 20 people are enrolled and strangers speak. Probabilities are judged at equal priors, as
`voxlite.voiceprints.scoring.probability` gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.recognition.matching import operating_point
from voxlite.runtime.catalog import ModelInfo
from voxlite.training import metrics
from voxlite.training.protocol import CLEAN
from voxlite.training.speaker.evaluate import TELEPHONE, Sides, SpeakerEvaluation, verification
from voxlite.training.speaker.references import by_references, ratios_to
from voxlite.values import FloatArray
from voxlite.voiceprints.scoring import PairScorer, probability

RARER_FAR = 0.001


@dataclass(frozen=True)
class OpenSet:
    """How identification among enrolled people is measured.

    Parameters
    ----------
    n_enrolled, n_impostors
        Voices; where there are fewer, a fifth is enrolled and all others are strangers.
    n_references
        Most clips that a person enrolls with, the first ones, at most half of them; the others ask.
    n_draws
        How often other people are enrolled; errors are means.
    """

    n_enrolled: int = 20
    n_impostors: int = 100
    n_references: int = 4
    n_draws: int = 20


def score_figures(
    evaluation: SpeakerEvaluation, model: ModelInfo, fars: tuple[float, ...] = (RARER_FAR,)
) -> dict[str, Any]:
    """Return the figures of normalised and calibrated scores as plain data.

    Parameters
    ----------
    evaluation
        Of the same model.
    model
        A calibrated speaker model.
    fars
        Rates besides the file's own operating point.
    """
    scorer, calibrated = PairScorer(model), {}
    for name, sides in evaluation.sides.items():
        scores = normalised(evaluation, sides, scorer)
        llr = scorer.calibrated(scores, _shorter_s(evaluation, sides), narrow=name == TELEPHONE)
        calibrated[name] = _calibration(llr, evaluation.trials.same, points(model, scorer, fars))
    return {
        "cohort_top": model.metadata.calibration["cohort_top"],
        "as_norm": as_norm(evaluation, scorer),
        "calibration": calibrated,
        "references": by_references(evaluation, scorer, points(model, scorer, fars)[0]["llr"]),
        "open_set": open_set(evaluation, model, scorer, fars),
    }


def as_norm(evaluation: SpeakerEvaluation, scorer: PairScorer) -> dict[str, dict[str, Any]]:
    """Return `verification` of the normalised scores of each condition."""
    return {
        name: verification(
            normalised(evaluation, sides, scorer), evaluation.trials.same, evaluation.protocol.target_prior
        )
        for name, sides in evaluation.sides.items()
    }


def normalised(evaluation: SpeakerEvaluation, sides: Sides, scorer: PairScorer) -> FloatArray:
    """Return each trial's normalised score, float32[trials]."""
    trials = evaluation.trials
    found = trials.scores(sides.first, sides.second)
    return scorer.cohort.of_pairs(found, (sides.first, trials.first), (sides.second, trials.second))


def points(model: ModelInfo, scorer: PairScorer, fars: tuple[float, ...]) -> list[dict[str, Any]]:
    """Return operating points: the file's own with what it states, then the rates that were asked for."""
    found = []
    own = model.metadata.thresholds.get("verify")
    if own:
        found.append({"llr": own["value"], "stated_far": own["far"], "stated_frr": own["frr"]})
    return [
        *found,
        *({"llr": scorer.llr_at_far(far), "stated_far": far, "stated_frr": None} for far in fars),
    ]


def _calibration(llr: FloatArray, same: NDArray[np.bool_], chosen: list[dict[str, Any]]) -> dict[str, Any]:
    error, reliability = metrics.calibration(probability(llr), same, weights=metrics.both_alike(same))
    return {
        "ece": error,
        "reliability": reliability,
        "points": [
            {
                **point,
                "far": float(np.mean(llr[~same] >= point["llr"])),
                "frr": float(np.mean(llr[same] < point["llr"])),
            }
            for point in chosen
        ],
    }


def _shorter_s(evaluation: SpeakerEvaluation, sides: Sides) -> FloatArray:
    trials = evaluation.trials
    return np.minimum(sides.first_s[trials.first], sides.second_s[trials.second])


def open_set(
    evaluation: SpeakerEvaluation,
    model: ModelInfo,
    scorer: PairScorer,
    fars: tuple[float, ...] = (RARER_FAR,),
    plan: OpenSet | None = None,
) -> dict[str, Any]:
    """Return how often strangers get a name and enrolled people do not get theirs, on clean clips.

    A person's references are blended as the product does; thresholds are those that it uses.
    """
    plan = plan or OpenSet()
    voices = np.array(evaluation.trials.voices())
    names = np.unique(voices)
    n_enrolled = min(plan.n_enrolled, len(names) // 5)
    n_impostors = min(plan.n_impostors, len(names) - n_enrolled)
    if not n_enrolled:
        return {}
    clips = {name: np.flatnonzero(voices == name) for name in names.tolist()}
    kept = {name: max(1, min(plan.n_references, len(own) // 2)) for name, own in clips.items()}
    sides = evaluation.sides[CLEAN]
    ratios = {name: ratios_to(sides, own[: kept[name]], scorer) for name, own in clips.items()}
    found = []
    for point in points(model, scorer, fars):
        far = point["stated_far"] if point["stated_frr"] is None else None
        rng = np.random.default_rng(evaluation.protocol.seed)
        rows, llrs = [], []
        for _ in range(plan.n_draws):
            chosen = rng.permutation(names)[: n_enrolled + n_impostors]
            enrolled, others = chosen[:n_enrolled], chosen[n_enrolled:]
            llr = operating_point(model, scorer, far, n_enrolled).llr
            llrs.append(llr)
            found_ratios = np.stack([ratios[name] for name in enrolled.tolist()], axis=1)
            asking = [clips[name][kept[name] :] for name in enrolled.tolist()]
            rows.append(_identified(found_ratios, asking, np.isin(voices, others), llr))
        means = [None if np.isnan(value) else float(value) for value in np.mean(rows, axis=0)]
        names_of = ("strangers_named", "enrolled_missed", "enrolled_misnamed")
        found.append(
            {
                "stated_far": point["stated_far"],
                "llr": float(np.mean(llrs)),
                **dict(zip(names_of, means, strict=True)),
            }
        )
    return {"n_enrolled": n_enrolled, "n_impostors": n_impostors, "n_draws": plan.n_draws, "points": found}


def _identified(
    ratios: FloatArray, asking: list[NDArray[np.int64]], strangers: NDArray[np.bool_], llr: float
) -> tuple[float, float, float]:
    """Return the shares of strangers' clips that get a name, of enrolled people's that get none, and a wrong one.

    NaN where no enrolled person has a clip left to ask with.

    Parameters
    ----------
    ratios
        float32[utterances, people].
    asking
        Utterances of each person.
    strangers
        bool[utterances].
    llr
        From which on a voice has a name.
    """
    label, named = ratios.argmax(axis=1), ratios.max(axis=1) >= llr
    heard = np.concatenate(asking)
    truth = np.repeat(np.arange(len(asking)), [len(own) for own in asking])
    if not len(heard):
        return float(named[strangers].mean()), np.nan, np.nan
    wrong = named[heard] & (label[heard] != truth)
    return float(named[strangers].mean()), float((~named[heard]).mean()), float(wrong.mean())
