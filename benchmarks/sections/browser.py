"""The client in the browser: loading, latency, whole recordings, lag, memory, and parity of all clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.sections.markdown import DASH, missing, number, table
from benchmarks.sections.results import ARM64, BROWSER
from voxlite.training.tables import Table

Row = Mapping[str, Any]
Columns = tuple[str, ...]
Made = tuple[Columns, list[list[str]]]
VISITS = {
    "page_alone": "without a service worker",
    "first": "first visit",
    "again": "repeated visit",
    "offline": "no network",
}
GROUPS = ("page", "runner", "voice model", "other models")


def browser(data: Row | None, arm: Row | None, pictures: Mapping[str, str]) -> list[str]:
    """Return the section.

    Parameters
    ----------
    data, arm
        JSON of `python -m benchmarks.browser` and of `scripts/arm_tests.py --record`; None for what was not run.
    pictures
        Caption -> link of those that exist.
    """
    blocks = ["## In the browser", f"`{BROWSER}`"]
    if data is None:
        return [*blocks, missing(BROWSER)]
    cores = data["machine"]["cores"]
    blocks.append(
        f"{data['browser']}, without a window, driven by Playwright against the server of `voxlite web` on the same "
        f"machine, which has {cores} cores. Loads are how many processes wanted a core meanwhile: above {cores}, "
        "times are longer than they need be, and the ratios tell more."
    )
    for part, made in (("load", _load), ("windows", _windows), ("recording", _recording), ("lag", _lag)):
        blocks += made(data[part]) if part in data else [missing(f"{BROWSER} {part}")]
    blocks += _memory(data["memory"], pictures) if "memory" in data else [missing(f"{BROWSER} memory")]
    return [*blocks, *parity(data.get("windows"), arm)]


def tables(data: Row) -> list[Table]:
    """Return what the command prints."""
    made = {"load": _visits, "windows": _latencies, "recording": _factors, "lag": _lags, "memory": _growth}
    return [
        Table.of(f"In the browser: {part}", *make(data[part])) for part, make in made.items() if part in data
    ]


def _load(data: Row) -> list[str]:
    return [
        f"**Loading**, medians of {data['rounds']} rounds, each visit in a browser that was not running. `voxlite web` "
        'compresses nothing, since nothing leaves the machine; "packed" is the same by gzip, as a host elsewhere would '
        "send it. A first visit fetches the copy for later besides what it uses. The milliseconds: from the navigation "
        "to the first button; then, from asking for them, until the runner is there and the voice model answers, and "
        "until all four models do.",
        table(*_visits(data)),
    ]


def _visits(data: Row) -> Made:
    columns = (
        "visit", "page and scripts, kB packed", "WebAssembly, MB packed", "voice model, kB packed",
        "other models, MB packed", "all, MB sent", "first button, ms", "voice ready, ms", "all ready, ms",
    )  # fmt: skip
    rows = []
    for name, title in VISITS.items():
        one = data["visits"][name]
        packed = one["compressed_bytes"]
        sizes = [number(packed[group] / scale, digits) for group, scale, digits in
                 zip(GROUPS, (1e3, 1e6, 1e3, 1e6), (0, 2, 0, 2), strict=True)]  # fmt: skip
        sent = number(sum(one["sent_bytes"].values()) / 1e6, 1)
        times = [number(one[key], 0) for key in ("shown_ms", "voice_ms", "all_ms")]
        rows.append([title, *sizes, sent, *times])
    return columns, rows


def _windows(data: Row) -> list[str]:
    return [
        f"**One window**, 1st percentile / median / 95th percentile of {data['rounds']}, Chromium and Python in turns, "
        f"load {data['load']:g}; the ratio is that of the 1st percentiles, which other work disturbs least. The Python "
        "client runs each window on one thread, and several windows at a time. The app takes as many threads as there "
        "are cores, at most four.",
        table(*_latencies(data)),
    ]


def _latencies(data: Row) -> Made:
    threads = list(next(iter(data["models"].values()))["chromium_ms"])
    columns = ["model", "window, s", "Python, ms"]
    for n in threads:
        columns += [f"Chromium, {n} thread{'s' * (n != '1')}, ms", "over Python"]
    rows = []
    for name, row in data["models"].items():
        cells = [name, f"{row['window_s']:g}", _spread(row["python_ms"], 1)]
        for n in threads:
            there = row["chromium_ms"][n]
            cells += [_spread(there, 1), number(there["p1"] / row["python_ms"]["p1"], 1)]
        rows.append(cells)
    return tuple(columns), rows


def _spread(figures: Row, digits: int) -> str:
    return " / ".join(number(figures[key], digits) for key in ("p1", "median", "p95"))


def _recording(data: Row) -> list[str]:
    return [
        f"**A whole recording**, {data['recording']} of {data['duration_s']:.0f} s, in Files (decoding and picture "
        f"included) and by `voxlite.analyze`: seconds per second of sound, medians of {data['rounds']}, load "
        f"{data['load']:g}.",
        table(*_factors(data)),
    ]


def _factors(data: Row) -> Made:
    threads = sorted({who.split()[1] for by in data["rtf"].values() for who in by}, key=int)
    columns = ["what"]
    for n in threads:
        plural = "s" * (n != "1")
        columns += [f"Python, {n} thread{plural}", f"Chromium, {n} thread{plural}", "over Python"]
    rows = []
    for name, by in data["rtf"].items():
        cells = [name]
        for n in threads:
            own, there = by[f"python {n}"], by[f"chromium {n}"]
            cells += [number(own, 4), number(there, 4), number(there / own, 1)]
        rows.append(cells)
    return tuple(columns), rows


def _lag(data: Row) -> list[str]:
    delay = data["delay_s"]
    return [
        f"**Listening**: the newest label lies {number(delay['median'], 2)} s behind the sound (median of "
        f"{data['samples']}; 95th percentile {number(delay['p95'], 2)} s; load {data['load']:g})."
    ]


def _lags(data: Row) -> Made:
    return ("median, s", "95th percentile, s"), [
        [number(data["delay_s"][key], 3) for key in ("median", "p95")]
    ]


def _memory(data: Row, pictures: Mapping[str, str]) -> list[str]:
    return [
        f"**Memory** over {data['minutes']:g} minutes of listening to the sample call as the microphone. Growth is "
        f"the slope of a line through what comes after the first {data['settled_s'] / 60:g} minutes; the browser may "
        "let garbage lie, so what is left after a collection stands beside.",
        table(*_growth(data)),
        *(f"![{caption}]({link})" for caption, link in pictures.items()),
    ]


def _growth(data: Row) -> Made:
    columns = (
        "what", f"after {data['settled_s'] / 60:g} minutes, MB", "at the end, MB", "collected then, MB",
        "growth, MB per minute",
    )  # fmt: skip
    rows = []
    for title, part, key in (
        ("the renderer process, resident", "samples", "rss_mb"),
        ("of it without mapped files", "samples", "anonymous_mb"),
        ("the page's own objects", "samples", "heap_mb"),
        ("page and workers, told by the browser after a collection", "told", "total_mb"),
    ):
        later = [one[key] for one in data[part] if one["at_s"] >= data["settled_s"]]
        ends = [number(later[0], 1), number(later[-1], 1)] if later else [DASH, DASH]
        left = number(data["collected"].get(key), 1)
        rows.append([title, *ends, left, number(data["mb_per_min"][key], 2)])
    return columns, rows


def parity(windows: Row | None, arm: Row | None) -> list[str]:
    """Return how far ARM64 and Chromium are from Python on x86, model by model."""
    found = {
        "Python, ARM64": (arm or {}).get("windows"),
        "Chromium": (windows or {}).get("parity"),
        "Python, x86, samples changed in the last bit": (windows or {}).get("last_bit"),
    }
    blocks = ["### The same scores everywhere", f"`{ARM64}`, `{BROWSER} windows`"]
    if not any(found.values()):
        return [*blocks, missing(ARM64)]
    models = sorted({name for rows in found.values() for name in rows or {}})
    rows = []
    for model in models:
        for client, by_model in found.items():
            row = (by_model or {}).get(model)
            rows.append([model, client, *(_differences(row) if row else [DASH] * 4)])
    return [
        *blocks,
        "Largest differences from Python on x86, each model on the same samples: windows of the recordings in "
        "samples/, speech and other sounds. ARM64 is emulated (qemu-user). A score is a probability or an arousal, "
        "0..1; of the speaker model, one minus the cosine. Weights of voice are float16. The others multiply in int8, "
        "where the last bit of a sample may decide between two of 256 levels: the last rows show how far that alone "
        "carries.",
        table(("model", "client", "windows", "raw outputs", "scores", "same verdict"), rows),
    ]


def _differences(row: Row) -> list[str]:
    same = f"{row['same']} of {row['windows']}" if "same" in row else DASH
    return [str(row["windows"]), f"{row['raw']:.1e}", f"{row['score']:.1e}", same]
