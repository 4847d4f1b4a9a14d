"""Segments of the sample call against its truth, beside Silero VAD's: `python -m benchmarks.segments`.

Mean error of onsets and offsets of voice, and the share of 100 ms steps with the right label: voice against the rest
for both, and voice, silence and noise for voxlite. Silero's segments follow its published rules and defaults.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.common import RATE_HZ, publish
from benchmarks.peers import Silero, silero_segments
from benchmarks.sounds import CALL
from voxlite.audio import Audio
from voxlite.report.scoring import SegmentScore, read_truth, score_segments
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.tables import Cell, Table, percent
from voxlite.values import Segment


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sound", type=Path, default=CALL)
    parser.add_argument("--truth", type=Path, default=CALL.with_suffix(".truth.csv"))
    parser.add_argument("--model", default="compact", help="a shipped model or a .tflite file")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/segments.json"))
    options = parser.parse_args()
    truth = read_truth(options.truth)
    audio = Audio.read(options.sound, rate_hz=RATE_HZ)
    own = VoiceDetector(model=options.model, threads=1).segments(audio)
    spans = silero_segments(Silero().probabilities(audio.samples), len(audio.samples))
    scores = {
        "voxlite": score_segments(voice_or_not(truth), voice_or_not(own)),
        "Silero VAD": score_segments(voice_or_not(truth), filled(spans, audio.duration_s)),
    }
    three = score_segments(truth, own)
    result: dict[str, Any] = {
        "benchmark": "segments",
        "sound": options.sound.name,
        "voice_or_not": {name: score.to_dict() for name, score in scores.items()},
        "voxlite_three_labels": three.to_dict(),
    }
    publish(result, options.out, tables(scores, three, options.sound.name))


def voice_or_not(segments: Sequence[Segment]) -> list[Segment]:
    """Return segments in which silence counts as noise, so that a detector of voice alone can be compared."""
    return [segment if segment.label == "voice" else replace(segment, label="noise") for segment in segments]


def filled(spans: Sequence[tuple[float, float]], duration_s: float) -> list[Segment]:
    """Return spans of voice, and noise between them, as segments."""
    segments, at_s = [], 0.0
    for start_s, end_s in [*spans, (duration_s, duration_s)]:
        if start_s > at_s:
            segments.append(Segment(at_s, start_s, "noise", 1.0))
        if end_s > start_s:
            segments.append(Segment(start_s, end_s, "voice", 1.0))
        at_s = end_s
    return segments


def tables(scores: dict[str, SegmentScore], three: SegmentScore, sound: str) -> list[Table]:
    """Return what to print."""
    rows: list[list[Cell]] = [
        [
            name,
            percent(score.right_share),
            _ms(score.onset_error_ms),
            _ms(score.offset_error_ms),
            score.n_missed,
            score.n_extra,
        ]
        for name, score in scores.items()
    ]
    columns = ["detector", "steps right", "onset, ms", "offset, ms", "missed", "extra"]
    labels: list[list[Cell]] = [
        [label, percent(three.precision[label]), percent(three.recall[label])] for label in three.precision
    ]
    title = f"voxlite, three labels: {percent(three.right_share)} of {three.n_steps} steps right"
    return [
        Table.of(f"{sound}: voice or not, steps of 100 ms", columns, rows),
        Table.of(title, ["label", "precision", "recall"], labels),
    ]


def _ms(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f}"


if __name__ == "__main__":
    main()
