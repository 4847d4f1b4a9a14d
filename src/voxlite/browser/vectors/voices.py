"""What this client computes about voices: scores, decisions with their reasons, enrollments, checks, an export.

Voices are those of the shipped recordings, of a few sounds that are none, and random directions that lie near each
other as takes of one person do. Numbers stand unrounded in `voices.json`, vectors beside it as little-endian float32.
The export's salt and nonce are random like those of every export: its bytes differ from run to run, its prints do not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from voxlite.audio import Audio
from voxlite.errors import EnrollmentError
from voxlite.recognition import deciding, enrolling
from voxlite.recognition.demonstration import find_samples
from voxlite.recognition.enrolling import Take
from voxlite.recognition.matching import Calibration, Matcher, Together, operating_point
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.recognition.store import VoiceprintStore
from voxlite.runtime import SpeakerEmbedder
from voxlite.runtime.metadata import COHORT_NAME, read_part
from voxlite.tasks.traits import UNSURE
from voxlite.values import Decision, FloatArray, Trait
from voxlite.voiceprints import ScryptCost, Vault, Voiceprint
from voxlite.voiceprints.container import seal_container
from voxlite.voiceprints.scoring import cost_of, octaves, probability

PASSPHRASE = "several words ﬁt best, Zoë"
"""Of the export: composed in NFKC it has other bytes than as it stands."""
_AGREED = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)
_RECORDINGS = ("speaker-*.flac", "voice-*.flac", "call.flac", "noise-ring.flac", "music.flac")
_GENDERS = {"armelle": "female", "july": "female", "woman": "female", "man": "male", "radio": UNSURE}
_FARS = (None, 1e-6, 1e-4, 0.001, 0.003, 0.01, 0.07, 0.1, 0.5)
_OWN = Calibration(0.8, -0.6, 4, 12)
_LENGTHS_S, _BANDS_HZ = (0.4, 1.0, 2.5, 3.0, 8.0, 40.0), (None, 4200.0, 4200.5, 7900.0)

Plain = dict[str, Any]


def write(out: Path) -> list[Path]:
    """Write the vectors into the folder `voices` of a folder and return their files.

    Raises
    ------
    VoxliteError
        If the recordings cannot be read.
    OSError
        If the folder cannot be written.
    """
    folder = out / "voices"
    folder.mkdir(parents=True, exist_ok=True)
    recognizer = SpeakerRecognizer(threads=1)
    heard = _heard(recognizer)
    speeches = list(heard.values())
    embeddings = np.stack([one.embedding for one in speeches])
    prints = _prints(recognizer, heard)
    matcher = Matcher(recognizer.scorer, _OWN)
    sounds, windows, means = _windows()
    blends = [_blend(at, speeches) for at in range(len(speeches))]
    metadata, path = recognizer.model.metadata, recognizer.model.path
    texts = {
        "model": {
            "file": str(path),
            "name": metadata.name,
            "version": metadata.version,
            "calibration": metadata.calibration,
            "thresholds": metadata.thresholds,
            "embedding_size": metadata.embedding_size,
            "window_samples": metadata.geometry.window,
            "step_samples": metadata.geometry.step,
        },
        "heard": [{"name": name, **_plain(speech)} for name, speech in heard.items()],
        "sounds": sounds,
        "formulas": _formulas(recognizer),
        "blends": [plain for plain, _ in blends],
        "prints": [one.facts() for one in prints],
        "answers": _answers(recognizer, speeches, prints),
        "enrollments": _enrollments(heard, Matcher(recognizer.scorer)),
        "own_calibration": _OWN.to_dict(),
        "checks": _checks(prints[0]),
        "passphrase": PASSPHRASE,
    }
    arrays = {
        "embeddings": embeddings,
        "prints": np.stack([one.embedding for one in prints]),
        "windows": windows,
        "means": means,
        "cohort": recognizer.model.cohort(),
        "statistics": np.stack(recognizer.scorer.cohort.statistics(embeddings)),
        "llrs": np.stack([matcher.llrs(one, speeches) for one in speeches]),
        "blends": np.stack([row for _, row in blends]),
    }
    files = {f"{name}.f32": array.astype("<f4").tobytes() for name, array in arrays.items()}
    files["cohort.i8"] = read_part(path.read_bytes(), COHORT_NAME, str(path)) or b""
    files["voices.json"] = json.dumps(texts, indent=1, allow_nan=False).encode()
    files["from-python.json"] = seal_container(prints, PASSPHRASE).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def _heard(recognizer: SpeakerRecognizer) -> dict[str, Speech]:
    """Return what is heard in recordings and in sounds that are no voice, and random voices of any length and band."""
    rate_hz = recognizer.rate_hz
    found: dict[str, Speech] = {}
    for path in (path for pattern in _RECORDINGS for path in sorted(find_samples(None).glob(pattern))):
        gender = next((label for part, label in _GENDERS.items() if part in path.stem.split("-")), None)
        found[path.stem] = _sounding(recognizer.listen(path), gender)
    found["man or woman"] = _sounding(found["speaker-man-3"], "female")  # a contradiction that is doubted
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
                embedding, _LENGTHS_S[at % len(_LENGTHS_S)], _BANDS_HZ[at % len(_BANDS_HZ)], remarks
            )
    return found


def _sounding(speech: Speech, gender: str | None) -> Speech:
    if gender is None:
        return speech
    return replace(speech, traits=(Trait("gender", Decision(gender, 0.9, 0.5, 1.0), {}, {}, ()),))


def _sine(length_s: float, rate_hz: int) -> FloatArray:
    at = np.arange(round(length_s * rate_hz)) / rate_hz
    return np.asarray(0.5 * np.sin(2 * np.pi * 220 * at), np.float32)


def _plain(speech: Speech) -> Plain:
    return {
        "speech_s": speech.speech_s,
        "bandwidth_hz": speech.bandwidth_hz,
        "remarks": list(speech.remarks),
        "gender": speech.gender,
    }


def _windows() -> tuple[list[Plain], FloatArray, FloatArray]:
    """Return sounds with where their windows start, the vectors of the windows, and those of the sounds."""
    embedder = SpeakerEmbedder(threads=1)
    length, step = embedder.window_samples, embedder.model.metadata.geometry.step
    voice = Audio.read(find_samples(None) / "speaker-man-1.flac", embedder.rate_hz).samples
    sounds, rows, means = [], [], []
    for n in (1, length // 10, length, length + 1, len(voice) - 100, length + step):
        starts = [*range(0, max(n - length, 0) + 1, step)]
        starts += [n - length] if n > length and (n - length) % step else []
        whole = np.resize(voice[:n], max(n, length))
        sounds.append({"n_samples": n, "starts": starts})
        rows.append(embedder.vectors([whole[at : at + length] for at in starts]))
        means.append(embedder.embed(voice[:n]))
    return sounds, np.concatenate(rows), np.stack(means)


def _formulas(recognizer: SpeakerRecognizer) -> Plain:
    model, scorer = recognizer.model, recognizer.scorer
    points = [(far, n, operating_point(model, scorer, far, n)) for far in _FARS for n in (0, 1, 2, 60)]
    shares = (0.125, 0.245, 0.01, 0.1, 1e-6, 0.5, 0.0035, 0.99, 0.999, 0.00999, 1e-7)
    return {
        "cost_of": [[n, cost_of(n)] for n in (1, 2, 3, 8)],
        "octaves": [[length_s, float(octaves(length_s))] for length_s in (0.0, *_LENGTHS_S)],
        "probability": [[llr, float(probability(llr))] for llr in (-200.0, -3.0, 0.0, 0.5, 12.0, 200.0)],
        "points": [{"far": far, "n": n, **asdict(point)} for far, n, point in points],
        "shares": [[rate, deciding.share(rate)] for rate in shares],
        "tenths": [
            [value, f"{value:.1f}"] for value in (0.25, 0.35, 0.75, -0.04, -0.25, 12.25, 1e6, 0.0, -0.0)
        ],
    }


def _blend(at: int, speeches: Sequence[Speech]) -> tuple[Plain, FloatArray]:
    """Return the blend of one to twelve references for a voice."""
    references = [(at + 5 * step) % len(speeches) for step in range(at % 12 + 1)]
    blend = Together.of(speeches[at], [speeches[one] for one in references])
    plain = {name: value for name, value in vars(blend).items() if name != "embedding"}
    return {"probe": at, "references": references, **plain}, blend.embedding


def _prints(recognizer: SpeakerRecognizer, heard: dict[str, Speech]) -> list[Voiceprint]:
    """Return two references of each person of the recordings, of a voice ten, and of sixty that nobody hears."""
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


def _answers(
    recognizer: SpeakerRecognizer, speeches: Sequence[Speech], prints: Sequence[Voiceprint]
) -> list[Plain]:
    """Return what stores of the first few and of all prints answer to every voice."""
    found = []
    for n, calibration, far in (
        (0, Calibration(), None),
        (8, _OWN, None),
        (12, Calibration(), 0.05),
        (None, Calibration(), None),
    ):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "voices.vault"
            with Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
                vault.add(*prints[:n])
                vault.put_setting(f"calibration of {recognizer.print_model}", calibration.to_dict())
            with VoiceprintStore(path, PASSPHRASE, recognizer=recognizer, far=far) as store:
                people = [voice.person for voice in store.voices()]
                claims = [people[at % len(people)] if people else None for at in range(len(speeches))]
                verified = [
                    store.verify(who, one) if who else None for who, one in zip(claims, speeches, strict=True)
                ]
                found.append({
                    "n_prints": len(prints[:n]), "calibration": calibration.to_dict(), "far": far, "claims": claims,
                    "verify": [asdict(one) if one else None for one in verified],
                    "identify": [asdict(store.identify(one)) for one in speeches],
                })  # fmt: skip
    return found


def _enrollments(heard: dict[str, Speech], matcher: Matcher) -> list[Plain]:
    """Return what comes of enrolling some recordings where a person has others already."""
    cases = (
        (["speaker-man-1", "speaker-man-2", "speaker-man-3"], []),
        (["speaker-man-1", "speaker-woman-1", "speaker-man-2"], ["speaker-man-3"]),
        (["speaker-july-1", "speaker-july-2"], []),
        (["speaker-july-1", "speaker-july-1", "silence"], ["speaker-july-2"]),
        (["speaker-man-1"], ["speaker-woman-1"]),
        (["speaker-woman-1", "speaker-man-1", "speaker-july-1"], []),
        (["speaker-man-1"], []), (["silence"], []), ([], []),
        (["speaker-man-1"], ["speaker-man-1", "speaker-man-2"]),
        ([*heard][-18:], []), ([*heard][-12:-6], [*heard][-18:-12]),
    )  # fmt: skip
    found = []
    for names, before in cases:
        takes, earlier = [Take(name, heard[name]) for name in names], [heard[name] for name in before]
        result: Plain = {"takes": names, "earlier": before}
        try:
            kept = enrolling.usable("Ada", takes, earlier)
            warnings = enrolling.warnings_about(takes, kept, earlier, matcher)
            result |= {"kept": [take.name for take in kept], "warnings": warnings}
        except EnrollmentError as error:
            result["error"] = str(error)
        found.append(result)
    return found


def _checks(voice: Voiceprint) -> list[Plain]:
    """Return facts that are no longer as they were, and what becomes of them: other facts, or an error."""
    changes: list[Plain] = [
        {}, {"person": "  Zoe\u0308 "}, {"person": " \u2003x\u3000"}, {"person": ""}, {"person": None}, {"person": "a\nb"},
        {"person": "\u200bx"}, {"person": "a\u00a0b"}, {"person": "x" * 200}, {"person": "\U0001f600" * 200},
        {"person": "x" * 201}, {"person": "it's"}, {"person": "\ufeffx"}, {"person": "\x85x"}, {"model": ""}, {"model_version": None},
        {"speech_s": 0}, {"speech_s": -1}, {"speech_s": None}, {"speech_s": "3"}, {"speech_s": 3}, {"bandwidth_hz": 0},
        {"bandwidth_hz": None}, {"source": None}, {"source": ""}, {"gender": "\t"}, {"purpose": " "}, {"purpose": "p" * 1001},
        {"purpose": "p" * 1000}, {"consent_at": "2026-05-01"}, {"consent_at": "2026-05-01T12:00:00"}, {"consent_at": None},
        {"consent_at": "2026-05-01T23:59:59.999+02:00"}, {"consent_at": "2026-02-30T00:00:00Z"}, {"consent_at": 5},
        {"consent_at": "2024-02-29T00:00:00-00:30"}, {"enrolled_at": "yesterday"}, {"unknown": 1},
        {"embedding": []}, {"embedding": [0.6, 0.8]}, {"embedding": [0.6, 0.9]}, {"embedding": [1.0] + [0.0] * 4095},
        {"embedding": [1.0] + [0.0] * 4096}, {"embedding": [0.0, 0.0]}, {"embedding": [0.9991]}, {"embedding": [0.998]},
    ]  # fmt: skip
    found = []
    for change in changes:
        facts = {**voice.facts(), **change}
        row = np.array(change.get("embedding", [1.0]), np.float32)
        try:
            found.append({"change": change, "facts": Voiceprint.from_facts(facts, row).facts()})
        except EnrollmentError as error:
            found.append({"change": change, "error": str(error)})
    return found
