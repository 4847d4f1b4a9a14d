"""Segments of the sample call, speed, memory, front end and model files."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import best_in_bold, missing, number, percent, table
from benchmarks.sections.results import EVALUATE, EXPORT, FRONTEND, OWN, SEGMENTS, SPEED, Results
from voxlite.frontend import FrontEndConfig
from voxlite.report.scoring import MAX_BOUNDARY_S

MODEL = "model"
Row = dict[str, Any]


def segments(results: Results) -> list[str]:
    """Return borders and labels against the truth of the sample call."""
    blocks = ["## Segments on the sample call", f"`{SEGMENTS}`"]
    data = results.segments
    if data is None:
        return [*blocks, missing(SEGMENTS)]
    found: dict[str, Row] = data["voice_or_not"]
    lines = (
        ("mean error of onsets, ms", "onset_error_ms", False, lambda value: number(value, 0)),
        ("mean error of offsets, ms", "offset_error_ms", False, lambda value: number(value, 0)),
        ("100 ms steps labelled right", "right_share", True, percent),
        ("voices missed", "n_missed", False, lambda value: number(value, 0)),
        ("voices found where there is none", "n_extra", False, lambda value: number(value, 0)),
    )
    rows = []
    for title, key, high, show in lines:
        values = [score[key] for score in found.values()]
        rows.append([title, *best_in_bold([show(value) for value in values], values, high=high)])
    three = data["voxlite_three_labels"]
    labels = [
        [label, percent(three["precision"][label]), percent(three["recall"][label])]
        for label in three["precision"]
    ]
    return [
        *blocks,
        f"{data['sound']} against its ground truth, voice against the rest. Silero VAD's segments follow its published "
        "rules and defaults. A border counts where found and true voice overlap and lie "
        f"at most {MAX_BOUNDARY_S:g} s apart.",
        table(["", *map(results.title, found)], rows),
        f"With all three labels {OWN} has {percent(three['right_share'])} of {three['n_steps']} steps right:",
        table(["label", "precision", "recall"], labels),
    ]


def speed(results: Results) -> list[str]:
    """Return latency, throughput, where the time goes, and memory."""
    blocks = ["## Speed and memory", f"`{SPEED}`"]
    data = results.speed
    if data is None:
        return [*blocks, missing(SPEED)]
    for part, made in (
        ("window", _window),
        ("detectors", _detectors),
        ("analysis", _analysis),
        ("memory", _memory),
    ):
        blocks += made(results, data[part]) if part in data else [missing(f"{SPEED} {part}")]
    return blocks


def _window(results: Results, data: Row) -> list[str]:
    models = {OWN: data, **data.get("peers", {})}
    rows = [
        [
            results.title(name),
            number(row["model_bytes"] / 1000, 0),
            *(number(row[key], 2) for key in ("ms_p1", "ms_median", "ms_p95")),
        ]
        for name, row in models.items()
    ]
    return [
        f"A one-second window on one thread, {OWN}'s front end included. Silero VAD takes it in chunks.",
        table(["model file", "kB", "1st percentile, ms", "median, ms", "95th percentile, ms"], rows),
    ]


def _detectors(results: Results, data: Row) -> list[str]:
    rows = []
    for sound in _sounds(data):
        for name, row in data[sound].items():
            ratio = row["s"] / data[sound][OWN]["s"]
            rows.append(
                [
                    sound,
                    results.title(name),
                    number(1000 * row["s"], 0),
                    number(row["x_real_time"], 0),
                    number(ratio, 1),
                ]
            )
    return [
        f"Voice scores of {data['audio_s']} s, one thread, medians of {data['repeats']} turns. The last column is the "
        f"time over that of {OWN}: above 1 is slower. No silence in it: the sample call over a steady noise, in which "
        f"{OWN}'s silence gate skips nothing.",
        table(["sound", "detector", "ms", "x real time", f"time / {OWN}'s"], rows),
    ]


def _sounds(data: Row) -> list[str]:
    return [name for name, value in data.items() if isinstance(value, dict)]


def _analysis(_results: Results, data: Row) -> list[str]:
    sounds = _sounds(data)
    totals = "; ".join(
        f"{sound}: {number(1000 * data[sound]['s'], 0)} ms, {number(data[sound]['x_real_time'], 0)} x real time"
        for sound in sounds
    )
    stages = list(data[sounds[0]]["stages_s"])
    rows = []
    for stage in stages:
        cells = []
        for sound in sounds:
            seconds = data[sound]["stages_s"]
            share = seconds[stage] / sum(seconds.values())
            cells += [number(1000 * seconds[stage], 1), percent(share)]
        rows.append([stage, *cells])
    columns = [column for sound in sounds for column in (f"{sound}, ms", "share")]
    return [
        f"A whole analysis, voice and quality, of {data['audio_s']} s of 16 kHz WAV on one thread: {totals}. Where the "
        "time goes, in one more run with the clock of stages on:",
        table(["stage", *columns], rows),
    ]


def _memory(_results: Results, data: Row) -> list[str]:
    return [
        f"Peak resident memory of a process that analyses {data['hours']:g} hours of 16 kHz WAV on "
        f"{data['threads']} threads, the report included: {number(data['peak_mb'], 0)} MiB, of which "
        f"{number(data['imported_mb'], 0)} MiB are taken once the package is imported."
    ]


def front_end(results: Results) -> list[str]:
    """Return the MFCC's speed beside other libraries', the arithmetic limit and the goals."""
    config = FrontEndConfig()
    blocks = [
        "## Front end",
        f"`{FRONTEND}`: MFCC ({config.window_samples} / {config.hop_samples} / {config.fft_size}, {config.mel_bands} "
        f"bands, {config.coefficients} coefficients) of white noise, one thread, beside libraries set up for the same "
        "work; `benchmarks/mfcc_peers.py` says what differs.",
    ]
    if results.frontend is None:
        blocks.append(missing(FRONTEND))
    else:
        for found in results.frontend["results"]:
            blocks += [f"{found['audio_s']} s of sound:", _implementations(results, found["rows"])]
        blocks += [_limit(results.frontend), *_goals(results.frontend["goals"])]
    return [*blocks, "How closely they agree is tested: `pytest tests/frontend`."]


def _implementations(results: Results, rows: dict[str, Row]) -> str:
    owns = list(next(iter(rows.values()))["over"])
    lines = [
        [
            f"{name} {results.version(name)}".strip(),
            number(row["ms"], 1),
            number(row["x_real_time"], 0),
            *(number(row["over"][own], 1) for own in owns),
            number(row["times_limit"], 1),
        ]
        for name, row in rows.items()
    ]
    ratios = [f"time / {own.removeprefix(f'{OWN}, ')}" for own in owns]
    return table(["", "ms", "x real time", *ratios, "time / limit"], lines)


def _limit(data: Row) -> str:
    kernel = (
        f"The compiled kernel ran with {data['isa']}. " if data["isa"] else "There was no compiled kernel. "
    )
    return (
        f"{kernel}A ratio is the median over the turns; above 1 the row is slower. The limit is the time that "
        f"{data['mflop_per_s']:g} MFLOP per second of sound take at {number(data['peak_gflops'], 0)} GFLOP/s, this "
        "machine's float32 matrix product in the same run."
    )


def _goals(goals: list[Row]) -> list[str]:
    rows = []
    for goal in goals:
        ratio = f"{goal['peer']} / {goal['own']}"
        rows.append([ratio, f"{goal['least']:g}", number(goal["found"], 1), "yes" if goal["met"] else "no"])
    return [table(["goal", "at least", "found", "met"], rows)] if rows else []


def model_files(results: Results) -> list[str]:
    """Return the shipped model, and how far each stored form is from the trained net."""
    blocks = ["## Model files", "`voxlite models`"]
    about = (results.evaluation or {}).get("about", {}).get(MODEL)
    if about is None:
        blocks.append(missing(EVALUATE))
    else:
        blocks.append(
            f"Shipped: {about['task']}-{about['name']}, version {about['version']}, {about['weights']}, "
            f"{number(about['size_bytes'] / 1000, 0)} kB, {about['licence']}."
        )
    if results.parity is None:
        return [*blocks, missing(EXPORT)]
    rows = [
        [row["variant"], number(row["size_bytes"] / 1000, 0), f"{row['largest']:.2g}", f"{row['mean']:.2g}"]
        for row in results.parity
    ]
    return [
        *blocks,
        f"`{EXPORT}` compares every form with the trained net, on real clips that quantisation did not see; the "
        "figures are differences of logits, the front end inside the file included.",
        table(["weights", "kB", "largest difference", "mean difference"], rows),
    ]
