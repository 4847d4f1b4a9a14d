"""From a report to what its page says: plain words and numbers that templates only have to place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voxlite.report.page.words import CAVEATS, FIGURES, NOTES, TASKS, licence_words
from voxlite.report.palette import SPEAKER_COLOURS, channel_text, clock, grouped, printable, recording_name
from voxlite.report.quality_text import FIGURES as QUALITY_FIGURES
from voxlite.report.quality_text import quality_lines
from voxlite.report.report import Report
from voxlite.report.tables import segment_rows
from voxlite.values import LABELS, Decision, Detection, Trait

MOST_ROWS = 2_000
"""Rows of the table of segments; the rest is summed up in a note."""
MOST_EVENTS = 200
"""Rows of a detector's table, likewise."""
LONGEST_NAME = 200


def words_of(report: Report) -> dict[str, Any]:
    """Return everything that a report's page says in words and numbers."""
    return {
        "name": recording_name(report.source, LONGEST_NAME),
        "facts": [clock(report.duration_s), f"{grouped(report.rate_hz)} Hz", channel_text(report.channels)],
        "duration_s": report.duration_s,
        "verdict": _verdict(report),
        "shares": _shares(report),
        "remarks": None if report.quality is None else list(report.quality.remarks),
        "figures": _figures(report),
        "decisions": _decisions(report),
        "speakers": _speakers(report),
        "traits": [_trait(trait) for trait in report.traits],
        "detections": [_detection(detection) for detection in report.detections],
        "table": _table(report),
        "models": [_model(model) for model in report.models],
    }


def speaker_class(place: int) -> str:
    """Return the name of the style of the speaker at a place in order of appearance."""
    return f"s{place % len(SPEAKER_COLOURS)}"


def _verdict(report: Report) -> dict[str, Any] | None:
    if report.voice is None:
        return None
    found = report.voice.label == "voice"
    voiced = [s for s in report.segments if s.label == "voice"]
    spoken_s = sum(segment.duration_s for segment in voiced)
    if found and voiced:
        share = f"{100 * report.shares()['voice']:.0f} %"
        stretches = "1 stretch" if len(voiced) == 1 else f"{len(voiced)} stretches"
        detail = f"{clock(spoken_s)} of {clock(report.duration_s)} ({share}), in {stretches}"
    else:
        detail = f"in {clock(report.duration_s)} of sound"
    return {"found": found, "words": "There is a voice" if found else "No voice was found", "detail": detail}


def _shares(report: Report) -> list[dict[str, Any]]:
    """Return a part of the bar for each label, in percent of the recording."""
    parts, start = [], 0.0
    for label, share in (report.shares() if report.segments else {}).items():
        parts.append(
            {
                "label": label,
                "start": f"{100 * start:.3f}%",
                "width": f"{100 * share:.3f}%",
                "percent": f"{100 * share:.1f} %",
                "time": clock(share * report.duration_s),
            }
        )
        start += share
    return parts


def _figures(report: Report) -> list[dict[str, str]]:
    """Return quality's figures: name, value with unit, meaning."""
    if report.quality is None:
        return []
    keys = {name: key for key, name, _ in QUALITY_FIGURES}
    return [
        {"name": name, "value": value, "meaning": FIGURES[keys[name]]}
        for name, value in quality_lines(report.quality.to_dict())
    ]


def _decisions(report: Report) -> list[dict[str, Any]]:
    found = [] if report.voice is None else [("voice", report.voice)]
    found += [(trait.task, trait.decision) for trait in report.traits]
    return [_decision(task, decision) for task, decision in found]


def _decision(task: str, decision: Decision) -> dict[str, Any]:
    heard_s = decision.evidence_s
    return {
        "task": task,
        "question": TASKS.get(task, task),
        "label": decision.label,
        "score": f"{decision.score:.2f}",
        "threshold": f"{decision.threshold:.2f}",
        "score_place": f"{100 * decision.score:.1f}%",
        "threshold_place": f"{100 * min(max(decision.threshold, 0), 1):.1f}%",
        "evidence": f"{heard_s:.1f} s" if heard_s < 60 else clock(heard_s, 0),
        "evidence_of": "sound" if task == "voice" else "speech",
        "reasons": [printable(reason) for reason in decision.reasons],
    }


def _speakers(report: Report) -> list[dict[str, Any]] | None:
    """Return each speaker's name, time, share of all speech and number of turns; None where nobody asked."""
    if report.speakers is None:
        return None
    times_s = report.speaker_times_s()
    total_s = sum(times_s.values())
    return [
        {
            "name": printable(name),
            "style": speaker_class(place),
            "time": clock(spent_s),
            "share": f"{100 * spent_s / total_s:.0f} %",
            "n_turns": sum(turn.speaker == name for turn in report.speakers),
        }
        for place, (name, spent_s) in enumerate(times_s.items())
    ]


def _trait(trait: Trait) -> dict[str, Any]:
    ranked = sorted(trait.scores.items(), key=lambda item: -item[1])
    return {
        "task": trait.task,
        "label": trait.decision.label,
        "scores": [(label, f"{score:.2f}", f"{100 * score:.1f}%") for label, score in ranked],
        "figures": [(name, f"{value:.2f}", f"{100 * value:.1f}%") for name, value in trait.figures.items()],
        "caveat": CAVEATS.get(trait.task, ""),
        "note": NOTES.get(trait.task, ""),
    }


def _detection(detection: Detection) -> dict[str, Any]:
    """Return a detector's sound: how often it is heard, and the first `MOST_EVENTS` times."""
    events = detection.events
    return {
        "label": printable(detection.label),
        "count": {0: "not heard", 1: "heard once"}.get(len(events), f"heard {len(events)} times"),
        "score": f"{detection.score:.2f}",
        "threshold": f"{detection.threshold:.2f}",
        "score_place": f"{100 * detection.score:.1f}%",
        "threshold_place": f"{100 * min(max(detection.threshold, 0), 1):.1f}%",
        "rows": [
            {
                "start_s": f"{event.start_s:.4f}",
                "start": clock(event.start_s),
                "end": clock(event.end_s),
                "length": f"{event.duration_s:.2f} s",
                "score": f"{event.score:.2f}",
            }
            for event in events[:MOST_EVENTS]
        ],
        "n_left": max(0, len(events) - MOST_EVENTS),
    }


def _table(report: Report) -> dict[str, Any]:
    """Return the rows of the table of segments or turns, the first `MOST_ROWS` of them, and its columns' names."""
    extra = [] if report.speakers is None else ["Speaker"]
    extra += [trait.task.capitalize() for trait in report.traits]
    rows = segment_rows(report)
    return {
        "extra": extra,
        "rows": [_row(row) for row in rows[:MOST_ROWS]],
        "n_rows": len(rows),
        "n_left": max(0, len(rows) - MOST_ROWS),
        "counts": {label: sum(s.label == label for s in report.segments) for label in LABELS},
    }


def _row(row: tuple[str, ...]) -> dict[str, Any]:
    _, start, end, duration, label, score, *more = row
    return {
        "start_s": start,
        "start": clock(float(start)),
        "end": clock(float(end)),
        "length": f"{float(duration):.2f} s",
        "label": label,
        "score": f"{float(score):.2f}",
        "more": [printable(word) for word in more],
    }


def _model(model: Mapping[str, str]) -> dict[str, str]:
    return {
        "task": model["task"],
        "name": printable(model["name"]),
        "version": printable(model["version"]),
        "licence": printable(model["licence"]),
        "licence_words": licence_words(model["licence"]),
    }
