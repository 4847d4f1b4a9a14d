"""Labelled examples of the voice task: a stretch of sound, and for each step whether a voice is in it.

A voice counts where the clean voice's own level is within 30 dB of its loud parts, before rooms and noise; steps
near that limit carry no weight. Everything else, sounds, music, noise, silence, is *no voice*.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from voxlite.training import augment, synthetic
from voxlite.training.corpus import SOUND_KINDS, Clip
from voxlite.training.store import SampleStore
from voxlite.values import FloatArray

_LABEL_FRAME_S = 0.010


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


def voice_activity(samples: FloatArray, rate_hz: int) -> tuple[FloatArray, FloatArray]:
    """Return per 10 ms (active, sure), each float32[frames] of zeros and ones, for a clean voice.

    Active: within 30 dB of the 95th percentile of the level; not sure: within 5 dB of that limit.
    """
    hop = int(_LABEL_FRAME_S * rate_hz)
    n = len(samples) // hop
    power = np.mean(np.square(samples[: n * hop].reshape(n, hop)), axis=1) if n else np.zeros(0, np.float32)
    if n == 0 or power.max() < 1e-9:
        return np.zeros(n, np.float32), np.ones(n, np.float32)
    smooth = np.convolve(np.pad(power, 1, mode="edge"), np.full(3, 1 / 3, np.float32), "valid")
    level_db = 10 * np.log10(smooth + 1e-12)
    limit_db = np.percentile(level_db[level_db > level_db.max() - 45], 95) - 30
    active = (level_db > limit_db).astype(np.float32)
    sure = (np.abs(level_db - limit_db) > 5).astype(np.float32)
    return active, sure


@dataclass(frozen=True)
class MixPlan:
    """Sizes and probabilities of the examples."""

    rate_hz: int = 16_000
    seconds: float = 2.0
    voice_share: float = 0.5
    clean_share: float = 0.22
    synthetic_share: float = 0.24
    short_share: float = 0.15
    lowest_snr_db: float = -5.0
    highest_snr_db: float = 30.0

    @property
    def n_samples(self) -> int:
        """Samples of one example."""
        return int(self.seconds * self.rate_hz)


class VoiceExamples:
    """Draws labelled stretches of sound from a corpus.

    Parameters
    ----------
    clips
        Training clips of all kinds (speech, nonhuman, music, silence, babble, rir).
    store
        Their samples.
    rooms
        A file of impulse responses (`augment.save_rooms`).
    plan
        Sizes and probabilities.
    """

    def __init__(self, clips: Sequence[Clip], store: SampleStore, rooms: Path, plan: MixPlan) -> None:
        banned = excluded(clips)
        usable = [clip for clip in clips if clip.name not in banned]
        self.plan = plan
        self._store = store
        self._voices = ClipSampler([clip for clip in usable if clip.kind == "speech"])
        self._sounds = ClipSampler([clip for clip in usable if clip.kind in SOUND_KINDS])
        babble = [clip for clip in usable if clip.kind == "babble"]
        self._babble = ClipSampler(babble) if babble else self._sounds
        self._rooms = augment.load_rooms(rooms) + [
            augment.trim_response(store.samples(clip), plan.rate_hz) for clip in usable if clip.kind == "rir"
        ]

    def draw(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (samples[n], active[frames], sure[frames]), one label per 10 ms."""
        plan = self.plan
        if rng.random() < plan.voice_share:
            voice, active, sure = self._voice(rng)
            room = self._room(rng)
            voice = augment.convolve(voice, room, self._channel(rng))
            if room is not None:  # the voice rings on after it ends: nobody can say when it is over
                sure = sure * (1 - _after(active, 25))
            if rng.random() < plan.clean_share:
                mixed = voice + self._floor(rng, augment.active_rms(voice), 30, 60)
            else:
                mixed = voice + self._noise(rng, augment.active_rms(voice))
        else:
            mixed = self._no_voice(rng)
            active = np.zeros(plan.n_samples // int(_LABEL_FRAME_S * plan.rate_hz), np.float32)
            sure = np.ones_like(active)
        return augment.finish(rng, mixed, plan.rate_hz), active, sure

    def _channel(self, rng: np.random.Generator) -> FloatArray | None:
        return augment.random_response(rng, 513, self.plan.rate_hz) if rng.random() < 0.7 else None

    def _room(self, rng: np.random.Generator) -> FloatArray | None:
        return self._rooms[rng.integers(len(self._rooms))] if rng.random() < 0.35 else None

    def _fill(
        self, rng: np.random.Generator, sampler: Callable[[np.random.Generator], Clip], again: float
    ) -> FloatArray:
        """Place one or more clips into an empty stretch at random times, levels and speeds."""
        n, store = self.plan.n_samples, self._store
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
            if rng.random() < self.plan.short_share:
                part = augment.snippet(rng, part, self.plan.rate_hz)
            if len(part) < n - at:
                at += int(rng.integers(0, n - at - len(part) + 1))
            part = part[: n - at]
            out[at : at + len(part)] += part * np.float32(10 ** (rng.uniform(-6, 6) / 20))
            at += len(part) + int(rng.uniform(0, 0.5) * self.plan.rate_hz)
            if rng.random() > again:
                break
        return out

    def _voice(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        for _ in range(4):
            voice = self._fill(rng, self._voices, again=0.55)
            active, sure = voice_activity(voice, self.plan.rate_hz)
            if active.sum() >= 10:
                break
        if rng.random() < 0.04:
            voice = augment.whisper(rng, voice)
        return voice, active, sure

    def _floor(self, rng: np.random.Generator, level: float, low_db: float, high_db: float) -> FloatArray:
        """Return steady noise that far below `level`, or nothing."""
        if rng.random() < 0.4:
            return np.zeros(self.plan.n_samples, np.float32)
        noise = synthetic.coloured_noise(rng, self.plan.n_samples, rng.uniform(0, 2))
        return np.asarray(noise * np.float32(level * 10 ** (-rng.uniform(low_db, high_db) / 20)))

    def _background(self, rng: np.random.Generator, babble: float) -> FloatArray:
        choice = rng.random()
        if choice < self.plan.synthetic_share:
            return synthetic.any_sound(rng, self.plan.n_samples, self.plan.rate_hz)
        return self._fill(
            rng, self._babble if choice < self.plan.synthetic_share + babble else self._sounds, again=0.8
        )

    def _noise(self, rng: np.random.Generator, voice_level: float) -> FloatArray:
        noise = augment.convolve(self._background(rng, babble=0.05), self._room(rng), self._channel(rng))
        snr_db = rng.uniform(self.plan.lowest_snr_db, self.plan.highest_snr_db)
        gain = voice_level * 10 ** (-snr_db / 20) / max(augment.active_rms(noise), 1e-8)
        return np.asarray(noise * np.float32(gain), np.float32)

    def _no_voice(self, rng: np.random.Generator) -> FloatArray:
        sound = self._background(rng, babble=0.0)
        if rng.random() < 0.25:
            other = self._background(rng, babble=0.0)
            ratio = 10 ** (rng.uniform(-15, 0) / 20) * augment.active_rms(sound)
            sound = sound + other * np.float32(ratio / max(augment.active_rms(other), 1e-8))
        sound = augment.convolve(sound, self._room(rng), self._channel(rng))
        return np.asarray(sound + self._floor(rng, augment.active_rms(sound), 10, 60), np.float32)


def _after(active: FloatArray, frames: int) -> FloatArray:
    """Return one for silent frames at most `frames` behind an active one."""
    recent = np.convolve(active, np.ones(frames + 1, np.float32))[: len(active)] > 0
    return np.asarray(recent & (active == 0), np.float32)
