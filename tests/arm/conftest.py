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
WINDOW_COLUMNS = ("model", "windows", "raw output", "score", "cosine", "same verdict")


@pytest.fixture(scope="session")
def record(pytestconfig: pytest.Config) -> Callable[[str, str, str, list[Difference]], None]:
    """Take the results of one model: its name, both processors, a row per sound; shown when the session ends."""
    found = pytestconfig.stash.setdefault(FOUND, {})

    def take(model: str, here: str, there: str, rows: list[Difference]) -> None:
        found.update(here=here, there=there)
        found.setdefault("models", {})[model] = _summary(rows)

    return take


@pytest.fixture(scope="session")
def record_windows(pytestconfig: pytest.Config) -> Callable[[str, str, str, dict[str, Any]], None]:
    """Take what one model made of its windows: its name, both processors, the differences."""
    found = pytestconfig.stash.setdefault(FOUND, {})

    def take(model: str, here: str, there: str, row: dict[str, Any]) -> None:
        found.update(here=here, there=there)
        found.setdefault("windows", {})[model] = row

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
    """Print the tables and write the JSON."""
    found = config.stash.get(FOUND, {})
    if not found:
        return
    terminalreporter.section(f"largest differences, {found['here']} against {found['there']}")
    for columns, rows in ((COLUMNS, _sound_rows(found)), (WINDOW_COLUMNS, _window_rows(found))):
        if rows:
            _show(terminalreporter, [columns, *rows])
    if target := os.environ.get("VOXLITE_PARITY_RESULTS"):
        text = json.dumps(found, indent=1, allow_nan=False, default=str)
        Path(target).write_text(text + "\n", encoding="utf-8")


def _sound_rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            *(name, str(model["sounds"]), str(model["steps"]), f"{model['logit']:.1e}"),
            *(f"{model['probability']:.1e}", f"{model['clip']:.1e}", str(model["flags"])),
            f"{model['segments_equal']} of {model['sounds']}",
        )
        for name, model in found.get("models", {}).items()
    ]


def _window_rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            *(name, str(row["windows"]), f"{row['raw']:.1e}", f"{row['score']:.1e}"),
            *(f"{row['cosine']:.6f}" if "cosine" in row else "-", str(row.get("same", "-"))),
        )
        for name, row in found.get("windows", {}).items()
    ]


def _show(terminalreporter: Any, rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        )
