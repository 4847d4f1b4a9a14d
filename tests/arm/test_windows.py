"""Every shipped model on the same windows, on this processor and on the one that wrote them."""

from __future__ import annotations

import json
import os
import platform
import runpy
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "model_windows.py"))
FOLDER = os.environ.get("VOXLITE_PARITY_WINDOWS")
EVERY = int(os.environ.get("VOXLITE_PARITY_EVERY", "1"))
"""Takes one window of so many: a second of emulation each."""
WINDOWS = SCRIPT["read_windows"](Path(FOLDER)) if FOLDER else []
LIMITS = {"float16": 1e-4, "dynamic-int8": 5e-3}
"""Of a score: in eight bits, the processor's kernels decide how a tie is rounded."""


@pytest.mark.skipif(not FOLDER, reason="needs what another processor computed: make test-arm")
@pytest.mark.parametrize("windows", WINDOWS, ids=lambda windows: windows.model)
def test_scores_of_every_model_agree(windows: Any, record_windows: Callable[..., None]) -> None:
    made_with = json.loads(Path(str(FOLDER), "index.json").read_text(encoding="utf-8"))["made_with"]
    some = SCRIPT["Windows"](windows.model, windows.inputs[::EVERY], windows.outputs[::EVERY])
    info = SCRIPT["model_named"](some.model)
    run, _ = SCRIPT["runner"](info)
    row = SCRIPT["compare"](some, np.stack([run(window) for window in some.inputs]))
    here = f"{platform.machine()} (LiteRT {version('ai-edge-litert')})"
    record_windows(some.model, here, made_with, row)
    assert row["score"] <= LIMITS[info.metadata.weights], row
    assert row.get("same", row["windows"]) == row["windows"], row
