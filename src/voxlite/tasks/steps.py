"""From samples to step logits, in any portions: gate, context, engine.

The sound is cut into steps on a fixed grid from its first sample. A step that the gate finds silent never reaches the
model. Everything before the first and after the last sample is taken as digital silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.activity.gate import SilenceGate
from voxlite.runtime.engine import Engine
from voxlite.values import FloatArray

GATE_FRAME_S = 0.010
"""Length of the frames that the gate judges; a step holds a whole number of them."""


@dataclass(frozen=True)
class Steps:
    """Consecutive steps.

    Parameters
    ----------
    logits
        float32[n]; -inf where silent.
    silent
        bool[n], what the gate found.
    power
        float64[n], mean square of each step.
    """

    logits: FloatArray
    silent: NDArray[np.bool_]
    power: NDArray[np.float64]

    def part(self, start: int, stop: int) -> Steps:
        """Return the steps start .. stop."""
        return Steps(self.logits[start:stop], self.silent[start:stop], self.power[start:stop])

    @classmethod
    def join(cls, parts: Sequence[Steps]) -> Steps:
        """Return consecutive portions as one."""
        return cls(
            np.concatenate([np.zeros(0, np.float32), *(part.logits for part in parts)]),
            np.concatenate([np.zeros(0, np.bool_), *(part.silent for part in parts)]),
            np.concatenate([np.zeros(0, np.float64), *(part.power for part in parts)]),
        )


class StepScorer:
    """Scores sound at the model's rate that arrives in any portions.

    Parameters
    ----------
    engine
        The model.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._geometry = engine.geometry
        rate_hz = engine.model.metadata.frontend.rate_hz
        self._gate = SilenceGate(round(GATE_FRAME_S * rate_hz))
        self.reset()

    @property
    def past_steps(self) -> int:
        """Whole steps before a step that it may depend on, through the gate's memory or the model's context."""
        past = max(self._gate.past_samples, self._geometry.before)
        return -(-past // self._geometry.step)

    def reset(self) -> None:
        """Forget everything heard so far."""
        self._gate.reset()
        self._buffer = np.zeros(
            self._geometry.before, np.float32
        )  # starts `before` samples ahead of step _done
        self._silent = np.zeros(0, np.bool_)  # of steps _done.. that the gate has seen
        self._power = np.zeros(0, np.float64)
        self._n_samples = 0
        self._done = 0

    def push(self, samples: FloatArray) -> Steps:
        """Take further samples and return the steps that now have all they need."""
        self._n_samples += len(samples)
        self._buffer = np.concatenate([self._buffer, samples])
        return self._advance()

    def flush(self) -> Steps:
        """Return the remaining steps, the last one padded with digital silence."""
        missing = -self._n_samples % self._geometry.step
        self._buffer = np.concatenate([self._buffer, np.zeros(missing + self._geometry.after, np.float32)])
        return self._advance(last=-(-self._n_samples // self._geometry.step))

    def _advance(self, last: int | None = None) -> Steps:
        geometry = self._geometry
        self._gate_steps(last)
        n = min(geometry.steps_in(len(self._buffer)), len(self._silent))
        silent, self._silent = self._silent[:n], self._silent[n:]
        power, self._power = self._power[:n], self._power[n:]
        logits = np.full(n, -np.inf, np.float32)
        runs = _runs(~silent, geometry.window // geometry.step)
        stretches = [
            self._buffer[start * geometry.step : start * geometry.step + geometry.input_length(stop - start)]
            for start, stop in runs
        ]
        if stretches:
            for (start, stop), values in zip(runs, self._engine.logits(stretches), strict=True):
                logits[start:stop] = np.where(silent[start:stop], np.float32(-np.inf), values)
        self._buffer = self._buffer[n * geometry.step :]
        self._done += n
        return Steps(logits, silent, power)

    def _gate_steps(self, last: int | None) -> None:
        """Pass whole steps that the gate has not seen to it; a step is silent when all its frames are."""
        geometry = self._geometry
        start = geometry.before + len(self._silent) * geometry.step
        n = (len(self._buffer) - start) // geometry.step
        if last is not None:
            n = min(n, last - self._done - len(self._silent))
        if n > 0:
            silent, power = self._gate.push(self._buffer[start : start + n * geometry.step])
            self._silent = np.concatenate([self._silent, silent.reshape(n, -1).all(axis=1)])
            self._power = np.concatenate([self._power, power.reshape(n, -1).mean(axis=1)])


def _runs(wanted: NDArray[np.bool_], bridge: int) -> list[tuple[int, int]]:
    """Return [start, stop) of runs of wanted steps, joined over gaps of fewer than `bridge` steps.

    Starting anew behind a gap costs as much as computing that many steps, because of the context before a step.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < bridge:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return runs
