"""Scores of the same models on the same sounds, on this processor and on the one that the bundles come from."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from voxlite.bundle import replay

LIMIT = 1e-3
INT8_LIMIT = 2e-3
"""Of a step's probability in full int8: where the last bit of a waveform's features falls on the border of two of 256
levels, processors may disagree, and a net of a hundred layers carries that on. Verdicts keep the limit of others."""
FEW = ("white-noise",)
"""What a large model is given: emulation takes seconds for each of its windows."""
LARGE_BYTES = 2_000_000
FOLDER = os.environ.get("VOXLITE_PARITY")
BUNDLES = sorted(path for path in Path(FOLDER).iterdir()) if FOLDER else [Path("none")]

pytestmark = pytest.mark.skipif(not FOLDER, reason="needs what another processor computed: make test-arm")


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)
def test_scores_and_segments_agree(bundle: Path, record: Callable[..., None]) -> None:
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    rows = replay(bundle, FEW if config["model"]["size_bytes"] > LARGE_BYTES else None)
    made_with = json.loads((bundle / "vectors" / "index.json").read_text(encoding="utf-8"))["made_with"]
    here = f"{platform.machine()} (LiteRT {version('ai-edge-litert')})"
    assert rows
    record(bundle.name, here, f"{made_with['processor']} (LiteRT {made_with['ai-edge-litert']})", rows)
    limit = INT8_LIMIT if config["model"]["weights"] == "int8" else LIMIT
    for row in rows:
        data = json.loads((bundle / "vectors" / f"{row.name}.json").read_text(encoding="utf-8"))
        assert row.probability <= limit, row
        assert row.clip <= LIMIT, row
        assert row.same_label, row
        # a value that another rounding carries over a threshold may move a flag or a border; none else may
        assert row.flags == 0 or data["margins"]["gate_db"] < 1e-3, row
        assert row.edge_s < 1e-6 or min(data["margins"].values()) < limit, row


def test_the_other_processor_is_another_one() -> None:
    """A comparison of a processor with itself shows nothing."""
    index = json.loads((BUNDLES[0] / "vectors" / "index.json").read_text(encoding="utf-8"))
    assert index["made_with"]["processor"] != platform.machine()
