"""The table of figures in the README."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.sections.markdown import DASH, number, percent, table
from benchmarks.sections.results import FRONTEND, OWN, SEGMENTS, SPEED, VOICE, Results

BUSY = "no silence in it"
_SILERO = "Silero VAD"


def summary(results: Results) -> str:
    """Return the table: voxlite beside Silero VAD, a dash for what was not measured.

    Of Silero VAD's two scores of a window and of its two files the one that does better counts, row by row.
    """
    rows = [
        ["ROC-AUC, one-second clips, clean", *_condition(results, "clean", "roc_auc"), VOICE],
        ["ROC-AUC at 5 dB SNR", *_condition(results, "5 dB", "roc_auc"), VOICE],
        ["ROC-AUC in the telephone band", *_condition(results, "telephone", "roc_auc"), VOICE],
        ["false alarms at 99 % recall, clean", *_condition(results, "clean", "far_at_99_recall"), VOICE],
        ["segment borders on the sample call, mean error", *_segments(results, _borders), SEGMENTS],
        ["100 ms steps of the sample call labelled right", *_segments(results, _steps), SEGMENTS],
        ["one-second window, one thread, front end included", *_window(results), SPEED],
        ["ten minutes analysed, one thread", *_ten_minutes(results), SPEED],
        ["size of the model", *_size(results), "voxlite models"],
        ["MFCC of 60 s, one thread, beside other libraries", *_mfcc(results), FRONTEND],
    ]
    return table(
        ["what", OWN, results.title(_SILERO), "command"],
        [[*row[:3], f"`{row[3]}`"] for row in rows],
    )


def _condition(results: Results, condition: str, key: str) -> tuple[str, str]:
    if results.voice is None:
        return DASH, DASH
    own: list[float] = []
    peers: list[float] = []
    for name, detector in results.voice["detectors"].items():
        value = detector["conditions"].get(condition, {}).get(key)
        if value is not None and (name == OWN or name.startswith(_SILERO)):
            (own if name == OWN else peers).append(value)
    high = key == "roc_auc"
    best = [(max if high else min)(values) if values else None for values in (own, peers)]
    first, second = (number(value, 4) if high else percent(value) for value in best)
    return first, second


def _segments(results: Results, show: Callable[[dict[str, Any]], str]) -> tuple[str, str]:
    found = results.segments["voice_or_not"] if results.segments else {}
    first, second = (show(found[name]) if name in found else DASH for name in (OWN, _SILERO))
    return first, second


def _borders(score: dict[str, Any]) -> str:
    return f"onsets {number(score['onset_error_ms'], 0)} ms, offsets {number(score['offset_error_ms'], 0)} ms"


def _steps(score: dict[str, Any]) -> str:
    return percent(score["right_share"])


def _window(results: Results) -> tuple[str, str]:
    data = (results.speed or {}).get("window")
    if data is None:
        return DASH, DASH
    peers = [row["ms_median"] for row in data.get("peers", {}).values()]
    return f"{number(data['ms_median'], 2)} ms", f"{number(min(peers), 2)} ms" if peers else DASH


def _ten_minutes(results: Results) -> tuple[str, str]:
    """Return the whole analysis, and Silero's scores alone; both of the recording without silence."""
    parts = [(results.speed or {}).get(part, {}) for part in ("analysis", "detectors")]
    analysis, detectors = (part.get(BUSY) if part.get("audio_s") == 600 else None for part in parts)
    own = other = DASH
    if analysis:
        own = f"{number(analysis['s'], 2)} s ({number(analysis['x_real_time'], 0)} x real time)"
    if detectors:
        best = min(
            (row for name, row in detectors.items() if name.startswith(_SILERO)), key=lambda row: row["s"]
        )
        other = f"{number(best['s'], 2)} s, scores alone"
    return own, other


def _size(results: Results) -> tuple[str, str]:
    about = (results.evaluation or {}).get("about", {}).get("model")
    window = (results.speed or {}).get("window", {})
    size = about["size_bytes"] if about else window.get("model_bytes")
    peers = [row["model_bytes"] for row in window.get("peers", {}).values()]
    first, second = (
        DASH if value is None else f"{number(value / 1000, 0)} kB"
        for value in (size, min(peers, default=None))
    )
    return first, second


def _mfcc(results: Results) -> tuple[str, str]:
    """Return the times for a minute, voxlite's and other libraries'; no voice detector is among them."""
    found = [row["rows"] for row in (results.frontend or {}).get("results", ()) if row["audio_s"] == 60]
    if not found:
        return DASH, ""
    times = [
        f"{name.removeprefix(f'{OWN}, ')} {number(row['ms'], int(row['ms'] < 10))} ms"
        for name, row in found[0].items()
    ]
    return ", ".join(times), ""
