"""The one source of truth for every feature: what `FrontEndConfig` says is what trainer, graph and client compute.

A model file carries its configuration; a client whose constants would differ refuses the model instead of
shifting the features silently.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from voxlite.errors import FeatureError

Kind = Literal["mfcc", "logmel"]
Recipe = Literal["plain", "kaldi"]


@dataclass(frozen=True)
class FrontEndConfig:
    """How a waveform becomes features.

    Parameters
    ----------
    rate_hz
        Sampling rate that the features are defined for, 4 000..32 000.
    window_s, hop_s
        Length of a frame and distance between frames, seconds.
    fft_size
        Points of the DFT, a power of two, at least the window's samples.
    mel_bands
        Triangular filters between `low_hz` and `high_hz`.
    low_hz, high_hz
        Edges of the lowest and the highest mel filter; `high_hz` at most the Nyquist frequency.
    log_floor
        Keeps the natural logarithm of digital silence finite: "plain" adds it to each mel power, "kaldi" puts no
        power below it.
    coefficients
        Cepstral coefficients kept by the DCT-II, at most `mel_bands`.
    kind
        What an image shows: "mfcc" or "logmel".
    delta_width
        Frames in the regression that makes deltas, odd, at least 3.
    image_height, image_width
        Size of `mfcc_image`, pixels.
    recipe
        "plain", or "kaldi" for nets that were trained on Kaldi's filter banks: 16-bit amplitudes, each frame
        without its mean, pre-emphasis, Povey's window, filters that are triangles over mel instead of hertz.
    """

    rate_hz: int = 16_000
    window_s: float = 0.025
    hop_s: float = 0.010
    fft_size: int = 512
    mel_bands: int = 64
    low_hz: float = 60.0
    high_hz: float = 7_600.0
    log_floor: float = 1e-8
    coefficients: int = 40
    kind: Kind = "mfcc"
    delta_width: int = 9
    image_height: int = 299
    image_width: int = 299
    recipe: Recipe = "plain"

    def __post_init__(self) -> None:
        def require(good: bool, what: str) -> None:
            if not good:
                raise FeatureError(f"FrontEndConfig: {what}")

        require(4_000 <= self.rate_hz <= 32_000, f"rate_hz {self.rate_hz} is outside 4000..32000")
        require(self.hop_s > 0 and self.hop_samples >= 1, f"hop_s {self.hop_s} is shorter than one sample")
        require(self.window_samples >= 2, f"window_s {self.window_s} is shorter than two samples")
        require(
            self.fft_size & (self.fft_size - 1) == 0 and self.fft_size >= self.window_samples,
            f"fft_size {self.fft_size} must be a power of two and at least the window's "
            f"{self.window_samples} samples",
        )
        require(self.mel_bands >= 1, f"mel_bands {self.mel_bands} must be at least 1")
        require(
            0 <= self.low_hz < self.high_hz <= self.rate_hz / 2,
            f"band {self.low_hz}..{self.high_hz} Hz must ascend and end at or below {self.rate_hz / 2} Hz",
        )
        require(self.log_floor > 0, f"log_floor {self.log_floor} must be above 0")
        require(
            1 <= self.coefficients <= self.mel_bands,
            f"coefficients {self.coefficients} must be 1..mel_bands ({self.mel_bands})",
        )
        require(self.kind in ("mfcc", "logmel"), f"kind {self.kind!r} must be 'mfcc' or 'logmel'")
        require(self.recipe in ("plain", "kaldi"), f"recipe {self.recipe!r} must be 'plain' or 'kaldi'")
        require(
            self.delta_width >= 3 and self.delta_width % 2 == 1,
            f"delta_width {self.delta_width} must be odd and at least 3",
        )
        require(self.image_height >= 8 and self.image_width >= 8, "an image needs at least 8 x 8 pixels")

    @property
    def window_samples(self) -> int:
        """Samples in one frame."""
        return round(self.window_s * self.rate_hz)

    @property
    def hop_samples(self) -> int:
        """Samples between the starts of two frames."""
        return round(self.hop_s * self.rate_hz)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for a model file's metadata; a plain recipe is left out, as before there was another."""
        data = asdict(self)
        if self.recipe == "plain":
            del data["recipe"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FrontEndConfig:
        """Rebuild a configuration; unknown or missing keys are errors, so that no shift stays silent.

        Raises
        ------
        FeatureError
            If the keys differ from this version's.
        """
        names = {item.name for item in fields(cls)}
        odd = ", ".join(sorted(names.symmetric_difference({*data, "recipe"})))
        if odd:
            raise FeatureError(f"front-end configuration does not fit this version of voxlite (keys: {odd})")
        return cls(**data)
