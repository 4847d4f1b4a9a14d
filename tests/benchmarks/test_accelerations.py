import json
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voxlite.activity import SilenceGate
from voxlite.audio.banding import BandLimiter
from voxlite.frontend import FrontEndConfig
from voxlite.runtime import find_model

CONDITIONS = {"clean": 0.99, "5 dB": 0.98, "telephone": 0.97}


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
    from voxlite.runtime import StepGeometry
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


def test_a_part_is_plain_data_with_its_factor(bench):
    module = bench("accelerated.row")
    part = module.Part("x", "slow", "fast", 6.0, 2.0, more={"bytes": 1.0})
    row = module.Row("title", "default", (part,), ("a remark",)).to_dict()
    assert json.loads(json.dumps(row))["parts"][0]["factor"] == 3.0
    assert row["remarks"] == ["a remark"]
    assert row["parts"][0]["off_auc"] is None


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


def test_silence_is_where_it_should_be(bench):
    silence = bench("accelerated.silence")
    sound = np.full(20 * 16_000, 0.5, np.float32)
    found = silence.with_silence(sound, 0.25)
    assert np.mean(found == 0.5) == pytest.approx(0.75, abs=1e-4)
    assert np.abs(found[8 * 16_000 : 10 * 16_000]).max() < 0.01
    assert np.array_equal(silence.with_silence(sound, 0.0), sound)


def test_open_gate_lets_everything_through_with_the_same_levels(bench, rng):
    silence = bench("accelerated.silence")
    samples = rng.standard_normal(1_600).astype(np.float32) * np.float32(1e-4)
    closed, expected = SilenceGate(160).push(samples)
    with silence.open_gate():
        silent, power = SilenceGate(160).push(samples)
    assert closed.all()
    assert not silent.any()
    assert power == pytest.approx(expected, rel=1e-5)


def test_silence_row_is_a_curve(bench, setup):
    parts = bench("accelerated.silence").measure(replace(setup, seconds=10.0)).parts
    assert [part.more["silence_share"] for part in parts] == [0.0, 0.25, 0.5, 0.75, 0.9]


def test_threads_row(bench, setup, window_model):
    threads = bench("accelerated.threads")
    assert threads.measure(setup).remarks == (setup.no_inception,)
    row = threads.measure(replace(setup, inception=window_model))
    assert [part.more["threads"] for part in row.parts] == [2, 4, 8] * 2
    assert {part.what for part in row.parts} == {"compact net, 2 s of sound", "Inception-v3, 1 s of sound"}


def test_steps_in_one_call_give_equal_results(bench, setup):
    batches = bench("accelerated.batches")
    row = batches.measure(setup)
    assert [part.on for part in row.parts] == [f"{n} steps per call" for n in (8, 32, 96)]
    assert all(part.more["largest_difference"] <= batches.MOST for part in row.parts)
    assert row.remarks == (setup.no_inception,)


def test_windows_in_one_call_where_the_graph_takes_them(bench, setup, window_model, monkeypatch):
    batches = bench("accelerated.batches")
    model = find_model("voice", str(window_model))
    shapes = []

    def run_of(model, shape):
        shapes.append(shape)
        return lambda samples: samples.reshape(shape)[:, :1] + (shape[0] == 16) * np.float32(1e-3)

    monkeypatch.setattr(batches, "run_of", run_of)
    row = batches.measure(replace(setup, inception=window_model))
    assert shapes == [(n, 16_000) for n in (1, 4, 16)]
    found = {part.on: part.more["largest_difference"] for part in row.parts}
    assert found["4 windows per call"] == 0
    assert found["16 windows per call"] == pytest.approx(1e-3, rel=1e-3)
    assert "results differ by 0.001" in row.remarks[0]

    def refuses(model, shape):
        raise RuntimeError("no such shape\nmore")

    monkeypatch.setattr(batches, "run_of", refuses)
    assert batches._windows(setup, model).endswith("one window per call (no such shape)")


def test_variants_are_found_by_what_they_say(bench, setup, window_model):
    weights = bench("accelerated.weights")
    row = weights.measure(replace(setup, variants=(window_model.parent,)))
    assert row.parts == ()
    assert (
        len(row.remarks) == 3
    )  # neither net has two variants, and the copied windows are not those of a corpus


def test_variants_against_the_first(bench, setup, window_model, monkeypatch):
    weights = bench("accelerated.weights")
    shipped = find_model("voice", "compact")
    full = replace(
        shipped, metadata=replace(shipped.metadata, weights="float32"), size_bytes=2 * shipped.size_bytes
    )
    monkeypatch.setattr(weights, "variants", lambda setup, model, what: {"float32": full, "float16": shipped})
    row = weights.measure(setup)
    compact, _ = row.parts
    assert (compact.off, compact.on) == ("float32", "float16")
    assert compact.more == {"off_bytes": 2 * shipped.size_bytes, "on_bytes": shipped.size_bytes}
    assert set(compact.on_auc) == set(CONDITIONS)
    assert compact.on_auc == compact.off_auc
    one = weights.quality(setup, find_model("voice", str(window_model)))
    assert set(one) == set(CONDITIONS)


class TestCommand:
    @pytest.fixture
    def command(self, bench, monkeypatch, tmp_path):
        module, row = bench("accelerations"), bench("accelerated.row")

        def fake(number):
            def measure(setup):
                part = row.Part(f"part {number}", "a", "b", 10.0 * number, 4.0, CONDITIONS, CONDITIONS,
                                {"silence_share": 0.5})  # fmt: skip
                return row.Row(f"title {number}", f"default {number}", (part,), ("remark",))

            return measure

        monkeypatch.setattr(module, "ROWS", {number: fake(number) for number in module.ROWS})
        paths = ["--out", str(tmp_path / "a.json"), "--picture", str(tmp_path / "images" / "a.png")]
        return lambda *rows: module.main([*rows, *paths])

    def test_rows_are_added_to_those_of_an_earlier_run(self, command, tmp_path, capsys):
        command("5", "3")
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == ["3", "5"]
        command("1")
        data = json.loads((tmp_path / "a.json").read_text())
        assert list(data["rows"]) == ["1", "3", "5"]
        assert data["claim"] == {"row": "1", "factors": [4.0, 8.0]}
        assert (tmp_path / "images" / "a.png").read_bytes().startswith(b"\x89PNG")
        assert "0.9800" in capsys.readouterr().out

    def test_rows_of_another_machine_are_dropped(self, command, tmp_path):
        command("5")
        data = json.loads((tmp_path / "a.json").read_text())
        data["machine"]["cpu"] = "another"
        (tmp_path / "a.json").write_text(json.dumps(data))
        command("4")
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == ["4"]

    def test_all_rows_by_default(self, command, tmp_path):
        command()
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == [str(n) for n in range(1, 9)]

    def test_an_unknown_row_is_refused(self, command, capsys):
        with pytest.raises(SystemExit):
            command("9")
        assert "invalid choice" in capsys.readouterr().err


def test_setup_says_why_there_are_no_windows(bench, monkeypatch):
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)
    setup = bench("accelerated.row").Setup(inception=Path("none"))
    assert "VOXLITE_CORPUS" in setup.windows
    assert setup.inception_model is None


@pytest.mark.parametrize(
    ("name", "pattern", "number"),
    [
        ("hop 20 ms", "hop * ms", 20),
        ("window 20 ms", "hop * ms", None),
        ("40 bands", "* bands", 40),
        ("300..3400 Hz, 40 bands", "* bands", None),
        ("hop", "hop * ms", None),
    ],
)
def test_curves_join_what_differs_in_one_number(bench, name, pattern, number):
    assert bench("accelerated.picture")._only_number(name, pattern) == number


def test_picture_of_every_kind_of_part(bench, tmp_path):
    def part(on, off="default", on_ms=2.0, **more):
        return {"what": "net", "off": off, "on": on, "off_ms": 1.0, "on_ms": on_ms, "factor": 1 / on_ms,
                "off_auc": CONDITIONS, "on_auc": CONDITIONS, "more": more}  # fmt: skip

    parts = {
        "1": [part("XNNPACK", on_ms=0.01)],
        "3": [part("8 kHz", "48 kHz"), part("8 kHz, 40 bands")],
        "4": [part(name, spread=0.01) for name in ("hop 5 ms", "window 40 ms", "300..3400 Hz, 40 bands")],
        "5": [part("gate", silence_share=share) for share in (0.0, 0.9)],
    }
    rows = {number: {"title": number, "parts": found} for number, found in parts.items()}
    path = tmp_path / "a.png"
    bench("accelerated.picture").draw({"rows": rows, "claim": {"row": "1", "factors": [4, 8]}}, path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.train
def test_graph_of_a_front_end_gives_a_step_per_40_ms(bench):
    frames, points = bench("accelerated.frames"), bench("probe_points").points()
    content = frames.graph_of(points["hop 16 ms"])
    run = bench("interpreters").run_of(content, (1, frames.SECONDS * 16_000))
    geometry = points["hop 16 ms"].plan().geometry()
    n_frames = (frames.SECONDS * 16_000 - 400) // 256 + 1
    assert run(np.zeros(frames.SECONDS * 16_000, np.float32)).shape == (1, geometry.count(n_frames))
