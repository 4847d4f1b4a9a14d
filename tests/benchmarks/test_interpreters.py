import json
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voxlite.runtime import find_model


def test_kernels_agree(bench, rng):
    module = bench("interpreters")
    model = find_model("voice", "compact")
    samples = rng.standard_normal(16_000).astype(np.float32) * np.float32(0.05)
    xnnpack, optimised, reference = (
        module.run_of(model, kernels=kernels)(samples)
        for kernels in (module.XNNPACK, module.OPTIMISED, module.REFERENCE)
    )
    assert xnnpack.shape == (1, 7)
    assert xnnpack == pytest.approx(reference, abs=1e-4)
    assert optimised == pytest.approx(reference, abs=1e-4)


def test_content_runs_as_its_file_does(bench, rng):
    run_of = bench("interpreters").run_of
    model = find_model("voice", "compact")
    samples = rng.standard_normal(20_000).astype(np.float32) * np.float32(0.05)
    by_file, by_content = (
        run_of(source, (1, 20_000), threads=2)(samples) for source in (model, model.path.read_bytes())
    )
    assert np.array_equal(by_file, by_content)


def test_each_thread_has_its_own(bench):
    made = []

    def make():
        made.append(threading.get_ident())
        return lambda item: (threading.get_ident(), item)

    run = bench("interpreters").per_thread(make)
    found = []
    workers = [threading.Thread(target=lambda: found.extend([run(1), run(2)])) for _ in range(2)]
    for worker in workers:
        worker.start()
        worker.join()
    assert len(made) == 2
    assert [item for _, item in found] == [1, 2, 1, 2]


def test_one_call_is_calibrated(bench, monkeypatch):
    module = bench("interpreters")
    monkeypatch.setattr(module, "run_of", lambda model: lambda samples: np.array([[samples[0]]], np.float32))
    info = find_model("voice", "compact")
    calibration = info.metadata.calibration | {"clip_slope": 2.0, "clip_offset": -1.0}
    model = replace(info, metadata=replace(info.metadata, calibration=calibration))
    score = module.one_call(model)
    assert score(np.array([0.5], np.float32)) == pytest.approx(0.5)
    assert score(np.array([1.5], np.float32)) == pytest.approx(1 / (1 + np.exp(-2)))


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the peak of memory is read from /proc")
def test_a_fresh_process_tells_time_and_memory(bench):
    fresh, path = bench("fresh"), find_model("voice", "compact").path
    for found in (fresh.first_run(str(path)), fresh.in_fresh_processes(path, 1)):
        assert set(found) == {"load_ms", "first_ms", "imported_mb", "peak_mb"}
        assert 0 < found["load_ms"] <= found["first_ms"]
        assert 0 < found["imported_mb"] <= found["peak_mb"]


def test_medians_over_fresh_processes(bench, monkeypatch):
    fresh = bench("fresh")
    answers = iter([3.0, 1.0, 2.0])

    def run(command, **_):
        assert command[1:3] == ["-m", "benchmarks.fresh"]
        return subprocess.CompletedProcess(command, 0, f"noise\n{json.dumps({'first_ms': next(answers)})}\n")

    monkeypatch.setattr(fresh.subprocess, "run", run)
    assert fresh.in_fresh_processes(Path("x.tflite"), 3) == {"first_ms": 2.0}
