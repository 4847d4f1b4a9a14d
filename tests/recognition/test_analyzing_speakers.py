"""The task speaker from a file to a report, with a model that knows loudness instead of voices."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

import voxlite
from voxlite import Audio, ModelError
from voxlite.recognition import speakers
from voxlite.recognition.diarization import SpeakerOptions
from voxlite.recognition.speakers import Diarizer

pytest.importorskip("scipy", reason="needs the diarize extra")

HALF_MINUTE = 30


@pytest.fixture(scope="module")
def call(samples_dir):
    samples, rate_hz = soundfile.read(samples_dir / "call.flac", dtype="float32", frames=16_000 * HALF_MINUTE)
    return Audio(samples, rate_hz)


def test_turns_partition_the_voice_segments(call, tiny_speaker):
    models = {"speaker": str(tiny_speaker)}
    report = voxlite.analyze(call, ("voice", "speaker"), 1, models=models, speakers=SpeakerOptions(3))
    voice = [(s.start_s, s.end_s) for s in report.segments if s.label == "voice"]
    assert len(voice) > 3
    borders = [t for span in voice for t in span]
    assert [t.start_s for t in report.speakers if t.start_s in borders] == [start_s for start_s, _ in voice]
    assert [t.end_s for t in report.speakers if t.end_s in borders] == [end_s for _, end_s in voice]
    assert sum(t.duration_s for t in report.speakers) == pytest.approx(sum(b - a for a, b in voice))
    assert set(report.speaker_times_s()) == {"speaker 1", "speaker 2", "speaker 3"}
    assert [model["task"] for model in report.models] == ["voice", "speaker"]
    assert json.loads(json.dumps(report.to_dict()))["speakers"]


def test_file_memory_and_threads_agree(call, tiny_speaker, tmp_path):
    path = tmp_path / "call.wav"
    soundfile.write(path, call.samples, call.rate_hz, "FLOAT")
    models, options = {"speaker": str(tiny_speaker)}, SpeakerOptions(least=2, most=3)
    found = [
        voxlite.analyze(source, ("speaker",), threads, models=models, speakers=options)
        for source, threads in ((path, 1), (call, 1), (path, 3))
    ]
    assert found[0].speakers
    assert found[0].speakers == found[1].speakers == found[2].speakers
    assert found[0].voice is None
    assert found[0].segments == ()


@pytest.mark.parametrize("size", [999, 16_000, 100_000])
def test_portions_of_any_size_give_the_same(call, tiny_speaker, size):
    detector = voxlite.VoiceDetector(threads=1)
    diarizer = Diarizer(str(tiny_speaker), 1, SpeakerOptions(3))
    assert told(diarizer, detector, call, size) == told(diarizer, detector, call, len(call.samples))


def told(diarizer, detector, call, size):
    voice, subject = detector.stream(call.rate_hz), diarizer.stream(call.rate_hz)
    for at in range(0, len(call.samples), size):
        portion = call.samples[at : at + size]
        subject.push(portion, voice.push(portion), voice.outlook_s)
    turns = subject.flush(voice.flush())
    subject.reset()
    return turns


def test_a_stream_can_be_used_again(call, tiny_speaker):
    diarizer, detector = Diarizer(str(tiny_speaker), 1, SpeakerOptions(2)), voxlite.VoiceDetector(threads=1)
    voice, subject = detector.stream(call.rate_hz), diarizer.stream(call.rate_hz)
    found = []
    for _ in range(2):
        subject.push(call.samples, voice.push(call.samples), voice.outlook_s)
        found.append(subject.flush(voice.flush()))
        voice.reset()
        subject.reset()
    assert found[0] == found[1]


def test_no_voice_nobody(tiny_speaker):
    noise = np.random.default_rng(0).normal(0, 1e-4, 32_000).astype(np.float32)
    report = voxlite.analyze(Audio(noise, 16_000), ("speaker",), 1, models={"speaker": str(tiny_speaker)})
    assert report.speakers == ()


def test_an_uncalibrated_model_needs_the_number(monkeypatch, tiny_speaker):
    known = speakers.SpeakerEmbedder(str(tiny_speaker), 1)
    known.model = replace(known.model, metadata=replace(known.model.metadata, calibration={}))
    monkeypatch.setattr(speakers, "SpeakerEmbedder", lambda model, threads: known)
    with pytest.raises(ModelError, match="not calibrated"):
        Diarizer(str(tiny_speaker), 1)
    assert Diarizer(str(tiny_speaker), 1, SpeakerOptions(2)).model is known.model


def test_without_scipy_it_is_said_before_the_sound_is_read(monkeypatch, tiny_speaker):
    monkeypatch.setattr(speakers, "find_spec", lambda name: None)
    with pytest.raises(voxlite.MissingExtraError, match=r"voxlite\[diarize\]"):
        voxlite.analyze("gone.wav", ("speaker",), models={"speaker": str(tiny_speaker)})
