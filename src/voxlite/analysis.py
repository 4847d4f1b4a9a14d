"""`analyze`: one pass over a recording, any tasks, one report.

Sound is decoded block by block; quality is measured on what the file holds, before anything is mixed or converted;
the voice task sees it mixed down and conformed, and so do the speaker task and traits where the voice task finds a
voice. Memory does not grow with the recording but for one score per step, one embedding per half second of voice, and
a few numbers per three seconds of it for each trait.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voxlite.audio import Audio, Recording, mix_down, open_recording
from voxlite.errors import VoxliteError
from voxlite.report.report import Report
from voxlite.tasks.detector import DetectorStream, SoundDetector
from voxlite.tasks.mood import MoodClassifier
from voxlite.tasks.quality import QualityMeter, QualityReport, assess
from voxlite.tasks.speech import Sound
from voxlite.tasks.trait_models import DEFAULT_TRAITS, TRAIT_MODELS
from voxlite.tasks.trait_stream import TraitStream
from voxlite.tasks.traits import TraitModel
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray
from voxlite.voice_pass import VoicePass

if TYPE_CHECKING:
    from voxlite.recognition.diarization import SpeakerOptions
    from voxlite.recognition.speakers import Diarizer

TASKS = ("voice", "quality", "speaker", "gender", "mood")
"""Tasks that can be asked for."""
DEFAULT_TASKS = ("voice", "quality")
DEFAULT_MODELS = {"voice": "compact", "speaker": "compact", **DEFAULT_TRAITS}
"""Model by task."""

_BLOCK_SAMPLES = 65_536


@dataclass(frozen=True)
class _Source:
    """Where blocks float32[n, channels] come from."""

    name: str | None
    rate_hz: int
    channels: int
    blocks: Iterator[FloatArray]
    recording: Recording | None = None

    @property
    def damage(self) -> str | None:
        """What went wrong while it was decoded; final once the blocks have ended."""
        return None if self.recording is None else self.recording.damage


def analyze(
    audio_or_path: Audio | str | os.PathLike[str],
    tasks: Sequence[str] = DEFAULT_TASKS,
    threads: int = 4,
    *,
    models: Mapping[str, str] | None = None,
    speakers: SpeakerOptions | None = None,
    neutral: Sequence[Sound] = (),
    detectors: Sequence[str | SoundDetector] = (),
    on_progress: Callable[[float], None] | None = None,
) -> Report:
    """Analyse one recording.

    Parameters
    ----------
    audio_or_path
        Sound in memory, a path, or "-" for standard input.
    tasks
        Any of "voice", "quality", "speaker", "gender" and "mood". Quality's shares and SNR need the voice task; without
        it they stay empty.
    threads
        Fragments that the model works on at the same time; results do not depend on it.
    models
        Model by task, a shipped name or a path, e.g. ``{"voice": "compact"}``; tasks on voices use that of the voice
        task too.
    speakers
        What the speaker task knows before: the number of speakers, enrolled names.
    neutral
        Recordings in no mood of the one person that speaks: the mood task then tells the difference.
    detectors
        Models from `voxlite train detector`, by path or ready: where their sounds are to be heard is told too.
    on_progress
        Called now and then with the seconds of sound that are done.

    Returns
    -------
    Report
        With what the tasks found.

    Raises
    ------
    AudioError, ModelError, MissingExtraError, VoxliteError
        If the sound cannot be read, a model cannot be used, a format needs an extra, or a task is unknown.
    """
    analyzer = Analyzer(
        tasks, threads, models=models, speakers=speakers, neutral=neutral, detectors=detectors
    )
    return analyzer.analyze(audio_or_path, on_progress)


class Analyzer:
    """`analyze` for many recordings: its models are loaded once.

    Parameters
    ----------
    tasks, threads, models, speakers, neutral, detectors
        As `analyze` takes them.

    Raises
    ------
    ModelError, MissingExtraError, VoxliteError
        If a model cannot be used, a task needs an extra, or a task is unknown.
    """

    def __init__(
        self,
        tasks: Sequence[str] = DEFAULT_TASKS,
        threads: int = 4,
        *,
        models: Mapping[str, str] | None = None,
        speakers: SpeakerOptions | None = None,
        neutral: Sequence[Sound] = (),
        detectors: Sequence[str | SoundDetector] = (),
    ) -> None:
        _check(tasks, models or {})
        chosen = {**DEFAULT_MODELS, **(models or {})}
        self._tasks = tuple(tasks)
        self._diarizer = _diarizer(chosen["speaker"], threads, speakers) if "speaker" in tasks else None
        self._traits = [_trait(task, chosen, threads, neutral) for task in tasks if task in TRAIT_MODELS]
        wanted = bool(self._diarizer or self._traits or "voice" in tasks)
        self._detector = VoiceDetector(chosen["voice"], threads) if wanted else None
        self._finders = [
            SoundDetector(item, threads) if isinstance(item, str) else item for item in detectors
        ]

    def analyze(
        self,
        audio_or_path: Audio | str | os.PathLike[str],
        on_progress: Callable[[float], None] | None = None,
    ) -> Report:
        """Analyse one recording; parameters and errors as the function `analyze`."""
        with _open(audio_or_path) as source:
            meter = QualityMeter(source.rate_hz, source.channels) if "quality" in self._tasks else None
            heard = self._voice(source.rate_hz)
            found = [DetectorStream(finder, source.rate_hz) for finder in self._finders]
            n_samples = 0
            for block in source.blocks:
                n_samples += len(block)
                if meter:
                    meter.push(block)
                mixed = mix_down(block)
                if heard:
                    heard.push(mixed)
                for finding in found:
                    finding.push(mixed)
                if on_progress:
                    on_progress(n_samples / source.rate_hz)
            if heard:
                heard.flush()
            for finding in found:
                finding.flush()
            return self._report(source, n_samples / source.rate_hz, meter, heard, found)

    def _voice(self, rate_hz: int) -> VoicePass | None:
        if not self._detector:
            return None
        speakers = self._diarizer.stream(rate_hz) if self._diarizer else None
        return VoicePass(
            self._detector, rate_hz, speakers, [TraitStream(trait, rate_hz) for trait in self._traits]
        )

    def _report(
        self,
        source: _Source,
        duration_s: float,
        meter: QualityMeter | None,
        heard: VoicePass | None,
        found: Sequence[DetectorStream],
    ) -> Report:
        voice = heard if "voice" in self._tasks else None
        users = (self._detector, self._diarizer, *self._traits, *self._finders)
        return Report(
            source=source.name,
            duration_s=duration_s,
            rate_hz=source.rate_hz,
            channels=source.channels,
            voice=voice.decision() if voice else None,
            segments=tuple(voice.segments) if voice else (),
            scores=voice.detector.timed(voice.steps(), duration_s) if voice else None,
            quality=_quality(meter, voice, source.damage) if meter else None,
            models=tuple(user.model.summary() for user in users if user),
            speakers=heard.turns if heard else None,
            traits=heard.traits if heard else (),
            detections=tuple(finding.detection() for finding in found),
        )


def _diarizer(model: str, threads: int, options: SpeakerOptions | None) -> Diarizer:
    from voxlite.recognition.speakers import (
        Diarizer,
    )  # here: it brings the store, which other tasks do without

    return Diarizer(model, threads, options)


def _trait(task: str, chosen: Mapping[str, str], threads: int, neutral: Sequence[Sound]) -> TraitModel:
    """Return the model of a trait; of mood, one that knows how the person sounds in none where that was given."""
    if task == "mood" and neutral:
        return MoodClassifier(chosen[task], threads, chosen["voice"], neutral).trait
    return TRAIT_MODELS[task](chosen[task], threads)


def _check(tasks: Sequence[str], models: Mapping[str, str]) -> None:
    unknown = sorted(set(tasks) - set(TASKS))
    if unknown or not tasks:
        raise VoxliteError(
            f"unknown tasks: {', '.join(unknown) or 'none given'}; choose from {', '.join(TASKS)}"
        )
    odd = sorted(set(models) - set(TASKS))
    if odd:
        raise VoxliteError(f"no task named {', '.join(odd)} takes a model; choose from {', '.join(TASKS)}")


def _quality(meter: QualityMeter, voice: VoicePass | None, damage: str | None) -> QualityReport:
    return assess(meter.result(), voice.segments if voice else (), voice.snr_db() if voice else None, damage)


@contextmanager
def _open(audio_or_path: Audio | str | os.PathLike[str]) -> Iterator[_Source]:
    if isinstance(audio_or_path, Audio):
        samples = audio_or_path.samples[:, None]
        blocks = (samples[at : at + _BLOCK_SAMPLES] for at in range(0, len(samples), _BLOCK_SAMPLES))
        yield _Source(None, audio_or_path.rate_hz, 1, blocks)
        return
    with open_recording(audio_or_path) as recording:
        yield _Source(
            str(audio_or_path), recording.rate_hz, recording.channels, recording.blocks(), recording
        )
