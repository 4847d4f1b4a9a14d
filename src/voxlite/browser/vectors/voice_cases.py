"""The voices, people and questions that the vectors of `voices` are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from voxlite.audio import Audio
from voxlite.recognition.demonstration import find_samples
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.tasks.traits import UNSURE
from voxlite.values import Decision, FloatArray, Trait
from voxlite.voiceprints import Voiceprint

LENGTHS_S, _BANDS_HZ = (0.4, 1.0, 2.5, 3.0, 8.0, 40.0), (None, 4200.0, 4200.5, 7900.0)
_AGREED = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)
_RECORDINGS = ("speaker-*.flac", "voice-*.flac", "call.flac", "noise-ring.flac", "music.flac")
_GENDERS = {"armelle": "female", "july": "female", "woman": "female", "man": "male", "radio": UNSURE}
CHANGES: dict[str, tuple[Any, ...]] = {
    "person": (
        "  Zoe\u0308 ", " \u2003x\u3000", "", None, "a\nb", "\u200bx", "a\u00a0b", "x" * 200, "\U0001f600" * 200,
        "x" * 201, "it's", "\ufeffx", "\x85x",
    ),
    "model": ("",), "model_version": (None,), "source": (None, ""), "gender": ("\t",), "unknown": (1,),
    "speech_s": (0, -1, None, "3", 3), "bandwidth_hz": (0, None), "purpose": (" ", "p" * 1000, "p" * 1001),
    "consent_at": (
        "2026-05-01", "2026-05-01T12:00:00", None, "2026-05-01T23:59:59.999+02:00", "2026-02-30T00:00:00Z", 5,
        "2024-02-29T00:00:00-00:30",
    ),
    "enrolled_at": ("yesterday",),
    "embedding": (
        [], [0.6, 0.8], [0.6, 0.9], [1.0] + [0.0] * 4095, [1.0] + [0.0] * 4096, [0.0, 0.0], [0.9991], [0.998],
    ),
}  # fmt: skip
"""Facts of a voiceprint that one by one take the place of good ones."""


def heard_voices(recognizer: SpeakerRecognizer) -> dict[str, Speech]:
    """Return what is heard in recordings and in sounds that are no voice, and random voices of any length and band."""
    rate_hz = recognizer.rate_hz
    found: dict[str, Speech] = {}
    for path in (path for pattern in _RECORDINGS for path in sorted(find_samples(None).glob(pattern))):
        gender = next((label for part, label in _GENDERS.items() if part in path.stem.split("-")), None)
        found[path.stem] = _sounding(recognizer.listen(path), gender)
    for name, samples in (("silence", np.zeros(2 * rate_hz, np.float32)), ("sine", _sine(2.0, rate_hz))):
        found[name] = recognizer.listen(Audio(samples, rate_hz))
    rng = np.random.default_rng(20260501)
    for voice in "abc":
        centre = rng.normal(size=recognizer.dim)
        for take in range(6):
            row = centre + rng.normal(size=recognizer.dim) * (0.5 + 0.2 * take)
            at = take + ord(voice)
            embedding = (row / np.linalg.norm(row)).astype(np.float32)
            remarks = ("Clipped: 2 % of the samples", "Narrow band")[: take % 3]
            found[f"{voice}{take}"] = Speech(
                embedding, LENGTHS_S[at % len(LENGTHS_S)], _BANDS_HZ[at % len(_BANDS_HZ)], remarks
            )
    found["man or woman"] = _sounding(found["speaker-man-3"], "female")  # a contradiction that is doubted
    return found


def _sounding(speech: Speech, gender: str | None) -> Speech:
    if gender is None:
        return speech
    return replace(speech, traits=(Trait("gender", Decision(gender, 0.9, 0.5, 1.0), {}, {}, ()),))


def _sine(length_s: float, rate_hz: int) -> FloatArray:
    at = np.arange(round(length_s * rate_hz)) / rate_hz
    return np.asarray(0.5 * np.sin(2 * np.pi * 220 * at), np.float32)


def enrolled_prints(recognizer: SpeakerRecognizer, heard: dict[str, Speech]) -> list[Voiceprint]:
    """Return two references of each person of the recordings, and those of sixty people more, one of whom has ten."""
    rng, dim = np.random.default_rng(7), recognizer.dim
    found = []
    for at, (name, speech) in enumerate(heard.items()):
        kind, *rest = name.split("-")
        enrolled_at = _AGREED + timedelta(days=at)
        if kind == "speaker" and rest[1] != "3":
            person = "O'Hara" if rest[0] == "man" else rest[0].capitalize()
            source = 'Zoë\'s "old" phone' if rest[1] == "1" else None
            found.append((person, speech, enrolled_at, source))
        if name in ("a0", "a1", "b0", "b2"):
            found.append((f"Voice {name[0]}", speech, enrolled_at, "it's"))
    for at in range(60):
        for _ in range(10 if at == 0 else 1):
            row = rng.normal(size=dim) + (2 * heard["b1"].embedding * dim**0.5 if at < 20 else 0)
            speech = Speech((row / np.linalg.norm(row)).astype(np.float32), 4.0 + at / 7, 7000.0)
            found.append((f"Person {at:02d}", speech, _AGREED, None))
    return [
        Voiceprint(
            person, speech.embedding, recognizer.print_model, speech.speech_s, _AGREED, "tests: déjà vu",
            enrolled_at, source, speech.bandwidth_hz, speech.gender,
        )
        for person, speech, enrolled_at, source in found
    ]  # fmt: skip


def enrollment_cases(heard: dict[str, Speech]) -> list[tuple[list[str], list[str]]]:
    """Return names of recordings to enroll, and of those that the person has already."""
    return [
        (["speaker-man-1", "speaker-man-2", "speaker-man-3"], []),
        (["speaker-man-1", "speaker-woman-1", "speaker-man-2"], ["speaker-man-3"]),
        (["speaker-july-1", "speaker-july-2"], []),
        (["speaker-july-1", "speaker-july-1", "silence"], ["speaker-july-2"]),
        (["speaker-man-1"], ["speaker-woman-1"]),
        (["speaker-woman-1", "speaker-man-1", "speaker-july-1"], []),
        (["speaker-man-1"], []), (["silence"], []), ([], []),
        (["speaker-man-1"], ["speaker-man-1", "speaker-man-2"]),
        ([*heard][-19:-1], []), ([*heard][-13:-7], [*heard][-19:-13]),
    ]  # fmt: skip
