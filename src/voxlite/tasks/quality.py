"""Media quality of a recording: figures of its raw sound, shares of what it holds, remarks on what is bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voxlite.quality import DropOut, QualityMeasures, QualityMeter, estimate_snr_db
from voxlite.quality.remarks import remarks_on
from voxlite.values import LABELS, Segment

__all__ = ["DropOut", "QualityMeasures", "QualityMeter", "QualityReport", "assess", "estimate_snr_db"]


@dataclass(frozen=True)
class QualityReport:
    """Everything about the quality of one recording.

    Parameters
    ----------
    measures
        Figures of the raw recording.
    shares
        Share of the time that is "voice", "silence" and "noise", 0..1 each; all 0 without segments.
    longest_silence_s
        Longest unbroken silence, seconds.
    snr_db
        Estimated signal-to-noise ratio of the voice, dB, -20..100 (100: the background is digital silence);
        None when there is no voice, or nothing but voice.
    remarks
        Plain words, one per thing that is bad, the worst first.
    """

    measures: QualityMeasures
    shares: Mapping[str, float]
    longest_silence_s: float
    snr_db: float | None
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a report: no NaN, no infinity, None where there is no figure."""
        return {
            **self.measures.to_dict(),
            "shares": {label: round(share, 4) for label, share in self.shares.items()},
            "longest_silence_s": round(self.longest_silence_s, 4),
            "snr_db": None if self.snr_db is None else round(self.snr_db, 1),
            "remarks": list(self.remarks),
        }


def assess(
    measures: QualityMeasures,
    segments: Sequence[Segment],
    snr_db: float | None,
    damage: str | None = None,
) -> QualityReport:
    """Put the figures together and say in words what is bad.

    Parameters
    ----------
    measures
        What `QualityMeter.result` gave.
    segments
        The recording's segments in order of time; may be empty.
    snr_db
        What `estimate_snr_db` gave.
    damage
        What went wrong while the file was decoded, in words.

    Examples
    --------
    >>> meter = QualityMeter(8_000, 1)
    >>> assess(meter.result(), [], None).remarks
    ('Digital silence: every sample is zero; check that the right input was recorded.',)
    """
    total_s = sum(segment.duration_s for segment in segments)
    shares = {
        str(label): sum(s.duration_s for s in segments if s.label == label) / total_s
        if total_s > 0.0
        else 0.0
        for label in LABELS
    }
    longest_s = _longest_silence_s(segments)
    return QualityReport(
        measures, shares, longest_s, snr_db, remarks_on(measures, shares, longest_s, snr_db, damage)
    )


def _longest_silence_s(segments: Sequence[Segment]) -> float:
    """Return the longest run of silence; segments that touch are one."""
    longest_s, begin_s, end_s = 0.0, 0.0, -1.0
    for segment in segments:
        if segment.label != "silence":
            continue
        if segment.start_s > end_s:
            begin_s = segment.start_s
        end_s = segment.end_s
        longest_s = max(longest_s, end_s - begin_s)
    return longest_s
