"""What the benchmarks' tests share: their modules, a few windows and a corpus of seconds, both made by formula."""

import csv
import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxlite.runtime import StepGeometry, find_model
from voxlite.training.corpus import COLUMNS
from voxlite.training.windows import Windows

RATE_HZ = 16_000


@pytest.fixture
def bench(monkeypatch):
    """Import a benchmark's module; the repository's root is not on the path of an installed package."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2])
    return lambda name: importlib.import_module(f"benchmarks.{name}")


def buzz(seconds, pitch_hz):
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * pitch_hz * k * t + k) / k for k in range(1, 20))
    return (0.08 * tone * np.clip(np.sin(4 * np.pi * t + 0.5), 0, 1)).astype(np.float32)


def hiss(seconds, seed):
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ), np.float32)
    return np.float32(0.03) * noise


@pytest.fixture
def windows():
    """Six windows of a second: three of a buzz that stands for voices, three of hiss."""
    samples = [buzz(1.0, 100.0 + 30 * k) for k in range(3)] + [hiss(1.0, k) for k in range(3)]
    kinds = ("speech",) * 3 + ("nonhuman",) * 3
    return Windows(np.stack(samples), np.array([kind == "speech" for kind in kinds]), kinds, kinds)


@pytest.fixture
def sets(bench, windows):
    """Those windows clean, at 5 dB and in the telephone band."""
    return bench("windows").conditions(windows, (5.0,), RATE_HZ)


@pytest.fixture
def tiny_corpus(tmp_path, monkeypatch):
    """Three clips of buzz and three of hiss in every split, and the cache folder of the user kept out of it."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for split in ("train", "val", "test"):
            for k in range(3):
                for kind, samples in (("speech", buzz(2.5, 110.0 + 20 * k)), ("nonhuman", hiss(2.5, k))):
                    name = f"{split}-{kind}-{k}.wav"
                    soundfile.write(folder / name, samples, RATE_HZ, subtype="PCM_16")
                    row = dict.fromkeys(COLUMNS, "") | {"path": name, "kind": kind, "split": split}
                    row |= {"source": f"{split}-{kind}", "duration_s": "2.5", "use": "free"}
                    writer.writerow(row)
    return folder


@pytest.fixture
def setup(bench, tmp_path, sets):
    """Two seconds of sound, one turn, six windows, no Inception-v3."""
    made = bench("accelerated.row").Setup(
        inception=tmp_path / "none.tflite",
        seconds=2.0,
        inception_s=1.0,
        repeats=1,
        budget_s=0.0,
        results=tmp_path,
    )
    made.__dict__["windows"] = sets  # as if they came from a corpus
    return made


@pytest.fixture
def without_corpus(setup):
    setup.__dict__["windows"] = "ROC-AUC: no corpus"
    return setup


@pytest.fixture
def window_model(setup, tmp_path):
    """The compact net's file under the name and the metadata of a net that takes one window per call."""
    from voxlite.training import tflite_file

    info = find_model("voice", "compact")
    graph = tflite_file.unpack(info.path.read_bytes())
    graph.metadata, graph.metadataBuffers = [], []
    geometry = StepGeometry(step=640, before=9_120, after=2_160)
    metadata = replace(
        info.metadata, name="inception_v3", net_input="image", resizable=False, geometry=geometry
    )
    tflite_file.add_metadata(graph, metadata.to_json())
    path = tmp_path / "voice-inception_v3-int8.tflite"
    path.write_bytes(tflite_file.pack(graph))
    return path
