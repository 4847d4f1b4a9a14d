"""What a contradicting gender says of claims to be somebody."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, table
from benchmarks.sections.results import DOUBTS


def doubts(data: dict[str, Any] | None) -> list[str]:
    """Return how many accepted claims are doubted; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## A gender that contradicts the enrolled one", f"`{DOUBTS}`"]
    if data is None:
        return [*blocks, missing(DOUBTS)]
    rows = [
        [
            {"own": "one's own", "strangers": "strangers'"}[kind],
            f"{row['made']:,}",
            f"{100 * row['accepted_rate']:.2f} %",
            str(row["doubted"]),
            f"{100 * row['accepted_rate_with_veto']:.2f} %",
        ]
        for kind, row in data["claims"].items()
    ]
    return [
        *blocks,
        f"{data['people']} test speakers enrolled with four clips each, gender noted; everybody's other clips claim to "
        f"be everybody (model {data['model']['name']}). The doubt is named in the decision's reasons and changes no "
        "verdict: the last column says what it would do if it did.",
        table(("claims", "made", "accepted", "doubted although accepted", "accepted, were it a veto"), rows),
    ]
