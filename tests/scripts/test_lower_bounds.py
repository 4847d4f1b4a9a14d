"""The oldest versions that pyproject.toml allows, without a network."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT / "scripts") not in sys.path:
    sys.path.insert(0, str(ROOT / "scripts"))
lower_bounds = importlib.import_module("lower_bounds")


def project(*dependencies: str, **extras: list[str]) -> str:
    lines = "".join(f"{name} = {value!r}\n" for name, value in extras.items())
    return f"[project]\ndependencies = {list(dependencies)!r}\n[project.optional-dependencies]\n{lines}"


def test_bounds_are_those_of_the_dependencies_and_the_extras():
    text = project("numpy>=1.26", "soxr >= 1.1 ", media=["av>=13,<19"], other=["x>=1"])
    assert lower_bounds.bounds(text, ["media"]) == {"numpy": "1.26", "soxr": "1.1", "av": "13"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (project("numpy", media=[]), "names no oldest version"),
        (project("numpy>=1", media=["numpy>=2"]), "two bounds"),
        (project("numpy>=1"), "no extra 'media'"),
    ],
)
def test_what_cannot_be_pinned_is_named(text, message):
    with pytest.raises(lower_bounds.BoundsError, match=message):
        lower_bounds.bounds(text, ["media"])


def test_every_dependency_of_the_client_has_a_bound():
    found = lower_bounds.bounds((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {"numpy", "ai-edge-litert", "soundfile", "av", "cryptography"} <= set(found)


def test_pip_is_asked_for_the_bounds_and_its_refusal_is_one_line(tmp_path, monkeypatch):
    asked = []

    def run(command):
        asked.append(command)
        (tmp_path / "venv").mkdir(exist_ok=True)

    monkeypatch.setattr(lower_bounds, "_run", run)
    lower_bounds.make_environment(tmp_path / "venv", {"numpy": "1.26", "av": "13"})
    assert (tmp_path / "venv" / "constraints.txt").read_text() == "numpy==1.26\nav==13\n"
    assert str(tmp_path / "venv" / "constraints.txt") in asked[1]
    monkeypatch.undo()
    script = "import sys; sys.exit('ERROR: Cannot install a and b\\n    a needs b>=2\\nERROR: ResolutionImpossible')"
    with pytest.raises(lower_bounds.BoundsError, match=r"Cannot install a and b / a needs b>=2$"):
        lower_bounds._run([sys.executable, "-c", script])
