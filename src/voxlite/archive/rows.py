"""From a report to a row of recordings and columns of segments: plain data that JSON can carry."""

from __future__ import annotations

import os
from typing import Any

from voxlite.report.report import Report
from voxlite.report.tables import segment_rows

_OF_QUALITY = (
    "rms_dbfs",
    "peak_dbfs",
    "loudness_lufs",
    "clipped_share",
    "dc_offset_share",
    "bandwidth_hz",
    "n_drop_outs",
    "dead_channels",
    "longest_silence_s",
    "snr_db",
    "remarks",
)
_CSV_COLUMNS = ("file", "start_s", "end_s", "duration_s", "label", "score")


def recording_row(report: Report) -> dict[str, Any]:
    """Return the columns of recordings that a report fills, rounded as in its JSON."""
    data = report.to_dict()
    row = {name: data[name] for name in ("duration_s", "rate_hz", "channels", "models")}
    if report.voice is not None:
        row |= {f"{label}_share": share for label, share in data["shares"].items()}
        row["voice_s"] = round(sum(s.duration_s for s in report.segments if s.label == "voice"), 4)
        row["n_segments"] = len(report.segments)
        row |= _decision("voice", data["voice"])
    for trait in report.traits:
        found = data[trait.task]
        row |= _decision(trait.task, found["decision"])
        row[f"{trait.task}_scores"] = [{"label": k, "score": v} for k, v in found["scores"].items()]
        if "arousal" in found:
            row["mood_arousal"] = found["arousal"]
    if report.speakers is not None:
        times_s = report.speaker_times_s()
        row["speakers"] = [{"speaker": who, "speech_s": round(s, 4)} for who, s in times_s.items()]
    if report.detections:
        row["detections"] = data["detections"]
    if report.quality is not None:
        row |= {name: data["quality"][name] for name in _OF_QUALITY}
        if report.voice is None:
            row["longest_silence_s"] = None  # without the voice task it is not known, not zero
    return row


def _decision(task: str, told: dict[str, Any]) -> dict[str, Any]:
    return {f"{task}_{what}": value for what, value in told.items()}


def segment_columns(report: Report) -> dict[str, list[Any]]:
    """Return the columns of segments by name: the rows of a report's CSV, times and scores as numbers."""
    rows = segment_rows(report)
    names = [*_CSV_COLUMNS, *(() if report.speakers is None else ("speaker",))]
    names += [trait.task for trait in report.traits]
    columns: dict[str, list[Any]] = {name: [row[k] or None for row in rows] for k, name in enumerate(names)}
    del columns["file"], columns["duration_s"]
    for name in ("start_s", "end_s", "score"):
        columns[name] = [float(text) for text in columns[name]]
    return columns


def named(path: str) -> tuple[str, bytes | None]:
    r"""Return the columns `path` and `path_bytes` of a recording.

    Examples
    --------
    >>> named("a.wav"), named("\udcff.wav")
    (('a.wav', None), ('\\xff.wav', b'\xff.wav'))
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        exact = os.fsencode(path)
        return exact.decode("utf-8", "backslashreplace"), exact
    return path, None


def path_of(text: str, exact: bytes | None) -> str:
    """Return the path that `named` split into columns."""
    return text if exact is None else os.fsdecode(exact)
