"""One pass of the voice task over a recording, and the tasks on voices that hear along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from voxlite.tasks.quality import estimate_snr_db
from voxlite.tasks.steps import Steps
from voxlite.tasks.trait_stream import TraitStream
from voxlite.tasks.voice import VoiceDetector, VoiceStream
from voxlite.values import Decision, FloatArray, Segment, Trait, Turn

if TYPE_CHECKING:
    from voxlite.recognition.speakers import SpeakerStream

_PORTION_S = 20.0  # sound given to the model at a time: enough fragments for every thread
_LEVEL_FLOOR = 1e-12  # -120 dBFS


@dataclass
class VoicePass:
    """The voice task over one recording: gathers portions, segments, steps; tasks on voices hear along.

    Parameters
    ----------
    detector, rate_hz
        What finds voice, and the rate of the samples that will be pushed.
    speakers, of_traits
        Tasks that hear along.
    turns, traits
        What those found, once the recording has ended.
    segments
        Voice, silence and noise, as far as they are final.
    """

    detector: VoiceDetector
    rate_hz: int
    speakers: SpeakerStream | None = None
    of_traits: Sequence[TraitStream] = ()
    turns: tuple[Turn, ...] | None = None
    traits: tuple[Trait, ...] = ()
    segments: list[Segment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stream: VoiceStream = self.detector.stream(self.rate_hz)
        self._waiting: list[FloatArray] = []
        self._n_waiting = 0
        self._parts: list[Steps] = []

    def push(self, samples: FloatArray) -> None:
        """Take further mono samples, float32[n]."""
        self._waiting.append(samples)
        self._n_waiting += len(samples)
        if self._n_waiting >= _PORTION_S * self.rate_hz:
            self._pass_on()

    def flush(self) -> None:
        """End the recording."""
        if self._waiting:
            self._pass_on()
        rest = self._stream.flush()
        self.segments += rest
        if self.speakers:
            self.turns = self.speakers.flush(rest)
        self.traits = tuple(stream.flush(rest) for stream in self.of_traits)
        self._parts.append(self._stream.last_steps)

    def _pass_on(self) -> None:
        portion = np.concatenate(self._waiting)
        found = self._stream.push(portion)
        self.segments += found
        if self.speakers:
            self.speakers.push(portion, found, self._stream.outlook_s)
        for stream in self.of_traits:
            stream.push(portion, found, self._stream.outlook_s)
        self._parts.append(self._stream.last_steps)
        self._waiting, self._n_waiting = [], 0

    def steps(self) -> Steps:
        """Return all steps so far."""
        self._parts = [Steps.join(self._parts)]
        return self._parts[0]

    def decision(self) -> Decision:
        """Return the verdict on the recording."""
        return self.detector.decide_steps(self.steps())

    def snr_db(self) -> float | None:
        """Estimate the SNR from the levels of steps inside and outside of voice segments."""
        power = self.steps().power
        in_voice = np.zeros(len(power), np.bool_)
        for segment in self.segments:
            if segment.label == "voice":
                step_s = self.detector.step_s
                in_voice[round(segment.start_s / step_s) : round(segment.end_s / step_s)] = True
        levels_db = 10 * np.log10(np.maximum(power, _LEVEL_FLOOR))
        return estimate_snr_db(levels_db[in_voice], levels_db[~in_voice])
