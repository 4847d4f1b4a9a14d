"""Which samples a frame or an output needs: the only place with such arithmetic.

A stage that slides a `window` by a `hop` over its input turns n inputs into `count(n)` outputs. Two stages in
a row are one stage again (`then`), so a whole network without padding is one `Geometry` over samples.
"""

from __future__ import annotations

from dataclasses import dataclass

from voxlite.errors import FeatureError


@dataclass(frozen=True)
class Geometry:
    """A sliding window: `window` inputs make one output, the next one starts `hop` inputs later."""

    window: int
    hop: int

    def __post_init__(self) -> None:
        if self.window < 1 or self.hop < 1:
            raise FeatureError(f"Geometry: window {self.window} and hop {self.hop} must be at least 1")

    def count(self, n_inputs: int) -> int:
        """Return how many whole outputs `n_inputs` inputs give."""
        return 0 if n_inputs < self.window else (n_inputs - self.window) // self.hop + 1

    def needed(self, n_outputs: int) -> int:
        """Return the inputs that `n_outputs` outputs need."""
        return 0 if n_outputs < 1 else (n_outputs - 1) * self.hop + self.window

    def start(self, index: int) -> int:
        """Return the first input of output `index`."""
        return index * self.hop

    def then(self, later: Geometry) -> Geometry:
        """Compose with a stage that slides over this stage's outputs."""
        return Geometry(self.window + (later.window - 1) * self.hop, self.hop * later.hop)
