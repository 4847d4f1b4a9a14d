"""`FeatureStream`: log-mel frames from sound that arrives in chunks of any size.

The stream keeps the samples that a later frame still needs and nothing else, so memory does not grow. Each frame goes
through the very code that serves whole recordings, one tile of rows at a time: the values equal
`voxlite.frontend.features.log_mel_features` bit for bit, however the sound was cut.
"""

from __future__ import annotations

import numpy as np

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import frame_geometry, log_mel
from voxlite.values import FloatArray

_DEFAULT = FrontEndConfig()


class FeatureStream:
    """Log-mel energies of a stream of samples at `config.rate_hz`.

    Parameters
    ----------
    config
        The front end.

    Examples
    --------
    >>> stream = FeatureStream()
    >>> [len(stream.push(np.zeros(480, np.float32))) for _ in range(3)]
    [1, 3, 3]
    """

    def __init__(self, config: FrontEndConfig = _DEFAULT) -> None:
        self.config = config
        self._geometry = frame_geometry(config)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard so far."""
        self._kept: FloatArray = np.zeros(0, np.float32)
        self._skip = 0  # samples between two frames that no frame needs (a hop longer than the window)
        self._frames = 0

    @property
    def n_frames(self) -> int:
        """Frames given since the start or the last reset."""
        return self._frames

    def push(self, samples: FloatArray) -> FloatArray:
        """Return the frames that are complete now.

        Parameters
        ----------
        samples
            float32[n], the next samples, -1..1; n may be 0.

        Returns
        -------
        FloatArray
            float32[frames, mel_bands], natural logarithms; possibly no frame.

        Raises
        ------
        FeatureError
            If the samples are not one-dimensional.
        """
        samples = np.asarray(samples, np.float32)
        if samples.ndim != 1:
            raise FeatureError(f"FeatureStream.push wants float32[n], got shape {samples.shape}")
        skipped = min(self._skip, len(samples))
        self._skip -= skipped
        kept = np.concatenate([self._kept, samples[skipped:]])
        count = self._geometry.count(len(kept))
        features = log_mel(kept, self.config)
        used = self._geometry.start(count)
        self._skip += max(0, used - len(kept))
        self._kept = kept[used:].copy()
        self._frames += count
        return features

    def flush(self) -> FloatArray:
        """Return what is left and make the stream ready for the next recording.

        A recording of at least one frame has nothing left: its last, incomplete frame is left out. A shorter one is
        padded with zeros to one frame; no sound at all gives no frame.
        """
        kept, frames = self._kept, self._frames
        self.reset()
        if frames or not len(kept):
            return np.zeros((0, self.config.mel_bands), np.float32)
        return log_mel(np.pad(kept, (0, self._geometry.window - len(kept))), self.config)
