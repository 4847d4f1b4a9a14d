"""Vectors of whole recordings: conformed sound, gate, steps, segments, speech, quality, speakers, traits, the report.

Real recordings and made-up sounds. A model's answers are kept beside what it was asked: of the voice model one logit
per step; of a speaker's or a trait's model each window's vector, with a few samples by which the window is known
again. So the other client's own cutting, pooling and deciding can be held to this one's without running a model.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from voxlite.activity.gate import GateConfig, SilenceGate, decibels
from voxlite.analysis import analyze
from voxlite.audio import Audio, conform, mix_down
from voxlite.browser.vectors.answers import FINGERPRINT_EVERY, RecordingEngine, against_neutral, trait_cases
from voxlite.browser.vectors.raising import raised_cases
from voxlite.browser.vectors.sounds import RawSound, raw_sounds
from voxlite.bundle.vectors import score, segmenter_cases
from voxlite.quality import QualityMeter
from voxlite.recognition.diarization import SpeakerOptions
from voxlite.recognition.speakers import SpeakerStream
from voxlite.runtime import SpeakerEmbedder
from voxlite.tasks.gender import GenderModel
from voxlite.tasks.mood import MoodModel
from voxlite.tasks.speech import FoundSpeech, SpeechFinder
from voxlite.tasks.steps import GATE_FRAME_S, Steps
from voxlite.tasks.trait_stream import TraitStream
from voxlite.tasks.traits import TraitModel
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray, Segment
from voxlite.voiceprints.scoring import PairScorer

FOLDER = "recordings"
SCHEMA = "voxlite.web-recordings/1"
TASKS = ("voice", "quality", "speaker", "gender", "mood")
PORTION_S = 0.25
"""Sound pushed at a time in the stream whose early segments are kept."""


def write(out: Path) -> list[Path]:
    """Write the vectors into `out/recordings` and return their files.

    Raises
    ------
    AudioError
        If a sample recording cannot be read.
    OSError
        If the folder cannot be written.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    detector = VoiceDetector(threads=1)
    traits: list[TraitModel] = [GenderModel("compact", 1), MoodModel("mood", 1)]
    embedder = SpeakerEmbedder(threads=1)
    logs = {trait.task: RecordingEngine.listen_to(trait.scorer) for trait in traits}
    logs["speaker"] = RecordingEngine.listen_to(embedder)
    files: list[Path] = []
    sounds = raw_sounds()
    for sound in sounds:
        for log in logs.values():
            log.clear()
        files += _write_sound(folder, sound, detector, traits, embedder, logs)
    index = {
        "schema": SCHEMA,
        "sounds": [sound.name for sound in sounds],
        "portion_s": PORTION_S,
        "fingerprint_every": FINGERPRINT_EVERY,
        "gate": asdict(GateConfig()),
        "raised": raised_cases(),
        "models": {
            model.metadata.task: json.loads(model.metadata.to_json())
            for model in (detector.model, embedder.model, *(trait.model for trait in traits))
        },
        "segmenter": segmenter_cases(detector.step_s, detector.segmenter_config),
        "traits": [trait_cases(trait) for trait in (*traits, against_neutral())],
    }
    files.append(_write_json(folder / "index.json", index))
    return files


def _write_sound(
    folder: Path,
    sound: RawSound,
    detector: VoiceDetector,
    traits: Sequence[TraitModel],
    embedder: SpeakerEmbedder,
    logs: dict[str, list[dict[str, Any]]],
) -> list[Path]:
    mono = Audio(mix_down(sound.samples), sound.rate_hz)
    conformed = conform(mono, detector.rate_hz).samples
    steps = score(detector, conformed)
    finder = SpeechFinder(detector.rate_hz, threads=1)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "sound.wav"
        soundfile.write(path, sound.samples, sound.rate_hz, subtype="FLOAT")
        report = replace(analyze(str(path), TASKS, threads=1), source=None)
        speech = finder.listen(str(path))
    meter = QualityMeter(sound.rate_hz, sound.samples.shape[1])
    meter.push(sound.samples)
    for trait in traits:
        _run_stream(detector, TraitStream(trait, mono.rate_hz), mono)
        trait.scorer.vectors([speech.samples])
    options, scorer = SpeakerOptions(), PairScorer(embedder.model)
    _run_stream(detector, SpeakerStream(embedder, mono.rate_hz, options, scorer), mono)
    channels = [f"{sound.name}.{number}.f32" for number in range(1, sound.samples.shape[1] + 1)]
    data = {
        "name": sound.name,
        "input": {"files": channels, "rate_hz": sound.rate_hz},
        "conformed": {"file": f"{sound.name}.conformed.f32", "rate_hz": detector.rate_hz},
        "gate": _gate(detector, conformed, len(steps.silent)),
        "steps": _steps(detector, steps),
        "segments": [asdict(segment) for segment in detector.segments(mono)],
        "portions": _portions(detector, mono) if sound.rate_hz == detector.rate_hz else [],
        "clip": {"pooled_logit": detector.pooled(steps), **asdict(detector.decide_steps(steps))},
        "quality": asdict(meter.result()),
        "speech": _speech(detector, finder, conformed, speech),
        "windows": {task: list(log) for task, log in logs.items()},
        "report": report.to_dict(),
    }
    files = [
        _write_floats(folder / name, column) for name, column in zip(channels, sound.samples.T, strict=True)
    ]
    files.append(_write_floats(folder / f"{sound.name}.conformed.f32", conformed))
    return [*files, _write_json(folder / f"{sound.name}.json", data)]


def _gate(detector: VoiceDetector, conformed: FloatArray, n_steps: int) -> dict[str, list[float]]:
    missing = n_steps * detector.engine.geometry.step - len(conformed)
    power, threshold_db = SilenceGate(round(GATE_FRAME_S * detector.rate_hz)).measure(
        np.pad(conformed, (0, missing))
    )
    return {"level_db": decibels(power).tolist(), "threshold_db": threshold_db.tolist()}


def _steps(detector: VoiceDetector, steps: Steps) -> dict[str, list[Any]]:
    return {
        "silent": steps.silent.astype(int).tolist(),
        "power": steps.power.tolist(),
        "logits": _logits(steps),
        "probabilities": detector.probabilities(steps).tolist(),
    }


def _logits(steps: Steps) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in steps.logits.tolist()]


def _portions(detector: VoiceDetector, audio: Audio) -> list[dict[str, Any]]:
    """Return what a stream knows after each portion: the segments that became final, and the outlook."""
    stream, size = detector.stream(audio.rate_hz), int(PORTION_S * audio.rate_hz)
    told: list[dict[str, Any]] = []

    def tell(found: list[Segment]) -> None:
        segments = [asdict(segment) for segment in found]
        told.append({"segments": segments, "outlook_s": stream.outlook_s, "now": stream.now})

    for start in range(0, len(audio.samples), size):
        tell(stream.push(audio.samples[start : start + size]))
    tell(stream.flush())
    return told


def _speech(
    detector: VoiceDetector, finder: SpeechFinder, conformed: FloatArray, found: FoundSpeech
) -> dict[str, Any]:
    """Return the speech that is cut out; the detector hears sound that is band-limited once more, hence its logits."""
    again = conform(Audio(conformed, detector.rate_hz), detector.rate_hz).samples
    parts, _ = finder.find(conformed)
    return {
        "logits": _logits(score(detector, again)),
        "part_lengths": [len(part) for part in parts],
        "n_samples": len(found.samples),
        "mean_square": float(np.mean(np.square(found.samples, dtype=np.float64))),
        "speech_s": found.speech_s,
        "bandwidth_hz": found.bandwidth_hz,
        "remarks": list(found.remarks),
    }


def _run_stream(detector: VoiceDetector, stream: TraitStream | SpeakerStream, audio: Audio) -> None:
    voice = detector.stream(audio.rate_hz)
    stream.push(audio.samples, voice.push(audio.samples), voice.outlook_s)
    stream.flush(voice.flush())


def _write_floats(path: Path, samples: FloatArray) -> Path:
    path.write_bytes(np.ascontiguousarray(samples, "<f4").tobytes())
    return path


def _write_json(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")
    return path
