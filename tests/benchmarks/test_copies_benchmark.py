"""Copies of voices: the loudspeaker's band, what is counted, and what the section says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from voxlite.recognition import Speech
from voxlite.voiceprints import PrintModel
from voxlite.voiceprints.scoring import PairScorer, cost_of

pytest.importorskip("pyroomacoustics", reason="needs the train extra")

RATE_HZ = 16_000


def tone(hz, seconds=2.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


class Store:
    """A clip is a pitch."""

    rate_hz = RATE_HZ

    def samples(self, clip):
        return tone(clip.hz)


class Recognizer:
    """Takes the strongest of ten bands for the voice."""

    def __init__(self):
        flat = {
            f"{band}_{what}": value
            for band in ("wide", "narrow")
            for what, value in (
                ("slope", 20.0),
                ("offset", -10.0),
                ("slope_per_octave", 0.0),
                ("offset_per_octave", 0.0),
            )
        }
        metadata = SimpleNamespace(
            name="bands",
            version="1",
            calibration=flat | {"cohort_top": 0.0},
            thresholds={"verify": {"value": 2.0, "far": 0.01, "frr": 0.05, "data": "none"}},
        )
        self.model = SimpleNamespace(
            metadata=metadata, path=Path("bands.tflite"), cohort=lambda: np.zeros((0, 10), np.float32)
        )
        self.print_model = PrintModel("bands", "1")
        self.scorer = PairScorer(self.model)

    def listen(self, audio):
        spectrum = np.abs(np.fft.rfft(np.asarray(audio.samples).reshape(-1))) ** 2
        hz = np.fft.rfftfreq(audio.samples.size, 1 / audio.rate_hz)
        bands = [float(spectrum[(hz >= 200 * k) & (hz < 200 * (k + 1))].sum()) for k in range(10)]
        row = np.asarray(bands, np.float32)
        return Speech(row / np.linalg.norm(row), audio.samples.size / audio.rate_hz, None)


@pytest.fixture
def copies(bench, monkeypatch):
    module = bench("copies")
    monkeypatch.setattr(module, "resynthesised", lambda samples, rate_hz: tone(1900))
    monkeypatch.setattr(module, "synthetic_voices", lambda rate_hz: [tone(1500)])
    return module


def test_a_loudspeaker_and_a_room_are_between(bench):
    played = bench("copies").PlayedBack(RATE_HZ)
    noise = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32)
    heard = played(noise, 3)
    assert heard.shape == noise.shape
    np.testing.assert_array_equal(heard, played(noise, 3))
    power = np.abs(np.fft.rfft(heard)) ** 2
    hz = np.fft.rfftfreq(len(heard), 1 / RATE_HZ)
    low, middle = power[(hz > 20) & (hz < 90)].mean(), power[(hz > 1000) & (hz < 3000)].mean()
    assert low < middle / 20


def test_what_is_accepted_is_counted_by_kind(bench, copies):
    people = {f"p{hz}": [SimpleNamespace(hz=hz + 7 * k) for k in range(6)] for hz in (300, 700, 1100)}
    people["silent"] = [SimpleNamespace(hz=1300)] * 6  # the same again is one recording, too short to enroll
    found, n_people = copies.measure(people, Store(), Recognizer())
    assert n_people == 3
    assert {kind: one["asked"] for kind, one in found.items()} == {
        "own voice": 6,
        "played back": 6,
        "mel spectrum and back": 6,
        "a stranger": 6,
        "espeak-ng": 3,
    }
    assert [found[kind]["accepted"] for kind in ("own voice", "played back")] == [1, 1]
    assert found["own voice"]["llr_median"] == pytest.approx(10 - cost_of(4), abs=0.1)
    assert [found[kind]["accepted"] for kind in ("a stranger", "espeak-ng", "mel spectrum and back")] == [
        0
    ] * 3
    section = bench("sections.copies")
    text = "\n".join(section.copies({"people": 3, "model": {"name": "bands"}, "kinds": found}))
    assert "3 test speakers" in text
    assert "| own voice | 6 | 100.0 % | 100.0 % | 9.4 |" in text
    assert section.COPIES in "\n".join(section.copies(None))
    assert copies.table(found).rows[0][0] == "own voice"


def test_voices_come_from_the_program_if_it_is_there(bench, monkeypatch, tmp_path):
    module = bench("copies")
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    assert module.synthetic_voices(RATE_HZ) == []
    soundfile.write(tmp_path / "said.wav", tone(440), 22_050)
    program = tmp_path / "espeak-ng"
    program.write_text(f"#!/bin/sh\ncat '{tmp_path}/said.wav'\n")
    program.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(program))
    made = module.synthetic_voices(RATE_HZ)
    assert len(made) == len(module.VOICES)
    assert len(made[0]) == pytest.approx(2 * RATE_HZ * RATE_HZ / 22_050, abs=2)
