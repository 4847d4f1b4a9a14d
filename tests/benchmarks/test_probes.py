import json

import numpy as np
import pytest

pytestmark = pytest.mark.train


@pytest.fixture
def module(bench):
    return bench("probe_points")


def test_one_change_at_a_time(module):
    points = module.points()
    base = points.pop("base").config.to_dict()
    assert base == module.FrontEndConfig().to_dict()
    changes = {
        name: {key for key, value in point.config.to_dict().items() if value != base[key]}
        for name, point in points.items()
    }
    assert changes["window 32 ms"] == {"window_s"}
    assert changes["window 40 ms"] == {"window_s", "fft_size"}
    assert changes["hop 5 ms"] == {"hop_s"}
    assert changes["32 bands"] == {"mel_bands", "coefficients"}
    assert changes["300..3400 Hz, 40 bands"] == {"low_hz", "high_hz", "mel_bands"}
    assert changes["8 kHz, 40 bands"] == {"rate_hz", "fft_size", "high_hz", "mel_bands"}


def test_steps_stay_near_40_ms_and_context_near_700_ms(module):
    for name, point in module.points().items():
        geometry = point.plan().geometry()
        assert 0.03 <= geometry.hop * point.config.hop_s <= 0.041, name
        assert 0.6 <= geometry.window * point.config.hop_s <= 0.85, name


def test_the_base_is_the_compact_net(module):
    from voxlite.training.voice.nets import CompactPlan

    base = module.points()["base"]
    assert base.plan() == CompactPlan()
    half = base.plan(2)
    assert half.geometry() == CompactPlan().geometry()
    assert (half.stem, half.width) == (CompactPlan().stem // 2, CompactPlan().width // 2)


def test_quality_and_spread_are_means_and_ranges(module):
    rows = [
        {"name": "base", "test": {"auc_clean": 0.9, "auc_5 dB": 0.8, "far99_clean": 0.5, "goal": 1.0}},
        {"name": "base", "test": {"auc_clean": 0.94, "auc_5 dB": 0.86, "far99_clean": 0.5, "goal": 1.0}},
        {"name": "other", "test": {"auc_clean": 0.7, "auc_5 dB": 0.7}},
    ]
    assert module.quality(rows, "base", "test") == pytest.approx({"clean": 0.92, "5 dB": 0.83})
    assert module.quality(rows, "none", "test") is None
    assert module.spread(rows, "test") == pytest.approx(0.05)
    assert module.spread(rows[2:], "test") is None


@pytest.mark.parametrize("hop_s", [0.005, 0.010, 0.016, 0.020])
def test_labels_keep_their_time(bench, hop_s):
    labels = np.zeros((200, 2), np.float32)
    labels[50:120] = 1  # 0.5 s to 1.2 s
    n_frames = int(2.0 / hop_s) - 3
    found = bench("probe_training").labels_per_frame(labels, hop_s, n_frames)
    assert found.shape == (n_frames, 2)
    start_s = np.arange(n_frames) * hop_s
    inside = np.clip(np.minimum(start_s + hop_s, 1.2) - np.maximum(start_s, 0.5), 0, None) / hop_s
    assert found[:, 0] == pytest.approx(inside, abs=1e-5)


def test_base_targets_are_those_of_the_training(bench, rng):
    from voxlite.frontend import log_mel
    from voxlite.training.examples import step_targets

    training, point = bench("probe_training"), bench("probe_points").points()["base"]
    samples = rng.integers(-9_000, 9_000, (2, 32_000)).astype(np.int16)
    labels = (rng.random((2, 200, 2)) < 0.5).astype(np.uint8)
    features, targets = training.features_and_targets(training.Examples(samples, labels), point)
    mel = log_mel(samples[1].astype(np.float32) / np.float32(32_767), point.config)
    assert features[1] == pytest.approx(mel, abs=0.02)  # kept in 16 bits
    rows = labels[1, : len(mel)].astype(np.float32)
    assert np.array_equal(targets[1], step_targets(rows[:, 0], rows[:, 1], point.plan().geometry(), 12))


def test_order_puts_the_spread_first(bench):
    order = list(bench("probes").order(2, 3))
    names = list(bench("probe_points").points())
    assert order[: len(names)] == [(name, 1) for name in names]
    assert order[len(names) :] == [("base", 2), ("base", 3), *((name, 2) for name in names[1:])]


class TestCommand:
    @pytest.fixture
    def run(self, bench, monkeypatch, tmp_path):
        """Run the command with a training that only counts; return what was trained."""
        probes, training = bench("probes"), bench("probe_training")
        trained = []

        def train_probe(point, examples, sets, plan):
            trained.append((point, plan.seed, plan.steps))
            figures = {"auc_clean": 0.9 + plan.seed / 100, "auc_telephone": 0.9}
            return {"loss": 0.1, "parameters": 1, "val": figures, "test": figures, "s": 0.0}

        monkeypatch.setattr(training, "train_probe", train_probe)
        monkeypatch.setattr(probes, "material", lambda run, manifest, cache: (None, {}))

        def command(*arguments):
            trained.clear()
            probes.main([*arguments, "--out", str(tmp_path / "probes.json")])
            return list(trained)

        return command

    def test_each_front_end_once_and_the_base_thrice(self, run, bench, tmp_path, capsys):
        points = bench("probe_points").points()
        trained = run("--steps", "7")
        assert [seed for _, seed, _ in trained] == [1] * len(points) + [2, 3]
        assert {steps for _, _, steps in trained} == {7}
        data = json.loads((tmp_path / "probes.json").read_text())
        assert data["run"]["steps"] == 7
        assert "machine" in data
        out = capsys.readouterr().out
        assert "0.9200" in out  # the base's mean over three seeds on clean windows
        assert "window 25 ms, hop 10 ms" in out

    def test_goes_on_where_it_stopped(self, run, tmp_path):
        run()
        data = json.loads((tmp_path / "probes.json").read_text())
        data["probes"] = data["probes"][:4]
        data["probes"][2]["point"]["strides"] = [9, 9, 9]  # a front end of an earlier version
        (tmp_path / "probes.json").write_text(json.dumps(data))
        assert len(run()) == 10  # of thirteen, three were of use
        assert run() == []

    def test_other_settings_start_anew(self, run):
        first = run("--steps", "7")
        assert run("--steps", "7") == []
        assert len(run("--steps", "8")) == len(first)


def test_probes_of_a_tiny_corpus(bench, tiny_corpus, tmp_path, monkeypatch):
    probes, points = bench("probes"), bench("probe_points")
    name = "8 kHz, 40 bands"
    chosen = {name: points.points()[name]}
    for module in (probes, points):
        monkeypatch.setattr(module, "points", lambda: chosen)
    cache = tmp_path / "made"
    (cache / "train-free").mkdir(parents=True)
    np.savez(cache / "train-free" / "rooms.npz", room0000=np.eye(1, 400, dtype=np.float32)[0])
    out = tmp_path / "probes.json"
    arguments = ["--manifest", tiny_corpus, "--cache", cache, "--out", out, "--steps", 2, "--batch", 4]
    arguments += ["--examples", 6, "--base-seeds", 1]
    probes.main([str(argument) for argument in arguments])
    (row,) = json.loads(out.read_text())["probes"]
    assert (row["name"], row["seed"]) == (name, 1)
    assert set(row["test"]) >= {"auc_clean", "auc_5 dB", "auc_telephone"}
    assert all(0 <= row["val"][f"auc_{condition}"] <= 1 for condition in ("clean", "5 dB", "telephone"))
    assert (cache / "probes" / "samples-6.npy").is_file()
