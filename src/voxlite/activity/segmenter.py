"""From step scores to segments: one state machine for files and streams.

Two levels. First voice against the rest: voice begins when the probability reaches `threshold` and lasts until it has
stayed below `threshold - hysteresis` for `min_gap_s`; a voice shorter than `min_voice_s` is dropped. What remains is
silence or noise step by step, where a change must last `min_rest_s` to count. Voice is widened by `pad_s` on both
sides. A segment is final once nothing that can still come may change it; the machine holds back no longer than that.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from voxlite.activity.rest import Rest
from voxlite.errors import VoxliteError
from voxlite.values import Label


@dataclass(frozen=True)
class SegmenterConfig:
    """The segmenter's numbers.

    Parameters
    ----------
    threshold
        Probability from which a step is voice, above 0 and below 1.
    hysteresis
        How far below `threshold` a voice may fall and still go on.
    min_voice_s, min_gap_s, min_rest_s
        Shortest voice, shortest pause that ends a voice, shortest silence or noise beside the other.
    pad_s
        Added before and after each voice.
    """

    threshold: float = 0.5
    hysteresis: float = 0.1
    min_voice_s: float = 0.12
    min_gap_s: float = 0.2
    min_rest_s: float = 0.16
    pad_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise VoxliteError(f"threshold must be between 0 and 1, got {self.threshold}")
        for name in ("hysteresis", "min_voice_s", "min_gap_s", "min_rest_s", "pad_s"):
            if not 0 <= getattr(self, name) <= 60:
                raise VoxliteError(f"{name} must be 0..60, got {getattr(self, name)}")

    def in_steps(self, step_s: float) -> StepRules:
        """Return the same rules for steps of `step_s` seconds."""
        return StepRules(
            threshold=self.threshold,
            off_threshold=max(self.threshold - self.hysteresis, self.threshold / 4),
            min_voice_steps=max(1, round(self.min_voice_s / step_s)),
            min_gap_steps=max(1, round(self.min_gap_s / step_s)),
            min_rest_steps=max(1, round(self.min_rest_s / step_s)),
            pad_steps=round(self.pad_s / step_s),
        )


@dataclass(frozen=True)
class StepRules:
    """What a `SegmenterConfig` means for steps of one length: all that the state machine goes by.

    Parameters
    ----------
    threshold, off_threshold
        Probability from which a voice begins, and below which it pauses.
    min_voice_steps, min_gap_steps, min_rest_steps, pad_steps
        The configuration's durations in whole steps; at least 1, the padding at least 0.
    """

    threshold: float
    off_threshold: float
    min_voice_steps: int
    min_gap_steps: int
    min_rest_steps: int
    pad_steps: int


@dataclass(frozen=True)
class StepSegment:
    """A stretch of whole steps: [start, stop), its label, and the mean probability of that label."""

    start: int
    stop: int
    label: Label
    score: float


class Segmenter:
    """Turns step scores that arrive in any portions into final segments.

    Parameters
    ----------
    step_s
        Seconds per step.
    config
        The numbers.
    """

    def __init__(self, step_s: float, config: SegmenterConfig | None = None) -> None:
        self.config = config or SegmenterConfig()
        self._rules = self.config.in_steps(step_s)
        self._pad = self._rules.pad_steps
        self.reset()

    def reset(self) -> None:
        """Forget everything heard so far."""
        self._values = array("d")  # of steps from self._base on: those before are known to be rest
        self._silent = bytearray()
        self._base = 0
        self._rest = Rest(self._rules.min_rest_steps)  # steps self._emitted .. self._base
        self._next = 0  # steps seen
        self._open: int | None = None  # first step of the voice that is going on, or may be
        self._last_high = -1  # last step at which that voice was heard
        self._confirmed = False
        self._done_voice: list[tuple[int, int]] = []  # finished voices not yet given out
        self._emitted = 0  # steps given out
        self.now: Label = "silence"

    def push(self, values: Sequence[float], silent: Sequence[bool]) -> list[StepSegment]:
        """Take further steps and return the segments that are now final.

        Parameters
        ----------
        values
            Probability of voice per step, 0..1; 0 where `silent`.
        silent
            Whether the gate found the step silent.
        """
        for value, quiet in zip(values, silent, strict=True):
            self._step(value, quiet)
        return self._give(final=False)

    def outlook(self) -> tuple[int, int]:
        """Return what is known of the next voice: it begins at step `first` or later, and lasts until `sure` at least.

        Where `sure` is above `first`, the voice goes on or waits to be given out, and `first` is its very first step.
        """
        if self._done_voice:
            first, sure = self._done_voice[0]
        else:
            first = self._next if self._open is None else self._open
            sure = self._last_high + 1 if self._open is not None and self._confirmed else 0
        first = max(first - self._pad, self._emitted)
        return first, max(first, sure)

    def flush(self) -> list[StepSegment]:
        """End the recording and return the rest."""
        if self._open is not None:
            self._close()
        return self._give(final=True)

    def _step(self, value: float, quiet: bool) -> None:
        index, rules = self._next, self._rules
        self._next += 1
        self._values.append(value)
        self._silent.append(quiet)
        if self._open is None:
            if value >= rules.threshold:
                self._open, self._last_high, self._confirmed = index, index, False
        elif value >= rules.off_threshold:
            self._last_high = index
        elif index - self._last_high >= rules.min_gap_steps:
            self._close()
        if self._open is not None and self._last_high + 1 - self._open >= rules.min_voice_steps:
            self._confirmed = True
        if self._open is not None and value >= rules.off_threshold:
            self.now = "voice"
        else:
            self.now = "silence" if quiet else "noise"

    def _close(self) -> None:
        if self._open is not None and self._confirmed:
            self._done_voice.append((self._open, self._last_high + 1))
        self._open = None

    def _give(self, final: bool) -> list[StepSegment]:
        """Give out all that is settled: padded voices, and the rest before the earliest voice that may come."""
        result: list[StepSegment] = []
        while self._done_voice:
            start, stop = self._done_voice[0]
            start, stop = max(start - self._pad, self._emitted), stop + self._pad
            following = self._done_voice[1][0] if len(self._done_voice) > 1 else self._open
            if following is not None and following - self._pad <= stop:
                if len(self._done_voice) > 1:  # padding joins two voices
                    self._done_voice[:2] = [(self._done_voice[0][0], self._done_voice[1][1])]
                    continue
                break  # it may join the voice that is going on
            if not final and stop + self._pad >= self._next:
                break  # a voice that begins now would still touch this one
            stop = min(stop, self._next)
            self._give_rest(start, result, ended=True)
            self._give_voice(stop, result)
            self._done_voice.pop(0)
        if not self._done_voice:
            if final:
                self._give_rest(self._next, result, ended=True)
            elif self._open is not None and self._confirmed:
                self._give_rest(max(self._open - self._pad, self._emitted), result, ended=True)
            else:
                limit = (self._next if self._open is None else self._open) - self._pad
                self._give_rest(limit, result, ended=False)
        return result

    def _give_rest(self, limit: int, result: list[StepSegment], ended: bool) -> None:
        """Split the steps up to `limit` into silence and noise; without `ended`, keep what may still change or grow."""
        if self._emitted >= limit:
            return
        n = limit - self._base
        self._rest.push(self._values[:n], [bool(flag) for flag in self._silent[:n]])
        self._drop(limit)
        for stretch in self._rest.finish() if ended else self._rest.settled():
            mean = stretch.total / stretch.n_steps
            self._put(stretch.n_steps, "silence" if stretch.silent else "noise", 1 - mean, result)

    def _give_voice(self, stop: int, result: list[StepSegment]) -> None:
        """Give out a voice that begins with the first step not given out."""
        values = self._values[: stop - self._base]
        self._put(len(values), "voice", sum(values) / len(values), result)
        self._drop(stop)

    def _put(self, n_steps: int, label: Label, score: float, result: list[StepSegment]) -> None:
        start, self._emitted = self._emitted, self._emitted + n_steps
        result.append(StepSegment(start, self._emitted, label, score))

    def _drop(self, limit: int) -> None:
        """Forget the steps before `limit`."""
        del self._values[: limit - self._base]
        del self._silent[: limit - self._base]
        self._base = limit
