"""What this client computes about voices: scores, decisions with their reasons, enrollments, checks, an export.

Voices are those of the shipped recordings, of a few sounds that are none, and random directions that lie near each
other as takes of one person do. Numbers stand unrounded in `voices.json`, vectors beside it as little-endian float32.
The export's salt and nonce are random like those of every export: its bytes differ from run to run, its prints do not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from voxlite.audio import Audio
from voxlite.browser.vectors.voice_cases import (
    CHANGES,
    LENGTHS_S,
    enrolled_prints,
    enrollment_cases,
    heard_voices,
)
from voxlite.errors import EnrollmentError
from voxlite.recognition import deciding, enrolling
from voxlite.recognition.demonstration import find_samples
from voxlite.recognition.enrolling import Take
from voxlite.recognition.matching import Calibration, Matcher, Together, operating_point
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.recognition.store import VoiceprintStore
from voxlite.runtime import SpeakerEmbedder
from voxlite.runtime.metadata import COHORT_NAME, read_part
from voxlite.values import FloatArray
from voxlite.voiceprints import ScryptCost, Vault, Voiceprint
from voxlite.voiceprints.container import seal_container
from voxlite.voiceprints.scoring import cost_of, octaves, probability

PASSPHRASE = "several words ﬁt best, Zoë"
"""Of the export: composed in NFKC it has other bytes than as it stands."""
_FARS = (None, 1e-6, 1e-4, 0.001, 0.003, 0.01, 0.07, 0.1, 0.5)
_OWN = Calibration(0.8, -0.6, 4, 12)
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
    heard = heard_voices(recognizer)
    speeches = list(heard.values())
    embeddings = np.stack([one.embedding for one in speeches])
    prints = enrolled_prints(recognizer, heard)
    matcher = Matcher(recognizer.scorer, _OWN)
    sounds, windows, means = _windows()
    blends = [_blend(at, speeches) for at in range(len(speeches))]
    metadata, path = recognizer.model.metadata, recognizer.model.path
    texts = {
        "model": {
            "file": path.name,
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
        "octaves": [[length_s, float(octaves(length_s))] for length_s in (0.0, *LENGTHS_S)],
        "probability": [[llr, float(probability(llr))] for llr in (-200.0, -3.0, 0.0, 0.5, 12.0, 200.0)],
        "points": [{"asked": far, "n": n, **asdict(point)} for far, n, point in points],
        "shares": [[rate, deciding.share(rate)] for rate in shares],
        "tenths": [
            [value, f"{value:.1f}"] for value in (0.25, 0.35, 0.75, -0.04, -0.25, 12.25, 1e6, 0.0, -0.0)
        ],
    }


def _blend(at: int, speeches: Sequence[Speech]) -> tuple[Plain, FloatArray]:
    """Return the blend of one to twelve references for a voice; no two the same, so that one is the nearest."""
    references = [(at + 5 * step) % (len(speeches) - 1) for step in range(at % 12 + 1)]
    blend = Together.of(speeches[at], [speeches[one] for one in references])
    plain = {name: value for name, value in vars(blend).items() if name != "embedding"}
    return {"probe": at, "references": references, **plain}, blend.embedding


def _answers(
    recognizer: SpeakerRecognizer, speeches: Sequence[Speech], prints: Sequence[Voiceprint]
) -> list[Plain]:
    """Return what stores of the first few and of all prints answer to every voice."""
    found = []
    for n, own, far in ((0, None, None), (8, _OWN, None), (12, None, 0.05), (len(prints), None, None)):
        calibration = (own or Calibration()).to_dict()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "voices.vault"
            with Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
                vault.add(*prints[:n])
                vault.put_setting(f"calibration of {recognizer.print_model}", calibration)
            with VoiceprintStore(path, PASSPHRASE, recognizer=recognizer, far=far) as store:
                people = [voice.person for voice in store.voices()]
                claims = [people[at % len(people)] if people else None for at in range(len(speeches))]
                verified = [
                    who and asdict(store.verify(who, one)) for who, one in zip(claims, speeches, strict=True)
                ]
                identified = [asdict(store.identify(one)) for one in speeches]
        texts = {"claims": claims, "verify": verified, "identify": identified}
        found.append({"n_prints": n, "calibration": calibration, "far": far, **texts})
    return found


def _enrollments(heard: dict[str, Speech], matcher: Matcher) -> list[Plain]:
    """Return what comes of enrolling some recordings where a person has others already."""
    found = []
    for names, before in enrollment_cases(heard):
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
    found: list[Plain] = []
    for change in ({name: value} for name, values in CHANGES.items() for value in values):
        row = np.array(change.get("embedding", [1.0]), np.float32)
        try:
            found.append(
                {"change": change, "facts": Voiceprint.from_facts({**voice.facts(), **change}, row).facts()}
            )
        except EnrollmentError as error:
            found.append({"change": change, "error": str(error)})
    return found
