"""Other voice activity detectors, driven from NumPy arrays at 16 kHz."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.errors import VoxliteError
from voxlite.values import FloatArray

CHUNK = 512
CONTEXT = 64
RATE_HZ = 16_000


class Silero:
    """Silero VAD from the ONNX files of its package: a probability per 512 samples.

    Parameters
    ----------
    sequence
        Use the package's file that takes many chunks per call, its fastest; otherwise one chunk per call, the
        file that its documentation starts with.
    chunks
        Chunks per call of the sequence file.
    """

    def __init__(self, sequence: bool = False, chunks: int = 512) -> None:
        self._sequence, self._chunks = sequence, chunks
        path = _silero_file("silero_vad_16k_sequence.onnx" if sequence else "silero_vad.onnx")
        self.size_bytes = path.stat().st_size
        self._session = _session(path)

    def probabilities(self, samples: FloatArray) -> FloatArray:
        """Return float32[ceil(n / 512)]; the last chunk is padded with zeros."""
        n_chunks = -(-len(samples) // CHUNK)
        padded = np.zeros(CONTEXT + n_chunks * CHUNK, np.float32)
        padded[CONTEXT : CONTEXT + len(samples)] = samples
        frames = np.lib.stride_tricks.sliding_window_view(padded, CHUNK + CONTEXT)[::CHUNK]
        return self._batched(frames) if self._sequence else self._one_by_one(frames)

    def _one_by_one(self, frames: FloatArray) -> FloatArray:
        state, rate = np.zeros((2, 1, 128), np.float32), np.array(RATE_HZ, np.int64)
        out = np.empty(len(frames), np.float32)
        for index, frame in enumerate(frames):
            probability, state = self._session.run(None, {"input": frame[None], "state": state, "sr": rate})
            out[index] = probability[0, 0]
        return out

    def _batched(self, frames: FloatArray) -> FloatArray:
        h, c = np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)
        parts = []
        for at in range(0, len(frames), self._chunks):
            part = np.ascontiguousarray(frames[at : at + self._chunks])
            values, h, c = self._session.run(None, {"input": part, "h": h, "c": c})
            parts.append(values)
        return np.concatenate(parts)


def _silero_file(name: str) -> Path:
    spec = importlib.util.find_spec("silero_vad")  # importing the package would want PyTorch
    if spec is None or not spec.submodule_search_locations or not importlib.util.find_spec("onnxruntime"):
        raise VoxliteError(
            "Silero VAD is missing: pip install onnxruntime, and pip install --no-deps silero-vad"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data" / name


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def silero_segments(
    probabilities: FloatArray,
    n_samples: int,
    *,
    threshold: float = 0.5,
    min_speech_s: float = 0.25,
    min_silence_s: float = 0.1,
    pad_s: float = 0.03,
) -> list[tuple[float, float]]:
    """Return (start_s, end_s) of speech, by the rules and defaults that Silero VAD publishes.

    Speech starts at a chunk at or above `threshold` and ends at the first chunk more than 0.15 below it, if
    `min_silence_s` pass without another start; shorter speech than `min_speech_s` is dropped; both ends grow by
    `pad_s`, or by half the gap where neighbours are closer than twice that.
    """
    found: list[list[int]] = []
    start: int | None = None
    end = 0
    for index, value in enumerate(probabilities):
        at = index * CHUNK
        if value >= threshold:
            end = 0
            start = at if start is None else start
        elif value < threshold - 0.15 and start is not None:
            end = end or at
            if at - end >= min_silence_s * RATE_HZ:
                if end - start > min_speech_s * RATE_HZ:
                    found.append([start, end])
                start, end = None, 0
    if start is not None and n_samples - start > min_speech_s * RATE_HZ:
        found.append([start, n_samples])
    return _padded(found, n_samples, int(pad_s * RATE_HZ))


def _padded(found: list[list[int]], n_samples: int, pad: int) -> list[tuple[float, float]]:
    for index, piece in enumerate(found):
        if index == 0:
            piece[0] = max(0, piece[0] - pad)
        if index + 1 == len(found):
            piece[1] = min(n_samples, piece[1] + pad)
            continue
        following = found[index + 1]
        gap = following[0] - piece[1]
        grow = pad if gap >= 2 * pad else gap // 2
        piece[1] += grow
        following[0] -= grow
    return [(start / RATE_HZ, end / RATE_HZ) for start, end in found]


def silero_scores() -> dict[str, Callable[[FloatArray], float]]:
    """Return Silero's two scores of a window: the largest and the mean of its chunks' probabilities."""
    silero = Silero()
    return {
        "Silero VAD, largest": lambda samples: float(silero.probabilities(samples).max()),
        "Silero VAD, mean": lambda samples: float(silero.probabilities(samples).mean()),
    }


def webrtc_score() -> Callable[[FloatArray], float]:
    """Return WebRTC VAD's score of a window: the share of 20 ms frames called speech, mean of its four modes."""
    try:
        import webrtcvad
    except ImportError:
        raise VoxliteError("WebRTC VAD is missing: pip install webrtcvad-wheels") from None
    frame = RATE_HZ // 50

    def score(samples: FloatArray) -> float:
        data = (np.clip(samples, -1, 1) * 32_767).astype(np.int16)
        data = np.pad(data, (0, -len(data) % frame))
        called = 0
        for mode in range(4):
            detector = webrtcvad.Vad(mode)
            called += sum(
                detector.is_speech(data[at : at + frame].tobytes(), RATE_HZ)
                for at in range(0, len(data), frame)
            )
        return called / (4 * len(data) // frame)

    return score
