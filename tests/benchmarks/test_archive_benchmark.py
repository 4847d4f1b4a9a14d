"""Archives: what is measured of a small one, and what the section says."""

from __future__ import annotations

import json
import os
import sys

import pytest

pytest.importorskip("pyarrow", reason="needs the archive extra")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def measured(bench, tmp_path, monkeypatch, capsys):
    """Run the benchmark on a few short files; returns its module and what it wrote."""
    module = bench("archive")
    monkeypatch.setattr(module, "_WARM", 2)
    monkeypatch.setattr(module, "_DISTINCT", 4)
    monkeypatch.setattr(module, "load", lambda: 9.0)
    whole = module.throughput
    monkeypatch.setattr(
        module,
        "throughput",
        lambda folder, kinds: whole(folder, {"3 s": (3.0, 4), "1 h": (601.0, 2)}),
    )
    out = tmp_path / "archive.json"
    module.main(["--memory-files", "12", "--price", "0.5", "--out", str(out)])
    assert "Throughput" in capsys.readouterr().out
    return module, json.loads(out.read_text()), out


def test_a_small_archive_is_measured_and_told(measured, bench, capsys):
    module, data, out = measured
    for kind in data["throughput"]["files"].values():
        for row in kind["workers"].values():
            assert row["files_per_s"] * row["s"] == pytest.approx(kind["n_files"])
            assert row["x_real_time"] * row["s"] == pytest.approx(kind["n_files"] * kind["file_s"])
            assert row["processor_s"] > 0
        one = kind["workers"]["1"]
        hours = 1e6 * one["processor_s"] / (kind["n_files"] * kind["file_s"])
        assert hours in [pytest.approx(cost["core_hours"]) for cost in data["cost"].values()]
    assert all(cost["price"] == pytest.approx(cost["core_hours"] / 2) for cost in data["cost"].values())
    memory = data["memory"]
    assert memory["same_processes_throughout"]
    assert [look[0] for look in memory["looks"]] == list(range(1, 13))
    for _, *workers, parent in memory["looks"]:  # one worker may do all of it while the other still starts
        assert all(0 < mib < 2_000 for mib in workers)
        assert (
            max(workers) > 20 < parent < 20_000
        )  # the parent is this process, with all that other tests loaded

    section = bench("sections.archive")
    text = "\n".join(section.archive(data))
    assert "## Archives" in text
    assert "busy with other work: 9 processes" in text
    assert "0.5 per core-hour" in text
    assert "Resident memory over 12 files" in text
    data["throughput"]["load_at_start"] = 0.5
    assert "busy" not in "\n".join(section.archive(data))
    assert section.ARCHIVE in "\n".join(section.archive(None))

    module.main(["--parts", "memory", "--memory-files", "3", "--price", "0.5", "--out", str(out)])
    later = json.loads(out.read_text())
    assert later["memory"]["n_files"] == 3
    assert later["throughput"]["files"] == data["throughput"]["files"]


def test_memory_of_this_process_and_of_none(bench):
    module = bench("archive")
    assert 10 < module.resident_mib(os.getpid()) < 10_000
    assert module.resident_mib(2**22 + 1) == 0
    assert module.load() >= 0
