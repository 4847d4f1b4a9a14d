"""`Recording`: an opened sound source that hands out raw blocks, whatever library decodes it.

A header is a claim by a stranger: it may say 800 MHz, 117 channels or 10^12 frames. Rate and channels are
checked against limits, the frame count is never used to allocate; what counts is what the decoder delivers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType

import numpy as np

from voxlite.audio.audio import MAX_RATE_HZ, MIN_RATE_HZ
from voxlite.errors import AudioError
from voxlite.values import FloatArray

MAX_CHANNELS = 32
MAX_BLOCK_VALUES = 1 << 20  # 4 MiB of float32, whatever the rate and the number of channels
MAX_LEVEL = 1e10  # above any integer written as float; beyond it powers overflow float32


def within_level(samples: FloatArray) -> bool:
    """Tell whether all samples (at least one) are finite and within +-`MAX_LEVEL`."""
    # min and max carry NaN along, and two passes of them cost less than one isfinite mask.
    return bool(samples.min() >= -MAX_LEVEL and samples.max() <= MAX_LEVEL)


class Recording(ABC):
    """One opened sound source; a context manager.

    Parameters
    ----------
    name
        What errors call it: the path, or "standard input".
    rate_hz
        Samples per second and channel, 4 000..192 000.
    channels
        1..32.
    format, subtype
        Container and coding as the decoder names them, e.g. "WAV" and "PCM_16".
    frames_claimed
        Frames according to the header; informative only, it may lie. 0 where the header does not say.

    Attributes
    ----------
    frames_read : int
        Frames handed out so far.
    damage : str or None
        In plain words, what went wrong after the first samples, e.g. a file that was cut short; what could be
        decoded has been handed out. Final once `blocks` has ended.

    Raises
    ------
    AudioError
        If the rate or the number of channels is out of range.
    """

    def __init__(
        self, name: str, rate_hz: int, channels: int, format: str, subtype: str, frames_claimed: int
    ) -> None:
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise AudioError(
                f"{name}: sampling rate {rate_hz} Hz is outside {MIN_RATE_HZ}..{MAX_RATE_HZ} Hz: "
                "resample it, or the header is damaged"
            )
        if not 1 <= channels <= MAX_CHANNELS:
            raise AudioError(
                f"{name}: {channels} channels, at most {MAX_CHANNELS} are read: "
                "export fewer, or the header is damaged"
            )
        self.path = name
        self.rate_hz = rate_hz
        self.channels = channels
        self.format = format
        self.subtype = subtype
        self.frames_claimed = frames_claimed
        self.frames_read = 0
        self.damage: str | None = None
        self._started = False

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Release the file; calling it twice is harmless."""

    @abstractmethod
    def _decode(self, block_frames: int) -> Iterator[FloatArray]:
        """Yield float32[n, channels], 1 <= n <= block_frames, until the end.

        Once something has been decoded, trouble ends the blocks and goes into `damage`.
        """

    def blocks(self, block_frames: int = 65_536) -> Iterator[FloatArray]:
        """Decode from the start to the end, once.

        Parameters
        ----------
        block_frames
            Frames in a block, at least 1; fewer with many channels, so that a block never exceeds 4 MiB.

        Yields
        ------
        float32[n, channels]
            Full scale -1..1, a fresh array each; n at most `block_frames`, often less at the end.

        Raises
        ------
        AudioError
            If there is not one sample, samples are NaN, infinite or absurdly large (with the second where),
            or `blocks` was called before.
        """
        if self._started:
            raise AudioError(f"{self.path}: its blocks were read already: open the recording again")
        self._started = True
        for block in self._decode(max(1, min(block_frames, MAX_BLOCK_VALUES // self.channels))):
            self._check_levels(block)
            self.frames_read += len(block)
            yield block
        if self.frames_read == 0:
            raise AudioError(f"{self.path}: no samples in it, only a header: record or export it again")
        if self.damage is None and self.frames_read < self.frames_claimed - self.rate_hz // 10:
            # A tenth of a second of grace: lossy codecs count their padding differently.
            self.damage = "the file ends before the length that its header claims"

    def _check_levels(self, block: FloatArray) -> None:
        if within_level(block):
            return
        with np.errstate(invalid="ignore"):
            bad = ~(np.abs(block) <= MAX_LEVEL).all(axis=1)
        at_s = (self.frames_read + int(np.flatnonzero(bad)[0])) / self.rate_hz
        raise AudioError(
            f"{self.path}: NaN, infinite or absurdly large samples at {at_s:.3f} s: "
            "the recording is damaged, export it again"
        )
