"""The rules that place sounds and derive the truth, on sounds whose truth is known."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

SCRIPTS = Path(__file__).parents[2] / "scripts"
RATE_HZ = 16_000


def load(name: str):
    if str(SCRIPTS) not in sys.path:
        sys.path.insert(0, str(SCRIPTS))
    return importlib.import_module(name)


sound, call, sources = load("sample_sound"), load("sample_call"), load("sample_sources")


def bursts(*spans_s: tuple[float, float], length_s: float, rms: float = 0.2, hz: float = 500.0) -> np.ndarray:
    """A tone that sounds in the given stretches, over digital silence."""
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    on = np.zeros(len(time_s))
    for start_s, end_s in spans_s:
        on[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = 1.0
    return on * rms * np.sqrt(2) * np.sin(2 * np.pi * hz * time_s)


def test_long_pauses_split_a_voice_and_short_ones_do_not():
    speech = bursts((0.2, 0.8), (1.0, 1.5), (2.0, 2.4), length_s=3.0)
    (first, second) = sound.voice_spans(speech)
    assert first == pytest.approx((20, 150), abs=1)
    assert second == pytest.approx((200, 240), abs=1)


def test_breath_rumble_and_clicks_are_no_voice():
    speech = bursts((0.5, 1.5), length_s=4.0)
    breath = bursts((2.2, 2.6), length_s=4.0, rms=0.02)
    rumble = bursts((2.8, 3.4), length_s=4.0, rms=0.2, hz=60.0)
    click = bursts((3.7, 3.72), length_s=4.0)
    assert len(sound.voice_spans(speech + breath + rumble + click)) == 1


def test_a_gate_leaves_the_spans_alone_and_nothing_beyond_a_frame():
    noise = np.random.default_rng(1).normal(0, 0.1, RATE_HZ)
    gated = sound.gate(noise, [(0, 20), (50, 70)])
    assert np.array_equal(gated[50 * 160 : 70 * 160], noise[50 * 160 : 70 * 160])
    assert not gated[21 * 160 : 49 * 160].any()
    assert not gated[71 * 160 :].any()


def test_a_loop_keeps_its_level():
    noise = np.random.default_rng(2).normal(0, 0.1, 2 * RATE_HZ)
    level = sound.frame_db(sound.loop(noise, 9 * RATE_HZ))
    assert len(level) == 900
    assert level.mean() == pytest.approx(-20.0, abs=0.3)
    assert level.min() > -23


def test_gsm_and_stereo_files_are_read_as_16_khz_mono(tmp_path):
    tone = bursts((0.0, 1.0), length_s=1.0)[::2]
    with soundfile.SoundFile(tmp_path / "a.gsm", "w", 8_000, 1, format="RAW", subtype="GSM610") as file:
        file.write(tone)
    assert len(sound.read(tmp_path / "a.gsm")) == pytest.approx(RATE_HZ, abs=640)
    soundfile.write(tmp_path / "b.wav", np.column_stack([tone, -tone]), 8_000)
    assert np.abs(sound.read(tmp_path / "b.wav")).max() < 1e-3


@pytest.fixture
def shelf():
    voice = bursts((0.3, 1.3), (1.9, 2.5), length_s=3.0)
    hum = np.random.default_rng(3).normal(0, 0.1, 4 * RATE_HZ)
    return {"voice": voice, "hum": hum, "knock": bursts((0.0, 0.2), length_s=0.2)}.__getitem__


def test_the_truth_of_an_assembled_call_is_where_things_were_put(shelf):
    items = [
        call.Item(10.0, "hum", "bed", -40.0, length_s=20.0),
        call.Item(12.0, "voice", "voice", -20.0),
        call.Item(40.0, "hum", "bed", -70.0, length_s=10.0),
        call.Item(42.0, "voice", "voice", -20.0),
        call.Item(60.0, "knock", "noise", -30.0),
        call.Item(60.4, "knock", "noise", -30.0),
        call.Item(61.2, "knock", "noise", -30.0),
    ]
    samples, truth = call.assemble(items, shelf)
    found = [(row.start_s, row.end_s, row.label) for row in truth]
    expected = [
        *[
            (0, 10, "silence"),
            (10, 12, "noise"),
            (12, 13, "voice"),
            (13, 13.6, "noise"),
            (13.6, 14.2, "voice"),
        ],
        *[(14.2, 30, "noise"), (30, 42, "silence"), (42, 43, "voice"), (43, 43.6, "silence")],
        *[(43.6, 44.2, "voice"), (44.2, 60, "silence"), (60, 60.6, "noise"), (60.6, 61.2, "silence")],
        *[(61.2, 61.4, "noise"), (61.4, 120, "silence")],
    ]
    assert [label for *_, label in found] == [label for *_, label in expected]
    for (start_s, end_s, _), (want_start_s, want_end_s, _) in zip(found, expected, strict=True):
        assert (start_s, end_s) == pytest.approx((want_start_s, want_end_s), abs=0.021)
    assert truth[2].what == "voice + hum"
    assert truth[0].what == "digital silence"
    assert 20 * np.log10(np.sqrt(np.mean(samples[12 * RATE_HZ : 13 * RATE_HZ] ** 2))) == pytest.approx(
        -20, abs=0.2
    )
    assert np.array_equal(samples, call.assemble(items, shelf)[0])


def test_a_mix_at_full_scale_and_an_item_past_the_end_are_refused(shelf):
    with pytest.raises(ValueError, match=r"peaks at .* at 5\."):
        call.assemble([call.Item(5.0, "voice", "voice", -2.0)], shelf)
    with pytest.raises(ValueError, match="past the end"):
        call.assemble([call.Item(119.0, "voice", "voice", -20.0)], shelf)


def unpacked(cache: Path, name: str, papers: str) -> Path:
    package = sources.PACKAGES[name]
    folder = cache / f"{name}_{package.version.replace(':', '_')}"
    (folder / package.copyright).parent.mkdir(parents=True)
    (folder / package.copyright).write_text(papers, encoding="utf-8")
    (folder / ".complete").touch()
    return folder


def test_a_package_without_the_expected_licence_is_refused(tmp_path):
    unpacked(tmp_path, "kajongg", "License: CC-BY-NC-4.0\n")
    with pytest.raises(sources.FetchError, match="check its licence"):
        sources.Shelf(tmp_path).root("kajongg")


def test_a_file_that_is_gone_is_named(tmp_path):
    unpacked(tmp_path, "kajongg", "License: GPL-2+\n")
    with pytest.raises(sources.FetchError, match=r"holds no .*violatesoriginalcall"):
        sources.Shelf(tmp_path).path("en-game-man")


def test_a_failing_download_names_the_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(sources.FetchError, match="bookworm"):
        sources.Shelf(tmp_path / "cache").root("kajongg")


def test_every_source_has_its_package():
    assert {source.package for source in sources.SOURCES.values()} == set(sources.PACKAGES)
    assert {item.source for item in call.CALL} <= set(sources.SOURCES)
