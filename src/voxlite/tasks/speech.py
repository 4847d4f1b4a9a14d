"""The speech in a recording, and what speaks against trusting it: what every question about a voice begins with.

Only speech counts: the voice detector's segments are cut out, with a little of what lies beside them, and joined;
silence and noise are dropped. Where less than a second is speech, all of the sound stands for it, so that there is
always an answer; `speech_s` tells how much of it was speech. A telephone's band is told from the spectrum of the
speech alone: hiss or music around it may reach higher.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from voxlite.audio import Audio, Conformer, mix_down, open_recording
from voxlite.quality import QualityMeter
from voxlite.quality.remarks import remarks_on
from voxlite.quality.spectrum import SpectrumMeter
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray

Sound = Audio | str | os.PathLike[str]
"""Sound in memory, a path, or "-" for standard input."""
ENOUGH_SPEECH_S = 1.0
"""Net speech from which speech alone counts, and below which nothing is decided."""
MARGIN_S = 0.2
"""Sound that is embedded before and after each stretch of voice: words begin and end below the detector's threshold."""
_MARGIN_DB = -10.0
"""Level of a margin against its voice above which it is noise, and left out."""
_BLOCK_SAMPLES = 65_536


@dataclass(frozen=True, eq=False)
class FoundSpeech:
    """What of a recording is speech.

    Parameters
    ----------
    samples
        float32[n], the stretches of speech joined.
    speech_s
        Net speech, seconds; 0 where none was found.
    bandwidth_hz
        Frequency up to which the speech carries sound; None for digital silence.
    remarks
        Plain words on the quality of the recording, the worst first; empty when nothing is bad.
    """

    samples: FloatArray = field(repr=False)
    speech_s: float
    bandwidth_hz: float | None
    remarks: tuple[str, ...] = ()


class SpeechFinder:
    """A voice detector that cuts speech out of recordings.

    Parameters
    ----------
    rate_hz
        Rate that sound is converted to.
    voice_model, threads
        As `VoiceDetector`.

    Raises
    ------
    ModelError
        If the voice model cannot be found or run.
    """

    def __init__(self, rate_hz: int, voice_model: str = "compact", threads: int = 4) -> None:
        self.rate_hz = rate_hz
        self._detector = VoiceDetector(voice_model, threads)

    def listen(self, audio: Sound) -> FoundSpeech:
        """Return the speech in a recording.

        Raises
        ------
        AudioError, MissingExtraError
            If a file cannot be read.
        """
        samples, meter = self._heard(audio)
        found, most_hz = self._voice(samples), min(meter.rate_hz, self.rate_hz) / 2
        parts, speech_s = self._with_margins(samples, found)
        voice = self._cut(samples, found) if speech_s >= ENOUGH_SPEECH_S else [samples]
        bandwidth_hz = self._bandwidth_hz(voice, most_hz)
        measures = replace(meter.result(), bandwidth_hz=bandwidth_hz)
        return FoundSpeech(np.concatenate(parts), speech_s, bandwidth_hz, remarks_on(measures, {}, 0.0, None))

    def _heard(self, audio: Sound) -> tuple[FloatArray, QualityMeter]:
        """Return mono sound at the model's rate, and the meter that heard the raw sound before."""
        if isinstance(audio, Audio):
            return self._conformed(audio.rate_hz, 1, _blocks(audio))
        with open_recording(audio) as recording:
            return self._conformed(recording.rate_hz, recording.channels, recording.blocks())

    def _conformed(
        self, rate_hz: int, channels: int, blocks: Iterator[FloatArray]
    ) -> tuple[FloatArray, QualityMeter]:
        conformer, meter = Conformer(rate_hz, self.rate_hz), QualityMeter(rate_hz, channels)
        parts = []
        for block in blocks:
            meter.push(block)
            parts.append(conformer.push(mix_down(block)))
        return np.concatenate([*parts, conformer.flush()]), meter

    def find(self, samples: FloatArray) -> tuple[list[FloatArray], float]:
        """Return what of a sound is speech.

        Parameters
        ----------
        samples
            float32[n] at `rate_hz`.

        Returns
        -------
        parts, speech_s
            The stretches of voice with `MARGIN_S` on either side where that is quiet, or the whole where less than a
            second is voice; and the seconds of voice.
        """
        return self._with_margins(samples, self._voice(samples))

    def _voice(self, samples: FloatArray) -> list[tuple[float, float]]:
        """Return when stretches of voice begin and end, seconds."""
        found = self._detector.segments(Audio(samples, self.rate_hz))
        return [(one.start_s, one.end_s) for one in found if one.label == "voice"]

    def _with_margins(
        self, samples: FloatArray, voice: Sequence[tuple[float, float]]
    ) -> tuple[list[FloatArray], float]:
        speech_s = sum(end_s - start_s for start_s, end_s in voice)
        if speech_s < ENOUGH_SPEECH_S:
            return [samples], speech_s
        wide: list[tuple[float, float]] = []
        for start_s, end_s in voice:
            loud = _rms(self._cut(samples, [(start_s, end_s)])[0]) * 10 ** (_MARGIN_DB / 20)
            before, after = (max(0.0, start_s - MARGIN_S), start_s), (end_s, end_s + MARGIN_S)
            quiet = [_rms(part) <= loud for part in self._cut(samples, [before, after])]
            begin_s = before[0] if quiet[0] else start_s
            if wide and begin_s <= wide[-1][1]:
                begin_s = wide.pop()[0]
            wide.append((begin_s, after[1] if quiet[1] else end_s))
        return self._cut(samples, wide), speech_s

    def _cut(self, samples: FloatArray, times: Sequence[tuple[float, float]]) -> list[FloatArray]:
        return [
            samples[round(start_s * self.rate_hz) : round(end_s * self.rate_hz)] for start_s, end_s in times
        ]

    def _bandwidth_hz(self, parts: Sequence[FloatArray], most_hz: float) -> float | None:
        """Return where the spectrum of some stretches ends; no frame reaches over a cut, whose click would count."""
        hop = self.rate_hz // 10
        meter = SpectrumMeter(self.rate_hz, hop)
        for part in parts:
            n_valid = len(part) if len(part) < hop else len(part) // hop * hop
            padded = np.zeros(-(-n_valid // hop) * hop, np.float32)
            padded[:n_valid] = part[:n_valid]
            meter.push(padded[None], n_valid)
        found_hz = meter.bandwidth_hz(sum(map(len, parts)) / self.rate_hz)
        return None if found_hz is None else min(found_hz, most_hz)


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def _blocks(audio: Audio) -> Iterator[FloatArray]:
    for start in range(0, len(audio.samples), _BLOCK_SAMPLES):
        yield audio.samples[start : start + _BLOCK_SAMPLES, None]
