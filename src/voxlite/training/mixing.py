"""Labelled examples of the voice task: a stretch of sound, and for each step whether a voice is in it.

A voice counts where the clean voice's own level is within 30 dB of its loud parts, before rooms and noise; steps
near that limit carry no weight. Everything else, sounds, music, noise, silence, is *no voice*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxlite.training import augment
from voxlite.training.corpus import Clip
from voxlite.training.store import SampleStore
from voxlite.training.surroundings import ClipSampler, Surroundings, excluded
from voxlite.values import FloatArray

_LABEL_FRAME_S = 0.010


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
        self.plan = plan
        self._voices = ClipSampler(
            [clip for clip in clips if clip.kind == "speech" and clip.name not in banned]
        )
        self._around = Surroundings(
            clips, store, rooms, plan.n_samples, plan.synthetic_share, plan.short_share
        )

    def draw(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (samples[n], active[frames], sure[frames]), one label per 10 ms."""
        plan = self.plan
        if rng.random() < plan.voice_share:
            voice, active, sure = self._voice(rng)
            room = self._around.room(rng)
            voice = augment.convolve(voice, room, self._around.channel(rng))
            if room is not None:  # the voice rings on after it ends: nobody can say when it is over
                sure = sure * (1 - _after(active, 25))
            if rng.random() < plan.clean_share:
                mixed = voice + self._around.floor(rng, augment.active_rms(voice), 30, 60)
            else:
                mixed = voice + self._around.noise(
                    rng, augment.active_rms(voice), plan.lowest_snr_db, plan.highest_snr_db
                )
        else:
            mixed = self._no_voice(rng)
            active = np.zeros(plan.n_samples // int(_LABEL_FRAME_S * plan.rate_hz), np.float32)
            sure = np.ones_like(active)
        return augment.finish(rng, mixed, plan.rate_hz), active, sure

    def _voice(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        for _ in range(4):
            voice = self._around.fill(rng, self._voices, again=0.55)
            active, sure = voice_activity(voice, self.plan.rate_hz)
            if active.sum() >= 10:
                break
        if rng.random() < 0.04:
            voice = augment.whisper(rng, voice)
        return voice, active, sure

    def _no_voice(self, rng: np.random.Generator) -> FloatArray:
        sound = self._around.background(rng, babble=0.0)
        if rng.random() < 0.25:
            other = self._around.background(rng, babble=0.0)
            ratio = 10 ** (rng.uniform(-15, 0) / 20) * augment.active_rms(sound)
            sound = sound + other * np.float32(ratio / max(augment.active_rms(other), 1e-8))
        sound = augment.convolve(sound, self._around.room(rng), self._around.channel(rng))
        return np.asarray(sound + self._around.floor(rng, augment.active_rms(sound), 10, 60), np.float32)


def _after(active: FloatArray, frames: int) -> FloatArray:
    """Return one for silent frames at most `frames` behind an active one."""
    recent = np.convolve(active, np.ones(frames + 1, np.float32))[: len(active)] > 0
    return np.asarray(recent & (active == 0), np.float32)
