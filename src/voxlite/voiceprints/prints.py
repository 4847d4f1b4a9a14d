"""A voiceprint: one reference of one person's voice, and all that may be kept with it.

The reference is an embedding, never sound. A person has as many references as enrolled recordings (headset, laptop,
phone): a mean of them would be nobody's voice over no device. Consent and purpose are part of the value, so that a
print without them cannot be made, stored or imported.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, NamedTuple

import numpy as np

from voxlite.errors import EnrollmentError
from voxlite.values import FloatArray

MAX_NAME_CHARACTERS = 200
MAX_DIM = 4096
NORM_TOLERANCE = 1e-3


class PrintModel(NamedTuple):
    """Which model made an embedding: embeddings of two models, or of two versions, cannot be compared.

    Parameters
    ----------
    name, version
        As in the model file's metadata.
    """

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, eq=False)
class Voiceprint:
    """One enrolled reference of one person.

    Parameters
    ----------
    person
        Name, 1 to 200 printable characters; compared exactly, after Unicode composition (NFC) and without outer spaces.
    embedding
        float32[dim] of unit norm, dim 1..4096; a read-only copy is kept.
    model
        Name and version of the model that made it.
    speech_s
        Net speech that it rests on, seconds.
    consent_at
        When the person agreed; with a time zone, kept as UTC in whole seconds.
    purpose
        What the person agreed to, in words.
    enrolled_at
        When it was made; likewise; now, if left out.
    source
        What it was recorded with ("headset", "phone"), if known.
    bandwidth_hz
        Frequency up to which the reference carried sound, if known.
    gender
        What the voice sounded like ("female", "male"), if that was asked for.

    Raises
    ------
    EnrollmentError
        If a field is not usable.

    Examples
    --------
    >>> now = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
    >>> voice = np.eye(3, dtype=np.float32)[0]
    >>> Voiceprint("Ada", voice, PrintModel("compact", "1"), 21.5, now, "unlocking", enrolled_at=now).person
    'Ada'
    """

    person: str
    embedding: FloatArray = field(repr=False)
    model: PrintModel
    speech_s: float
    consent_at: datetime
    purpose: str
    enrolled_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    source: str | None = None
    bandwidth_hz: float | None = None
    gender: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "person", person_name(self.person))
        put(self, "embedding", _embedding(self.embedding, self.person))
        put(self, "model", _model(self.model))
        put(self, "speech_s", _positive(self.speech_s, "speech_s"))
        put(self, "consent_at", _utc(self.consent_at, "consent_at"))
        put(self, "enrolled_at", _utc(self.enrolled_at, "enrolled_at"))
        put(self, "purpose", _text(self.purpose, "purpose", 1000))
        if self.source is not None:
            put(self, "source", _text(self.source, "source", MAX_NAME_CHARACTERS))
        if self.bandwidth_hz is not None:
            put(self, "bandwidth_hz", _positive(self.bandwidth_hz, "bandwidth_hz"))
        if self.gender is not None:
            put(self, "gender", _text(self.gender, "gender", MAX_NAME_CHARACTERS))

    def facts(self) -> dict[str, Any]:
        """Return everything but the embedding as plain data; times as ISO 8601 in UTC."""
        return {
            "person": self.person,
            "model": self.model.name,
            "model_version": self.model.version,
            "speech_s": self.speech_s,
            "consent_at": self.consent_at.isoformat(),
            "purpose": self.purpose,
            "enrolled_at": self.enrolled_at.isoformat(),
            "source": self.source,
            "bandwidth_hz": self.bandwidth_hz,
            "gender": self.gender,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], embedding: FloatArray) -> Voiceprint:
        """Build a print from what `facts` returned.

        Raises
        ------
        EnrollmentError
            If a fact is missing or not usable; facts that this version does not know are ignored.
        """
        known = {name: facts.get(name) for name in _FACTS}
        known["model"] = PrintModel(facts.get("model"), facts.get("model_version"))  # type: ignore[arg-type]
        for name in ("consent_at", "enrolled_at"):
            known[name] = _when(facts.get(name), name)
        return cls(embedding=embedding, **known)  # type: ignore[arg-type]


_FACTS = tuple(f.name for f in fields(Voiceprint) if f.name != "embedding")


def person_name(name: object) -> str:
    """Return a name in the form that is kept: composed (NFC), without spaces around it.

    Raises
    ------
    EnrollmentError
        If it is no text, empty, too long or has characters that cannot be printed.
    """
    return _text(name, "person", MAX_NAME_CHARACTERS)


def _text(value: object, what: str, most: int) -> str:
    text = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
    if not (0 < len(text) <= most and text.isprintable()):
        raise EnrollmentError(f"voiceprint: {what} is {value!r}: give 1 to {most} printable characters")
    return text


def _model(value: object) -> PrintModel:
    if not (isinstance(value, tuple) and len(value) == 2):
        raise EnrollmentError(f"voiceprint: model is {value!r}: give PrintModel(name, version)")
    return PrintModel(_text(value[0], "model", 200), _text(value[1], "model_version", 200))


def _positive(value: object, what: str) -> float:
    number = float(value) if isinstance(value, (int, float, np.number)) else math.nan
    if not (math.isfinite(number) and number > 0):
        raise EnrollmentError(f"voiceprint: {what} is {value!r}: give a number above 0")
    return number


def _utc(value: object, what: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise EnrollmentError(f"voiceprint: {what} is {value!r}: give a datetime with a time zone")
    return value.astimezone(timezone.utc).replace(microsecond=0)


def _when(value: object, what: str) -> datetime:
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise EnrollmentError(f"voiceprint: {what} is {value!r}: give a time in ISO 8601 format") from None


def _embedding(value: FloatArray, person: str) -> FloatArray:
    vector = np.array(value, dtype=np.float32)  # a copy: what is kept must not change with the caller's array
    if vector.ndim != 1 or not 1 <= len(vector) <= MAX_DIM:
        raise EnrollmentError(
            f"voiceprint of {person}: an embedding of shape {vector.shape}: give one vector of 1 to {MAX_DIM} numbers"
        )
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not abs(norm - 1.0) <= NORM_TOLERANCE:
        raise EnrollmentError(
            f"voiceprint of {person}: an embedding of norm {norm:.4g}: divide it by its norm"
        )
    vector.setflags(write=False)
    return vector
