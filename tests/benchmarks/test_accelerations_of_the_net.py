from dataclasses import replace

import numpy as np
import pytest

from voxlite.activity import SilenceGate
from voxlite.runtime import find_model

CONDITIONS = {"clean": 0.99, "5 dB": 0.98, "telephone": 0.97}


@pytest.fixture(autouse=True)
def _without_a_corpus(monkeypatch):
    """Rows say the same where the caller has a corpus."""
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)


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


def test_files_of_another_training_or_on_fewer_windows_say_so(bench, window_model):
    weights = bench("accelerated.weights")
    shipped, single = find_model("voice", "compact"), find_model("voice", str(window_model))
    assert weights.about("compact net", {"float32": shipped}, shipped) == []
    trained = replace(shipped.metadata, training={"steps": 7, "minutes": 2.4})
    (said,) = weights.about("compact net", {"float32": replace(shipped, metadata=trained)}, shipped)
    assert said == "compact net: files of a training of 7 steps (2 minutes), not that of the shipped one"
    (said,) = weights.about("Inception-v3", {"float32": single}, single)
    assert said == "Inception-v3: ROC-AUC on every 4th window"
