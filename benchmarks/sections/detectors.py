"""Detectors of a user's own sounds."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, table
from benchmarks.sections.results import DETECTORS


def detectors(data: dict[str, Any] | None) -> list[str]:
    """Return how well detectors from few recordings do; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## Detectors of a user's own sounds", f"`{DETECTORS}`"]
    if data is None:
        return [*blocks, missing(DETECTORS)]
    rows = [
        [
            kind,
            str(row["recordings"]),
            f"{row['others']:,}",
            f"{row['roc_auc']:.3f}",
            f"{100 * row['false_alarms_at_90']:.1f} %",
        ]
        for kind, row in data["kinds"].items()
    ]
    return [
        *blocks,
        f"For each kind of sound a detector from {data['recordings']} recordings of it and half of the others, judged "
        f"on recordings of other sources. ROC-AUC {data['roc_auc_mean']:.3f} on average, {data['roc_auc_least']:.3f} "
        f"at least; false alarms where nine of ten are found: {100 * data['false_alarms_at_90_mean']:.1f} % of the "
        "other recordings on average. Kitchen20 numbers its kinds.",
        table(("kind", "recordings judged", "others", "ROC-AUC", "false alarms at 90 % found"), rows),
    ]
