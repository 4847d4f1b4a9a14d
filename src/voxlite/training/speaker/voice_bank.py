"""Voices for the speaker net: utterances in several versions, each with the embedding that a teacher gives it.

A version with pitch and formants moved is another voice, as far as a teacher can tell (Ko et al. 2015 use changes of
speed as augmentation, Yamamoto et al. 2019 as new speakers). The bank is written in shards, so that hours of teaching
survive an interruption.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from voxlite.training.corpus import CorpusError
from voxlite.training.speaker.revoicing import factors, revoice
from voxlite.training.store import SampleStore
from voxlite.training.utterances import SHARED_IDS, Utterance, sound_of
from voxlite.values import FloatArray

RATE_HZ = 16_000
"""Of the sounds that a teacher is given."""
_FULL_SCALE = 32_768.0
_SHARD = 200
_INDEX = "index.json"


class Teacher(Protocol):
    """A strong embedding net."""

    name: str
    dim: int

    def embed(self, sounds: Sequence[FloatArray], names: Sequence[str]) -> FloatArray:
        """Return float32[n, dim], unit norm, of sounds at 16 kHz of at least a second each; `called` names them."""


@dataclass(frozen=True)
class VoiceBank:
    """What training draws from.

    Parameters
    ----------
    samples
        int16[n] each, memory-mapped.
    targets
        float32[len, dim], the teacher's unit embeddings.
    classes
        int32[len]: voice and version as one class, -1 where the voice is not known or its id is shared.
    sources
        Of each.
    """

    samples: list[np.ndarray]
    targets: FloatArray
    classes: np.ndarray
    sources: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return int(self.classes.max(initial=-1)) + 1

    def directions(self) -> FloatArray:
        """Return the unit mean of the targets of each class, float32[n_classes, dim]."""
        sums = np.zeros((self.n_classes, self.targets.shape[1]), np.float32)
        known = self.classes >= 0
        np.add.at(sums, self.classes[known], self.targets[known])
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    def sound(self, index: int, start: int, n: int) -> FloatArray:
        """Return n samples of an entry from `start` on, float32, fewer at its end."""
        return self.samples[index][start : start + n].astype(np.float32) / np.float32(_FULL_SCALE)


def build_bank(
    chosen: Sequence[Utterance],
    store: SampleStore,
    versions: Sequence[str],
    teacher: Teacher,
    folder: Path,
    *,
    tick: Callable[[], None] = lambda: None,
) -> VoiceBank:
    """Render utterances in each version and let the teacher embed them; shards that exist are kept.

    Parameters
    ----------
    chosen, store
        Utterances and the samples of their clips.
    versions
        See `voxlite.training.speaker.revoicing.factors`.
    teacher
        Embeds every rendered utterance.
    folder
        Created; holds a folder per version. Other utterances or another teacher need another folder.
    tick
        Called after each utterance in each version.

    Raises
    ------
    CorpusError
        If the folder holds another bank.
    """
    for version in versions:
        _teach(chosen, store, version, teacher, folder / version, tick)
    return load_bank(folder, versions)


def _teach(
    chosen: Sequence[Utterance],
    store: SampleStore,
    version: str,
    teacher: Teacher,
    folder: Path,
    tick: Callable[[], None],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    said = {"teacher": teacher.name, "rows": [[item.name, item.voice, item.source] for item in chosen]}
    index = folder / _INDEX
    if index.is_file() and json.loads(index.read_text(encoding="utf-8")) != said:
        raise CorpusError(
            f"{folder}: what it holds was taught from other utterances: remove it, or name another --cache"
        )
    index.write_text(json.dumps(said), encoding="utf-8")
    for at in range(0, len(chosen), _SHARD):
        part = chosen[at : at + _SHARD]
        if not _shard(folder, at).is_file():
            sounds = [_rendered(item, store, version) for item in part]
            names = [called(version, item.name) for item in part]
            _write_shard(_shard(folder, at), sounds, teacher.embed(sounds, names))
        for _ in part:
            tick()


def called(version: str, name: str) -> str:
    """Return what an utterance in a version is called."""
    return f"{version} {name}"


def taught_rows(folder: Path, version: str) -> tuple[str, list[str], FloatArray]:
    """Return the teacher's name, the utterances' names and their embeddings, float32[n, dim], of a finished version."""
    part = folder / version
    said = json.loads((part / _INDEX).read_text(encoding="utf-8"))
    shards = [_shard(part, at) for at in range(0, len(said["rows"]), _SHARD)]
    rows = np.concatenate([np.load(path, allow_pickle=False) for path in shards])
    return said["teacher"], [row[0] for row in said["rows"]], rows.astype(np.float32)


def load_bank(folder: Path, versions: Sequence[str]) -> VoiceBank:
    """Open what `build_bank` wrote for these versions."""
    samples: list[np.ndarray] = []
    targets, names, sources = [], [], []
    for version in versions:
        part = folder / version
        rows = json.loads((part / _INDEX).read_text(encoding="utf-8"))["rows"]
        for at in range(0, len(rows), _SHARD):
            path = _shard(part, at)
            lengths = np.load(path.with_suffix(".lengths.npy"), allow_pickle=False)
            whole = np.memmap(path.with_suffix(".i16"), dtype=np.int16, mode="r")
            samples += np.split(whole, np.cumsum(lengths)[:-1])
            targets.append(np.load(path, allow_pickle=False))
        for _, voice, source in rows:
            names.append(f"{voice} {version}" if voice and source not in SHARED_IDS else "")
            sources.append(source)
    numbers = {name: k for k, name in enumerate(sorted(set(names) - {""}))}
    return VoiceBank(
        samples,
        np.concatenate(targets).astype(np.float32),
        np.array([numbers.get(name, -1) for name in names], np.int32),
        tuple(sources),
    )


def _shard(folder: Path, at: int) -> Path:
    return folder / f"shard-{at:06d}.npy"


def _write_shard(path: Path, sounds: Sequence[FloatArray], embeddings: FloatArray) -> None:
    """Write samples first and the embeddings, by which a shard counts as done, last."""
    data = [np.clip(sound * _FULL_SCALE, -32_768, 32_767).astype(np.int16) for sound in sounds]
    path.with_suffix(".i16").write_bytes(b"".join(row.tobytes() for row in data))
    np.save(path.with_suffix(".lengths.npy"), np.array([len(row) for row in data]))
    partial = path.with_suffix(".part.npy")
    np.save(partial, embeddings.astype(np.float32))
    partial.replace(path)


def _rendered(item: Utterance, store: SampleStore, version: str) -> FloatArray:
    """Return an utterance in a version, a second long or more: sound that is shorter is repeated."""
    sound = revoice(sound_of(item, store), store.rate_hz, *factors(version, item.voice or item.name))
    return np.resize(sound, max(len(sound), store.rate_hz))
