"""Sound of any length to one vector: which windows are looked at, how they are averaged, what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import AudioError, ModelError
from voxlite.runtime import SpeakerEmbedder, StepGeometry, find_model
from voxlite.runtime import averaging as module

SIZE = 5


class Recorder:
    """Stands for the engine: a window's vector is a fixed map of its samples; remembers the windows."""

    def __init__(self, model, threads):
        self.model, self.geometry = model, model.metadata.geometry
        self.windows = []

    def vectors(self, stretches):
        g = self.geometry
        results = []
        for samples in stretches:
            windows = [samples[k * g.step :][: g.window] for k in range(g.steps_in(len(samples)))]
            self.windows += windows
            results.append(np.array([self.vector(w) for w in windows], np.float32).reshape(-1, SIZE))
        return results

    def vector(self, window):
        v = np.random.default_rng(4).standard_normal((SIZE, len(window))) @ window
        return v / max(np.linalg.norm(v), 1e-12)


def embedder(window=8, step=3):
    geometry = StepGeometry(step, 0, window - step)
    metadata = SimpleNamespace(
        embedding_size=SIZE, vector_size=SIZE, geometry=geometry, frontend=SimpleNamespace(rate_hz=16_000)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Engine", Recorder)
        return SpeakerEmbedder(SimpleNamespace(metadata=metadata, path=Path("x.tflite")), 1)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 5))
def test_every_sample_is_seen_and_the_norm_is_one(n, step, more):
    subject = embedder(step + more, step)
    sound = np.random.default_rng(n).uniform(0.5, 1, n).astype(np.float32)
    found = subject.embed(sound)
    assert found.shape == (SIZE,)
    assert found.dtype == np.float32
    assert abs(np.linalg.norm(found) - 1) < 1e-5
    windows = subject._engine.windows
    assert {len(w) for w in windows} == {subject.window_samples}
    assert set(sound.tolist()) <= {x for w in windows for x in w.tolist()}
    assert len(windows) == max(1, -(-(n - subject.window_samples) // step) + 1)


def test_a_short_sound_is_repeated():
    subject = embedder(8, 8)
    subject.embed(np.array([1, 2, 3], np.float32))
    assert [w.tolist() for w in subject._engine.windows] == [[1, 2, 3, 1, 2, 3, 1, 2]]


def test_the_last_window_ends_with_the_sound():
    subject = embedder(4, 4)
    subject.embed(np.arange(10, dtype=np.float32))
    assert [w.tolist() for w in subject._engine.windows] == [[0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]


def test_many_sounds_are_embedded_as_one_by_one(rng):
    subject = embedder()
    sounds = [rng.standard_normal(n).astype(np.float32) for n in (3, 8, 20, 41)]
    together = subject.vectors(sounds)
    np.testing.assert_array_equal(together, [subject.embed(sound) for sound in sounds])
    assert subject.vectors([]).shape == (0, SIZE)


@pytest.mark.parametrize("shape", [(0,), (2, 8)])
def test_sound_that_cannot_be_embedded(shape):
    with pytest.raises(AudioError, match="mono samples"):
        embedder().embed(np.zeros(shape, np.float32))


def test_a_model_of_scores_gives_no_embeddings():
    with pytest.raises(ModelError, match="gives no embeddings"):
        SpeakerEmbedder(find_model("voice", "compact"))
    with pytest.raises(ModelError, match="no speaker model named 'nobody'"):
        SpeakerEmbedder("nobody")
