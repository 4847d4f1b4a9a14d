"""A day of sound through one stream: `python -m reliability.soak`; writes docs/images/soak.png.

The sound of `reliability.day` goes through one `VoiceDetector().stream` in portions of 10 ms to 60 s, and through a
second one in portions of 20 s, as files are analysed. Their segments are compared as they come, so that nothing of
the day is kept. Resident memory is read after each scene; its slope is a least-squares line from the sixth hour on.
Then ten streams run side by side in threads on one detector, and must find what each finds alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from reliability.day import DAY_S, RATE_HZ, SCENE_S, Day
from reliability.processes import resident_mib
from voxlite.tasks.voice import VoiceDetector, VoiceStream
from voxlite.values import FloatArray, Segment

FILE_PORTION_S = 20
_LONGEST_S = 60.0
_ROOT = Path(__file__).resolve().parent.parent
_WARM_S = 21_600  # by then the night is over, in which the sound itself takes no memory


class UnequalError(Exception):
    """Two ways through the same sound gave different segments."""


class Pair:
    """Two streams over the same sound; segments are compared and forgotten."""

    def __init__(self, detector: VoiceDetector, rate_hz: int, seed: int) -> None:
        self._rate_hz, self._rng = rate_hz, np.random.default_rng(seed)
        self._live, self._file = detector.stream(rate_hz), detector.stream(rate_hz)
        self._waiting: tuple[deque[Segment], deque[Segment]] = (deque(), deque())
        self._end_s = 0.0
        self.n_equal = 0

    def push(self, scene: FloatArray) -> None:
        """Send a scene through both streams."""
        at = 0
        while at < len(scene):
            shortest_s = 0.01 if self._rng.random() < 0.02 else 1.0
            n = int(self._rate_hz * np.exp(self._rng.uniform(np.log(shortest_s), np.log(_LONGEST_S))))
            self._waiting[0].extend(self._live.push(scene[at : at + n]))
            at += n
        n = FILE_PORTION_S * self._rate_hz
        for first in range(0, len(scene), n):
            self._waiting[1].extend(self._file.push(scene[first : first + n]))
        self._compare()

    def flush(self) -> None:
        """End both streams."""
        for waiting, stream in zip(self._waiting, (self._live, self._file), strict=True):
            waiting.extend(stream.flush())
        self._compare()
        if any(self._waiting):
            raise UnequalError(f"a stream has more segments: {self._waiting[0] or self._waiting[1]}")

    def _compare(self) -> None:
        live, file = self._waiting
        while live and file:
            one, other = live.popleft(), file.popleft()
            if one != other or one.start_s != self._end_s:
                raise UnequalError(f"after {self._end_s} s: {one} in a stream, {other} as a file")
            self._end_s = one.end_s
            self.n_equal += 1


def soak(seconds: float, seed: int, rate_hz: int, threads: int) -> dict[str, Any]:
    """Send `seconds` of sound through a pair of streams.

    Returns
    -------
    dict
        Equal segments, seconds that it took, resident memory in MiB by hour, its slope in MiB per day.

    Raises
    ------
    UnequalError
        If chunking changed a segment, or segments leave a gap.
    """
    pair, day = Pair(VoiceDetector(threads=threads), rate_hz, seed), Day(seed, rate_hz)
    times_s, memory_mib, done_s = [], [], 0.0
    started = time.monotonic()
    for scene in day.scenes(seconds):
        pair.push(scene)
        done_s += len(scene) / rate_hz
        times_s.append(done_s)
        memory_mib.append(resident_mib())
    pair.flush()
    took_s = time.monotonic() - started
    return {
        "sound_s": round(done_s, 3),
        "rate_hz": rate_hz,
        "equal_segments": pair.n_equal,
        "took_s": round(took_s, 1),
        "times_real_time": round(2 * done_s / took_s, 1),
        "memory_mib": [round(value, 2) for value in memory_mib],
        "scene_s": SCENE_S,
        "slope_mib_per_day": slope_mib_per_day(times_s, memory_mib),
    }


def slope_mib_per_day(times_s: Sequence[float], memory_mib: Sequence[float]) -> float | None:
    """Return the slope of memory over time from the sixth hour on, None where there is too little of it."""
    late = [(at, mib) for at, mib in zip(times_s, memory_mib, strict=True) if at > _WARM_S]
    if len(late) < 3:
        return None
    at_s, mib = np.array(late, np.float64).T
    return round(float(np.polyfit(at_s, mib, 1)[0]) * DAY_S, 3)


def side_by_side(n_streams: int, seconds: float, seed: int) -> int:
    """Run streams in threads on one detector and return their segments, which must be those of each alone.

    Raises
    ------
    UnequalError
        If a stream found something else in company.
    """
    detector = VoiceDetector()
    days = [Day(seed + n) for n in range(n_streams)]

    def heard(n: int) -> list[Segment]:
        return _segments(detector.stream(RATE_HZ), days[n], seconds, seed + n)

    alone = [heard(n) for n in range(n_streams)]
    with ThreadPoolExecutor(n_streams) as pool:
        together = list(pool.map(heard, range(n_streams)))
    for n, (one, other) in enumerate(zip(alone, together, strict=True)):
        if one != other:
            raise UnequalError(f"stream {n} of {n_streams} found something else in company")
    return sum(map(len, together))


def _segments(stream: VoiceStream, day: Day, seconds: float, seed: int) -> list[Segment]:
    rng, found = np.random.default_rng(seed), []
    for scene in day.scenes(seconds):
        at = 0
        while at < len(scene):
            n = int(rng.integers(160, 4 * RATE_HZ))
            found += stream.push(scene[at : at + n])
            at += n
    return found + stream.flush()


def draw(figures: dict[str, Any], out: Path) -> None:
    """Plot resident memory over the hours of sound."""
    import matplotlib.pyplot as plt

    memory = figures["memory_mib"]
    hours = [figures["scene_s"] * (n + 1) / 3600 for n in range(len(memory))]
    chart, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    axes.plot(hours, memory, color="#20639b", linewidth=1.5)
    axes.set_xlim(0, max(hours))
    axes.set_ylim(0, 1.25 * max(memory))
    axes.set_xlabel("hours of sound")
    axes.set_ylabel("resident memory, MiB")
    slope = figures["slope_mib_per_day"]
    slope_text = "" if slope is None else f"; slope after six hours {slope:+.2f} MiB per day"
    axes.set_title(f"{hours[-1]:.0f} hours through one stream{slope_text}", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    out.parent.mkdir(parents=True, exist_ok=True)
    chart.savefig(out, dpi=120)
    plt.close(chart)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0, help="of sound through one stream")
    parser.add_argument("--beside-minutes", type=float, default=10.0, help="of sound in each of ten streams")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=RATE_HZ, help="rate of the sound, Hz")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--picture", type=Path, default=_ROOT / "docs" / "images" / "soak.png")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    try:
        figures = soak(3600 * options.hours, options.seed, options.rate, options.threads)
        figures["segments_of_ten_streams"] = side_by_side(10, 60 * options.beside_minutes, options.seed)
    except UnequalError as error:
        print(f"reliability.soak: seed {options.seed}: {error}", file=sys.stderr)
        return 1
    draw(figures, options.picture)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in figures.items() if key != "memory_mib"}, indent=1))
    print(options.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
