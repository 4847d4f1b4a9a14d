"""What copies of a voice score today, none of which is detected: `python -m benchmarks.copies`.

Test speakers are enrolled with four clips each; four others of their clips are then heard as they are, played back by
a small loudspeaker in a simulated room, and resynthesised from their mel spectrum (Griffin and Lim 1984), beside clips
of strangers and a synthetic voice (espeak-ng, if it is installed) that does not try to be anybody. Shares that are
accepted, at the model's own operating point and at a rarer one.
"""

from __future__ import annotations

import argparse
import io
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from rich.console import Console

from benchmarks.common import publish
from voxlite.audio import Audio
from voxlite.cli.training_tools import progress_bar
from voxlite.errors import EnrollmentError
from voxlite.recognition import SpeakerRecognizer, VoiceprintStore
from voxlite.recognition.deciding import ACCEPTED, NOT_ENOUGH
from voxlite.recognition.matching import operating_point
from voxlite.training.augment import active_rms, convolve, simulate_rooms
from voxlite.training.corpus import Clip, read_manifest
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.speaker.protocol import SpeakerProtocol, make_trials
from voxlite.training.store import SampleStore, build_store
from voxlite.training.tables import Cell, Table, percent
from voxlite.values import FloatArray
from voxlite.voiceprints import ScryptCost
from voxlite.voiceprints.scoring import probability

RARER_FAR = 0.001
SPOKEN = (
    "The harvest was good that year.",
    "Please open the door, it is cold outside.",
    "Nine, four, seven, two.",
)
VOICES = ("en-gb", "en-us", "en-gb-scotland", "de", "fr-fr", "es", "it", "nl")
_LOUDSPEAKER_HZ = (220.0, 6_500.0)
_NOISE_DB = 30.0
_ENROLLED = 4
_CHEAP = ScryptCost(16, 8, 1)
Copy = Callable[[FloatArray, int], FloatArray]
Answer = tuple[float, bool, bool]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--model", default="compact", help="a speaker model's name or a .tflite file")
    parser.add_argument("--people", type=int, default=40, help="test speakers")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/copies.json"))
    options = parser.parse_args(arguments)
    manifest, console = find_manifest(options.manifest), Console()
    trials = make_trials(read_manifest(manifest), SpeakerProtocol())
    people: dict[str, list[Clip]] = {}
    for clip in trials.clips:
        people.setdefault(clip.speaker, []).append(clip)
    chosen = dict(list(people.items())[: options.people])
    clips = [clip for own in chosen.values() for clip in own]
    with progress_bar(console, "decoding", len(clips)) as tick:
        store = build_store(clips, find_cache(options.cache, manifest, "speaker-test"), tick=tick)
    recognizer = SpeakerRecognizer(options.model, threads=1)
    with progress_bar(console, "listening", len(chosen)) as tick:
        found, n_people = measure(chosen, store, recognizer, tick)
    result = {
        "benchmark": "copies",
        "model": recognizer.model.summary(),
        "people": n_people,
        "kinds": found,
    }
    publish(result, options.out, [table(found)])


def table(found: dict[str, dict[str, Any]]) -> Table:
    """Return a row per kind of copy."""
    rows: list[list[Cell]] = [
        [kind, one["asked"], percent(one["accepted"]), percent(one["accepted_rarer"]), one["llr_median"]]
        for kind, one in found.items()
    ]
    return Table.of("Copies", ["heard", "times", "accepted", "accepted at FAR 0.1 %", "median LLR"], rows)


def measure(
    people: dict[str, list[Clip]],
    store: SampleStore,
    recognizer: SpeakerRecognizer,
    tick: Callable[[], None] = lambda: None,
) -> tuple[dict[str, dict[str, Any]], int]:
    """Return by kind how often a copy is accepted, and how many people were enrolled.

    People whose clips hold too little speech are left out, and so are answers of "not enough speech".
    """
    rate = store.rate_hz
    copies: dict[str, Copy] = {
        "own voice": lambda samples, k: samples,
        "played back": PlayedBack(rate),
        "mel spectrum and back": lambda samples, k: resynthesised(samples, rate),
    }
    asked: dict[str, list[Answer | None]] = {kind: [] for kind in (*copies, "a stranger")}
    synthetic = [Audio(samples, rate) for samples in synthetic_voices(rate)]
    if synthetic:
        asked["espeak-ng"] = []
    names: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        kept = VoiceprintStore(
            Path(folder, "v.vault"), secrets.token_urlsafe(), recognizer=recognizer, cost=_CHEAP
        )
        with kept:
            for name, own in people.items():
                sounds = [Audio(store.samples(clip), rate) for clip in own[:_ENROLLED]]
                with suppress(EnrollmentError):
                    kept.enroll(name, sounds, consent_at=datetime.now(timezone.utc), purpose="benchmark")
                    names.append(name)
            point = operating_point(recognizer.model, recognizer.scorer, RARER_FAR)
            rarer = float(probability(point.llr))
            for at, name in enumerate(names):
                own, others = people[name], people[names[(at + 1) % len(names)]]
                for k, (clip, other) in enumerate(zip(own[_ENROLLED:], others[_ENROLLED:], strict=False)):
                    for kind, copy in copies.items():
                        asked[kind].append(
                            ask(kept, name, Audio(copy(store.samples(clip), at + k), rate), rarer)
                        )
                    asked["a stranger"].append(ask(kept, name, Audio(store.samples(other), rate), rarer))
                for sound in synthetic:
                    asked["espeak-ng"].append(ask(kept, name, sound, rarer))
                tick()
    decided = {kind: [row for row in rows if row is not None] for kind, rows in asked.items()}
    return {kind: _summary(rows) for kind, rows in decided.items() if rows}, len(names)


def ask(store: VoiceprintStore, name: str, sound: Audio, rarer: float) -> Answer | None:
    """Return LLR, and whether the sound is accepted at the model's own rate and from score `rarer` on.

    None where there was not enough speech.
    """
    said = store.verify(name, sound)
    if said.label == NOT_ENOUGH:
        return None
    score = min(max(said.score, 1e-9), 1 - 1e-9)
    return float(np.log(score / (1 - score))), said.label == ACCEPTED, said.score >= rarer


def _summary(rows: list[Answer]) -> dict[str, Any]:
    llr, usual, rarer = zip(*rows, strict=True)
    return {
        "asked": len(rows),
        "accepted": float(np.mean(usual)),
        "accepted_rarer": float(np.mean(rarer)),
        "llr_median": round(float(np.median(llr)), 2),
    }


class PlayedBack:
    """A loudspeaker's band, a simulated room, and a quiet noise."""

    def __init__(self, rate_hz: int, seed: int = 5) -> None:
        low, high = _LOUDSPEAKER_HZ
        hz = np.linspace(0, rate_hz / 2, 513)
        self._channel = np.asarray(
            1 / np.sqrt(1 + (low / np.maximum(hz, 1)) ** 4 + (hz / high) ** 8), np.float32
        )
        self._rooms = simulate_rooms(seed, 12, rate_hz)

    def __call__(self, samples: FloatArray, k: int) -> FloatArray:
        """Return what a microphone across the room hears."""
        heard = convolve(samples, self._rooms[k % len(self._rooms)], self._channel)
        noise = np.random.default_rng(k).standard_normal(len(heard))
        return np.asarray(heard + noise * active_rms(heard) * 10 ** (-_NOISE_DB / 20), np.float32)


def resynthesised(samples: FloatArray, rate_hz: int) -> FloatArray:
    """Return sound made anew from 80 mel bands without phases."""
    import librosa

    mel = librosa.feature.melspectrogram(y=samples, sr=rate_hz, n_fft=1024, hop_length=160, n_mels=80)
    magnitude = librosa.feature.inverse.mel_to_stft(mel, sr=rate_hz, n_fft=1024)
    made = librosa.griffinlim(magnitude, n_iter=32, hop_length=160, n_fft=1024, random_state=0)
    return np.asarray(made, np.float32)


def synthetic_voices(rate_hz: int) -> list[FloatArray]:
    """Return sentences spoken by espeak-ng's voices; none where the program is missing."""
    program = shutil.which("espeak-ng")
    if program is None:
        return []
    import soxr

    made = []
    for voice in VOICES:
        command = [program, "-v", voice, "--stdout", " ".join(SPOKEN)]
        said = subprocess.run(command, check=True, capture_output=True).stdout
        samples, rate = soundfile.read(io.BytesIO(said), dtype="float32")
        made.append(np.asarray(soxr.resample(samples, rate, rate_hz), np.float32))
    return made


if __name__ == "__main__":
    main()
