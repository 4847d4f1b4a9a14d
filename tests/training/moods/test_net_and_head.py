"""The frozen description of a voice beside NumPy's, and the layer behind it beside the textbook's."""

import numpy as np
import pytest

pytest.importorskip("keras")

from scipy.fft import dct

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred, log_mel
from voxlite.training.moods.net import (
    functionals,
    modulation_filters,
    mood_features,
    with_head,
)
from voxlite.training.ridge import FeatureBlocks, Head, Scaling, balanced, fit_head, one_of
from voxlite.training.speaker.net import SpeakerPlan, speaker_net

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=24, coefficients=13)
N_FRAMES = 298


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(2)
    t = np.arange(3 * 16_000) / 16_000
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20)) * np.clip(np.sin(12 * t), 0, 1)
    return log_mel((0.1 * voice + 0.001 * rng.standard_normal(len(t))).astype(np.float32), CONFIG)


@pytest.fixture(scope="module")
def net():
    body, _ = speaker_net(CONFIG, SpeakerPlan(stem=8, stages=(8, 12), width=16, attention=8))
    return body, *mood_features(body, CONFIG, N_FRAMES)


def by_numpy(features):
    """The functionals, written once more in another way: float64, one number at a time where it matters."""
    x = features.astype(np.float64)
    power = np.exp(x).sum(axis=1)
    level = np.log(power.mean())
    loud = np.log(power) - level
    x = np.maximum(x - level + np.log(x.shape[1]), -12)
    weight = 1 / (1 + np.exp(-(loud + 3.1)))
    weight /= weight.sum()
    x = x - (weight[:, None] * x).sum() / x.shape[1]
    cepstra = dct(x, axis=1, norm="ortho")[:, :14]

    def deviation(values):
        return np.sqrt(np.cov(values.T, aweights=weight, bias=True).diagonal())

    third = (weight[:, None] * (cepstra - weight @ cepstra) ** 3).sum(axis=0)
    slope = np.gradient(cepstra, axis=0)[1:-1]
    moved = np.sqrt((weight[1:-1, None] * slope**2).sum(axis=0))
    groups = [x[:, 3 * k : 3 * k + 3].mean(axis=1) for k in range(8)]
    loud = np.maximum(loud, -12)
    strengths = []
    for track in (*groups, loud - loud.mean()):
        for rate_hz in (1, 2, 4, 8, 16):
            t, spread_s = np.arange(-60, 61) * 0.01, 0.35 / rate_hz if rate_hz > 1 else 0.25
            bell = np.exp(-((t / spread_s) ** 2) / 2)
            wave = bell * np.exp(2j * np.pi * rate_hz * t)
            wave -= bell * wave.sum() / bell.sum()
            found = np.correlate(np.pad(track, 60), np.conj(wave / np.abs(wave).sum()), "valid")
            strengths.append(np.log(np.abs(found).mean() + 1e-3))
    skewness = third / deviation(cepstra) ** 3
    return np.concatenate([weight @ x, deviation(x), deviation(cepstra), skewness, moved, strengths])


def test_functionals_agree_with_numpy(features) -> None:
    found = np.asarray(functionals(features[None], CONFIG))[0]
    np.testing.assert_allclose(found, by_numpy(features), atol=2e-3)


def test_functionals_do_not_hear_the_level(features) -> None:
    louder = np.asarray(functionals(features[None] + 4.0, CONFIG))
    np.testing.assert_allclose(louder, np.asarray(functionals(features[None], CONFIG)), atol=2e-3)


def test_silence_gives_finite_numbers() -> None:
    silent = log_mel(np.zeros(3 * 16_000, np.float32), CONFIG)
    assert np.isfinite(np.asarray(functionals(silent[None], CONFIG))).all()


def test_modulation_filters_let_nothing_constant_through() -> None:
    filters = modulation_filters(0.01)
    assert filters.shape == (121, 1, 1, 10)
    np.testing.assert_allclose(filters.sum(axis=0), 0, atol=1e-6)


def test_the_description_holds_the_speaker_nets_layers(net, features) -> None:
    body, model, blocks = net
    assert blocks.names == ("functionals", "block 1", "block 2", "steps")
    row = np.asarray(model(features[None]))[0]
    assert len(row) == sum(blocks.sizes)
    steps = np.asarray(body(centred(features)[None]))[0]
    found = row[blocks.slices["steps"]]
    np.testing.assert_allclose(found[:16], steps.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(found[16:], np.maximum(steps.std(axis=0), 1e-4), atol=1e-3)


def test_a_head_is_one_layer_behind_it(net, features) -> None:
    _, model, blocks = net
    rng = np.random.default_rng(1)
    n = sum(blocks.sizes)
    head = Head(rng.standard_normal((n, 3)).astype(np.float32), np.ones(3, np.float32))
    scaling = Scaling(rng.standard_normal(n).astype(np.float32), rng.uniform(0.1, 1, n).astype(np.float32))
    inner = head.before(scaling)
    layer = with_head(model, scaling.mean, scaling.factor, inner.kernel, inner.bias)
    found = np.asarray(layer(features[None]))
    np.testing.assert_allclose(found, head(np.asarray(model(features[None]))), rtol=1e-3, atol=1e-3)


def test_scaling_lets_blocks_weigh_alike_and_drops_what_never_changes() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((50, 10)).astype(np.float32) * np.arange(1, 11) + 5
    rows[:, 3] = 7.0
    blocks = FeatureBlocks(("functionals", "rest"), (4, 6), {"functionals": 1.5})
    scaled = Scaling.of(rows, blocks)(rows)
    assert not scaled[:, 3].any()
    assert np.square(scaled[:, 4:]).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)
    assert np.square(scaled[:, :4]).sum(axis=1).mean() == pytest.approx(1.5**2 * 3 / 4, rel=1e-5)


def test_ridge_is_the_textbooks(net) -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((60, 9)).astype(np.float32)
    groups = np.repeat(["a", "b", "c"], 20)
    labels = rng.choice(["x", "y"], 60)
    targets, weights = one_of(labels, ("x", "y")), balanced(groups, labels)
    head = fit_head(rows, targets, weights, groups, alpha=2.0)
    share = weights / weights.sum()
    apart = rows.astype(float)
    for group in "abc":
        own = groups == group
        apart[own] -= (share[own, None] * apart[own]).sum(axis=0) / share[own].sum()
    wanted = (share[:, None] * targets).sum(axis=0)
    left = apart.T @ (weights[:, None] * apart) + 2.0 * np.eye(9)
    kernel = np.linalg.solve(left, apart.T @ (weights[:, None] * (targets - wanted)))
    np.testing.assert_allclose(head.kernel, kernel, atol=1e-4)
    middle = (share[:, None] * rows).sum(axis=0)
    np.testing.assert_allclose(head(middle[None])[0], wanted, atol=1e-5)


def test_what_tells_corpora_apart_is_not_learned() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(["a", "b"], 100)
    labels = np.where(rng.random(200) < np.where(groups == "a", 0.9, 0.1), "x", "y")
    rows = rng.standard_normal((200, 2)).astype(np.float32) * 0.1
    rows[:, 0] += groups == "a"  # the microphone
    rows[:, 1] += 0.5 * (labels == "x")  # the mood
    head = fit_head(rows, one_of(labels, ("x", "y")), balanced(groups, labels), groups, alpha=0.1)
    assert abs(head.kernel[0, 0]) < 0.2 * abs(head.kernel[1, 0])


def test_heads_join_and_take_scaling_in() -> None:
    rng = np.random.default_rng(5)
    one, other = (Head(rng.standard_normal((4, n)), rng.standard_normal(n)) for n in (2, 1))
    rows = rng.standard_normal((3, 4))
    both = one.beside(other)
    np.testing.assert_allclose(both(rows), np.concatenate([one(rows), other(rows)], axis=1))
    scaling = Scaling(rng.standard_normal(4), rng.random(4))
    np.testing.assert_allclose(one.behind(scaling)(rows), one(scaling(rows)))
    np.testing.assert_allclose(one.behind(scaling).before(scaling)(rows), one(rows))
