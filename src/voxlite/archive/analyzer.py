"""`Analyzer`: `voxlite.analyze` for very many recordings, with its models loaded once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from voxlite import analysis
from voxlite.audio import mix_down
from voxlite.report.report import Report
from voxlite.tasks.quality import QualityMeter
from voxlite.tasks.trait_models import TRAIT_MODELS
from voxlite.tasks.trait_stream import TraitStream
from voxlite.tasks.voice import VoiceDetector


class Analyzer:
    """The tasks of an analysis, ready for one recording after the other; its reports are those of `analyze`.

    Parameters
    ----------
    tasks, threads, models
        As `voxlite.analyze` takes them.

    Raises
    ------
    ModelError, MissingExtraError, VoxliteError
        If a model cannot be used, a task needs an extra, or a task is unknown.
    """

    def __init__(
        self, tasks: Sequence[str], threads: int = 1, models: Mapping[str, str] | None = None
    ) -> None:
        analysis._check(tasks, models or {})
        chosen = {**analysis.DEFAULT_MODELS, **(models or {})}
        self._tasks = tuple(tasks)
        self._diarizer = analysis._diarizer(chosen["speaker"], threads, None) if "speaker" in tasks else None
        self._traits = [analysis._trait(task, chosen, threads, ()) for task in tasks if task in TRAIT_MODELS]
        wanted = bool(self._diarizer or self._traits or "voice" in tasks)
        self._detector = VoiceDetector(chosen["voice"], threads) if wanted else None

    def analyze(self, path: str | os.PathLike[str]) -> Report:
        """Analyse one recording.

        Raises
        ------
        AudioError, MissingExtraError
            If the sound cannot be read, or its format needs an extra.
        """
        with analysis._open(path) as source:
            meter = QualityMeter(source.rate_hz, source.channels) if "quality" in self._tasks else None
            heard = self._voice(source.rate_hz)
            n_samples = 0
            for block in source.blocks:
                n_samples += len(block)
                if meter:
                    meter.push(block)
                if heard:
                    heard.push(mix_down(block))
            if heard:
                heard.flush()
            voice = heard if "voice" in self._tasks else None
            users = (self._detector, self._diarizer, *self._traits)
            return Report(
                source=source.name,
                duration_s=n_samples / source.rate_hz,
                rate_hz=source.rate_hz,
                channels=source.channels,
                voice=voice.decision() if voice else None,
                segments=tuple(voice.segments) if voice else (),
                quality=analysis._quality(meter, voice) if meter else None,
                models=tuple(user.model.summary() for user in users if user),
                speakers=heard.turns if heard else None,
                traits=heard.traits if heard else (),
            )

    def _voice(self, rate_hz: int) -> analysis._Voice | None:
        if not self._detector:
            return None
        speakers = self._diarizer.stream(rate_hz) if self._diarizer else None
        return analysis._Voice(
            self._detector, rate_hz, speakers, [TraitStream(trait, rate_hz) for trait in self._traits]
        )
