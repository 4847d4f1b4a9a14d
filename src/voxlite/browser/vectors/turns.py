"""Vectors of who speaks when: trees of clusters, centres, paths through speakers, turns, on made-up voices and a call.

Rows of embeddings lie one after the other in `turns/<case>.f32` as little-endian float32, all else in `turns.json`.
Whether two centres belong together is asked of the shipped model, or, of made-up voices, of their cosine.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import linkage

from voxlite.audio import Audio, conform, mix_down, open_recording
from voxlite.browser.vectors.turn_cases import Clustered, clustered_cases, paths, windows_cases
from voxlite.recognition.clustering import centres
from voxlite.recognition.demonstration import find_samples
from voxlite.recognition.diarization import SpeakerOptions, diarize, smoothed
from voxlite.runtime import SpeakerEmbedder
from voxlite.tasks.voice import VoiceDetector
from voxlite.tasks.voice_windows import VoiceWindows, Windows
from voxlite.values import FloatArray
from voxlite.voiceprints.scoring import PairScorer

FOLDER = "turns"
ALIKE = 0.5
"""Cosine to the first window from which on a made-up speaker is known by name."""
Plain = dict[str, Any]


def write(out: Path) -> list[Path]:
    """Write the vectors into the folder `turns` of a folder and return their files.

    Raises
    ------
    VoxliteError
        If the recordings cannot be read, or SciPy is missing.
    OSError
        If the folder cannot be written.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    embedder = SpeakerEmbedder(threads=1)
    scorer = PairScorer(embedder.model)
    files: dict[str, FloatArray] = {}
    clustered = [_clustered(case, files) for case in clustered_cases()]
    told = {"call": call_windows(embedder), **windows_cases(embedder.size)}
    diarized = [_diarized(name, windows, scorer, files) for name, windows in told.items()]
    texts = {
        "clustered": clustered,
        "paths": [
            {
                "cosines": cosines.tolist(),
                "segment": segment.tolist(),
                "labels": smoothed(cosines, segment).tolist(),
            }
            for cosines, segment in paths()
        ],
        "diarized": diarized,
    }
    written = []
    for name, rows in files.items():
        written.append(folder / f"{name}.f32")
        written[-1].write_bytes(np.ascontiguousarray(rows, "<f4").tobytes())
    written.append(folder / "turns.json")
    written[-1].write_text(json.dumps(texts, allow_nan=False) + "\n", encoding="utf-8")
    return written


def call_windows(embedder: SpeakerEmbedder) -> Windows:
    """Return the windows of the shipped call."""
    with open_recording(find_samples(None) / "call.flac") as recording:
        audio = Audio(np.concatenate([mix_down(block) for block in recording.blocks()]), recording.rate_hz)
    stream = VoiceDetector(threads=1).stream(audio.rate_hz)
    gathered = VoiceWindows(embedder)
    found = stream.push(audio.samples)
    gathered.push(conform(audio, embedder.rate_hz).samples, found, stream.outlook_s)
    return gathered.finish(audio.samples[:0], stream.flush())


def _clustered(case: Clustered, files: dict[str, FloatArray]) -> Plain:
    """Return the tree of some rows as SciPy makes it, and the centres for each question."""
    files[case.name] = case.rows
    exact = case.rows.astype(np.float64)
    tree = linkage(exact, "average", "cosine").tolist() if len(exact) > 1 else []
    questions = []
    for number, one in enumerate(case.questions):
        together = None if one.cosine is None else one.together
        found = centres(case.rows, one.least_windows, one.least, one.most, together)
        files[f"{case.name}.{number}"] = found
        questions.append({**asdict(one), "n_centres": len(found)})
    return {"name": case.name, "dim": case.rows.shape[1], "tree": tree, "questions": questions}


def _diarized(name: str, windows: Windows, scorer: PairScorer, files: dict[str, FloatArray]) -> Plain:
    """Return windows without their vectors, and the turns for several numbers of speakers, with and without a name."""
    files[name] = windows.vectors
    return {
        "name": name,
        "start_s": windows.start_s.tolist(),
        "end_s": windows.end_s.tolist(),
        "segment": windows.segment.tolist(),
        "voice_s": windows.voice_s.tolist(),
        "bandwidth_hz": windows.bandwidth_hz,
        "answers": [_answer(windows, scorer, n_speakers, None) for n_speakers in (None, 1, 2, 3, 20)]
        + [_answer(windows, scorer, None, ALIKE), _answer(windows, scorer, 3, -1.0)],
    }


def _answer(windows: Windows, scorer: PairScorer, n_speakers: int | None, alike: float | None) -> Plain:
    """Return the turns where whoever has such a cosine to the first window is known, and what was asked about them."""
    asked: list[Plain] = []

    def name_of(embedding: FloatArray, speech_s: float, bandwidth_hz: float | None) -> str | None:
        asked.append({"speech_s": speech_s, "bandwidth_hz": bandwidth_hz})
        return "Ada" if float(embedding @ windows.vectors[0]) >= (alike or 0.0) else None

    options = SpeakerOptions(n_speakers, name_of=None if alike is None else name_of)
    turns = [asdict(turn) for turn in diarize(windows, options, scorer)]
    return {"n_speakers": n_speakers, "alike": alike, "asked": asked, "turns": turns}
