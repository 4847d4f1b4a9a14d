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
from voxlite.training.moods.training import arousals, out_of_fold
from voxlite.training.tables import Table
from voxlite.training.traits.labels import MOOD_WORDS

PROTOCOLS = {
    "leave one speaker out": leave_speakers_out,
    "leave one corpus out": leave_corpus_out,
    "learned from EmoDB alone": learn_from_free,
}


def corpora_in(described: Described) -> list[str]:
    """Return the corpora with moods that are there."""
    there = set(described.sources.tolist())
    return [name for name in CORPORA if name in there]


def n_folds(described: Described, judges: int = 1) -> int:
    """Return how often `evaluate_moods` ticks."""
    n = sum(len(_judged(described, protocol)) for protocol in PROTOCOLS)
    return judges * n + len(set(described.sources.tolist()))


def _judged(described: Described, protocol: str) -> list[str]:
    """Return the corpora that a protocol judges."""
    corpora = corpora_in(described)
    if protocol == "leave one corpus out" and len(corpora) < 2:
        return []
    if protocol == "learned from EmoDB alone":
        return [name for name in corpora if name != FREE_CORPUS] if FREE_CORPUS in corpora else []
    return corpora


def evaluate_moods(
    described: Described, judges: Mapping[str, Judge], tick: Callable[[], None] = lambda: None
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
                for name in judges
            }
            for protocol, by_corpus in outcomes.items()
        },
        "confusion": {
            protocol: _confusion([by_judge["voxlite"] for by_judge in by_corpus.values()])
            for protocol, by_corpus in outcomes.items()
        },
        "arousal": arousal_correlations(described, tick),
    }


def arousal_correlations(described: Described, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return Pearson's correlation of arousal, by heads that have not heard a corpus (or speaker), within each one."""
    found = out_of_fold(described, tick)
    truth = arousals(described)
    rows = {}
    for name in np.unique(described.sources).tolist():
        own = described.sources == name
        rows[name] = float(np.corrcoef(found.scores[own, -1], truth[own])[0, 1])
    return {"left_out": found.left_out, "by_corpus": rows, "mean": float(np.mean(list(rows.values())))}


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
    rows = [[name, value] for name, value in arousal["by_corpus"].items()]
    title = f"Correlation of arousal, each {arousal['left_out']} left out"
    return [*tables, Table.of(title, ["corpus", "r"], [*rows, ["mean", arousal["mean"]]])]


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
