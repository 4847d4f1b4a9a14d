import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.training import augment
from voxlite.training.examples import ExamplePool, VoiceMaker, mask_features, step_targets
from voxlite.training.fit import steps_done
from voxlite.training.mixing import MixPlan

GEOMETRY = Geometry(window=20, hop=4)


def test_targets_follow_the_frames_of_their_step():
    active, sure = np.zeros(60, np.float32), np.ones(60, np.float32)
    active[28:32] = 1
    targets = step_targets(active, sure, GEOMETRY, lookahead=6)
    # step k covers frames [4 k + 10, 4 k + 14): frames 28..31 straddle steps 4 and 5 by half
    assert targets.shape == (GEOMETRY.count(60), 2)
    assert targets[4].tolist() == [0.0, 0.0]
    assert targets[5].tolist() == [0.0, 0.0]
    assert targets[[0, 1, 2, 3, 6, 7], 1].tolist() == [1.0] * 6
    active[26:34] = 1
    assert step_targets(active, sure, GEOMETRY, lookahead=6)[[4, 5], 0].tolist() == [1.0, 1.0]


@given(st.integers(20, 120), st.integers(0, 12), st.integers(0, 1000))
def test_targets_are_majorities_with_weights(n, lookahead, seed):
    rng = np.random.default_rng(seed)
    active = (rng.random(n) < 0.5).astype(np.float32)
    sure = (rng.random(n) < 0.8).astype(np.float32)
    targets = step_targets(active, sure, GEOMETRY, lookahead)
    assert targets.dtype == np.float32
    for k, (truth, weight) in enumerate(targets):
        frames = slice(4 * k + 20 - lookahead - 4, 4 * k + 20 - lookahead)
        share = active[frames].mean()
        assert truth == (share > 0.5)
        assert weight == (0 if abs(share - 0.5) <= 0.2 else pytest.approx(sure[frames].mean()))


def test_masks_hide_bands_and_moments_and_nothing_else():
    rng = np.random.default_rng(1)
    features = rng.standard_normal((200, 50, 64)).astype(np.float32)
    masked = features.copy()
    mask_features(np.random.default_rng(2), masked)
    changed = masked != features
    # all but the one value that the mask happens to equal
    bands, moments = changed.sum(axis=1) >= 49, changed.sum(axis=2) >= 63
    assert 0.5 < bands.any(axis=1).mean() < 0.8  # two examples in three have a band hidden
    assert 0.1 < moments.any(axis=1).mean() < 0.4
    # a changed value lies in a hidden band or in a hidden moment
    assert (~changed | bands[:, None, :] | moments[:, :, None]).all()
    assert bands.sum(axis=1).max() <= 24
    assert moments.sum(axis=1).max() <= 11


@pytest.fixture(scope="module")
def pool_parts(clips, store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool")
    (folder / "samples.i16").write_bytes(store._samples.tobytes())
    import json

    index = [[name, at, n] for name, (at, n) in store._where.items()]
    (folder / "index.json").write_text(json.dumps({"rate_hz": store.rate_hz, "clips": index}))
    augment.save_rooms(folder / "rooms.npz", [np.eye(1, 100, dtype=np.float32)[0]])
    return [clip for clip in clips if clip.split == "train" or clip.kind == "rir"], folder


def test_a_worker_fills_the_pool(pool_parts):
    training, folder = pool_parts
    make = VoiceMaker(training, folder, folder / "rooms.npz", MixPlan(seconds=0.5), FrontEndConfig())
    pool = ExamplePool(make, seed=1, size=32)
    try:
        features, labels = pool.batch(np.random.default_rng(0), 16)
    finally:
        pool.close()
    assert features.shape == (16, 48, 64)
    assert labels.shape == (16, 48, 2)
    assert features.dtype == labels.dtype == np.float32
    assert np.isfinite(features).all()
    assert set(np.unique(labels)) <= {0.0, 1.0}
    assert not any(worker.is_alive() for worker in pool._workers)


def test_a_dead_worker_is_reported_not_waited_for(pool_parts, monkeypatch):
    training, folder = pool_parts
    make = VoiceMaker(training, folder, folder / "rooms.npz", MixPlan(seconds=0.5), FrontEndConfig())
    pool = ExamplePool(make, seed=1, size=32)
    pool.close()

    class Empty:
        def get(self, timeout):
            raise __import__("queue").Empty

    monkeypatch.setattr(pool, "_queue", Empty())
    with pytest.raises(RuntimeError, match="a worker that makes training examples ended"):
        pool.batch(np.random.default_rng(0), 4)


def test_a_training_that_goes_on_draws_other_examples(tmp_path):
    assert steps_done(tmp_path, resume=True) == 0
    (tmp_path / "history.json").write_text('{"step": 40}')
    assert steps_done(tmp_path, resume=True) == 40
    assert steps_done(tmp_path, resume=False) == 0
