"""How right found segments are: against the truth of a recording, by steps of time and by boundaries.

Steps: the label at the centre of every step is compared; what the truth leaves out is not scored, what was not found
counts as wrong. Boundaries: a true voice segment is matched if any found voice segment overlaps it; its onset is then
compared with the nearest onset among those overlapping it, if one lies within `MAX_BOUNDARY_S`, and its offset alike.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from voxlite.errors import VoxliteError
from voxlite.values import LABELS, Label, Segment

MAX_BOUNDARY_S = 0.5
NOT_FOUND = "none"
_COLUMNS = ("start_s", "end_s", "label")
_SLACK_S = 1e-6


@dataclass(frozen=True)
class SegmentScore:
    """How found segments compare with the truth.

    Parameters
    ----------
    n_steps
        Steps compared.
    right_share
        Share of them with the true label, 0..1.
    precision, recall
        Per label, 0..1; None where the label was never found, or never true.
    confusion
        `confusion[true][found]` counts steps; found may be "none" where no segment lies.
    onset_error_ms, offset_error_ms, n_onsets, n_offsets
        Mean absolute error of the compared boundaries, None if there were none, and their number.
    n_matched, n_missed
        True voice segments overlapped by found voice, and those that are not.
    n_extra
        Found voice segments that overlap no true voice.
    """

    n_steps: int
    right_share: float
    precision: dict[Label, float | None]
    recall: dict[Label, float | None]
    confusion: dict[Label, dict[str, int]]
    onset_error_ms: float | None
    offset_error_ms: float | None
    n_onsets: int
    n_offsets: int
    n_matched: int
    n_missed: int
    n_extra: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; shares are rounded to four digits, errors to a tenth of a millisecond."""
        return asdict(self) | {
            "right_share": round(self.right_share, 4),
            "precision": {label: _rounded(value, 4) for label, value in self.precision.items()},
            "recall": {label: _rounded(value, 4) for label, value in self.recall.items()},
            "onset_error_ms": _rounded(self.onset_error_ms, 1),
            "offset_error_ms": _rounded(self.offset_error_ms, 1),
        }


def score_segments(truth: Sequence[Segment], found: Sequence[Segment], step_s: float = 0.1) -> SegmentScore:
    """Compare found segments with the true ones.

    Parameters
    ----------
    truth, found
        Ascending segments that do not overlap; the truth may leave out what should not be scored.
    step_s
        Length of a step in seconds, above 0. The last step may reach past the end of the truth.

    Raises
    ------
    VoxliteError
        If there is no truth, segments overlap or run backwards, the step is not above 0, or no step's centre lies
        within the truth.

    Examples
    --------
    >>> truth = [Segment(0.0, 1.0, "silence", 1.0), Segment(1.0, 2.0, "voice", 1.0)]
    >>> found = [Segment(0.0, 1.1, "silence", 1.0), Segment(1.1, 2.0, "voice", 1.0)]
    >>> score = score_segments(truth, found)
    >>> score.right_share, round(score.onset_error_ms)
    (0.95, 100)
    """
    _check(truth, found, step_s)
    confusion = _confusion(truth, found, step_s)
    n_steps = sum(sum(row.values()) for row in confusion.values())
    if n_steps == 0:
        raise VoxliteError(f"no step of {step_s} s has its centre within the truth: give a shorter step_s")
    column_sums = {label: sum(row[label] for row in confusion.values()) for label in LABELS}
    true_voice = [segment for segment in truth if segment.label == "voice"]
    found_voice = [segment for segment in found if segment.label == "voice"]
    onsets = _boundary_errors(true_voice, found_voice, lambda segment: segment.start_s)
    offsets = _boundary_errors(true_voice, found_voice, lambda segment: segment.end_s)
    n_matched = sum(bool(_overlapping(segment, found_voice)) for segment in true_voice)
    return SegmentScore(
        n_steps=n_steps,
        right_share=sum(confusion[label][label] for label in LABELS) / n_steps,
        precision={label: _share(confusion[label][label], column_sums[label]) for label in LABELS},
        recall={label: _share(confusion[label][label], sum(confusion[label].values())) for label in LABELS},
        confusion=confusion,
        onset_error_ms=_mean_ms(onsets),
        offset_error_ms=_mean_ms(offsets),
        n_onsets=len(onsets),
        n_offsets=len(offsets),
        n_matched=n_matched,
        n_missed=len(true_voice) - n_matched,
        n_extra=sum(not _overlapping(segment, true_voice) for segment in found_voice),
    )


def read_truth(path: str | PathLike[str]) -> list[Segment]:
    """Read the true segments of a recording.

    Parameters
    ----------
    path
        A CSV file, UTF-8, with a header that names start_s, end_s and label; further columns are ignored.

    Returns
    -------
    list[Segment]
        Ascending, each with score 1.

    Raises
    ------
    VoxliteError
        If the file cannot be read, lacks a column or rows, or a row is bad: the message names its line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VoxliteError(f"{path}: the truth could not be read ({error}): give a UTF-8 CSV file") from error
    try:
        return _true_segments(csv.DictReader(io.StringIO(text, newline="")), path)
    except csv.Error as error:
        raise VoxliteError(f"{path}: the truth is no table ({error}): give a UTF-8 CSV file") from error


def _true_segments(reader: csv.DictReader[str], path: str | PathLike[str]) -> list[Segment]:
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise VoxliteError(
            f"{path}: line 1: no column {', '.join(missing)}: the header needs {','.join(_COLUMNS)}"
        )
    segments: list[Segment] = []
    for row in reader:
        segment = _segment(row, f"{path}: line {reader.line_num}")
        if segments and segment.start_s < segments[-1].end_s - _SLACK_S:
            raise VoxliteError(
                f"{path}: line {reader.line_num}: starts at {segment.start_s} s, before the row above ends at "
                f"{segments[-1].end_s} s: rows must ascend and not overlap"
            )
        segments.append(segment)
    if not segments:
        raise VoxliteError(f"{path}: the truth has a header but no rows")
    return segments


def _segment(row: dict[str, str], where: str) -> Segment:
    try:
        start_s, end_s = float(row["start_s"]), float(row["end_s"])
    except (TypeError, ValueError):
        raise VoxliteError(
            f"{where}: start_s {row['start_s']!r} and end_s {row['end_s']!r} must be numbers of seconds"
        ) from None
    if not 0.0 <= start_s < end_s < math.inf:
        raise VoxliteError(
            f"{where}: {start_s} s to {end_s} s is no stretch of time: give 0 <= start_s < end_s"
        )
    label = (row["label"] or "").strip()
    if label not in LABELS:
        raise VoxliteError(f"{where}: label {label!r} is unknown: use {', '.join(LABELS)}")
    return Segment(start_s, end_s, label, 1.0)


def _check(truth: Sequence[Segment], found: Sequence[Segment], step_s: float) -> None:
    if not truth:
        raise VoxliteError("the truth holds no segments: nothing to score against")
    if not (math.isfinite(step_s) and step_s > 0.0):
        raise VoxliteError(f"step_s is {step_s}: give a length in seconds above 0, such as 0.1")
    for name, segments in (("truth", truth), ("found segments", found)):
        last_s = 0.0
        for index, segment in enumerate(segments):
            if not last_s - _SLACK_S <= segment.start_s < segment.end_s:
                raise VoxliteError(
                    f"{name}: segment {index} ({segment.start_s} s to {segment.end_s} s) runs backwards or overlaps "
                    "the one before: sort them and cut overlaps"
                )
            last_s = segment.end_s


def _confusion(
    truth: Sequence[Segment], found: Sequence[Segment], step_s: float
) -> dict[Label, dict[str, int]]:
    confusion: dict[Label, dict[str, int]] = {
        label: dict.fromkeys((*LABELS, NOT_FOUND), 0) for label in LABELS
    }
    in_truth, in_found = 0, 0
    for step in range(math.ceil(truth[-1].end_s / step_s - _SLACK_S)):
        at_s = (step + 0.5) * step_s
        in_truth = _advance(truth, in_truth, at_s)
        in_found = _advance(found, in_found, at_s)
        true = _label_at(truth, in_truth, at_s)
        if true is not None:
            confusion[true][_label_at(found, in_found, at_s) or NOT_FOUND] += 1
    return confusion


def _advance(segments: Sequence[Segment], index: int, at_s: float) -> int:
    while index < len(segments) and segments[index].end_s <= at_s:
        index += 1
    return index


def _label_at(segments: Sequence[Segment], index: int, at_s: float) -> Label | None:
    return segments[index].label if index < len(segments) and segments[index].start_s <= at_s else None


def _overlapping(segment: Segment, others: Sequence[Segment]) -> list[Segment]:
    return [other for other in others if other.start_s < segment.end_s and segment.start_s < other.end_s]


def _boundary_errors(
    truth: Sequence[Segment], found: Sequence[Segment], boundary_s: Callable[[Segment], float]
) -> list[float]:
    errors = []
    for segment in truth:
        near = [abs(boundary_s(other) - boundary_s(segment)) for other in _overlapping(segment, found)]
        if near and min(near) <= MAX_BOUNDARY_S + _SLACK_S:
            errors.append(min(near))
    return errors


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean_ms(errors_s: Sequence[float]) -> float | None:
    return 1000.0 * sum(errors_s) / len(errors_s) if errors_s else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
