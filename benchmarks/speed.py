"""Speed and memory on one thread: `python -m benchmarks.speed`.

The voice detector beside Silero VAD on the same ten minutes, in turns; a whole analysis of a ten-minute 16 kHz WAV
with a table of where the time goes; the latency of a one-second window; the memory that a three-hour file takes.
The front end beside librosa's is in `benchmarks.frontend`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import RATE_HZ, paired, publish
from benchmarks.peers import Silero
from benchmarks.sounds import call, write_wav
from benchmarks.stages import StageClock
from voxlite.analysis import analyze
from voxlite.audio import Audio
from voxlite.runtime import find_model
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.tables import Cell, Table

_CHILD = """
import sys
from benchmarks.fresh import high_water_kib
from voxlite.analysis import analyze
before = high_water_kib()
text = str(analyze(sys.argv[1], threads=int(sys.argv[2]), models={"voice": sys.argv[3]}).to_dict())
print(before, high_water_kib())
"""


def detectors(seconds: int, repeats: int, model: str) -> tuple[dict[str, Any], Table]:
    """Time scores over time of voxlite and of Silero's two files, on a busy recording and on the call itself."""
    detector = VoiceDetector(model=model, threads=1)
    one, many = Silero(), Silero(sequence=True)
    result: dict[str, Any] = {"audio_s": seconds, "repeats": repeats}
    rows: list[list[Cell]] = []
    for name, busy in (("no silence in it", True), ("the sample call", False)):
        samples = call(seconds, busy=busy)
        audio = Audio(samples, RATE_HZ)
        works: dict[str, Callable[[], object]] = {
            "voxlite": lambda audio=audio: detector.scores(audio),  # type: ignore[misc]
            "voxlite, segments": lambda audio=audio: detector.segments(audio),  # type: ignore[misc]
            "Silero VAD": lambda samples=samples: one.probabilities(samples),  # type: ignore[misc]
            "Silero VAD, sequence file": lambda samples=samples: many.probabilities(samples),  # type: ignore[misc]
        }
        taken = paired(works, repeats)
        result[name] = {work: {"s": s, "x_real_time": seconds / s} for work, s in taken.items()}
        for work, s in taken.items():
            rows.append([name, work, round(s * 1000), round(seconds / s), f"{s / taken['voxlite']:.1f}"])
    columns = ["sound", "detector", "ms", "x real time", "time / voxlite's"]
    return result, Table.of(
        f"Voice scores of {seconds} s, one thread, medians of {repeats} turns", columns, rows
    )


def analysis(seconds: int, repeats: int, model: str, folder: Path) -> tuple[dict[str, Any], list[Table]]:
    """Time `analyze` of a WAV on one thread, then once more with the clock of stages on."""
    result: dict[str, Any] = {"audio_s": seconds, "repeats": repeats}
    tables = []
    for name, busy in (("no silence in it", True), ("the sample call", False)):
        path = folder / "long.wav"
        write_wav(path, seconds, busy=busy)

        def work(path: Path = path) -> object:
            return analyze(path, threads=1, models={"voice": model})

        taken = paired({"voice and quality": work}, repeats)["voice and quality"]
        clock = StageClock()
        with clock.running():
            work()
        total = sum(clock.seconds.values())
        result[name] = {"s": taken, "x_real_time": seconds / taken, "stages_s": clock.seconds}
        rows: list[list[Cell]] = [
            [stage, f"{1000 * s:.1f}", f"{100 * s / total:.1f} %"] for stage, s in clock.seconds.items()
        ]
        title = f"{seconds} s of 16 kHz WAV, {name}: {1000 * taken:.0f} ms, {seconds / taken:.0f} x real time"
        tables.append(Table.of(title, ["stage", "ms", "share"], rows))
    return result, tables


def window(repeats: int, model: str) -> tuple[dict[str, Any], Table]:
    """Time one second of sound through the model file alone, front end included, and through Silero's two files."""
    from ai_edge_litert.interpreter import Interpreter

    info = find_model("voice", model)
    interpreter = Interpreter(model_content=info.path.read_bytes(), num_threads=1)
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], [1, RATE_HZ])
    interpreter.allocate_tensors()
    entry, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    samples = call(30, busy=True)[10 * RATE_HZ : 11 * RATE_HZ]

    def own() -> None:
        interpreter.set_tensor(entry, samples[None])
        interpreter.invoke()
        interpreter.get_tensor(out)

    one, many = Silero(), Silero(sequence=True)
    result = {
        **_latency(own, repeats, info.size_bytes),
        "peers": {
            "Silero VAD": _latency(lambda: one.probabilities(samples), repeats, one.size_bytes),
            "Silero VAD, sequence file": _latency(
                lambda: many.probabilities(samples), repeats, many.size_bytes
            ),
        },
    }
    rows: list[list[Cell]] = [
        [name, round(row["model_bytes"] / 1000), *(f"{row[key]:.3f}" for key in _LATENCIES)]
        for name, row in {info.path.name: result, **result["peers"]}.items()
    ]
    title = f"One-second window, one thread, {repeats} runs, ms"
    return result, Table.of(title, ["model", "kB", "1st percentile", "median", "95th percentile"], rows)


_LATENCIES = {"ms_p1": 1, "ms_median": 50, "ms_p95": 95}


def _latency(work: Callable[[], object], repeats: int, size_bytes: int) -> dict[str, Any]:
    """Return percentiles of one work's milliseconds, after some runs that do not count."""
    times = []
    for _ in range(repeats + 50):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    measured = {key: float(np.percentile(times[50:], share)) for key, share in _LATENCIES.items()}
    return {**measured, "model_bytes": size_bytes}


def memory(hours: float, threads: int, model: str, folder: Path) -> tuple[dict[str, Any], Table]:
    """Measure the peak resident memory of a process that analyses a long file, its report included (Linux)."""
    path = folder / "hours.wav"
    write_wav(path, hours * 3600, busy=False)
    started = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(threads), model],
        check=True,
        capture_output=True,
        text=True,
    )
    before, peak = (int(word) / 1024 for word in answer.stdout.split()[-2:])
    result = {"hours": hours, "threads": threads, "peak_mb": peak, "imported_mb": before}
    row: list[Cell] = [hours, threads, f"{before:.0f}", f"{peak:.0f}", f"{time.perf_counter() - started:.1f}"]
    columns = ["hours", "threads", "after import", "peak", "seconds"]
    return result, Table.of("Peak resident memory, MiB", columns, [row])


def main() -> None:
    """Run the parts that were asked for, all of them by default."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("detectors", "analysis", "window", "memory")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}")
    parser.add_argument("--model", default="compact", help="a shipped model or a .tflite file")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=4, help="of the memory part")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/speed.json"))
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"unknown part {sorted(unknown)[0]!r}: choose from {', '.join(parts)}")
    wanted = options.parts or parts
    result: dict[str, Any] = {"benchmark": "speed"}
    tables: list[Table] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs: dict[str, Callable[[], tuple[dict[str, Any], Table | list[Table]]]] = {
            "detectors": lambda: detectors(options.seconds, options.repeats, options.model),
            "analysis": lambda: analysis(options.seconds, options.repeats, options.model, folder),
            "window": lambda: window(1000, options.model),
            "memory": lambda: memory(options.hours, options.threads, options.model, folder),
        }
        for part in wanted:
            result[part], made = runs[part]()
            tables += made if isinstance(made, list) else [made]
    publish(result, options.out, tables)


if __name__ == "__main__":
    main()
