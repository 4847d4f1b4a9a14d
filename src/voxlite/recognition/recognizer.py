"""`SpeakerRecognizer`: from a recording to the embedding of the speech in it, and what speaks against trusting it.

Only speech counts (`tasks.speech`); where less than a second is speech, all of the sound is embedded instead, so that
there is always an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from voxlite.errors import ModelError
from voxlite.quality.remarks import is_narrow_band
from voxlite.runtime import ModelInfo, SpeakerEmbedder
from voxlite.tasks.speech import Sound, SpeechFinder
from voxlite.tasks.traits import UNSURE, TraitModel
from voxlite.values import FloatArray, Trait
from voxlite.voiceprints.prints import PrintModel
from voxlite.voiceprints.scoring import PairScorer


@dataclass(frozen=True, eq=False)
class Speech:
    """What a recording says about who speaks in it.

    Parameters
    ----------
    embedding
        float32[dim] of unit norm.
    speech_s, bandwidth_hz, remarks
        As `FoundSpeech` has them.
    traits
        What the voice sounds like, where the recognizer was asked for that.
    """

    embedding: FloatArray = field(repr=False)
    speech_s: float
    bandwidth_hz: float | None
    remarks: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()

    @property
    def gender(self) -> str | None:
        """The gender that the voice sounds like; None where that is unsure, or was not asked for."""
        labels = [trait.decision.label for trait in self.traits if trait.task == "gender"]
        return labels[0] if labels and labels[0] != UNSURE else None

    @property
    def narrow(self) -> bool:
        """Whether the speech carries a telephone's band alone."""
        return is_narrow_band(self.bandwidth_hz)


class SpeakerRecognizer:
    """A speaker model behind a voice detector.

    Parameters
    ----------
    model
        Of speakers: a shipped or imported model's name, or the path of a `.tflite` file.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.
    voice_model
        Of the voice detector, likewise.
    traits
        What else to tell of a voice, such as its gender; nothing unless it is asked for.

    Raises
    ------
    ModelError
        If a model cannot be found or run, is for another task, or one of a trait hears at another rate.

    Examples
    --------
    >>> from voxlite import Audio, SpeakerRecognizer
    >>> recognizer = SpeakerRecognizer(threads=1)  # doctest: +SKIP
    >>> voice = recognizer.embed(Audio.read("samples/voice-en-radio.flac"))  # doctest: +SKIP
    >>> voice.shape  # doctest: +SKIP
    (192,)
    """

    def __init__(
        self,
        model: str = "compact",
        threads: int = 4,
        voice_model: str = "compact",
        traits: Sequence[TraitModel] = (),
    ) -> None:
        self._embedder = SpeakerEmbedder(model, threads)
        self._traits = tuple(traits)
        for trait in self._traits:
            if trait.scorer.rate_hz != self._embedder.rate_hz:
                raise ModelError(
                    f"{trait.model.path}: hears {trait.scorer.rate_hz} Hz, the speaker model "
                    f"{self._embedder.rate_hz} Hz: choose two models of the same rate"
                )
        self._finder = SpeechFinder(self._embedder.rate_hz, voice_model, threads)

    @property
    def model(self) -> ModelInfo:
        """The speaker model's file and what it says of itself."""
        return self._embedder.model

    @property
    def print_model(self) -> PrintModel:
        """Name and version that a voiceprint is stored with."""
        return PrintModel(self.model.metadata.name, self.model.metadata.version)

    @cached_property
    def scorer(self) -> PairScorer:
        """What turns two embeddings into a likelihood ratio.

        Raises
        ------
        ModelError
            If the model's file holds no calibration.
        """
        return PairScorer(self.model)

    @property
    def dim(self) -> int:
        """Numbers in an embedding."""
        return self._embedder.size

    @property
    def rate_hz(self) -> int:
        """Rate that sound is converted to."""
        return self._embedder.rate_hz

    def embed(self, audio: Sound) -> FloatArray:
        """Return the embedding of the speech in a recording; of all of it when less than a second is speech.

        Parameters
        ----------
        audio
            Sound in memory, a path, or "-" for standard input.

        Returns
        -------
        FloatArray
            float32[dim] of unit norm.

        Raises
        ------
        AudioError, MissingExtraError
            If a file cannot be read.
        """
        return self.listen(audio).embedding

    def listen(self, audio: Sound) -> Speech:
        """Return the embedding of a recording together with how far to trust it; parameters as `embed`."""
        found = self._finder.listen(audio)
        embedding = self._embedder.embed(found.samples)
        traits = tuple(trait.heard(found.samples, found.speech_s) for trait in self._traits)
        return Speech(embedding, found.speech_s, found.bandwidth_hz, found.remarks, traits)

    def speech(self, samples: FloatArray) -> FloatArray:
        """Return what of a sound is embedded, float32[m], of float32[n] at `rate_hz`."""
        return np.concatenate(self._finder.find(samples)[0])
