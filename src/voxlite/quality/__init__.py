"""Media quality of a raw recording: level, loudness, clipping, offset, bandwidth, drop-outs, SNR."""

from voxlite.quality.loudness import integrated_loudness_lufs
from voxlite.quality.measures import DropOut, QualityMeasures
from voxlite.quality.meter import QualityMeter
from voxlite.quality.snr import estimate_snr_db

__all__ = ["DropOut", "QualityMeasures", "QualityMeter", "estimate_snr_db", "integrated_loudness_lufs"]
