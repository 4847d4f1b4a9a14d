"""What every row of the table of accelerations consists of, and what the rows measure on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.common import LEAST_S, RATE_HZ, paired
from benchmarks.sounds import call
from benchmarks.windows import load_windows
from voxlite.audio import Audio
from voxlite.errors import VoxliteError
from voxlite.runtime import ModelInfo, find_model
from voxlite.training.windows import Windows

Aucs = dict[str, float]
"""ROC-AUC by condition: clean, 5 dB, telephone."""
Measured = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One comparison.

    Parameters
    ----------
    what
        What was timed.
    off, on
        The two settings.
    off_ms, on_ms
        Milliseconds per second of sound.
    off_auc, on_auc
        Quality of both on the test windows, where the setting can change it.
    more
        Further figures by name.
    """

    what: str
    off: str
    on: str
    off_ms: float
    on_ms: float
    off_auc: Aucs | None = None
    on_auc: Aucs | None = None
    more: dict[str, float] = field(default_factory=dict)

    @property
    def factor(self) -> float:
        """How many times faster "on" is than "off"."""
        return self.off_ms / self.on_ms

    def to_dict(self) -> Measured:
        """Return plain data."""
        return {**asdict(self), "factor": self.factor}


@dataclass(frozen=True)
class Row:
    """An acceleration: its parts, the product's default that follows, and remarks, such as what was missing."""

    title: str
    default: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> Measured:
        """Return plain data."""
        return {
            "title": self.title,
            "default": self.default,
            "parts": [part.to_dict() for part in self.parts],
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True)
class Setup:
    """What the rows measure on, and how long.

    Parameters
    ----------
    compact
        A shipped model or a .tflite file.
    inception
        The Inception-v3 file; it may be missing.
    variants
        Folders of exported files, as `voxlite export RUN --out DIR` writes them.
    seconds, inception_s
        Sound given to the compact net and to Inception-v3.
    repeats, budget_s
        Turns of a paired run at most, and the time they may take.
    manifest, cache, limit
        The corpus, see `load_windows`.
    results
        Folder with probes.json.
    """

    compact: str = "compact"
    inception: Path = Path("models/voice-inception_v3-int8.tflite")
    variants: tuple[Path, ...] = ()
    seconds: float = 600.0
    inception_s: float = 20.0
    repeats: int = 7
    budget_s: float = 60.0
    manifest: Path | None = None
    cache: Path | None = None
    limit: int = 80
    results: Path = Path("benchmarks/results")

    @cached_property
    def compact_model(self) -> ModelInfo:
        """The compact net's file."""
        return find_model("voice", self.compact)

    @cached_property
    def inception_model(self) -> ModelInfo | None:
        """Inception-v3's file, None where it is missing."""
        return find_model("voice", str(self.inception)) if self.inception.is_file() else None

    @property
    def no_inception(self) -> str:
        """What a row says without Inception-v3's file."""
        return f"Inception-v3: no file {self.inception}"

    @cached_property
    def windows(self) -> dict[str, Windows] | str:
        """The test windows by condition, or why there are none."""
        try:
            return load_windows(self.manifest, self.cache, limit=self.limit)
        except VoxliteError as error:
            return f"ROC-AUC: {error}"

    def sound(self, seconds: float) -> Audio:
        """Return the sample call over a steady noise, so that no part is skipped as silence."""
        return Audio(call(seconds, busy=True), RATE_HZ)

    def per_second_ms(self, works: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
        """Time works in turns and return each one's milliseconds per second of its sound."""
        taken = paired(works, self.repeats, self.budget_s, LEAST_S)
        return {name: 1000 * s / seconds for name, s in taken.items()}
