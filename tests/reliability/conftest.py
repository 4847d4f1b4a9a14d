from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "korrekt Pferd Batterie"


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the program as a user does, at home in the test's folder; `set` changes its environment, None takes away."""

    def run(
        *args: object, set: dict[str, str | None] | None = None, **named: Any
    ) -> subprocess.CompletedProcess[bytes]:
        environment: dict[str, str | None] = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "VOXLITE_PASSPHRASE": PASSPHRASE,
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "COLUMNS": "100",
            **(set or {}),
        }
        command = [sys.executable, "-m", "voxlite", *(os.fsencode(str(arg)) for arg in args)]
        named = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL} | named
        return subprocess.run(
            command,
            env={key: value for key, value in environment.items() if value is not None},
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            timeout=300,
            check=False,
            **named,
        )

    return run


@pytest.fixture
def module() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of `reliability` in a process of its own, as by hand."""

    def run(name: str, *args: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"reliability.{name}", *map(str, args)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run
