"""`voxlite models` and `voxlite doctor`: what is shipped, what is missing, and the cure."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from voxlite.cli import doctor
from voxlite.frontend import native
from voxlite.frontend.config import FrontEndConfig


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """Replace the shipped models by one that is known."""
    metadata = SimpleNamespace(
        name="compact",
        task="voice",
        version="1",
        licence="CC-BY-4.0",
        weights="float16",
        frontend=FrontEndConfig(),
        description="finds voices",
        thresholds={
            "clip": {"value": 0.5, "far": 0.0165, "frr": 0.0122, "data": "clips"},
            "step": {"value": 0.5},
        },
        figures={"roc_auc_clean": 0.9987654, "windows": 1234},
        training={"parameters": 123_456},
    )
    models = [
        SimpleNamespace(name="compact", metadata=metadata, size_bytes=381_900, path=tmp_path / "m.tflite")
    ]
    monkeypatch.setattr("voxlite.runtime.catalog.shipped_models", lambda: models)
    return models


def test_models_as_table_and_json(in_process, shipped):
    text = in_process("models").stdout
    assert "compact   voice   1         CC-BY-4.0   382 kB      123 456   float16" in text
    assert "roc_auc_clean: 0.9988" in text
    assert "windows: 1234" in text
    assert "decides (clip) at 0.5: FAR 1.65 %, FRR 1.22 %, on clips" in text
    assert "step" not in text
    facts = json.loads(in_process("models", "--json").stdout)
    assert facts[0]["parameters"] == 123_456
    assert facts[0]["figures"]["roc_auc_clean"] == 0.9987654
    shipped[0].metadata.training = {}
    shipped[0].metadata.figures = {"parameters": 99.0}
    assert json.loads(in_process("models", "--json").stdout)[0]["parameters"] == 99
    shipped[0].metadata.figures = {}
    assert json.loads(in_process("models", "--json").stdout)[0]["parameters"] is None
    shipped.clear()
    assert "No model is shipped" in in_process("models").stdout


def test_models_that_are_really_shipped(in_process):
    facts = json.loads(in_process("models", "--json").stdout)
    assert any(model["task"] == "voice" and model["size_bytes"] <= 500_000 for model in facts)


def test_doctor_finds_this_installation_well(in_process):
    result = in_process("doctor")
    assert result.exit_code == 0
    assert "Everything needed is there." in result.stdout
    checks = {check["name"]: check for check in json.loads(in_process("doctor", "--json").stdout)}
    assert {"voxlite", "processor", "numpy", "soundfile", "extra media", "model compact"} <= set(checks)
    assert "loads and runs" in checks["model compact"]["detail"]


def test_doctor_names_the_cure_for_what_is_missing(in_process, monkeypatch, shipped):
    monkeypatch.setattr(doctor, "_version", lambda name: None if name in ("soxr", "av") else "1.0")
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(query_devices=lambda: [1, 2]))
    result = in_process("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert checks["soxr"] == {"name": "soxr", "state": "broken", "detail": "not installed: pip install soxr"}
    assert checks["extra media"]["state"] == "missing"
    assert "pip install 'voxlite[media]'" in checks["extra media"]["detail"]
    assert checks["extra mic"]["detail"] == "sounddevice 1.0, 2 devices"
    assert "broken" in in_process("doctor").stdout


def test_doctor_finds_broken_models_and_libraries(in_process, monkeypatch, shipped):
    monkeypatch.setattr(doctor, "_version", lambda name: "1.0")
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    shipped[0].name = "broken-one"

    def states():
        result = in_process("doctor", "--json")
        return result.exit_code, {check["name"]: check for check in json.loads(result.stdout)}

    status, checks = states()
    assert status == 1
    assert checks["model broken-one"]["state"] == "broken"
    assert "libportaudio2" in checks["extra mic"]["detail"]
    shipped.clear()
    assert "no voice model" in states()[1]["models"]["detail"]
    monkeypatch.setattr("voxlite.runtime.catalog.shipped_models", lambda: 1 / 0)
    assert states()[1]["models"] == {"name": "models", "state": "broken", "detail": "division by zero"}


@pytest.mark.parametrize(
    ("found", "state", "detail"),
    [
        (native.Kernel(None, ("avx2", "scalar")), "ok", "compiled, avx2; at hand too: scalar"),
        (native.Kernel(None, ("scalar",), wanted=True), "ok", "compiled, scalar by VOXLITE_NATIVE"),
        (native.Kernel(None, (), "off by VOXLITE_NATIVE", wanted=True), "ok", "NumPy: off by VOXLITE_NATIVE"),
        (native.Kernel(None, (), "x.so does not load"), "missing", "NumPy: x.so does not load; to be faster, install "
                                                                   "again with a C compiler"),
    ],
)  # fmt: skip
def test_doctor_says_which_front_end_runs(monkeypatch, found, state, detail):
    monkeypatch.setattr(native, "kernel", lambda: found)
    assert doctor._front_end() == doctor.Check("front end", state, detail)


def test_doctor_shows_a_wrong_choice_of_the_front_end(as_process):
    result = as_process("doctor", "--json", VOXLITE_NATIVE="mmx")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert result.returncode == 1
    assert checks["front end"]["state"] == "broken"
    assert checks["front end"]["detail"].startswith("VOXLITE_NATIVE=mmx: want off or one of")


def test_vector_extensions_are_read_from_cpuinfo():
    assert doctor.cpu_features("model name : X\nflags\t\t: fpu avx2 fma sse4_2\n") == [
        "sse4_2",
        "avx2",
        "fma",
    ]
    assert doctor.cpu_features("Features : fp asimd asimddp\n") == ["asimd", "asimddp"]
    assert doctor.cpu_features("") == []
    assert doctor._version("no-such-distribution") is None
