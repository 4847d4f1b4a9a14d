"""`explain`: one prediction step by step, from the waveform to the verdict.

Sound -> frames, Hamming window, power spectrum -> mel filter bank -> logarithm, DCT -> MFCC -> what the net is fed ->
score: the stages of the article '"Hello," from the Mobile Side: TensorFlow Lite in Speaker Recognition' (Alibaba).
Every stage is what the front end's own functions give for the samples that the step depends on, and the score is
what `VoiceDetector` gives; nothing is worked out a second time.

The sound is read twice, block by block: for its length (and, if no moment is named, the best score), then for its
outline and the seconds around the moment. Nothing but these is kept, however long it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from voxlite.activity.gate import decibels
from voxlite.analysis import analyze
from voxlite.audio import Audio, Conformer, open_recording, resampled_length, stream_audio
from voxlite.errors import VoxliteError
from voxlite.frontend.image import mfcc_image
from voxlite.frontend.stages import stages
from voxlite.report.explanation import Explanation
from voxlite.report.overview import Envelope, EnvelopeBuilder
from voxlite.tasks.steps import Steps, StepScorer
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray, Scores

_AROUND_S = 2.0  # shown before and after the moment
_BLOCK_SAMPLES = 65_536


def explain(
    audio_or_path: Audio | str | os.PathLike[str],
    at_s: float | None = None,
    model: str = "compact",
    threads: int = 4,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Explanation:
    """Show how a model comes to its score at one moment of a recording.

    Parameters
    ----------
    audio_or_path
        Sound in memory or a path. Not standard input: the sound is read twice.
    at_s
        The moment, seconds from the start; None takes the middle of the step with the highest score.
    model
        A shipped model's name or the path of an exported `.tflite` file.
    threads
        Fragments that the model works on at the same time; results do not depend on it.
    on_progress
        Called with the seconds of sound that are done while the highest score is looked for.

    Returns
    -------
    Explanation
        What the step at that moment depends on, and every stage from there to the verdict.

    Raises
    ------
    AudioError, ModelError, MissingExtraError, VoxliteError
        If the sound cannot be read, the model cannot be used, a format needs an extra, or the moment lies
        outside the recording.

    Examples
    --------
    >>> silence = Audio(np.zeros(16_000, np.float32), 16_000)
    >>> explain(silence, at_s=0.5).verdict()
    'silence: the net was not asked'
    """
    if not isinstance(audio_or_path, Audio) and os.fspath(audio_or_path) == "-":
        raise VoxliteError("explain reads the sound twice, which standard input does not allow: name a file")
    detector = VoiceDetector(model, threads)
    sound = _survey(audio_or_path, at_s, model, threads, on_progress)
    scorer = StepScorer(detector.engine)
    place = _Place.of(sound, detector, scorer.past_steps)
    builder, kept = EnvelopeBuilder(place.n_samples), _Kept(place.first_sample, place.end_sample)
    for block in _blocks(audio_or_path, detector.rate_hz):
        builder.push(block)
        kept.push(block)
    steps = [scorer.push(kept.cut(place.first_sample, place.end_sample))]
    if place.end_sample == place.n_samples:
        steps.append(scorer.flush())
    return _assemble(sound, detector, place, builder.finish(), kept, Steps.join(steps))


@dataclass(frozen=True)
class _Sound:
    """What is known of the recording after the first pass."""

    name: str | None
    n_frames: int
    rate_hz: int
    channels: int
    at_s: float

    @property
    def duration_s(self) -> float:
        return self.n_frames / self.rate_hz


def _survey(
    audio_or_path: Audio | str | os.PathLike[str],
    at_s: float | None,
    model: str,
    threads: int,
    on_progress: Callable[[float], None] | None,
) -> _Sound:
    """Read the recording once for its length, and for the moment of the highest score if none is named."""
    name = None if isinstance(audio_or_path, Audio) else os.fspath(audio_or_path)
    if at_s is None:
        report = analyze(audio_or_path, ("voice",), threads, models={"voice": model}, on_progress=on_progress)
        scores = cast(Scores, report.scores)  # the voice task was asked for
        best = int(scores.values.argmax()) if scores.values.any() else len(scores) // 2
        at_s = float(scores.start_s[best] + scores.end_s[best]) / 2
        return _Sound(name, round(report.duration_s * report.rate_hz), report.rate_hz, report.channels, at_s)
    if isinstance(audio_or_path, Audio):
        sound = _Sound(None, len(audio_or_path.samples), audio_or_path.rate_hz, 1, at_s)
    else:
        with open_recording(audio_or_path) as recording:
            for _ in recording.blocks():  # a header may lie about the length
                pass
            sound = _Sound(name, recording.frames_read, recording.rate_hz, recording.channels, at_s)
    if not 0 <= at_s <= sound.duration_s:
        raise VoxliteError(
            f"{name or 'the sound'}: {at_s:g} s is outside the recording: name a moment from 0 to "
            f"{sound.duration_s:.3f} s"
        )
    return sound


def _blocks(audio_or_path: Audio | str | os.PathLike[str], rate_hz: int) -> Iterator[FloatArray]:
    """Yield the sound as the model gets it, float32[n] each."""
    if not isinstance(audio_or_path, Audio):
        yield from stream_audio(audio_or_path, rate_hz)
        return
    conformer = Conformer(audio_or_path.rate_hz, rate_hz)
    for first in range(0, len(audio_or_path.samples), _BLOCK_SAMPLES):
        yield conformer.push(audio_or_path.samples[first : first + _BLOCK_SAMPLES])
    yield conformer.flush()


class _Kept:
    """The samples start .. stop of a recording that goes by in blocks."""

    def __init__(self, start: int, stop: int) -> None:
        self._start, self._stop = start, stop
        self._done = 0
        self._parts: list[FloatArray] = [np.zeros(0, np.float32)]

    def push(self, block: FloatArray) -> None:
        part = block[max(0, self._start - self._done) : max(0, self._stop - self._done)]
        if len(part):
            self._parts.append(part.copy())
        self._done += len(block)

    def cut(self, start: int, stop: int) -> FloatArray:
        """Return samples of the recording, zeros where it has none; within what was kept."""
        samples = np.concatenate(self._parts)
        result = np.zeros(stop - start, np.float32)
        low, high = max(start, self._start), min(stop, self._start + len(samples))
        result[low - start : high - start] = samples[low - self._start : high - self._start]
        return result


@dataclass(frozen=True)
class _Place:
    """Which steps and samples an explanation needs; samples at the model's rate."""

    n_samples: int
    step: int
    first: int  # steps first .. end are shown
    end: int
    decision_first: int
    decision_end: int
    first_sample: int  # samples first_sample .. end_sample are kept, a whole number of steps from the start
    end_sample: int

    @classmethod
    def of(cls, sound: _Sound, detector: VoiceDetector, past_steps: int) -> _Place:
        metadata = detector.model.metadata
        geometry = metadata.geometry
        n_samples = resampled_length(sound.n_frames, sound.rate_hz, detector.rate_hz)
        n_steps = -(-n_samples // geometry.step)
        step = min(round(sound.at_s * detector.rate_hz) // geometry.step, n_steps - 1)
        span = int(metadata.calibration["pool_span_steps"])
        reach = max(round(_AROUND_S / detector.step_s), span)
        first, end = max(0, step - reach), min(n_steps, step + reach + 1)
        decision_first = max(0, min(step - span // 2, n_steps - span))
        return cls(
            n_samples=n_samples,
            step=step,
            first=first,
            end=end,
            decision_first=decision_first,
            decision_end=min(n_steps, decision_first + span),
            first_sample=max(0, first - past_steps) * geometry.step,
            end_sample=min(n_samples, end * geometry.step + geometry.after),
        )


def _assemble(
    sound: _Sound, detector: VoiceDetector, place: _Place, envelope: Envelope, kept: _Kept, steps: Steps
) -> Explanation:
    """Put the stages of the step's samples and the scores around it together."""
    metadata = detector.model.metadata
    geometry, config = metadata.geometry, metadata.frontend
    start = place.step * geometry.step - geometry.before
    stop = start + geometry.window
    window = kept.cut(start, stop)
    shown = stages(window, config, middle=geometry.before + geometry.step / 2)
    image = metadata.net_input == "image"
    fed = mfcc_image(Audio(window, config.rate_hz), config) if image else shown.log_mel
    around_first = max(0, min(start, place.first * geometry.step))
    skipped = place.first_sample // geometry.step  # what `steps` begins with
    near = steps.part(place.first - skipped, place.end - skipped)
    return Explanation(
        source=sound.name,
        duration_s=sound.duration_s,
        rate_hz=sound.rate_hz,
        channels=sound.channels,
        model=detector.model,
        at_s=sound.at_s,
        step=place.step,
        envelope=envelope,
        around=kept.cut(around_first, min(place.n_samples, max(stop, place.end * geometry.step))),
        around_s=around_first / config.rate_hz,
        stages=shown,
        zeros_before=max(0, -start),
        zeros_after=max(0, stop - place.n_samples),
        net_input=fed,
        scores=_timed(detector, place, near, sound.duration_s),
        silent=near.silent,
        first_step=place.first,
        logit=float(near.logits[place.step - place.first]),
        level_dbfs=float(decibels(near.power[place.step - place.first])),
        threshold=detector.segmenter_config.threshold,
        decision=detector.decide_steps(
            steps.part(place.decision_first - skipped, place.decision_end - skipped)
        ),
        decision_s=(
            place.decision_first * detector.step_s,
            min(place.decision_end * detector.step_s, sound.duration_s),
        ),
    )


def _timed(detector: VoiceDetector, place: _Place, steps: Steps, duration_s: float) -> Scores:
    """Return the probabilities of the steps that are shown, with their times in the recording."""
    begin_s, end_s = place.first * detector.step_s, place.end * detector.step_s
    last = place.end * detector.model.metadata.geometry.step >= place.n_samples
    scores = detector.timed(steps, (duration_s if last else end_s) - begin_s)
    return Scores(scores.start_s + begin_s, scores.end_s + begin_s, scores.values)
