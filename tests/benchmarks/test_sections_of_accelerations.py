"""Sections of docs/numbers.md on the accelerations and on both nets, from JSON as the commands write it."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINE = {
    "date": "2030-01-02", "cpu": "A processor", "cores": 3, "system": "Linux x86_64", "python": "3.12.1",
    "packages": {"numpy": "2.1.0"},
}  # fmt: skip


def part(what, off, on, off_ms, on_ms, off_auc=None, on_auc=None, **more):
    return {
        "what": what, "off": off, "on": on, "off_ms": off_ms, "on_ms": on_ms, "factor": off_ms / on_ms,
        "off_auc": off_auc, "on_auc": on_auc, "more": more,
    }  # fmt: skip


def row(title, *parts, remarks=()):
    return {"title": title, "default": f"default of {title}", "parts": list(parts), "remarks": list(remarks)}


AUC = {"clean": 0.99, "5 dB": 0.98, "telephone": 0.97}
ACCELERATIONS = {
    "machine": MACHINE,
    "claim": {"row": "1", "factors": [4.0, 8.0]},
    "rows": {
        "1": row(
            "instruction set", part("net", "reference", "XNNPACK", 1234.5, 20.0), remarks=["no kernel", "x"]
        ),
        "3": row("rate", part("net", "48 kHz", "8 kHz", 0.6666, 0.5, AUC, {**AUC, "clean": 0.96})),
        "4": row("window", part("net", "default", "hop 20 ms", 0.4, 0.2, off_front_ms=0.3, on_front_ms=0.15)),
        "7": row("int8", part("net", "float32", "int8", 0.4, 0.2, off_bytes=609_000, on_bytes=301_000)),
        "8": row("batch", part("net", "1 step", "96 steps", 8.0, 0.5, largest_difference=0.0)),
    },
}


def quality(auc, far):
    figures = {
        "roc_auc": auc, "accuracy": 0.97, "recall": 0.96, "false_alarm_rate": far, "far_at_99_recall": 0.04,
        "ece": 0.01,
    }  # fmt: skip
    return {
        "threshold": 0.5,
        "n_speech": 769,
        "n_other": 661,
        "conditions": {"clean": figures, "5 dB": figures},
    }


def net(scale, parameters=100_000.0):
    return {
        "file": f"x{scale}.tflite", "weights": "int8", "size_bytes": 385_000 * scale, "parameters": parameters,
        "latency_ms": {"1": 0.3 * scale, "2": 0.2 * scale}, "windows_per_s": {"1": 3000 / scale, "2": 5000 / scale},
        "recording_ms": 0.5 * scale, "fresh": {"first_ms": 5.0 * scale, "peak_mb": 44.4, "imported_mb": 33.3},
    }  # fmt: skip


NETS = {
    "machine": MACHINE,
    "calls": "one",
    "nets": {"compact net": net(1), "Inception-v3": net(60, None)},
    "quality": {"compact net": quality(0.9965, 0.015), "Inception-v3": quality(0.9911, 0.01)},
    "cheaper": {"window": 60.2, "recording": 480.0, "size": 60.0},
    "remarks": [],
}


@pytest.fixture
def modules(monkeypatch):
    """Import sections; the repository's root is not on the path of an installed package."""
    monkeypatch.syspath_prepend(ROOT)
    return {
        name: importlib.import_module(f"benchmarks.sections.{name}")
        for name in ("accelerations", "nets", "results")
    }


def cells(blocks, start):
    lines = "\n".join(blocks).splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {start} |")]


def test_accelerations_table(modules):
    results = modules["results"].Results(accelerations=ACCELERATIONS)
    blocks = modules["accelerations"].accelerations(results, {"Factors": "images/accelerations.png"})
    assert blocks[0] == "## Accelerations"
    assert "4 to 8 times" in blocks[2]
    assert cells(blocks, 1) == [
        ["1", "net", "reference", "XNNPACK", "1234", "20", "61.73", "-", "-", "-"],
        ["1", "instruction set", "default of instruction set", "no kernel; x"],
    ]
    assert cells(blocks, 3)[0][4:] == ["0.667", "0.5", "1.33", "0.9800", "0.9700", "-"]
    assert cells(blocks, 4)[0][-1] == "front end outside the graph: 0.3 ms, then 0.15 ms"
    assert cells(blocks, 7)[0][-1] == "609 kB, then 301 kB"
    assert cells(blocks, 8)[0][-1] == "results differ by at most 0"
    assert cells(blocks, 8)[1][-1] == "-"
    assert "![Factors](images/accelerations.png)" in blocks


def test_nets_table_has_the_better_in_bold(modules):
    blocks = modules["nets"].nets(modules["results"].Results(nets=NETS))
    clean = cells(blocks, "clean")
    assert clean[0] == [
        "clean",
        "compact net",
        "**0.9965**",
        "**97.0 %**",
        "**96.0 %**",
        "1.5 %",
        "**4.0 %**",
        "**0.010**",
    ]
    assert clean[1][2] == "0.9911"
    assert clean[1][5] == "**1.0 %**"
    assert cells(blocks, "one-second window, 1 thread, ms") == [
        ["one-second window, 1 thread, ms", "0.30", "18.00", "60.2"]
    ]
    assert cells(blocks, "parameters")[0][1:] == ["100000", "-", "-"]
    assert cells(blocks, "many windows, 2 threads, windows per second")[0][1:] == ["5000", "83", "-"]
    assert cells(blocks, "peak memory of that process, MiB")[0][1:] == ["44", "44", "-"]
    text = " ".join(blocks)
    assert "769 of speech, 661 of other sounds" in text
    assert "called once on each window" in text
    assert "60 times cheaper on a window, 480 times on a recording" in text


def test_one_net_alone(modules):
    alone = {
        **NETS,
        "nets": {"compact net": net(1)},
        "quality": {"compact net": quality(0.99, 0.01)},
        "cheaper": {},
        "remarks": ["Inception-v3: no file x"],
    }
    blocks = modules["nets"].nets(modules["results"].Results(nets=alone))
    assert cells(blocks, "clean")[0][2] == "0.9900"  # nothing to be better than
    assert blocks[-1] == "Missing: Inception-v3: no file x."
    assert "cheaper" not in " ".join(blocks)
    bare = {**alone, "quality": {}, "remarks": []}
    assert not cells(modules["nets"].nets(modules["results"].Results(nets=bare)), "clean")


def test_nothing_measured_names_the_commands(modules):
    results = modules["results"].Results()
    assert (
        "`python -m benchmarks.accelerations` makes"
        in modules["accelerations"].accelerations(results, {})[-1]
    )
    assert "`python -m benchmarks.nets` makes" in modules["nets"].nets(results)[-1]


def test_machines_of_the_new_commands(modules):
    results = modules["results"].Results(accelerations=ACCELERATIONS, nets=NETS, probes={"machine": MACHINE})
    assert [command for command, _ in results.machines()] == [
        "python -m benchmarks.accelerations", "python -m benchmarks.probes", "python -m benchmarks.nets",
    ]  # fmt: skip
