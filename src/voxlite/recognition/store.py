"""`VoiceprintStore`: enroll, verify, identify and forget people; what is kept lies encrypted in a vault.

    audio -> speech -> embedding -> LLR of each person's references together -> Decision

The model's own operating point decides unless `far` names another rate of false acceptances. A calibration on the
user's own recordings (`calibrate`) is kept in the vault, one per model, and used from then on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime

from voxlite.errors import EnrollmentError
from voxlite.recognition import deciding, enrolling
from voxlite.recognition.calibrating import CalibratedKeeper, Models
from voxlite.recognition.enrolling import Enrollment, Take
from voxlite.recognition.identifying import Candidate, Directory
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.tasks.speech import ENOUGH_SPEECH_S, Sound
from voxlite.values import Decision, FloatArray
from voxlite.voiceprints import ScryptCost, Voiceprint


class VoiceprintStore(CalibratedKeeper):
    """An encrypted file of people's voiceprints, and the questions that can be put to it.

    Safe for several threads and processes at once; a context manager.

    Parameters
    ----------
    path
        The file. Made by the first `enroll` or `import_voices` if it is missing.
    passphrase
        Opens it; of a new file 8 characters or more. Nobody can recover it.
    model, voice_model, threads
        As `SpeakerRecognizer`; loaded when they are first needed.
    traits
        What else to tell of a voice: "gender", "mood". Gender is then noted at enrollment, and one that contradicts
        it later is a reason for doubt.
    far
        The chance that a stranger is accepted, above 0 and below 1; None takes the model's own operating point.
    recognizer
        Used in place of one made from `model`, `voice_model`, `threads` and `traits`.
    cost
        What guessing the passphrase of a new file costs; lower it in tests only.

    Raises
    ------
    PassphraseError
        If the passphrase is wrong.
    StoreError
        If the file is no store of voiceprints, damaged or cannot be opened.

    Examples
    --------
    >>> with VoiceprintStore("voices.vault", "correct horse battery staple") as store:  # doctest: +SKIP
    ...     store.enroll("Ada", ["ada.wav"], consent_at=agreed, purpose="unlocking the door")
    ...     store.identify("who.wav").label
    'Ada'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        passphrase: str,
        *,
        model: str = "compact",
        voice_model: str = "compact",
        threads: int = 4,
        traits: Sequence[str] = (),
        far: float | None = None,
        recognizer: SpeakerRecognizer | None = None,
        cost: ScryptCost | None = None,
    ) -> None:
        self._directory: Directory | None = None
        if recognizer is not None:
            self.recognizer = recognizer
        super().__init__(path, passphrase, Models(model, threads, voice_model, tuple(traits)), far, cost)

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        self._directory = None
        super().close()

    def enroll(
        self,
        name: str,
        recordings: Sequence[Sound | Speech],
        *,
        consent_at: datetime,
        purpose: str,
        source: str | None = None,
    ) -> Enrollment:
        """Add references of a person's voice; nothing is stored unless all of it is usable.

        Parameters
        ----------
        name
            Of the person, 1 to 200 printable characters; somebody known gets further references.
        recordings
            Sound in memory, paths, or what the recognizer heard in these. Each becomes a reference of its own; those
            with less than a second of speech are left out.
        consent_at
            When the person agreed; with a time zone.
        purpose
            What the person agreed to, in words.
        source
            What it was recorded with ("headset", "phone").

        Returns
        -------
        Enrollment
            With warnings: below 15 s of speech, recordings that do not sound like one person, bad quality.

        Raises
        ------
        EnrollmentError
            If the person would have less than 5 s of speech, or the name, the consent or the purpose is not usable.
        AudioError, MissingExtraError
            If a recording cannot be read.
        ModelError, StoreError, PassphraseError
            As the constructor and `recognizer`.
        """
        person, model = enrolling.free_name(name), self.recognizer.print_model
        takes = [
            Take(enrolling.take_name(sound, at), self._heard(sound)) for at, sound in enumerate(recordings)
        ]
        earlier = self._references(person)
        kept = enrolling.usable(person, takes, earlier)
        prints = [
            Voiceprint(
                person,
                take.speech.embedding,
                model,
                take.speech.speech_s,
                consent_at,
                purpose,
                source=source,
                bandwidth_hz=take.speech.bandwidth_hz or None,
                gender=take.speech.gender,
            )
            for take in kept
        ]
        warnings = enrolling.warnings_about(takes, kept, earlier, self._matcher())
        n_new = self._vault(create=True).add(*prints)
        total_s = sum(one.speech_s for one in self._references(person))
        return Enrollment(person, n_new, total_s, tuple(warnings))

    def verify(self, name: str, audio: Sound | Speech, far: float | None = None) -> Decision:
        """Say whether a recording is of an enrolled person.

        A recording that is played back, or a synthetic copy of the voice, is not told from the person.
        Where gender was noted at enrollment and is told of the voice, a contradiction is a reason for doubt; it does
        not change the verdict.

        Parameters
        ----------
        name
            Of the person who is claimed.
        audio
            Sound in memory, a path, "-", or what the recognizer heard in one of these.
        far
            The chance that somebody else is accepted; None takes the store's.

        Returns
        -------
        Decision
            Label "accepted", "rejected" or "not enough speech" (under a second). Score and threshold are LLRs as
            probabilities: how likely it is the person, were that as likely as not before.

        Raises
        ------
        EnrollmentError
            If nobody has this name, or only prints of another model.
        AudioError, MissingExtraError, ModelError, StoreError, PassphraseError
            If the recording, the model or the store cannot be used.
        """
        references = self.references(name)
        point = self._point(far)
        speech = self._heard(audio)
        if speech.speech_s < ENOUGH_SPEECH_S:
            return deciding.not_enough(speech, point)
        claimed = Candidate.of({references[0].person: references}, speech, self._matcher())
        return deciding.verified(claimed[0], speech, point)

    def identify(self, audio: Sound | Speech, far: float | None = None) -> Decision:
        """Say which of the enrolled people speaks in a recording, or that it is none of them.

        Parameters
        ----------
        audio
            As `verify`.
        far
            The chance that a stranger is given any name, however many people are enrolled; None takes the store's.

        Returns
        -------
        Decision
            Label a name, "unknown" or "not enough speech" (under a second); score and threshold as `verify`.

        Raises
        ------
        EnrollmentError
            If somebody has prints of another model only.
        AudioError, MissingExtraError, ModelError, StoreError, PassphraseError
            If the recording, the model or the store cannot be used.
        """
        people = self._people()
        return self._identified(self._heard(audio), people, far)

    def name_of(
        self, embedding: FloatArray, speech_s: float, bandwidth_hz: float | None = None
    ) -> str | None:
        """Return who an embedding is of, None for a stranger or too little speech; as `identify` decides.

        Parameters
        ----------
        embedding
            float32[dim] of unit norm, by this store's model.
        speech_s
            Net speech that it rests on, seconds.
        bandwidth_hz
            Frequency up to which that speech carries sound, if known.

        Raises
        ------
        EnrollmentError, ModelError, StoreError, PassphraseError
            As `identify`.
        """
        speech = Speech(embedding, speech_s, bandwidth_hz)
        label = self._identified(speech, self._people(), None).label
        return None if label in deciding.NOBODY else label

    def fingerprint(self) -> str:
        """Return a hash of what `identify` depends on besides the recording: 64 hexadecimal digits.

        It changes when somebody is enrolled or forgotten, or the store is calibrated; no voice can be found from it.

        Raises
        ------
        EnrollmentError, ModelError, StoreError, PassphraseError
            As `identify`.
        """
        people, point = self._people().index, self._point(None)
        digest = hashlib.sha256()
        for person in people.people:
            references = people.matrix[people.rows(person).start : people.rows(person).stop]
            digest.update(f"{len(person)} {person} {references.shape}".encode())
            digest.update(references.tobytes())
        digest.update(json.dumps([self.calibration.to_dict(), point.far], sort_keys=True).encode())
        return digest.hexdigest()

    def references(self, name: str) -> list[Voiceprint]:
        """Return the voiceprints of an enrolled person by this store's model.

        Raises
        ------
        EnrollmentError
            If nobody has this name, or only prints of another model.
        ModelError, StoreError, PassphraseError
            If the model or the store cannot be used.
        """
        return self._vault().prints(name, self.recognizer.print_model)

    def _heard(self, audio: Sound | Speech) -> Speech:
        return audio if isinstance(audio, Speech) else self.recognizer.listen(audio)

    def _references(self, person: str) -> list[Voiceprint]:
        """Return a person's references by this model; none where nobody has the name."""
        if not self.exists or person not in self._vault().persons():
            return []
        return self._vault().prints(person, self.recognizer.print_model, others="skip")

    def _people(self) -> Directory:
        vault, known = self._vault(), self._directory
        if known is None or known.version != vault.version():
            self._directory = known = Directory.of(vault, self.recognizer.print_model)
        return known

    def _identified(self, speech: Speech, people: Directory, far: float | None) -> Decision:
        point = self._point(far, people.n_people)
        if speech.speech_s < ENOUGH_SPEECH_S:
            return deciding.not_enough(speech, point)
        try:
            candidates = people.candidates(speech, self._matcher(), self._vault())
        except EnrollmentError:  # erased by another process since
            if people.version == self._vault().version():
                raise
            return self._identified(speech, self._people(), far)
        return deciding.identified(candidates, speech, point)
