"""Sounds for the browser's tests: samples as 48 kHz WAV files, which Chromium plays as its microphone.

Run by the tests' set-up: `python make_sounds.py OUT`. It also writes what this client computes of some of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import soundfile

from voxlite import Audio, SpeakerRecognizer, analyze
from voxlite.audio import Resampler

SAMPLES = Path(__file__).parents[3] / "samples"
RATE_HZ = 48_000
SCORED = ("speaker-man-1", "speaker-july-1", "voice-en-wideband")
"""At the model's own rate, below and above it."""
MICROPHONES = {
    "man": ("speaker-man-1", "speaker-man-2"),
    "man-again": ("speaker-man-3",),
    "woman": ("speaker-woman-1", "speaker-woman-2"),
}
"""Heard by the microphone: he enrolls and comes again, she does not belong there; man and woman were recorded alike."""


def main(out: Path) -> None:
    """Write all sounds into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    speech = _at_rate("voice-en-wideband")
    quiet = np.zeros(2 * RATE_HZ, np.float32)
    _write(out / "listen.wav", np.concatenate([quiet, speech, quiet, _at_rate("noise-typing")]))
    for name, samples in MICROPHONES.items():
        takes = [take for sample in samples for take in (_at_rate(sample), quiet[: RATE_HZ // 2])]
        _write(out / f"{name}.wav", np.concatenate(takes[:-1]))
    for sample in SCORED:
        audio = _sample(sample)
        soundfile.write(out / f"{sample}.wav", audio.samples, audio.rate_hz, subtype="FLOAT")
        (out / f"{sample}.json").write_text(json.dumps(_scored(audio)), encoding="utf-8")
    (out / "broken.wav").write_bytes(b"this is no sound")


def _scored(audio: Audio) -> dict[str, object]:
    report = analyze(audio, ("voice", "gender", "mood"), threads=2)
    return {
        "rate_hz": audio.rate_hz,
        "voice": [float(value) for value in report.scores.values],
        "speaker": [float(value) for value in SpeakerRecognizer(threads=2).listen(audio).embedding],
        **{trait.task: {**trait.scores, **trait.figures} for trait in report.traits},
    }


def _sample(name: str) -> Audio:
    samples, rate_hz = soundfile.read(SAMPLES / f"{name}.flac", dtype="float32")
    return Audio(samples, rate_hz)


def _at_rate(name: str) -> np.ndarray:
    audio = _sample(name)
    resampler = Resampler(audio.rate_hz, RATE_HZ)
    return np.concatenate([resampler.push(audio.samples), resampler.flush()])


def _write(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
