import json
import types

import numpy as np
import pytest

from voxlite.audio.banding import BandLimiter
from voxlite.frontend import FrontEndConfig
from voxlite.runtime import find_model

CONDITIONS = {"clean": 0.99, "5 dB": 0.98, "telephone": 0.97}


@pytest.fixture
def small_graphs(bench, monkeypatch):
    """Spare the conversion: the compact net stands for the graph behind every front end of its rate."""
    frames = bench("accelerated.frames")
    content = find_model("voice", "compact").path.read_bytes()
    monkeypatch.setattr(frames, "graph_of", lambda point: content)
    return frames


def probes(tmp_path, names, seeds=(1, 2)):
    rows = [
        {
            "name": name,
            "seed": seed,
            "test": {f"auc_{key}": value + seed / 1000 for key, value in CONDITIONS.items()},
        }
        for name in names
        for seed in seeds
    ]
    (tmp_path / "probes.json").write_text(json.dumps({"probes": rows}))


def kernel_of(*isas):
    return types.SimpleNamespace(isas=isas, detail="the detail")


def named(row):
    return {(part.what, part.off, part.on): part for part in row.parts}


def test_instruction_set_without_kernel_and_inception(bench, setup, monkeypatch):
    kernels = bench("accelerated.kernels")
    monkeypatch.setattr(kernels.native, "kernel", kernel_of)
    monkeypatch.setattr(kernels, "_in_child", lambda setup, environment: 4.0 if environment else 2.0)
    monkeypatch.setattr(kernels, "_simd", lambda: ["AVX9"])
    row = kernels.measure(setup)
    parts = named(row)
    net = "compact net, one-second window"
    assert {(off, on) for what, off, on in parts if what == net} == {
        ("reference kernels", "XNNPACK"),
        ("reference kernels", "LiteRT's own kernels"),
    }
    assert parts["front end, NumPy", "SSE3", "AVX9"].factor == 2.0
    assert row.remarks[0] == f"Inception-v3: no file {setup.inception}"
    assert "no compiled kernel" in row.remarks[1]


def test_compiled_front_end_against_scalar_and_numpy(bench, setup, monkeypatch):
    kernels = bench("accelerated.kernels")
    asked = []

    def plan_for(config, isa):
        asked.append((config, isa))
        return types.SimpleNamespace(log_mel=lambda samples: None)

    monkeypatch.setattr(kernels.native, "kernel", lambda: kernel_of("avx9", "sse2", "scalar"))
    monkeypatch.setattr(kernels.native, "plan_for", plan_for)
    parts = kernels._compiled(setup)
    assert [(part.what, part.off, part.on) for part in parts] == [
        ("front end, compiled", "scalar", "avx9"),
        ("front end, compiled", "scalar", "sse2"),
        ("front end", "NumPy", "compiled, avx9"),
    ]
    assert asked == [(FrontEndConfig(), isa) for isa in ("avx9", "sse2", "scalar")]


@pytest.mark.parametrize("isas", [(), ("scalar",), ("avx9",)])
def test_front_end_without_both_kinds_of_kernel_says_why(bench, setup, monkeypatch, isas):
    kernels = bench("accelerated.kernels")
    monkeypatch.setattr(kernels.native, "kernel", lambda: kernel_of(*isas))
    assert kernels._compiled(setup).endswith("with and without vectors (the detail)")


def test_numpy_is_timed_in_a_process_of_its_own(bench, setup):
    kernels = bench("accelerated.kernels")
    assert kernels._in_child(setup, {}) > 0


def test_numpy_says_when_its_kernels_cannot_be_chosen(bench, setup, monkeypatch):
    kernels = bench("accelerated.kernels")
    monkeypatch.setattr(kernels.platform, "machine", lambda: "riscv")
    assert "cannot be switched off" in kernels._numpy(setup)


def test_band_limiting_is_off_only_inside(bench, rng):
    band = bench("accelerated.band")
    samples = rng.standard_normal(4_000).astype(np.float32)
    original = BandLimiter.push
    with band.no_limit():
        assert BandLimiter(16_000).push(samples) is samples
    assert BandLimiter.push is original
    rumbling = band.rumbling(samples)
    assert rumbling.dtype == np.float32
    assert np.mean(rumbling - samples) == pytest.approx(0.1, abs=1e-3)  # two whole periods of 8 Hz


def test_band_row(bench, setup, small_graphs, tmp_path):
    probes(tmp_path, ["base", "300..3400 Hz, 40 bands"])
    row = bench("accelerated.band").measure(setup)
    clean, rumble, narrow = row.parts
    assert (clean.off, clean.on) == ("no high-pass", "high-pass at 20 Hz")
    assert set(clean.on_auc) == set(rumble.off_auc) == set(CONDITIONS)
    assert narrow.on == "300..3400 Hz, 40 bands"
    assert narrow.on_auc == pytest.approx({key: value + 0.0015 for key, value in CONDITIONS.items()})
    assert row.remarks == ("probes: the base's ROC-AUC differs by 0.0010 between seeds",)


def test_rates_row_says_what_the_corpus_cannot_hold(bench, without_corpus, small_graphs, monkeypatch):
    rates = bench("accelerated.rates")
    monkeypatch.setattr(rates, "compared", lambda setup, names: ([], [f"asked for {names}"]))
    row = rates.measure(without_corpus)
    assert [(part.off, part.on) for part in row.parts] == [("48 kHz", f"{k} kHz") for k in (32, 16, 8)]
    assert all(part.on_auc is None for part in row.parts)
    assert row.remarks == ("ROC-AUC: no corpus", "asked for ['8 kHz, 40 bands']", rates.NOTHING_NEW)


def test_rates_row_scores_windows_at_each_rate(bench, setup, monkeypatch):
    rates = bench("accelerated.rates")
    monkeypatch.setattr(rates, "compared", lambda setup, names: ([], []))
    rows = rates.measure(setup).parts
    assert all(set(part.on_auc) == set(CONDITIONS) for part in rows)
    assert rows[0].off_auc == rows[2].off_auc


def test_frames_row_without_probes_says_which_command(bench, setup, small_graphs):
    row = small_graphs.measure(setup)
    assert [part.on for part in row.parts] == list(small_graphs.CHANGES)
    assert all(part.on_auc is None and part.more["on_front_ms"] > 0 for part in row.parts)
    assert row.remarks == ("ROC-AUC of other front ends: not measured yet (python -m benchmarks.probes)",)


@pytest.mark.train
def test_graph_of_a_front_end_gives_a_step_per_40_ms(bench):
    frames, points = bench("accelerated.frames"), bench("probe_points").points()
    content = frames.graph_of(points["hop 16 ms"])
    run = bench("interpreters").run_of(content, (1, frames.SECONDS * 16_000))
    geometry = points["hop 16 ms"].plan().geometry()
    n_frames = (frames.SECONDS * 16_000 - 400) // 256 + 1
    assert run(np.zeros(frames.SECONDS * 16_000, np.float32)).shape == (1, geometry.count(n_frames))
