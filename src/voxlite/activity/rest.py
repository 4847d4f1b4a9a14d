"""What is no voice, split into silence and noise while it goes on: a few numbers, however long it lasts.

A change between the two counts once it has lasted `shortest` steps; before that the steps belong to the stretch that
they interrupt. Steps before the first stretch that lasts belong to it. Where none lasts, the majority decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Stretch:
    """Consecutive steps of one kind.

    Parameters
    ----------
    silent
        Silence, or noise.
    n_steps
        How many.
    total
        Sum of their probabilities of voice.
    """

    silent: bool
    n_steps: int = 0
    total: float = 0.0

    def add(self, other: Stretch) -> None:
        """Take over another stretch's steps, whatever they are."""
        self.n_steps += other.n_steps
        self.total += other.total


class Rest:
    """Splits steps that arrive in any portions; the result does not depend on the portions.

    Parameters
    ----------
    shortest
        Steps after which a change counts, at least 1.
    """

    def __init__(self, shortest: int) -> None:
        self._shortest = shortest
        self._clear()

    def _clear(self) -> None:
        self._settled: list[Stretch] = []
        self._last: Stretch | None = None  # may still grow
        self._run: Stretch | None = None  # equal flags, not yet part of a stretch
        self._early = Stretch(silent=False)  # short runs before the first stretch
        self._n_early_loud = 0

    def push(self, values: Sequence[float], silent: Sequence[bool]) -> None:
        """Take further steps: probability of voice, and whether the gate found the step silent."""
        for value, quiet in zip(values, silent, strict=True):
            if self._run is None:
                self._run = Stretch(quiet)
            elif self._run.silent != quiet:
                self._close_run()
                self._run = Stretch(quiet)
            self._run.n_steps += 1
            self._run.total += value
            if self._run.n_steps == self._shortest:
                self._begin_stretch()

    def settled(self) -> list[Stretch]:
        """Return the stretches that cannot change any more, each once."""
        result, self._settled = self._settled, []
        return result

    def finish(self) -> list[Stretch]:
        """End the steps: return the stretches that are left, and start anew."""
        if self._run is not None:
            self._close_run()
        if self._last is not None:
            self._settled.append(self._last)
        elif self._early.n_steps:
            self._early.silent = 2 * self._n_early_loud < self._early.n_steps
            self._settled.append(self._early)
        result = self._settled
        self._clear()
        return result

    def _begin_stretch(self) -> None:
        """Let the run, which has just lasted long enough, start a stretch unless it continues the last one."""
        if self._run is None or (self._last is not None and self._last.silent == self._run.silent):
            return
        if self._last is None:
            self._run.n_steps += self._early.n_steps
            self._run.total += self._early.total
        else:
            self._settled.append(self._last)
        self._last, self._run = self._run, Stretch(self._run.silent)

    def _close_run(self) -> None:
        """Give the run's steps to the stretch that they belong to."""
        run = self._run
        if run is None:
            return
        if self._last is not None:
            self._last.add(run)
        else:
            self._early.add(run)
            self._n_early_loud += 0 if run.silent else run.n_steps
