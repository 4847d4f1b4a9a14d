"""What a corpus's moods sound like: the features of each clip, computed once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.training.corpus import Clip, CorpusError, read_manifest
from voxlite.training.moods.net import mood_features
from voxlite.training.ridge import FeatureBlocks
from voxlite.training.speaker.net import load_net, speaker_net
from voxlite.training.speaker.training import SpeakerTraining
from voxlite.training.store import SampleStore, build_store
from voxlite.training.traits.labels import AROUSAL, MOOD, mood_of
from voxlite.training.utterances import windows_of, without_ends
from voxlite.values import FloatArray

WINDOW_S = 3.0
_BATCH = 32


@dataclass(frozen=True, eq=False)
class Described:
    """Clips and their features.

    Parameters
    ----------
    clips
        Of speech.
    rows
        float32[clips, features], means over each clip's windows.
    blocks
        Layout of the features.
    """

    clips: tuple[Clip, ...]
    rows: FloatArray = field(repr=False)
    blocks: FeatureBlocks

    @property
    def sources(self) -> NDArray[np.str_]:
        """Source of each clip."""
        return np.array([clip.source for clip in self.clips])

    @property
    def voices(self) -> NDArray[np.str_]:
        """Source and speaker of each clip."""
        return np.array([f"{clip.source}/{clip.speaker}" for clip in self.clips])

    @property
    def words(self) -> NDArray[np.str_]:
        """What the corpus calls each clip's mood."""
        return np.array([clip.mood for clip in self.clips])

    def part(self, chosen: NDArray[np.bool_]) -> Described:
        """Return some of the clips."""
        clips = tuple(clip for clip, kept in zip(self.clips, chosen, strict=True) if kept)
        return Described(clips, self.rows[chosen], self.blocks)


class Describer:
    """The frozen part of a mood model.

    Parameters
    ----------
    weights
        Of the speaker net, as an export writes them.
    """

    def __init__(self, weights: Path) -> None:
        plan = SpeakerTraining()
        self.config: FrontEndConfig = plan.config
        self.n_samples = int(WINDOW_S * self.config.rate_hz)
        self.n_frames = 1 + (self.n_samples - self.config.window_samples) // self.config.hop_samples
        body, back = speaker_net(plan.config, plan.net)
        load_net(body, back, weights)
        self.model: keras.Model
        self.model, self.blocks = mood_features(body, self.config, self.n_frames)
        self._digest = hashlib.sha256(weights.read_bytes()).hexdigest()

    def __call__(self, samples: FloatArray) -> FloatArray:
        """Return the mean features of a sound's windows, float32[features], of float32[n] at the front end's rate."""
        windows = windows_of(samples, self.n_samples)
        features = np.stack([log_mel(window, self.config) for window in windows])
        rows = [
            np.asarray(self.model(features[at : at + _BATCH], training=False))
            for at in range(0, len(features), _BATCH)
        ]
        return np.asarray(np.concatenate(rows).mean(axis=0), np.float32)

    def describe(
        self,
        clips: Sequence[Clip],
        store: SampleStore,
        cache: Path,
        tick: Callable[[], None] = lambda: None,
    ) -> Described:
        """Return clips with their features; those that a file in `cache` holds are taken from there.

        Parameters
        ----------
        clips, store
            Speech and its samples; pauses at the ends are left out.
        cache
            Folder.
        tick
            Called after each clip.
        """
        names = "\n".join([self._digest, str(self.blocks), *[clip.name for clip in clips]])
        path = cache / f"moods-{hashlib.sha256(names.encode()).hexdigest()[:16]}.npy"
        if path.is_file():
            return Described(tuple(clips), np.load(path, allow_pickle=False), self.blocks)
        rows = np.zeros((len(clips), sum(self.blocks.sizes)), np.float32)
        for at, clip in enumerate(clips):
            rows[at] = self(without_ends(store.samples(clip), store.rate_hz))
            tick()
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, rows)
        return Described(tuple(clips), rows, self.blocks)


def described_corpus(
    manifest: Path,
    weights: Path,
    cache: Path,
    tick: Callable[[], None] = lambda: None,
    free_only: bool = False,
) -> Described:
    """Return all clips of a corpus whose mood or intensity is known, with their features.

    Parameters
    ----------
    manifest
        CSV of clips.
    weights
        Of the speaker net.
    cache
        Folder of decoded samples and features, reused.
    tick
        Called after each decoded clip and each described one.
    free_only
        Whether clips that are not free are left out.

    Raises
    ------
    CorpusError
        If fewer than two speakers, or not every mood, can be learned from.
    """
    clips = mood_clips(read_manifest(manifest), free_only)
    there = {mood_of(clip) for clip in clips}
    if not set(MOOD) <= there or len({(clip.source, clip.speaker) for clip in clips}) < 2:
        raise CorpusError(
            f"{manifest}: needs two speakers or more, and speech of every mood: {', '.join(MOOD)}"
        )
    describer = Describer(weights)
    store = build_store(clips, cache, rate_hz=describer.config.rate_hz, tick=tick)
    return describer.describe(clips, store, cache, tick)


def mood_clips(clips: Sequence[Clip], free_only: bool) -> list[Clip]:
    """Return speech whose mood or intensity is known, of all splits."""
    return [
        clip
        for clip in clips
        if clip.kind == "speech" and clip.mood in AROUSAL and (clip.use == "free" or not free_only)
    ]
