"""The measurements in the browser, each beside what the Python client takes for the same; plain data for the JSON."""

from __future__ import annotations

import gzip
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from scripts.model_windows import Windows, compare, model_named, read_windows, runner

from benchmarks.browser_memory import slope_per_min
from benchmarks.browser_site import ROOT, Site
from voxlite.analysis import analyze
from voxlite.audio import Audio, Resampler

RECORDING = ROOT / "samples" / "call.flac"
SHORT = ROOT / "samples" / "voice-en-radio.flac"
MICROPHONE_HZ = 48_000
SETTLED_S = 120.0
"""Of listening: until then caches and pools fill; memory is judged after it."""
TURNS = 4
"""Of Python and Chromium: whatever slows the machine for a while slows both."""
WINDOW_THREADS = (1, 2, 4)
RECORDING_THREADS = (1, 4)
TASKS = {
    "voice and quality": ("voice", "quality"),
    "with who speaks when": ("voice", "quality", "speaker"),
    "with gender and mood": ("voice", "quality", "gender", "mood"),
}
"""As the page's switches in web/perf/recording.spec.ts."""
PERCENTILES = {"p1": 1, "median": 50, "p95": 95}


def load(site: Site, rounds: int) -> dict[str, Any]:
    """Return what each kind of visit loads and how long it takes, medians."""
    found = site.measure("load", ROUNDS=rounds)["rounds"]
    return {
        "rounds": rounds,
        "visits": {name: _visit(site, [row[name] for row in found]) for name in found[0]},
    }


def _visit(site: Site, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    times = ("shown_ms", "voice_ms", "all_ms")
    sent: dict[str, int] = rows[0]["sent"]
    plain = dict.fromkeys(("page", "runner", "voice model", "other models"), 0)
    packed = dict(plain)
    for path, n_bytes in sent.items():
        file = site.root / (path.strip("/") or "index.html")
        group = group_of(path)
        plain[group] += n_bytes
        content = file.read_bytes()
        packed[group] += round(len(gzip.compress(content, 6)) * n_bytes / max(len(content), 1))
    medians = {key: statistics.median(row[key] for row in rows) for key in times}
    return {**medians, "sent_bytes": plain, "compressed_bytes": packed}


def group_of(path: str) -> str:
    """Return which part of the client a path of the site belongs to.

    Examples
    --------
    >>> group_of("/models/voice-compact-d04561b987.tflite"), group_of("/assets/worker-DFT8ESkr.js")
    ('voice model', 'page')
    """
    name = path.rsplit("/", 1)[-1]
    if "/models/" in path:
        return "voice model" if name.startswith(("voice-", "index")) else "other models"
    return "runner" if name.endswith(".wasm") else "page"


def windows(site: Site, rounds: int) -> dict[str, Any]:
    """Return milliseconds per window of each model in both clients, and how far apart the scores are."""
    stored = read_windows(site.windows)
    python = {one.model: runner(model_named(one.model))[0] for one in stored}
    for one in stored:
        _timed(lambda one=one: python[one.model](one.inputs[0]), 5)  # type: ignore[misc]
    own: dict[str, list[float]] = {one.model: [] for one in stored}
    there: dict[int, dict[str, list[float]]] = {n: {one.model: [] for one in stored} for n in WINDOW_THREADS}
    parity: dict[str, Any] = {}
    each = max(1, rounds // TURNS)
    for _ in range(TURNS):
        for threads in WINDOW_THREADS:
            for k in range(max(1, each // len(WINDOW_THREADS))):
                for one in stored:
                    window = one.inputs[k % len(one.inputs)]
                    own[one.model] += _timed(lambda one=one, w=window: python[one.model](w), 1)  # type: ignore[misc]
            found = site.measure("windows", THREADS=threads, ROUNDS=each)
            for one in stored:
                row = found["models"][one.model]
                there[threads][one.model] += row["took_ms"]
                parity.setdefault(one.model, compare(one, np.array(row["outputs"], np.float32)))
    rows = {}
    for one in stored:
        metadata = model_named(one.model).metadata
        rows[one.model] = {
            "window_s": one.inputs.shape[1] / metadata.frontend.rate_hz,
            "python_ms": percentiles(own[one.model]),
            "chromium_ms": {str(n): percentiles(there[n][one.model]) for n in WINDOW_THREADS},
        }
    nudged = {one.model: last_bit(one, python[one.model]) for one in stored}
    return {"rounds": each * TURNS, "load": _load(), "models": rows, "parity": parity, "last_bit": nudged}


def last_bit(one: Windows, run: Callable[[Any], Any]) -> dict[str, Any]:
    """Return how far this machine is from itself when each sample is the next float32 above or below: a yardstick."""
    rows = []
    for towards in (np.inf, -np.inf):
        nudged = np.nextafter(one.inputs, np.float32(towards))
        rows.append(compare(one, np.stack([run(window) for window in nudged])))
    return max(rows, key=lambda row: float(row["score"]))


def recording(site: Site, rounds: int) -> dict[str, Any]:
    """Return real-time factors of a whole recording in Files and by `analyze`."""
    duration_s = soundfile.info(RECORDING).duration
    taken: dict[str, dict[str, list[float]]] = {
        name: {f"{who} {n}": [] for who in ("python", "chromium") for n in RECORDING_THREADS}
        for name in TASKS
    }
    for _ in range(rounds):
        for threads in RECORDING_THREADS:
            for name, tasks in TASKS.items():
                work = lambda tasks=tasks, n=threads: analyze(RECORDING, tasks, n)  # type: ignore[misc]  # noqa: E731
                taken[name][f"python {threads}"] += [ms / 1000 for ms in _timed(work, 1)]
            found = site.measure("recording", THREADS=threads, ROUNDS=1, RECORDING=RECORDING, SHORT=SHORT)
            for name in TASKS:
                taken[name][f"chromium {threads}"] += found["took_s"][name]
    rtf = {
        name: {who: statistics.median(seconds) / duration_s for who, seconds in by.items()}
        for name, by in taken.items()
    }
    return {
        "recording": RECORDING.name,
        "duration_s": duration_s,
        "rounds": rounds,
        "load": _load(),
        "rtf": rtf,
    }


def lag(site: Site, rounds: int) -> dict[str, Any]:
    """Return how far the newest label lies behind the sound while listening, seconds."""
    found = site.measure("lag", ROUNDS=rounds, MICROPHONE=_microphone(site))
    return {"samples": len(found["delays_s"]), "delay_s": percentiles(found["delays_s"]), "load": _load()}


def memory(site: Site, minutes: float) -> dict[str, Any]:
    """Return memory over minutes of listening, and how fast it grows once it has settled."""
    found = site.measure("memory", MINUTES=minutes, MICROPHONE=_microphone(site))
    return judged(found)


def judged(found: dict[str, Any]) -> dict[str, Any]:
    """Return what the memory measurement hands over, with the growth of each figure in MB per minute."""
    samples, told = found["samples"], found["told"]
    growth = {key: slope_per_min(samples, key, SETTLED_S) for key in ("rss_mb", "anonymous_mb", "heap_mb")}
    growth["total_mb"] = slope_per_min(told, "total_mb", SETTLED_S)
    return {**found, "settled_s": SETTLED_S, "mb_per_min": growth}


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return "p1", "median" and "p95" of some values."""
    return {name: float(np.percentile(values, share)) for name, share in PERCENTILES.items()}


def _microphone(site: Site) -> Path:
    """Return the sample call as the WAV file that Chromium plays as its microphone, again and again."""
    path = site.folder / "microphone.wav"
    if not path.is_file():
        audio = Audio.read(RECORDING)
        resampler = Resampler(audio.rate_hz, MICROPHONE_HZ)
        samples = np.concatenate([resampler.push(audio.samples), resampler.flush()])
        soundfile.write(path, samples, MICROPHONE_HZ, subtype="PCM_16")
    return path


def _timed(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def _load() -> float:
    """Return how many processes wanted a core in the last minutes: more than there are cores, and times are long."""
    return round(os.getloadavg()[1], 1)
