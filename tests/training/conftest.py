"""A corpus of two minutes made by formula: enough for every rule, nothing to download."""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
from typer.testing import CliRunner

from voxlite.training.corpus import COLUMNS, Clip, read_manifest
from voxlite.training.store import SampleStore

RATE_HZ = 16_000


def buzz(rng, seconds, pitch_hz=140.0):
    """A stand-in for a voice: harmonics whose level moves four times a second, pauses included."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * pitch_hz * k * t + rng.uniform(0, 6)) / k for k in range(1, 20))
    return (0.08 * tone * np.clip(np.sin(2 * np.pi * 2 * t + 0.5), 0, 1)).astype(np.float32)


def hiss(rng, seconds, level=0.05):
    return (level * rng.standard_normal(int(seconds * RATE_HZ))).astype(np.float32)


def _rows(rng):
    """(split, kind, source, speaker, original, samples) of every clip."""
    for split in ("train", "val", "test"):
        for index in range(6):
            source, speaker = f"talk-{index % 2}", f"{split}-{index}"
            yield split, "speech", source, speaker, "", buzz(rng, 0.4 + 0.45 * index, 110 + 20 * index)
        for index in range(4):
            yield (
                split,
                "nonhuman",
                f"bangs-{split}",
                "",
                f"bang{split}{index}.wav",
                hiss(rng, 0.6 + 0.5 * index),
            )
        yield split, "music", f"songs-{split}", "", f"song-{split}.ogg", buzz(rng, 3.0, 440.0)
        yield split, "silence", f"rooms-{split}", "", "", np.zeros(RATE_HZ, np.float32)
    yield "test", "babble", "bar", "", "bar.mp3", buzz(rng, 2.0) + hiss(rng, 2.0)
    yield "train", "baby_cry", "cradle", "", "", buzz(rng, 1.5, 480.0)
    response = hiss(rng, 0.3) * np.exp(-np.arange(int(0.3 * RATE_HZ)) / 800).astype(np.float32)
    yield "", "rir", "hall", "", "", response


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """The manifest's path; read only."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(7)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for index, (split, kind, source, speaker, original, samples) in enumerate(_rows(rng)):
            name = f"{source}/{index:03d}.wav"
            (folder / source).mkdir(exist_ok=True)
            soundfile.write(folder / name, samples, RATE_HZ, subtype="PCM_16")
            row = dict.fromkeys(COLUMNS, "")
            row |= {"path": name, "kind": kind, "source": source, "split": split, "speaker": speaker}
            row |= {"duration_s": f"{len(samples) / RATE_HZ:.3f}", "use": "free", "licence": "CC0-1.0"}
            writer.writerow(row | {"original": original, "rms_dbfs": "-20.0", "origin": "made"})
    return folder / "manifest.csv"


@pytest.fixture(scope="session")
def clips(corpus) -> list[Clip]:
    return read_manifest(corpus)


@pytest.fixture(scope="session")
def store(clips, tmp_path_factory) -> SampleStore:
    """Every clip's samples, written without the decoder."""
    folder = tmp_path_factory.mktemp("store")
    index, at = [], 0
    with (folder / "samples.i16").open("wb") as file:
        for clip in clips:
            samples, _ = soundfile.read(clip.path, dtype="int16")
            file.write(samples.tobytes())
            index.append((clip.name, at, len(samples)))
            at += len(samples)
    (folder / "index.json").write_text(json.dumps({"rate_hz": RATE_HZ, "clips": index}))
    return SampleStore(folder)


@pytest.fixture
def changed():
    """Return clips in which the one at `index` has other values."""

    def change(clips, index, **values):
        return [dataclasses.replace(clip, **values) if i == index else clip for i, clip in enumerate(clips)]

    return change


def _talkers(rng):
    """(split, kind, source, speaker, samples): voices with several clips each, two sources that are left out."""
    for split, source, n_voices in (
        ("train", "talk", 4),
        ("train", "librispeech-train-clean-5", 2),
        ("val", "emodb", 2),
        ("val", "speechocean762", 2),
        ("test", "speechocean762", 6),
    ):
        for voice in range(n_voices):
            for _ in range(3):
                pitch_hz = 100 * 1.13 ** (voice + 1) + rng.uniform(-2, 2)
                yield split, "speech", source, f"{split}{voice}", buzz(rng, 2.3, pitch_hz)
        yield split, "nonhuman", f"bangs-{source}", "", hiss(rng, 1.0)
    for voice in range(4):  # a fourth clip makes a second utterance of each
        yield "train", "speech", "talk", f"train{voice}", buzz(rng, 2.3, 100 * 1.13 ** (voice + 1))


@pytest.fixture(scope="session")
def talkers(tmp_path_factory) -> Path:
    """The manifest of a corpus of a minute in which voices have several clips; read only."""
    folder = tmp_path_factory.mktemp("talkers")
    rng = np.random.default_rng(8)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for index, (split, kind, source, speaker, samples) in enumerate(_talkers(rng)):
            name = f"{index:03d}.wav"
            soundfile.write(folder / name, samples, RATE_HZ, subtype="PCM_16")
            row = dict.fromkeys(COLUMNS, "") | {"path": name, "kind": kind, "source": source, "split": split}
            row |= {"speaker": speaker, "gender": "mf"[index % 2], "original": name, "licence": "CC0-1.0"}
            writer.writerow(row | {"duration_s": f"{len(samples) / RATE_HZ:.3f}", "use": "free"})
    return folder / "manifest.csv"


def _labelled(rng):
    """(split, kind, source, speaker, gender, age, mood, use, samples): pitch is gender, hiss is mood."""
    pitches_hz = {("female", "adult"): 230, ("male", "adult"): 105, ("male", "child"): 340}
    for split, n_voices in (("train", 2), ("val", 1), ("test", 1)):
        for voice in range(n_voices):
            for (gender, age), pitch_hz in pitches_hz.items():
                name = f"{split}-{gender}-{age}-{voice}"
                for _ in range(2):
                    sound = buzz(rng, 3.2, pitch_hz * rng.uniform(0.95, 1.05))
                    yield split, "speech", "talk", name, gender, age, "", "free", sound
        yield split, "nonhuman", f"bangs-{split}", "", "", "", "", "free", hiss(rng, 1.0)
    words = {
        "emodb": ("anger", "fear", "happy", "neutral", "sad", "boredom"),
        "nemo": ("anger", "fear", "happiness", "neutral", "sadness", "surprised"),
    }
    for source, names in words.items():
        for speaker in range(3):
            for at, word in enumerate(names):
                sound = buzz(rng, 1.4, 110 + 10 * speaker) + hiss(rng, 1.4, 0.001 * 2.2**at)
                use = "free" if source == "emodb" else "research"
                yield "train", "speech", source, f"s{speaker}", "female", "adult", word, use, sound
            for _ in range(3 if source == "emodb" else 0):
                sound = buzz(rng, 1.4, 110 + 10 * speaker) + hiss(rng, 1.4, 0.001 * 2.2**3)
                yield "train", "speech", source, f"s{speaker}", "female", "adult", "neutral", "free", sound


@pytest.fixture(scope="session")
def labelled_corpus(tmp_path_factory) -> Path:
    """The manifest of a corpus of two minutes whose voices are labelled with gender, age and mood; read only."""
    folder = tmp_path_factory.mktemp("labelled")
    rng = np.random.default_rng(9)
    columns = ("split", "kind", "source", "speaker", "gender", "age", "mood", "use")
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for index, (*values, samples) in enumerate(_labelled(rng)):
            name = f"{index:03d}.wav"
            soundfile.write(folder / name, samples.astype(np.float32), RATE_HZ, subtype="PCM_16")
            row = dict.fromkeys(COLUMNS, "") | dict(zip(columns, values, strict=True))
            row |= {"path": name, "original": name, "licence": "CC0-1.0"}
            writer.writerow(row | {"duration_s": f"{len(samples) / RATE_HZ:.3f}"})
    return folder / "manifest.csv"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """No command may touch the user's cache or meet the user's corpus."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)


@pytest.fixture
def run_commands():
    """Return a function of commands' modules that returns one that runs their words."""

    def runner(*modules):
        app = typer.Typer()
        for module in modules:
            module.register(app)
        app.callback()(lambda: None)  # or an only command would lose its name
        return lambda *words: CliRunner().invoke(app, [str(word) for word in words])

    return runner
