"""What surrounds a sound in a training example: other sounds, noise floors, rooms, channels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from voxlite.training import augment, synthetic
from voxlite.training.corpus import SOUND_KINDS, Clip
from voxlite.training.store import SampleStore
from voxlite.values import FloatArray


def excluded(clips: Sequence[Clip]) -> set[str]:
    """Return the names of clips that `exclusions.txt` leaves out of training."""
    text = resources.files("voxlite.training").joinpath("exclusions.txt").read_text(encoding="utf-8")
    patterns = [re.compile(line) for line in text.splitlines() if line and not line.startswith("#")]
    return {
        clip.name
        for clip in clips
        if clip.kind in SOUND_KINDS and any(pattern.search(clip.original) for pattern in patterns)
    }


class ClipSampler:
    """Draws clips so that large sources do not drown small ones: a source's weight is the root of its seconds."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        groups: dict[tuple[str, str], list[Clip]] = defaultdict(list)
        for clip in clips:
            groups[clip.source, clip.kind].append(clip)
        self._groups = [groups[key] for key in sorted(groups)]
        weights = np.array([np.sqrt(sum(clip.duration_s for clip in group)) for group in self._groups])
        self._cumulative = np.cumsum(weights / weights.sum())

    def __call__(self, rng: np.random.Generator) -> Clip:
        """Return one random clip."""
        group = self._groups[min(int(np.searchsorted(self._cumulative, rng.random())), len(self._groups) - 1)]
        return group[rng.integers(len(group))]


class Surroundings:
    """Draws what lies around or beside a sound.

    Parameters
    ----------
    clips
        Training clips of the kinds nonhuman, music, silence, babble and rir; others are passed over.
    store
        Their samples.
    rooms
        A file of impulse responses (`augment.save_rooms`).
    n_samples
        Length of what is drawn.
    synthetic_share, short_share
        Shares of made-up sounds among backgrounds, and of clips cut to a fraction of a second.
    room_share, channel_share
        How often there is a room, and a channel.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        store: SampleStore,
        rooms: Path,
        n_samples: int,
        synthetic_share: float,
        short_share: float,
        room_share: float = 0.35,
        channel_share: float = 0.7,
    ) -> None:
        banned = excluded(clips)
        usable = [clip for clip in clips if clip.name not in banned]
        self._store, self._n, self._rate_hz = store, n_samples, store.rate_hz
        self._synthetic_share, self._short_share = synthetic_share, short_share
        self._room_share, self._channel_share = room_share, channel_share
        self._sounds = ClipSampler([clip for clip in usable if clip.kind in SOUND_KINDS])
        babble = [clip for clip in usable if clip.kind == "babble"]
        self._babble = ClipSampler(babble) if babble else self._sounds
        self._rooms = augment.load_rooms(rooms) + [
            augment.trim_response(store.samples(clip), store.rate_hz) for clip in usable if clip.kind == "rir"
        ]

    def channel(self, rng: np.random.Generator) -> FloatArray | None:
        """Return a channel's magnitudes for `augment.convolve`, or none."""
        return (
            augment.random_response(rng, 513, self._rate_hz) if rng.random() < self._channel_share else None
        )

    def room(self, rng: np.random.Generator) -> FloatArray | None:
        """Return a room's response, or none."""
        return self._rooms[rng.integers(len(self._rooms))] if rng.random() < self._room_share else None

    def fill(
        self, rng: np.random.Generator, sampler: Callable[[np.random.Generator], Clip], again: float
    ) -> FloatArray:
        """Place one or more clips into an empty stretch at random times, levels and speeds."""
        n, store = self._n, self._store
        out = np.zeros(n, np.float32)
        at = 0
        while at < n:
            clip = sampler(rng)
            length = store.length(clip)
            start = int(rng.integers(0, length - n + 1)) if length > n else 0
            part = store.samples(clip, start, int(n * 1.3))
            if len(part) < 80:
                break
            if rng.random() < 0.4:
                part = augment.change_speed(part, float(rng.uniform(0.82, 1.2)))
            if rng.random() < self._short_share:
                part = augment.snippet(rng, part, self._rate_hz)
            if len(part) < n - at:
                at += int(rng.integers(0, n - at - len(part) + 1))
            part = part[: n - at]
            out[at : at + len(part)] += part * np.float32(10 ** (rng.uniform(-6, 6) / 20))
            at += len(part) + int(rng.uniform(0, 0.5) * self._rate_hz)
            if rng.random() > again:
                break
        return out

    def floor(self, rng: np.random.Generator, level: float, low_db: float, high_db: float) -> FloatArray:
        """Return steady noise that far below `level`, or nothing."""
        if rng.random() < 0.4:
            return np.zeros(self._n, np.float32)
        noise = synthetic.coloured_noise(rng, self._n, rng.uniform(0, 2))
        return np.asarray(noise * np.float32(level * 10 ** (-rng.uniform(low_db, high_db) / 20)))

    def background(self, rng: np.random.Generator, babble: float) -> FloatArray:
        """Return sounds without a voice in them, but for people talking with probability `babble`."""
        choice = rng.random()
        if choice < self._synthetic_share:
            return synthetic.any_sound(rng, self._n, self._rate_hz)
        return self.fill(
            rng, self._babble if choice < self._synthetic_share + babble else self._sounds, again=0.8
        )

    def noise(
        self, rng: np.random.Generator, level: float, lowest_snr_db: float, highest_snr_db: float
    ) -> FloatArray:
        """Return a background in a room, so far below a voice of RMS `level`."""
        noise = augment.convolve(self.background(rng, babble=0.05), self.room(rng), self.channel(rng))
        snr_db = rng.uniform(lowest_snr_db, highest_snr_db)
        gain = level * 10 ** (-snr_db / 20) / max(augment.active_rms(noise), 1e-8)
        return np.asarray(noise * np.float32(gain), np.float32)
