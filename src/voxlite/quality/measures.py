"""What is measured on a recording as it is decoded, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DropOut:
    """A gap of digital zeros inside active sound.

    Parameters
    ----------
    start_s
        Seconds from the start of the recording.
    duration_s
        Seconds, 0.005 to 0.5.
    """

    start_s: float
    duration_s: float

    def to_dict(self) -> dict[str, float]:
        """Return the plain data that goes into a report."""
        return {"start_s": round(self.start_s, 4), "duration_s": round(self.duration_s, 4)}


@dataclass(frozen=True)
class QualityMeasures:
    """Figures of the raw recording, before mix-down, resampling and band-limiting.

    Parameters
    ----------
    duration_s
        Seconds.
    rate_hz
        Samples per second of the recording.
    channels
        Number of channels.
    rms_dbfs
        Root mean square over all channels, dB re full scale (a full-scale sine has -3.01); None for digital
        silence.
    peak_dbfs
        Highest absolute sample, dB re full scale; above 0 for floating-point files that exceed it; None for
        digital silence.
    loudness_lufs
        Integrated loudness by ITU-R BS.1770-4; None below 400 ms, or when nothing is louder than -70 LUFS.
    clipped_share
        Share of all samples that lie in flat tops, 0..1.
    dc_offset
        Mean of the channel whose mean is farthest from zero, as a fraction of full scale.
    bandwidth_hz
        Highest frequency with sound, Hz; None for digital silence or under 10 ms.
    n_drop_outs
        Number of drop-outs; gaps at one time in several channels are one.
    drop_outs
        The first twenty of them.
    dead_channels
        Numbers, from 1, of channels that are digital silence while another is not.
    """

    duration_s: float
    rate_hz: int
    channels: int
    rms_dbfs: float | None
    peak_dbfs: float | None
    loudness_lufs: float | None
    clipped_share: float
    dc_offset: float
    bandwidth_hz: float | None
    n_drop_outs: int
    drop_outs: tuple[DropOut, ...]
    dead_channels: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a report: no NaN, no infinity, None where there is no figure."""
        return {
            "duration_s": round(self.duration_s, 4),
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "rms_dbfs": _rounded(self.rms_dbfs, 2),
            "peak_dbfs": _rounded(self.peak_dbfs, 2),
            "loudness_lufs": _rounded(self.loudness_lufs, 2),
            "clipped_share": round(self.clipped_share, 6),
            "dc_offset_share": round(self.dc_offset, 5) + 0.0,  # no minus zero
            "bandwidth_hz": _rounded(self.bandwidth_hz, 0),
            "n_drop_outs": self.n_drop_outs,
            "drop_outs": [gap.to_dict() for gap in self.drop_outs],
            "dead_channels": list(self.dead_channels),
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
