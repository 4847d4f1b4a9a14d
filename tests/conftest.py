"""What every test shares: where the sound lies, seeded randomness, quiet TensorFlow."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# no window system in tests, whatever the machine offers
os.environ.setdefault("MPLBACKEND", "Agg")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("emulated", parent=settings.get_profile("ci"), max_examples=5)
settings.load_profile(os.environ.get("VOXLITE_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the training corpus; the test is skipped where there is none."""
    folder = os.environ.get("VOXLITE_CORPUS")
    if not folder:
        pytest.skip("needs the training corpus: set VOXLITE_CORPUS to the folder that holds manifest.csv")
    path = Path(folder)
    if not (path / "manifest.csv").is_file():
        pytest.skip(f"needs the training corpus: VOXLITE_CORPUS is {folder}, which holds no manifest.csv")
    return path


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """Folder of the recordings that come with the repository."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def speaker_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny speaker model, so that tests do not depend on how good the shipped one is."""
    maker = runpy.run_path(str(ROOT / "tests" / "recognition" / "tiny_model.py"))
    path: Path = maker["write"](tmp_path_factory.mktemp("models") / "speaker-tiny.tflite")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    """Randomness that is the same in every run and every order of tests."""
    return np.random.default_rng(20_240_229)
