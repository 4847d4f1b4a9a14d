import json
from dataclasses import replace

import numpy as np
import pytest

from voxlite.errors import VoxliteError
from voxlite.runtime import find_model


@pytest.fixture
def module(bench, monkeypatch):
    """The command, its slow parts replaced."""
    nets = bench("nets")
    found = {"load_ms": 1.0, "first_ms": 2.0, "imported_mb": 30.0, "peak_mb": 40.0}
    monkeypatch.setattr(nets, "in_fresh_processes", lambda path, times: found)
    return nets


@pytest.fixture
def compact():
    return find_model("voice", "compact")


@pytest.fixture
def window_model(compact):
    """The compact net as if it took one window per call."""
    return replace(compact, metadata=replace(compact.metadata, net_input="image", resizable=False))


def test_quality_at_the_models_own_threshold(module, compact, sets, monkeypatch):
    values = {windows.samples[k].tobytes(): k / 10 for windows in sets.values() for k in range(6)}
    monkeypatch.setattr(module, "scorer", lambda model, calls: lambda samples: values[samples.tobytes()])
    found = module.qualities(compact, sets, "one")
    assert (found["threshold"], found["n_speech"], found["n_other"]) == (0.5, 3, 3)
    clean = found["conditions"]["clean"]
    assert set(clean) == {key for key, _, _ in module.QUALITY}
    assert clean["roc_auc"] == 0.0  # the windows of voices come first
    assert clean["recall"] == 0.0
    assert clean["false_alarm_rate"] == pytest.approx(1 / 3)


def test_calls_of_a_window_model(module, compact, window_model, sets, monkeypatch):
    monkeypatch.setattr(module, "one_call", lambda model: "one")
    assert module.scorer(window_model, "one") == "one"
    voice = sets["clean"].samples[0]
    by_verdict = module.scorer(window_model, "decide")(voice)
    assert by_verdict == module.scorer(compact, "one")(
        voice
    )  # a net of steps is always asked for its verdict
    assert 0 <= by_verdict <= 1


def test_timing_of_both_nets(module, compact):
    found = module.timing({"compact net": compact, "Inception-v3": compact}, 1, 0.0)
    assert set(found) == {"compact net", "Inception-v3"}
    for row in found.values():
        assert list(row["latency_ms"]) == list(row["windows_per_s"]) == ["1", "2", "4"]
        assert min(row["latency_ms"].values()) > 0
        assert row["recording_ms"] > 0


def test_factors_are_of_inception_over_the_compact_net(module):
    def net(scale, parameters):
        return {
            "latency_ms": {"1": 1.0 * scale}, "recording_ms": 2.0 * scale, "size_bytes": 3 * scale,
            "parameters": parameters, "fresh": {"first_ms": 4.0},
        }  # fmt: skip

    both = {"compact net": net(1, 100.0), "Inception-v3": net(60, 700.0)}
    assert module.cheaper(both) == {
        "window": 60.0, "recording": 60.0, "size": 60.0, "first": 1.0, "parameters": 7.0,
    }  # fmt: skip
    both["Inception-v3"]["parameters"] = None
    assert "parameters" not in module.cheaper(both)
    assert module.cheaper({"compact net": net(1, 100.0)}) == {}


def test_command_without_inception_and_corpus_says_so(module, tmp_path, monkeypatch, capsys):
    def no_windows(*_, **__):
        raise VoxliteError("no corpus: set VOXLITE_CORPUS")

    monkeypatch.setattr(module, "load_windows", no_windows)
    out = tmp_path / "nets.json"
    module.main(
        ["--inception", str(tmp_path / "none.tflite"), "--repeats", "1", "--budget", "0", "--out", str(out)]
    )
    data = json.loads(out.read_text())
    assert data["quality"] == {}
    assert data["cheaper"] == {}
    assert data["remarks"] == [
        f"Inception-v3: no file {tmp_path / 'none.tflite'}",
        "quality: no corpus: set VOXLITE_CORPUS",
    ]
    assert data["nets"]["compact net"]["parameters"] > 100_000
    printed = capsys.readouterr().out
    assert "peak memory" in printed
    assert "Quality" not in printed


def test_command_with_both(module, tmp_path, monkeypatch, sets, compact, capsys):
    asked = []
    path = tmp_path / "voice-inception_v3-int8.tflite"
    path.write_bytes(compact.path.read_bytes())
    monkeypatch.setattr(module, "load_windows", lambda *a, **k: asked.append(k) or sets)
    monkeypatch.setattr(
        module, "scorer", lambda model, calls: lambda samples: float(np.abs(samples).max() > 0.2)
    )
    out = tmp_path / "nets.json"
    module.main(
        ["--inception", str(path), "--repeats", "1", "--budget", "0", "--limit", "3", "--out", str(out)]
    )
    data = json.loads(out.read_text())
    assert asked == [{"limit": 3, "snrs_db": (20.0, 10.0, 5.0, 0.0)}]
    assert list(data["quality"]) == list(data["nets"]) == ["compact net", "Inception-v3"]
    assert data["cheaper"]["size"] == 1.0
    assert data["remarks"] == []
    printed = capsys.readouterr().out
    assert "telephone" in printed
    assert "**" not in printed
