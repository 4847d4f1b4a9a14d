"""A corpus decoded once into one memory-mapped file of 16-bit samples, so that training never waits for a codec."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from voxlite.audio.audio import Audio
from voxlite.training.corpus import Clip
from voxlite.values import FloatArray

_FULL_SCALE = 32_768.0


class SampleStore:
    """Random access to the samples of many clips at one rate.

    Parameters
    ----------
    folder
        Holds `samples.i16` and `index.json`, written by `build`.
    """

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.rate_hz: int = index["rate_hz"]
        self._where: dict[str, tuple[int, int]] = {name: (at, n) for name, at, n in index["clips"]}
        self._samples = np.memmap(folder / "samples.i16", dtype=np.int16, mode="r")

    def __contains__(self, clip: Clip) -> bool:
        return clip.name in self._where

    def length(self, clip: Clip) -> int:
        """Return the clip's number of samples."""
        return self._where[clip.name][1]

    def samples(self, clip: Clip, start: int = 0, n: int | None = None) -> FloatArray:
        """Return samples of a clip, float32[n] in -1..1, cut at its end."""
        at, length = self._where[clip.name]
        stop = length if n is None else min(length, start + n)
        return np.asarray(self._samples[at + start : at + stop].astype(np.float32) / np.float32(_FULL_SCALE))


def build_store(
    clips: Sequence[Clip], folder: Path, *, rate_hz: int = 16_000, tick: Callable[[], None] = lambda: None
) -> SampleStore:
    """Decode clips into `folder`, or reuse what an earlier call decoded for the same clips.

    Parameters
    ----------
    clips
        What the store must hold.
    folder
        Created when missing; about 115 MB per hour of sound.
    rate_hz
        Rate that every clip is converted to.
    tick
        Called after each clip, for a progress bar.
    """
    index_path = folder / "index.json"
    if index_path.is_file():
        store = SampleStore(folder)
        if store.rate_hz == rate_hz and all(clip in store for clip in clips):
            return store
    folder.mkdir(parents=True, exist_ok=True)
    index: list[tuple[str, int, int]] = []
    at = 0

    def decode(clip: Clip) -> bytes:
        samples = Audio.read(clip.path, rate_hz=rate_hz).samples
        return bytes(np.clip(samples * _FULL_SCALE, -32_768, 32_767).astype(np.int16).tobytes())

    partial = folder / "samples.i16.part"
    with partial.open("wb") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
        for clip, data in zip(clips, pool.map(decode, clips), strict=True):
            file.write(data)
            index.append((clip.name, at, len(data) // 2))
            at += len(data) // 2
            tick()
    partial.replace(folder / "samples.i16")
    index_path.write_text(json.dumps({"rate_hz": rate_hz, "clips": index}), encoding="utf-8")
    return SampleStore(folder)
