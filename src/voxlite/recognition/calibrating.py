"""How a store's scores become decisions: the model's calibration, or the user's own, and the operating point."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from voxlite.recognition import own_calibration
from voxlite.recognition.enrolling import take_name
from voxlite.recognition.keeping import VoiceKeeper
from voxlite.recognition.matching import Calibration, Matcher, OperatingPoint, operating_point
from voxlite.recognition.own_calibration import CalibrationResult
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.tasks.speech import ENOUGH_SPEECH_S, Sound
from voxlite.tasks.trait_models import trait_models
from voxlite.voiceprints import ScryptCost


class Models(NamedTuple):
    """What a recognizer is made from.

    Parameters
    ----------
    speaker, threads, voice
        As `SpeakerRecognizer` has `model`, `threads` and `voice_model`.
    traits
        Names of what else to tell of a voice.
    """

    speaker: str
    threads: int
    voice: str
    traits: tuple[str, ...] = ()

    def recognizer(self) -> SpeakerRecognizer:
        """Load them.

        Raises
        ------
        ModelError
            If one cannot be found or run.
        VoxliteError
            If a trait is none.
        """
        traits = trait_models(self.traits, self.threads)
        return SpeakerRecognizer(self.speaker, self.threads, self.voice, traits)


class CalibratedKeeper(VoiceKeeper):
    """A file of voiceprints with a model whose scores can be fitted to the user's own recordings.

    Parameters
    ----------
    path, passphrase, cost
        As `VoiceKeeper`.
    models
        What the recognizer is made from.
    far
        The chance that a stranger is accepted; None takes the model's own operating point.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        passphrase: str,
        models: Models,
        far: float | None,
        cost: ScryptCost | None,
    ) -> None:
        self.far = far
        self._models = models
        super().__init__(path, passphrase, cost)

    @cached_property
    def recognizer(self) -> SpeakerRecognizer:
        """What turns recordings into embeddings.

        Raises
        ------
        ModelError
            If a model cannot be found or run.
        """
        return self._models.recognizer()

    def calibrate(self, people: Mapping[str, Sequence[Sound]]) -> CalibrationResult:
        """Fit slope and offset of scores on recordings of known people, and use them from now on.

        Parameters
        ----------
        people
            Recordings by person, enrolled or not: three people or more with two or more each. None is kept.

        Raises
        ------
        EnrollmentError
            If there are too few, or they contradict the model.
        AudioError, MissingExtraError, ModelError, StoreError, PassphraseError
            If a recording, the model or the store cannot be used.
        """
        vault, point = self._vault(), self._point(None)
        usable: dict[str, list[Speech]] = {name: [] for name in people}
        left_out = []
        for name, recordings in people.items():
            for at, sound in enumerate(recordings):
                speech = self.recognizer.listen(sound)
                if speech.speech_s >= ENOUGH_SPEECH_S:
                    usable[name].append(speech)
                else:
                    left_out.append(f"{name}: {take_name(sound, at)}")
        trials = own_calibration.trials_of(usable, self._matcher())
        result = own_calibration.calibrated(trials, len(usable), point.llr, left_out)
        vault.put_setting(self._setting, result.calibration.to_dict())
        return result

    def reset_calibration(self) -> bool:
        """Go back to the model's own calibration; return whether there was another.

        Raises
        ------
        StoreError, ModelError
            If the store or the model cannot be used.
        """
        vault = self._vault()
        had = vault.setting(self._setting) is not None
        if had:
            vault.put_setting(self._setting, None)
        return had

    @property
    def calibration(self) -> Calibration:
        """How scores are corrected at present."""
        found = self._vault().setting(self._setting) if self.exists else None
        return Calibration(**found) if found else Calibration()

    @property
    def _setting(self) -> str:
        return f"calibration of {self.recognizer.print_model}"

    def _matcher(self) -> Matcher:
        return Matcher(self.recognizer.scorer, self.calibration)

    def _point(self, far: float | None, n_people: int = 1) -> OperatingPoint:
        chosen = self.far if far is None else far
        return operating_point(self.recognizer.model, self.recognizer.scorer, chosen, n_people)
