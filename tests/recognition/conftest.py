"""What tests of recognition share: a recognizer that hears whatever a test says, stores that open fast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voxlite.recognition import Speech, VoiceprintStore
from voxlite.voiceprints import PrintModel, ScryptCost
from voxlite.voiceprints.scoring import PairScorer

CHEAP = ScryptCost(16, 8, 1)
PASSPHRASE = "korrekt Pferd Batterie"
DAY = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)
CONSENT = {"consent_at": DAY, "purpose": "unlocking the door"}
SLOPE, OFFSET = 10.0, -5.0


def calibration() -> dict[str, float]:
    """LLR = 10 cos - 5 in both bands whatever the length; a stranger's LLR passes t with the rate e^-t / 10."""
    flat = {
        f"{band}_{what}": value
        for band in ("wide", "narrow")
        for what, value in (
            ("slope", SLOPE),
            ("offset", OFFSET),
            ("slope_per_octave", 0.0),
            ("offset_per_octave", 0.0),
        )
    }
    rates = {f"llr_at_far_{far:g}": float(-np.log(10 * far)) for far in (0.1, 0.01, 0.001, 0.0001)}
    return flat | {"cohort_top": 10.0} | rates


class Listener:
    """Stands for the recognizer: a recording is a name under which a test has put what is heard."""

    def __init__(self, name: str = "compact", version: str = "1", dim: int = 8) -> None:
        metadata = SimpleNamespace(
            name=name,
            version=version,
            calibration=calibration(),
            thresholds={"verify": {"value": float(-np.log(0.1)), "far": 0.01, "frr": 0.05, "data": "none"}},
        )
        self.model = SimpleNamespace(
            metadata=metadata, path=Path(f"{name}.tflite"), cohort=lambda: np.zeros((0, dim), np.float32)
        )
        self.print_model = PrintModel(name, version)
        self.scorer = PairScorer(self.model)
        self.sounds: dict[str, Speech] = {}
        self.dim = dim

    def put(
        self, name: str, vector: Any, speech_s: float = 10.0, bandwidth_hz: float = 8000.0, *remarks: str
    ):
        embedding = np.zeros(self.dim, np.float32)
        embedding[: len(vector)] = vector
        embedding /= np.linalg.norm(embedding)
        self.sounds[name] = Speech(embedding, speech_s, bandwidth_hz, remarks)
        return name

    def listen(self, sound: str) -> Speech:
        return self.sounds[sound]


@pytest.fixture(scope="session")
def consent() -> dict[str, Any]:
    """What every enrollment states."""
    return CONSENT


@pytest.fixture(scope="session")
def make_listener() -> type[Listener]:
    """Return the maker of stand-in recognizers."""
    return Listener


@pytest.fixture(scope="session")
def open_cheaply() -> Callable[[Path, Listener], VoiceprintStore]:
    """Return an opener of stores that leaves closing to the test."""
    return lambda path, listener: VoiceprintStore(path, PASSPHRASE, recognizer=listener, cost=CHEAP)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def open_store(tmp_path: Path, listener: Listener) -> Iterator[Callable[..., VoiceprintStore]]:
    """Return an opener of stores in the test's folder, which are closed after the test."""
    with ExitStack() as stack:

        def open_one(
            name: str = "voices.vault", passphrase: str = PASSPHRASE, **options: Any
        ) -> VoiceprintStore:
            options = {"recognizer": listener, "cost": CHEAP} | options
            return stack.enter_context(VoiceprintStore(tmp_path / name, passphrase, **options))

        yield open_one


@pytest.fixture
def with_ada(open_store: Any, listener: Listener, consent: dict[str, Any]) -> VoiceprintStore:
    """A store that knows one person, by one recording along the first axis."""
    store = open_store()
    listener.put("ada.wav", [1], 20.0)
    store.enroll("Ada", ["ada.wav"], **consent)
    return store
