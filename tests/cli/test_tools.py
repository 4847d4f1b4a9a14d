"""`info`, `features`, `models`, `doctor`, `score`, `listen` and the progress line."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from voxlite.cli import doctor, listen, progress
from voxlite.frontend import native
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import log_mel_features, mfcc
from voxlite.values import Segment


def test_info_measures_by_decoding(in_process, tone):
    facts = json.loads(in_process("info", "--json", tone).stdout)
    assert facts["container"] == "WAV"
    assert facts["codec"] == "PCM_16"
    assert (facts["rate_hz"], facts["channels"], facts["frames"], facts["duration_s"]) == (
        16_000,
        1,
        32_000,
        2.0,
    )
    assert facts["peak_dbfs"] == pytest.approx(20 * np.log10(0.3), abs=0.02)
    assert facts["rms_dbfs"] == pytest.approx(20 * np.log10(0.3) - 6.02, abs=0.02)
    assert facts["damage"] is None
    assert facts["size_bytes"] == tone.stat().st_size


def test_info_for_people(in_process, tone, tmp_path):
    text = in_process("info", tone).stdout
    assert "0:02.000 (32 000 samples per channel)" in text
    assert "-10.5 dBFS" in text
    soundfile.write(tmp_path / "zero.wav", np.zeros((800, 2)), 8_000)
    assert "digital silence" in in_process("info", tmp_path / "zero.wav").stdout
    whole = tmp_path / "noise.flac"
    soundfile.write(whole, np.random.default_rng(0).normal(0, 0.1, 32_000), 8_000)
    text = in_process("info", "-", stdin=whole.read_bytes()[:30_000]).stdout
    assert "standard input" in text
    assert "damage" in text
    assert "bytes" not in text


@pytest.mark.parametrize(("kind", "compute"), [("mfcc", mfcc), ("logmel", log_mel_features)])
def test_features_as_array_and_table(in_process, tone, tmp_path, kind, compute):
    from voxlite.audio import read_audio

    expected = compute(read_audio(tone, 16_000), FrontEndConfig())
    result = in_process("features", tone, "--kind", kind, "--out", tmp_path / "x.npy")
    assert (result.exit_code, result.stdout) == (0, "")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), expected)
    in_process("features", tone, "--kind", kind, "--out", tmp_path / "x.csv")
    table = np.loadtxt(tmp_path / "x.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table[:, 1:].astype(np.float32), expected)
    np.testing.assert_allclose(table[:3, 0], [0, 0.01, 0.02])


def test_features_as_images(in_process, tone, tmp_path):
    in_process("features", tone, "--kind", "image", "--out", tmp_path / "x.NPY")
    assert np.load(tmp_path / "x.NPY").shape == (299, 299, 3)
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    for kind in ("mfcc", "image"):
        assert in_process("features", tone, "--kind", kind, "--out", tmp_path / f"{kind}.png").exit_code == 0
        assert (tmp_path / f"{kind}.png").read_bytes().startswith(b"\x89PNG")


def test_features_as_parquet(in_process, tone, tmp_path, monkeypatch):
    written = {}
    parquet = SimpleNamespace(write_table=lambda table, out: written.update({out: table}))
    monkeypatch.setitem(
        sys.modules, "pyarrow", SimpleNamespace(table=lambda columns: columns, parquet=parquet)
    )
    assert in_process("features", tone, "--out", tmp_path / "x.parquet").exit_code == 0
    table = written[tmp_path / "x.parquet"]
    assert list(table) == ["start_s", *(f"c{k}" for k in range(40))]
    assert {len(column) for column in table.values()} == {198}
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = in_process("features", tone, "--out", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert "voxlite[parquet]" in result.stderr


def test_features_refuses_what_makes_no_sense(in_process, tone, tmp_path):
    assert in_process("features", tone, "--out", tmp_path / "x.txt").exit_code == 2
    assert in_process("features", tone, "--kind", "image", "--out", tmp_path / "x.csv").exit_code == 2
    result = in_process("features", tone, "--out", tmp_path / "no" / "x.npy")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


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


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("start_s,end_s,label\n0,1,silence\n1,2.1,voice\n2.1,3,noise\n3,4,voice\n")
    return path


@pytest.fixture
def call(tmp_path):
    path = tmp_path / "call.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 32_000), 8_000)
    return path


def test_score_compares_with_the_truth(in_process, fake_analyze, truth, call, tmp_path):
    text = in_process("score", truth, call).stdout
    assert "97.5 % of 40 steps of 100 ms have the right label" in text
    assert "ends of voice: 50 ms off on average (2 compared)" in text
    assert "2 of 2 found, 0 missed, 0 found where there is none" in text
    facts = json.loads(in_process("score", "--json", truth, call).stdout)
    assert facts["schema"] == "voxlite.score/1"
    assert facts["right_share"] == 0.975
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    assert in_process("score", "--picture", tmp_path / "s.png", truth, call).exit_code == 0
    assert (tmp_path / "s.png").exists()


def test_score_says_when_there_is_nothing_to_compare(in_process, fake_analyze, call, tmp_path):
    (tmp_path / "t.csv").write_text("start_s,end_s,label\n0,1,silence\n")
    assert "beginnings of voice: none to compare" in in_process("score", tmp_path / "t.csv", call).stdout
    result = in_process("score", tmp_path / "no.csv", call)
    assert result.exit_code == 1
    assert "no.csv" in result.stderr


class FakeStream:
    """Final segments after the first block and at the end."""

    now = "voice"

    def __init__(self):
        self.n_samples = 0

    def push(self, samples):
        self.n_samples += len(samples)
        return [Segment(0.0, 0.5, "noise", 0.8)] if self.n_samples == len(samples) else []

    def flush(self):
        return [Segment(0.5, self.n_samples / 16_000, "voice", 0.95)]


@pytest.fixture
def microphone(monkeypatch):
    """Replace the microphone by silence without end and the detector by a fake; returns what was asked for."""
    asked = {"stream": FakeStream()}

    def blocks(rate_hz, device, block_s):
        asked.update(device=device, rate_hz=rate_hz)
        try:
            for _ in range(asked.get("n_blocks", 1_000)):
                yield np.zeros(round(rate_hz * block_s), np.float32)
            raise KeyboardInterrupt
        finally:
            asked["closed"] = True

    monkeypatch.setattr("voxlite.audio.microphone", blocks)
    monkeypatch.setattr(
        "voxlite.tasks.voice.VoiceDetector",
        lambda *_: SimpleNamespace(stream=lambda rate_hz: asked["stream"]),
    )
    return asked


def test_listen_prints_segments_as_they_become_final(in_process, microphone):
    result = in_process("listen", "--seconds", "1.01", "--device", "3")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["0:00.00", "-", "0:00.50", "noise", "0.80"],
        ["0:00.50", "-", "0:01.01", "voice", "0.95"],
    ]
    assert microphone["device"] == 3
    assert microphone["closed"]


def test_interrupting_listen_ends_it_cleanly(in_process, microphone):
    microphone["n_blocks"] = 20
    result = in_process("listen", "--device", "USB")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "0:01.00" in result.stdout
    assert microphone["device"] == "USB"
    assert microphone["closed"]


def test_listen_shows_the_label_of_the_moment_on_a_terminal():
    import io

    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60, color_system=None, legacy_windows=False)
    with listen._Display(console) as display:
        display.live("noise", 1.5)
        display._live.refresh()
    assert "0:01.5" in out.getvalue()
    assert "noise" in out.getvalue()


def test_listen_without_sounddevice_names_the_extra(in_process, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    result = in_process("listen", "--seconds", "1")
    assert result.exit_code == 1
    assert "voxlite[mic]" in result.stderr


def test_progress_is_for_terminals_and_long_work(monkeypatch, capsys, tone):
    meter = progress.Meter(str(tone))
    with meter:
        meter(1.0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.Meter(str(tone)) as patient:
        patient(1.0)
        assert patient._progress is None
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.0)
    with progress.Meter(str(tone), 2, 3) as shown:
        shown(1.0)
        task = shown._progress.tasks[0]
    assert (task.total, task.completed, task.description) == (2.0, 1.0, f"2/3  {tone}")


def test_progress_knows_no_length_of_what_it_cannot_open(tmp_path):
    assert progress._claimed_s("-") is None
    assert progress._claimed_s(str(tmp_path / "no.wav")) is None
