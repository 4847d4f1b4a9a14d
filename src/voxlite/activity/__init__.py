"""When something happens: the silence gate and the segmenter, each offline and in a stream with the same rules."""

from voxlite.activity.gate import GateConfig, SilenceGate
from voxlite.activity.segmenter import Segmenter, SegmenterConfig

__all__ = ["GateConfig", "Segmenter", "SegmenterConfig", "SilenceGate"]
