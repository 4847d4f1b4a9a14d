"""Shows and keeps what the comparison with another processor found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from voxlite.bundle import Difference

FOUND = pytest.StashKey[dict[str, Any]]()
COLUMNS = ("model", "sounds", "steps", "logit", "probability", "clip", "flags", "segments equal")


@pytest.fixture(scope="session")
def record(pytestconfig: pytest.Config) -> Callable[[str, str, str, list[Difference]], None]:
    """Take the results of one model: its name, both processors, a row per sound; shown when the session ends."""
    found = pytestconfig.stash.setdefault(FOUND, {})

    def take(model: str, here: str, there: str, rows: list[Difference]) -> None:
        found.update(here=here, there=there)
        found.setdefault("models", {})[model] = _summary(rows)

    return take


def _summary(rows: list[Difference]) -> dict[str, Any]:
    """Return the largest differences of one model's sounds."""
    return {
        "sounds": len(rows),
        "steps": sum(row.n_steps for row in rows),
        "logit": max(row.logit for row in rows),
        "probability": max(row.probability for row in rows),
        "clip": max(row.clip for row in rows),
        "flags": sum(row.flags for row in rows),
        "segments_equal": sum(row.edge_s < 1e-6 for row in rows),
        "largest_edge_s": max((row.edge_s for row in rows if row.edge_s != float("inf")), default=0.0),
        "by_sound": [asdict(row) for row in rows],
    }


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table and write the JSON."""
    found = config.stash.get(FOUND, {})
    if not found:
        return
    rows = [COLUMNS]
    for name, model in found["models"].items():
        rows.append(
            (
                *(name, str(model["sounds"]), str(model["steps"]), f"{model['logit']:.1e}"),
                *(f"{model['probability']:.1e}", f"{model['clip']:.1e}", str(model["flags"])),
                f"{model['segments_equal']} of {model['sounds']}",
            )
        )
    terminalreporter.section(f"largest differences, {found['here']} against {found['there']}")
    widths = [max(len(row[k]) for row in rows) for k in range(len(COLUMNS))]
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        )
    if target := os.environ.get("VOXLITE_PARITY_RESULTS"):
        text = json.dumps(found, indent=1, allow_nan=False, default=str)
        Path(target).write_text(text + "\n", encoding="utf-8")
