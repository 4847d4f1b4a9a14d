"""The figures of the browser client: what is served and counted, how growth is judged, what the page says of it."""

import json
import os
import stat
import urllib.request
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import VoxliteError
from voxlite.runtime import find_model

MACHINE = {"cores": 3, "packages": {}}
SPREAD = {"p1": 1.0, "median": 2.0, "p95": 3.0}
VISIT = {
    "shown_ms": 100.4,
    "voice_ms": 900.0,
    "all_ms": 1_500.0,
    "sent_bytes": {"page": 200_000, "runner": 9_700_000, "voice model": 400_000, "other models": 0},
    "compressed_bytes": {"page": 65_000, "runner": 2_900_000, "voice model": 276_000, "other models": 0},
}
DATA = {
    "machine": MACHINE,
    "browser": "Chromium 150.0",
    "load": {"rounds": 3, "visits": dict.fromkeys(("page_alone", "first", "again", "offline"), VISIT)},
    "windows": {
        "rounds": 20,
        "load": 1.5,
        "models": {
            "voice-x": {
                "window_s": 1.0,
                "python_ms": {**SPREAD, "p1": 0.5},
                "chromium_ms": {"1": SPREAD, "4": {**SPREAD, "p1": 0.4}},
            }
        },
        "parity": {
            "voice-x": {"windows": 18, "raw": 2.9e-6, "score": 3.8e-7, "same": 18},
            "speaker-x": {"windows": 18, "raw": 1.5e-3, "score": 2.3e-5, "cosine": 0.99998},
        },
    },
    "recording": {
        "recording": "call.flac",
        "duration_s": 120.0,
        "rounds": 3,
        "load": 0.4,
        "rtf": {"voice and quality": {"python 1": 0.005, "chromium 1": 0.02, "python 4": 0.004, "chromium 4": 0.01}},
    },
    "lag": {"samples": 200, "load": 0.4, "delay_s": {**SPREAD, "median": 0.16, "p95": 0.22}},
    "memory": {
        "minutes": 4,
        "settled_s": 120.0,
        "samples": [
            {"at_s": at, "rss_mb": 250.0, "anonymous_mb": 150.0, "heap_mb": 3.0 + at / 60} for at in (0, 120, 240)
        ],
        "told": [{"at_s": 60, "total_mb": 41.0}],
        "collected": {"rss_mb": 240.0, "anonymous_mb": 140.0, "heap_mb": 2.5},
        "mb_per_min": {"rss_mb": 0.0, "anonymous_mb": 0.0, "heap_mb": 1.0, "total_mb": None},
    },
}  # fmt: skip


@pytest.fixture
def section(bench):
    return bench("sections.browser")


def test_the_section_holds_what_was_measured(section):
    arm = {"windows": {"voice-x": {"windows": 18, "raw": 1e-6, "score": 3e-7, "same": 17}}}
    text = "\n".join(section.browser(DATA, arm, {"Memory": "images/m.png"}))
    assert "| first visit | 65 | 2.90 | 276 | 0.00 | 10.3 | 100 | 900 | 1500 |" in text
    assert "| voice-x | 1 | 0.5 / 2.0 / 3.0 | 1.0 / 2.0 / 3.0 | 2.0 | 0.4 / 2.0 / 3.0 | 0.8 |" in text
    assert "| voice and quality | 0.0050 | 0.0200 | 4.0 | 0.0040 | 0.0100 | 2.5 |" in text
    assert "0.16 s behind the sound" in text
    assert "| the renderer process, resident | 250.0 | 250.0 | 240.0 | 0.00 |" in text
    assert "| - | - | - | - |" in text  # told once: no growth
    assert "![Memory](images/m.png)" in text
    assert "| voice-x | Python, ARM64 | 18 | 1.0e-06 | 3.0e-07 | 17 of 18 |" in text
    assert "| speaker-x | Python, ARM64 | - | - | - | - |" in text
    assert "| speaker-x | Chromium | 18 | 1.5e-03 | 2.3e-05 | - |" in text


def test_what_was_not_measured_says_how(section):
    assert section.browser(None, None, {})[-1].count(section.BROWSER) == 1
    parts = "\n".join(section.browser({"machine": MACHINE, "browser": "x"}, None, {}))
    for part in ("load", "windows", "recording", "lag", "memory"):
        assert f"`{section.BROWSER} {part}` makes" in parts
    assert f"`{section.ARM64}` makes" in parts


def test_what_is_printed_has_a_cell_for_each_column(section):
    made = section.tables(DATA)
    assert len(made) == 5
    assert all(len(row) == len(one.columns) for one in made for row in one.rows)


@given(st.floats(-50, 50), st.floats(-10, 10), st.floats(-100, 100))
def test_growth_is_that_of_the_later_samples(slope, before, start):
    from importlib import import_module
    from pathlib import Path

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).resolve().parents[2])
        judge = import_module("benchmarks.browser_memory").slope_per_min
    early = [{"at_s": at, "mb": before * at} for at in range(0, 120, 10)]
    later = [{"at_s": at, "mb": start + slope * at / 60} for at in range(120, 600, 10)]
    assert judge(early + later, "mb", 120.0) == pytest.approx(slope, abs=1e-6)
    assert judge(early + later[:1], "mb", 120.0) is None


def test_a_picture_is_drawn(bench, tmp_path):
    path = tmp_path / "images" / "memory.png"
    bench("browser_memory").draw(DATA["memory"], path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def site(bench, tmp_path):
    """A client of two files, and a browser that is none."""
    client = tmp_path / "client"
    (client / "assets").mkdir(parents=True)
    (client / "index.html").write_text("<p>page</p>")
    (client / "assets" / "litert_wasm_internal-aaaaaaaa.wasm").write_text("x" * 1_000)
    (client / "perf").mkdir()
    chromium = tmp_path / "chromium"
    chromium.write_text("#!/bin/sh\necho Chromium 150.0.1 built on Debian\n")
    chromium.chmod(0o755)
    return bench("browser_site").Site(tmp_path / "made", client, str(chromium))


def get(address):
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        return answer.read()


def test_what_is_sent_is_counted_until_it_is_asked_for(bench, site):
    with bench("browser_site").served(site):
        assert get(site.address) == b"<p>page</p>"
        for _ in range(2):
            get(f"{site.address}assets/litert_wasm_internal-aaaaaaaa.wasm?again")
        sent = json.loads(get(f"{site.address}perf/sent"))
        assert sent == {"/": 11, "/assets/litert_wasm_internal-aaaaaaaa.wasm": 2_000}
        assert json.loads(get(f"{site.address}perf/sent")) == {}


@pytest.fixture
def npx(bench, monkeypatch, tmp_path):
    """Replace npx by a shell script; returns how to write it."""
    web = tmp_path / "web"
    (web / "node_modules").mkdir(parents=True)
    monkeypatch.setattr(bench("browser_site"), "WEB", web)
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    (tmp_path / "bin").mkdir()

    def write(text):
        script = tmp_path / "bin" / "npx"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    return write


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_measurement_gets_its_settings_and_hands_over(site, npx):
    npx('echo "{\\"rounds\\": $VOXLITE_PERF_ROUNDS, \\"asked\\": \\"$*\\"}" > "$VOXLITE_PERF_OUT"')
    found = site.measure("lag", ROUNDS=7)
    assert found["rounds"] == 7
    assert found["asked"].endswith("lag.spec")
    assert site.version() == "Chromium 150.0.1"


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_measurement_that_fails_says_why(site, npx):
    npx("echo no such browser >&2; exit 3")
    with pytest.raises(VoxliteError, match=r"(?s)status 3.*no such browser"):
        site.measure("lag")


def test_without_node_the_cure_is_told(bench, site, monkeypatch, tmp_path):
    monkeypatch.setattr(bench("browser_site"), "WEB", tmp_path)
    with pytest.raises(VoxliteError, match="make web-build"):
        site.measure("lag")


def test_visits_are_summed_by_part_and_packed(bench, site):
    name = "/assets/litert_wasm_internal-aaaaaaaa.wasm"
    rows = [{"shown_ms": k, "voice_ms": k, "all_ms": k, "sent": {"/": 11, name: 2_000}} for k in (1, 9, 2)]
    site.measure = lambda part, **settings: {"rounds": [{"first": row} for row in rows]}
    found = bench("browser_parts").load(site, 3)["visits"]["first"]
    assert found["shown_ms"] == 2
    assert found["sent_bytes"] == {"page": 11, "runner": 2_000, "voice model": 0, "other models": 0}
    assert 0 < found["compressed_bytes"]["runner"] < 200  # twice a thousand equal letters


def test_windows_are_timed_and_compared(bench, tmp_path, monkeypatch):
    parts, maker = bench("browser_parts"), bench("browser_site")
    scripts = __import__("scripts.model_windows", fromlist=["x"])
    monkeypatch.setattr(scripts, "shipped_models", lambda: [find_model("voice", "compact")])
    monkeypatch.setattr(scripts, "RECORDINGS", ("voice-fr*.flac",))
    maker.write_windows(tmp_path)
    outputs = scripts.read_windows(tmp_path)[0].outputs + np.float32(0.5)

    def measure(part, THREADS, ROUNDS):
        row = {"took_ms": [float(THREADS)] * ROUNDS, "outputs": outputs.tolist()}
        return {"models": {"voice-compact": row}}

    found = parts.windows(SimpleNamespace(windows=tmp_path, measure=measure), 8)
    row = found["models"]["voice-compact"]
    assert row["window_s"] == 1.0
    assert row["python_ms"]["median"] > 0
    assert row["chromium_ms"]["4"] == {"p1": 4.0, "median": 4.0, "p95": 4.0}
    assert found["parity"]["voice-compact"]["raw"] == pytest.approx(0.5, abs=1e-6)
    assert 0 < found["last_bit"]["voice-compact"]["score"] < 1e-4


def test_a_recording_is_timed_in_both(bench, monkeypatch):
    parts = bench("browser_parts")
    asked = []
    monkeypatch.setattr(parts, "analyze", lambda path, tasks, threads: asked.append((tasks, threads)))
    took = {name: [12.0] for name in parts.TASKS}
    found = parts.recording(SimpleNamespace(measure=lambda part, **settings: {"took_s": took}), 1)
    assert found["rtf"]["voice and quality"]["chromium 4"] == pytest.approx(0.1)
    assert (("voice", "quality"), 1) in asked


def test_listening_has_the_sample_call_as_its_microphone(bench, tmp_path):
    parts = bench("browser_parts")
    handed = {}

    def measure(part, **settings):
        handed[part] = settings
        return {"delays_s": [0.1, 0.2, 0.3], **DATA["memory"]}

    fake = SimpleNamespace(folder=tmp_path, measure=measure)
    assert parts.lag(fake, 3)["delay_s"]["median"] == pytest.approx(0.2)
    found = parts.memory(fake, 4)
    assert found["mb_per_min"]["heap_mb"] == pytest.approx(1.0)
    assert handed["memory"]["MICROPHONE"] == handed["lag"]["MICROPHONE"] == tmp_path / "microphone.wav"


def test_the_command_keeps_the_parts_it_was_not_asked_for(bench, site, monkeypatch, tmp_path):
    command = bench("browser")
    out = tmp_path / "browser.json"
    out.write_text(json.dumps({"load": DATA["load"], "lag": {"old": 1}}))
    monkeypatch.setattr(command, "Site", lambda *arguments: site)
    monkeypatch.setattr(command, "lag", lambda site, rounds: DATA["lag"])
    monkeypatch.setattr(command, "memory", lambda site, minutes: DATA["memory"])
    picture = tmp_path / "m.png"
    options = ["--out", str(out), "--picture", str(picture), "--client", str(site.client)]
    assert command.main(["lag", "memory", *options]) == 0
    found = json.loads(out.read_text())
    assert found["load"] == DATA["load"]
    assert found["lag"] == DATA["lag"]
    assert picture.is_file()
    assert command.main(["speed", *options]) == 2
    monkeypatch.setattr(command, "lag", lambda site, rounds: site.measure("lag"))
    monkeypatch.setattr(bench("browser_site"), "WEB", tmp_path)
    assert command.main(["lag", *options]) == 1
