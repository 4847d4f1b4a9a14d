"""Moods judged by several judges on the same folds, and arousal by voxlite's own: figures, tables, a picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.training.moods.features import Described
from voxlite.training.moods.folds import (
    CORPORA,
    FREE_CORPUS,
    Judge,
    Outcome,
    learn_from_free,
    leave_corpus_out,
    leave_speakers_out,
)
from voxlite.training.moods.reference import against_neutral
from voxlite.training.moods.training import arousals, out_of_fold
from voxlite.training.tables import Table
from voxlite.training.traits.labels import MOOD_WORDS

WITH_REFERENCE = "leave one speaker out, neutral recordings as reference"
PROTOCOLS = {
    "leave one speaker out": leave_speakers_out,
    "leave one corpus out": leave_corpus_out,
    "learned from EmoDB alone": learn_from_free,
}


def corpora_in(described: Described) -> list[str]:
    """Return the corpora with moods that are there."""
    there = set(described.sources.tolist())
    return [name for name in CORPORA if name in there]


def n_folds(described: Described, judges: int = 1, by_reference: int = 0) -> int:
    """Return how often `evaluate_moods` ticks, with some judges and further ones that know a reference."""
    n = sum(len(_judged(described, protocol)) for protocol in PROTOCOLS)
    n_referred = len(referred_corpora(described)) if by_reference else 0
    return judges * n + by_reference * n_referred + 2 * len(set(described.sources.tolist()))


def referred_corpora(described: Described) -> list[str]:
    """Return the corpora most of whose speakers have neutral recordings enough to be a reference."""
    against = against_neutral(described).described
    return [
        name
        for name in corpora_in(described)
        if 2 * len(np.unique(against.voices[against.sources == name]))
        > len(np.unique(described.voices[described.sources == name]))
    ]


def _judged(described: Described, protocol: str) -> list[str]:
    """Return the corpora that a protocol judges."""
    corpora = corpora_in(described)
    if protocol == "leave one corpus out" and len(corpora) < 2:
        return []
    if protocol == "learned from EmoDB alone":
        return [name for name in corpora if name != FREE_CORPUS] if FREE_CORPUS in corpora else []
    return corpora


def evaluate_moods(
    described: Described,
    judges: Mapping[str, Judge],
    tick: Callable[[], None] = lambda: None,
    by_reference: Mapping[str, Judge] | None = None,
) -> dict[str, Any]:
    """Let judges answer in every protocol and corpus.

    Parameters
    ----------
    described
        All clips.
    judges
        By name; "voxlite" is one of them.
    tick
        Called after each corpus of each protocol and judge, `n_folds` times with the arousal's.
    by_reference
        Further judges by name, who may use what `against_neutral` leaves of the clips and what was its reference.

    Returns
    -------
    dict
        Plain data: "protocols" by name, then by corpus, then by judge; their means; "arousal".
    """
    corpora = corpora_in(described)
    outcomes: dict[str, dict[str, dict[str, Outcome]]] = {}
    for protocol, run in PROTOCOLS.items():
        judged = _judged(described, protocol)
        if not judged:
            continue
        outcomes[protocol] = {corpus: {} for corpus in judged}
        for corpus in judged:
            for name, judge in judges.items():
                outcomes[protocol][corpus][name] = run(
                    judge, described.sources, described.voices, described.words, corpus
                )
                tick()
    if by_reference:
        against = against_neutral(described).described
        outcomes[WITH_REFERENCE] = {
            corpus: {
                name: _ticked(
                    tick, leave_speakers_out(judge, against.sources, against.voices, against.words, corpus)
                )
                for name, judge in by_reference.items()
            }
            for corpus in referred_corpora(described)
        }
    return {
        "schema": "voxlite.evaluation/1",
        "task": "mood",
        "corpora": {name: _about(described, name) for name in corpora},
        "protocols": {
            protocol: {
                corpus: {name: _figures(outcome) for name, outcome in by_judge.items()}
                for corpus, by_judge in by_corpus.items()
            }
            for protocol, by_corpus in outcomes.items()
        },
        "means": {
            protocol: {
                name: float(np.mean([by_judge[name].uar for by_judge in by_corpus.values()]))
                for name in next(iter(by_corpus.values()), {})
            }
            for protocol, by_corpus in outcomes.items()
        },
        "confusion": {
            protocol: _confusion([by_judge["voxlite"] for by_judge in by_corpus.values()])
            for protocol, by_corpus in outcomes.items()
        },
        "arousal": arousal_correlations(described, tick),
    }


def _ticked(tick: Callable[[], None], outcome: Outcome) -> Outcome:
    tick()
    return outcome


def arousal_correlations(described: Described, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return Pearson's correlation of arousal with the moods' own in each corpus.

    Returns
    -------
    dict
        "left_out", what the heads of "by_corpus" and "mean" have not heard: the corpus, or the speaker where there is
        one corpus; "within" and "within_mean", by heads that have heard the corpus's other speakers and nothing else.
    """
    found, truth = out_of_fold(described, tick), arousals(described)
    rows, within = {}, {}
    for name in np.unique(described.sources).tolist():
        own = described.sources == name
        rows[name] = _correlation(found.scores[own, -1], truth[own])
        part = described.part(own)
        within[name] = _correlation(out_of_fold(part).scores[:, -1], truth[own])
        tick()
    return {
        "left_out": found.left_out,
        "by_corpus": rows,
        "mean": float(np.mean(list(rows.values()))),
        "within": within,
        "within_mean": float(np.mean(list(within.values()))),
    }


def _correlation(one: Any, other: Any) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _about(described: Described, corpus: str) -> dict[str, Any]:
    own = described.sources == corpus
    return {
        "clips": int(own.sum()),
        "speakers": len(np.unique(described.voices[own])),
        "moods": len(np.unique(described.words[own])),
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    low, high = outcome.interval()
    return {"uar": outcome.uar, "low": low, "high": high}


def _confusion(outcomes: list[Outcome]) -> dict[str, dict[str, int]]:
    """Return how often each mood was answered with each; what corpora call by several words counts as one."""
    pairs = Counter(
        (MOOD_WORDS.get(truth, truth), MOOD_WORDS.get(answer, answer))
        for outcome in outcomes
        for truth, answer in zip(outcome.truths.tolist(), outcome.answers.tolist(), strict=True)
    )
    names = sorted({name for pair in pairs for name in pair})
    return {truth: {answer: pairs[truth, answer] for answer in names} for truth in names}


def mood_tables(data: Mapping[str, Any]) -> list[Table]:
    """Return the tables of an evaluation."""
    tables = []
    for protocol, by_corpus in data["protocols"].items():
        judges = list(next(iter(by_corpus.values())))
        rows: list[list[str | int | float | None]] = []
        for corpus, by_judge in by_corpus.items():
            about = data["corpora"][corpus]
            cells = [
                f"{by_judge[name]['uar']:.3f} ({by_judge[name]['low']:.2f} .. {by_judge[name]['high']:.2f})"
                for name in judges
            ]
            rows.append([corpus, about["speakers"], about["moods"], *cells])
        rows.append(["mean", None, None, *[f"{data['means'][protocol][name]:.3f}" for name in judges]])
        columns = ["corpus", "speakers", "moods", *judges]
        tables.append(Table.of(f"UAR (95 % over speakers), {protocol}", columns, rows))
    arousal = data["arousal"]
    rows = [[name, value, arousal["within"][name]] for name, value in arousal["by_corpus"].items()]
    rows.append(["mean", arousal["mean"], arousal["within_mean"]])
    columns = ["corpus", f"each {arousal['left_out']} left out", "within the corpus, each speaker left out"]
    return [*tables, Table.of("Correlation of arousal", columns, rows)]


def write_mood_evaluation(data: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `evaluation.json` and a picture of each protocol's confusion into a folder, and return their paths."""
    from voxlite.training.traits.tables import draw_confusion

    out.mkdir(parents=True, exist_ok=True)
    files = [out / "evaluation.json"]
    files[0].write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    for protocol, counts in data["confusion"].items():
        picture = out / f"confusion-{protocol.replace(' ', '-')}.png"
        draw_confusion(counts, f"mood, {protocol}", picture)
        files.append(picture)
    return files
