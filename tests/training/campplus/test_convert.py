"""CAM++ in Keras and as a model file against the network written down once more in NumPy, as PyTorch lays it out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from voxlite.errors import ModelError
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime import SpeakerEmbedder, find_model
from voxlite.training import tflite_file
from voxlite.training.campplus import convert as campplus_import
from voxlite.training.campplus.checkpoint import Checkpoint
from voxlite.training.campplus.convert import import_campplus
from voxlite.training.campplus.network import CamPlusNetwork, CamPlusPlan
from voxlite.training.export import Parity

pytestmark = pytest.mark.train

PLAN = CamPlusPlan(
    bands=16,
    head=12,
    stem=8,
    growth=32,
    bottleneck=16,
    blocks=((2, 1), (1, 2)),
    segment=40,
    embedding=12,
)
N = 32_000


def random_state(plan: CamPlusPlan) -> dict[str, np.ndarray]:
    """A checkpoint of the published structure with small sizes and random numbers."""
    rng, state = np.random.default_rng(31), {}

    def put(name, *shape):
        state[name] = (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    def norm(name, n, affine=True):
        state[f"{name}.running_mean"] = (0.1 * rng.standard_normal(n)).astype(np.float32)
        state[f"{name}.running_var"] = rng.uniform(0.5, 2, n).astype(np.float32)
        state[f"{name}.num_batches_tracked"] = np.array(7)
        if affine:
            state[f"{name}.weight"] = rng.uniform(0.8, 1.5, n).astype(np.float32)
            state[f"{name}.bias"] = (0.2 * rng.standard_normal(n)).astype(np.float32)

    c = plan.head
    put("head.conv1.weight", c, 1, 3, 3)
    norm("head.bn1", c)
    for unit in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        for k in (1, 2):
            put(f"head.{unit}.conv{k}.weight", c, c, 3, 3)
            norm(f"head.{unit}.bn{k}", c)
        if unit.endswith("0"):
            put(f"head.{unit}.shortcut.0.weight", c, c, 1, 1)
            norm(f"head.{unit}.shortcut.1", c)
    put("head.conv2.weight", c, c, 3, 3)
    norm("head.bn2", c)
    put("xvector.tdnn.linear.weight", plan.stem, c * plan.bands // 8, 5)
    norm("xvector.tdnn.nonlinear.batchnorm", plan.stem)
    width = plan.stem
    for block, (n_layers, _) in enumerate(plan.blocks, 1):
        for layer in range(1, n_layers + 1):
            name = f"xvector.block{block}.tdnnd{layer}"
            norm(f"{name}.nonlinear1.batchnorm", width)
            put(f"{name}.linear1.weight", plan.bottleneck, width, 1)
            norm(f"{name}.nonlinear2.batchnorm", plan.bottleneck)
            put(f"{name}.cam_layer.linear_local.weight", plan.growth, plan.bottleneck, 3)
            put(f"{name}.cam_layer.linear1.weight", plan.bottleneck // 2, plan.bottleneck, 1)
            put(f"{name}.cam_layer.linear1.bias", plan.bottleneck // 2)
            put(f"{name}.cam_layer.linear2.weight", plan.growth, plan.bottleneck // 2, 1)
            put(f"{name}.cam_layer.linear2.bias", plan.growth)
            width += plan.growth
        norm(f"xvector.transit{block}.nonlinear.batchnorm", width)
        put(f"xvector.transit{block}.linear.weight", width // 2, width, 1)
        width //= 2
    norm("xvector.out_nonlinear.batchnorm", width)
    put("xvector.dense.linear.weight", plan.embedding, 2 * width, 1)
    norm("xvector.dense.nonlinear.batchnorm", plan.embedding, affine=False)
    return state


class Reference:
    """The network in float64, [channels, (frequency,) time], one window at a time."""

    def __init__(self, state, plan):
        self.state, self.plan = state, plan

    def conv(self, x, name, stride=1, dilation=1):
        """Convolve over the last axes, padded so that a stride of one keeps the length."""
        w = self.state[f"{name}.weight"].astype(np.float64)
        spans = [1 + (k - 1) * dilation for k in w.shape[2:]]
        x = np.pad(x, [(0, 0), *((s // 2, s // 2) for s in spans)])
        view = np.lib.stride_tricks.sliding_window_view(x, spans, axis=tuple(range(1, x.ndim)))
        if w.ndim == 4:  # the stride is along frequency
            y = np.einsum("ocij,cftij->oft", w, view[:, ::stride])
        else:
            y = np.einsum("oci,cti->ot", w, view[:, ::stride, ::dilation])
        bias = self.state.get(f"{name}.bias")
        return y if bias is None else y + bias[:, None]

    def norm(self, x, name, relu=True):
        s = {
            key: self.state.get(f"{name}.{key}") for key in ("running_mean", "running_var", "weight", "bias")
        }
        shape = (-1, *[1] * (x.ndim - 1))
        y = (x - s["running_mean"].reshape(shape)) / np.sqrt(s["running_var"].reshape(shape) + 1e-5)
        if s["weight"] is None:
            return y
        y = y * s["weight"].reshape(shape) + s["bias"].reshape(shape)
        return np.maximum(y, 0) if relu else y

    def residual(self, x, name, stride):
        y = self.norm(self.conv(x, f"{name}.conv1", stride), f"{name}.bn1")
        y = self.norm(self.conv(y, f"{name}.conv2"), f"{name}.bn2", relu=False)
        if stride > 1:
            x = self.norm(self.conv(x, f"{name}.shortcut.0", stride), f"{name}.shortcut.1", relu=False)
        return np.maximum(x + y, 0)

    def masked(self, x, name, dilation):
        y = self.conv(x, f"{name}.linear_local", dilation=dilation)
        n = self.plan.segment
        near = np.concatenate(
            [
                np.broadcast_to(p.mean(1, keepdims=True), p.shape)
                for p in np.split(x, range(n, x.shape[1], n), 1)
            ],
            1,
        )
        context = near + x.mean(1, keepdims=True)
        hidden = np.maximum(self.conv(context, f"{name}.linear1"), 0)
        return y / (1 + np.exp(-self.conv(hidden, f"{name}.linear2")))

    def __call__(self, features):
        """Return the embedding of float[frames, bands], raw."""
        x = self.norm(self.conv(features.T[None].astype(np.float64), "head.conv1"), "head.bn1")
        for unit, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
            x = self.residual(x, f"head.{unit}", stride)
        x = self.norm(self.conv(x, "head.conv2", 2), "head.bn2")
        x = x.reshape(-1, x.shape[-1])
        x = self.norm(self.conv(x, "xvector.tdnn.linear", 2), "xvector.tdnn.nonlinear.batchnorm")
        for block, (n_layers, dilation) in enumerate(self.plan.blocks, 1):
            for layer in range(1, n_layers + 1):
                name = f"xvector.block{block}.tdnnd{layer}"
                h = self.conv(self.norm(x, f"{name}.nonlinear1.batchnorm"), f"{name}.linear1")
                h = self.norm(h, f"{name}.nonlinear2.batchnorm")
                x = np.concatenate([x, self.masked(h, f"{name}.cam_layer", dilation)])
            name = f"xvector.transit{block}"
            x = self.conv(self.norm(x, f"{name}.nonlinear.batchnorm"), f"{name}.linear")
        x = self.norm(x, "xvector.out_nonlinear.batchnorm")
        stats = np.concatenate([x.mean(1), x.std(1, ddof=1)])[:, None]
        return self.norm(self.conv(stats, "xvector.dense.linear"), "xvector.dense.nonlinear.batchnorm")[:, 0]


def unit(x):
    return x / np.linalg.norm(x)


@pytest.fixture(scope="module")
def state():
    return random_state(PLAN)


@pytest.fixture(scope="module")
def sound():
    return (0.1 * np.random.default_rng(3).standard_normal(N)).astype(np.float32)


def network(plan=PLAN, **changes):
    net = CamPlusNetwork(plan, N, N)
    net.load(random_state(plan) | changes, "tiny.pt")
    return net


def by_keras(net, features):
    return np.asarray(net.back(net.model(features, training=False), training=False))[0]


@pytest.mark.parametrize("segment", [40, 99, 100])
def test_keras_equals_numpy(state, sound, segment):
    plan = replace(PLAN, segment=segment)
    net = network(plan)
    features = net.features(sound)
    np.testing.assert_allclose(by_keras(net, features), unit(Reference(state, plan)(features[0])), atol=1e-4)


def test_features_are_kaldis_without_their_mean(sound):
    net = network()
    expected = log_mel(sound, net.config)
    np.testing.assert_allclose(net.features(sound)[0], expected - expected.mean(0), atol=1e-6)
    np.testing.assert_allclose(np.asarray(net.front(sound[None])), net.features(sound), atol=3e-3)


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, "head.conv1.weight"), r"1 parameters differ \(head\.conv1\.weight"),
        (lambda s: s | {"head.extra": np.zeros(3)}, r"1 parameters differ \(head\.extra"),
        (lambda s: s | {"head.bn1.bias": np.zeros(9)}, r"head\.bn1\.bias has shape \(9,\)"),
        (lambda s: s | {"head.conv1.weight": np.zeros((12, 1, 5, 5))}, r"head\.conv1\.weight has shape"),
        (lambda s: s | {"head.bn1.bias": np.full(12, np.nan)}, "not finite"),
    ],
)
def test_checkpoints_that_do_not_fit_are_refused_in_one_line(state, change, message):
    net = CamPlusNetwork(PLAN, N, N)
    with pytest.raises(ModelError, match=message) as caught:
        net.load(change(state), "odd.pt")
    assert "odd.pt" in str(caught.value)
    assert "\n" not in str(caught.value)


def tensor_types(path):
    """TensorType of every tensor: 0 float32, 1 float16, 9 int8."""
    return {int(tensor.type) for tensor in tflite_file.unpack(path.read_bytes()).subgraphs[0].tensors}


@pytest.fixture
def data_home(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / name)
    return tmp_path / "voxlite" / "models"


@pytest.mark.parametrize("weights", ["float16", "int8"])
def test_an_imported_model_is_found_and_gives_the_networks_embeddings(state, sound, data_home, weights):
    steps = []
    made = import_campplus(
        Checkpoint(state, "tiny.pt", "0" * 64, "0.2"), data_home, weights, PLAN, steps.append
    )
    name = campplus_import.STORAGES[weights][0]
    assert [path.name for path in sorted(data_home.iterdir())] == [
        f"speaker-{name}.md",
        f"speaker-{name}.tflite",
    ]
    assert "converting" in " ".join(steps)
    card = made.card.read_text(encoding="utf-8")
    for words in (
        "Apache-2.0",
        "Not freely licensed",
        "0" * 64,
        "not one that was measured",
        f"--model {name}",
    ):
        assert words in card
    info = find_model("speaker", name)
    assert info.path == made.path
    assert info.metadata.embedding_size == PLAN.embedding
    assert (weights == "int8") == (9 in tensor_types(made.path))
    embedder = SpeakerEmbedder(name, threads=1)
    assert (embedder.size, embedder.rate_hz, embedder.window_samples) == (PLAN.embedding, 16_000, N)
    found = embedder.embed(sound)
    expected = unit(Reference(state, PLAN)(network().features(sound)[0]))
    assert abs(np.linalg.norm(found) - 1) < 1e-6
    assert found @ expected > 1 - campplus_import.STORAGES[weights][2]


def test_a_conversion_that_went_wrong_leaves_the_old_file(state, data_home, monkeypatch):
    data_home.mkdir(parents=True)
    old = data_home / "speaker-campplus.tflite"
    old.write_bytes(b"old")
    monkeypatch.setattr(
        campplus_import, "export", lambda *args, **options: [Parity("float16", 1, float("nan"), 0.5)]
    )
    with pytest.raises(ModelError, match="too far from the original"):
        import_campplus(Checkpoint(state, "tiny.pt", "", ""), data_home, "float16", PLAN)
    assert [path.name for path in data_home.iterdir()] == [old.name]
    assert old.read_bytes() == b"old"


def test_proof_sounds_are_loud_enough_and_the_same_each_time():
    sounds = campplus_import.proof_sounds(3, 8_000)
    assert [sound.shape for sound in sounds] == [(8_000,)] * 3
    assert {round(float(np.abs(sound).max()), 3) for sound in sounds} == {0.5}
    np.testing.assert_array_equal(sounds, campplus_import.proof_sounds(3, 8_000))
