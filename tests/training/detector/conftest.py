from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner


@pytest.fixture
def as_program(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command in this process."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*args: object) -> Any:
        from voxlite.cli.main import app

        return CliRunner().invoke(app, [str(arg) for arg in args])

    return run
