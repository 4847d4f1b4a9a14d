"""Inception-v3 against the compact net: quality on the same windows, and what each costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.sections.markdown import DASH, best_in_bold, missing, number, percent, table
from benchmarks.sections.results import NETS, Results

QUALITY: tuple[tuple[str, str, bool], ...] = (
    ("roc_auc", "ROC-AUC", True),
    ("accuracy", "accuracy", True),
    ("recall", "recall", True),
    ("false_alarm_rate", "false alarms", False),
    ("far_at_99_recall", "false alarms at 99 % recall", False),
    ("ece", "ECE", False),
)
"""Key, title, and whether more is better."""
_DIGITS = {"roc_auc": 4, "ece": 3}
_CALLS = {
    "one": "Inception-v3 is called once on each window",
    "decide": "Inception-v3 slides over each window in steps of 0.1 s, silence around it, as for a recording",
}
Row = dict[str, Any]


def nets(results: Results) -> list[str]:
    """Return the comparison of both nets."""
    blocks = ["## Inception-v3 against the compact net", f"`{NETS}`"]
    data = results.nets
    if data is None:
        return [*blocks, missing(NETS)]
    if data["quality"]:
        first = next(iter(data["quality"].values()))
        thresholds = "; ".join(f"{name} {row['threshold']:g}" for name, row in data["quality"].items())
        blocks += [
            f"One-second windows of the test split: {first['n_speech']} of speech, {first['n_other']} of other sounds. "
            f"{_CALLS[data['calls']]}. Accuracy, recall and false alarms at each file's own threshold: {thresholds}. "
            "The better of two is bold.",
            table(["condition", "net", *(title for _, title, _ in QUALITY)], quality_rows(data["quality"])),
        ]
    files = "; ".join(f"{name}: {row['file']}, {row['weights']}" for name, row in data["nets"].items())
    blocks += [
        f"Costs of {files}. Front end included; on one processor core where no threads are named. The factor is "
        "Inception-v3 over the compact net. Threads of a window are LiteRT's own; many windows at a time run on the "
        "engine's threads, one window each.",
        table(["what", *data["nets"], "factor"], cost_rows(data["nets"], data["cheaper"])),
    ]
    if data["cheaper"]:
        blocks.append(
            f"The compact net is {number(data['cheaper']['window'], 0)} times cheaper on a window, "
            f"{number(data['cheaper']['recording'], 0)} times on a recording, which Inception-v3 is moved over in "
            "steps of 0.1 s."
        )
    return [*blocks, *(f"Missing: {remark}." for remark in data["remarks"])]


def quality_rows(quality: Mapping[str, Row]) -> list[list[str]]:
    """Return condition, net and the figures of `QUALITY`, a line for each condition and net; the best is bold."""
    rows = []
    for condition in next(iter(quality.values()))["conditions"] if quality else ():
        found = [row["conditions"][condition] for row in quality.values()]
        columns = []
        for key, _, high in QUALITY:
            values = [row[key] for row in found]
            cells = [number(value, _DIGITS[key]) if key in _DIGITS else percent(value) for value in values]
            columns.append(best_in_bold(cells, values, high=high) if len(cells) > 1 else cells)
        rows += [[condition, name, *cells] for name, *cells in zip(quality, *columns, strict=True)]
    return rows


def cost_rows(found: Mapping[str, Row], cheaper: Mapping[str, float]) -> list[list[str]]:
    """Return what is counted, each net's figure, and the factor between them."""
    rows = [
        _line("file, kB", [row["size_bytes"] / 1000 for row in found.values()], 0, cheaper.get("size")),
        _line("parameters", [row["parameters"] for row in found.values()], 0, cheaper.get("parameters")),
    ]
    threads = list(next(iter(found.values()))["latency_ms"])
    for n in threads:
        factor = cheaper.get("window") if n == "1" else None
        values = [row["latency_ms"][n] for row in found.values()]
        rows.append(_line(f"one-second window, {_threads(n)}, ms", values, 2, factor))
    for n in threads:
        values = [row["windows_per_s"][n] for row in found.values()]
        rows.append(_line(f"many windows, {_threads(n)}, windows per second", values, 0, None))
    recording = [row["recording_ms"] for row in found.values()]
    rows.append(_line("a second of a recording, ms", recording, 2, cheaper.get("recording")))
    fresh = [row["fresh"] for row in found.values()]
    for title, key, factor in (
        ("loading and first window in a fresh process, ms", "first_ms", cheaper.get("first")),
        ("peak memory of that process, MiB", "peak_mb", None),
        ("of which Python, NumPy and LiteRT, MiB", "imported_mb", None),
    ):
        rows.append(_line(title, [row[key] for row in fresh], 0, factor))
    return rows


def _line(title: str, values: list[float | None], digits: int, factor: float | None) -> list[str]:
    return [
        title,
        *(number(value, digits) for value in values),
        DASH if factor is None else number(factor, 1),
    ]


def _threads(n: str) -> str:
    return "1 thread" if n == "1" else f"{n} threads"
