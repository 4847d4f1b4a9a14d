"""`analyze`: the report of files and of sound in memory, its schema, its errors."""

import json

import numpy as np
import pytest
import soundfile

import voxlite
from voxlite import Audio, AudioError, VoxliteError
from voxlite.tasks.quality import QualityMeter, assess


def test_a_report_is_plain_data(samples_dir) -> None:
    path = samples_dir / "call.flac"
    report = voxlite.analyze(path)
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["schema"] == "voxlite.report/1"
    assert data["source"] == str(path)
    assert data["voice"]["label"] == "voice"
    assert {segment["label"] for segment in data["segments"]} == {"voice", "silence", "noise"}
    assert sum(data["shares"].values()) == pytest.approx(1, abs=1e-3)
    assert data["models"][0]["name"] == "compact"
    assert data["quality"]["snr_db"] is not None
    assert report.scores is not None
    assert report.scores.end_s[-1] == report.duration_s


def test_file_memory_threads_and_segments_agree(samples_dir) -> None:
    samples, rate_hz = soundfile.read(samples_dir / "call.flac", dtype="float32", frames=16_000 * 30)
    audio = Audio(samples, rate_hz)
    one, four = voxlite.analyze(audio, threads=1), voxlite.analyze(audio, threads=4)
    assert one.segments == four.segments
    assert one.voice == four.voice
    detector = voxlite.VoiceDetector(threads=1)
    assert list(one.segments) == detector.segments(audio)
    assert one.voice == detector.decide(audio)
    assert one.source is None


def test_tasks_can_be_left_out(samples_dir) -> None:
    path = sorted(samples_dir.glob("voice-*.flac"))[0]
    quality = voxlite.analyze(path, tasks=("quality",))
    assert quality.voice is None
    assert quality.segments == ()
    assert quality.quality is not None
    assert "voice" not in quality.to_dict()
    voice = voxlite.analyze(path, tasks=("voice",))
    assert voice.quality is None
    assert voice.voice is not None


def test_progress_is_told(samples_dir) -> None:
    seen: list[float] = []
    report = voxlite.analyze(samples_dir / "call.flac", on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == report.duration_s


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"tasks": ("weather",)}, "unknown tasks: weather"),
        ({"tasks": ()}, "none given"),
        ({"models": {"weather": "x"}}, "no task named weather"),
    ],
)
def test_what_cannot_be_done(keywords: dict, message: str) -> None:
    with pytest.raises(VoxliteError, match=message):
        voxlite.analyze(Audio(np.ones(100, np.float32), 16_000), **keywords)


def test_a_missing_file_names_itself(tmp_path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav"):
        voxlite.analyze(tmp_path / "gone.wav")


def test_stereo_and_rate_are_reported(tmp_path) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "s.wav", 0.1 * rng.standard_normal((44_100, 2)), 44_100)
    report = voxlite.analyze(tmp_path / "s.wav")
    assert (report.rate_hz, report.channels, report.duration_s) == (44_100, 2, 1.0)
    assert report.voice is not None
    assert report.voice.label == "no voice"


def test_a_file_that_breaks_off_is_remarked_first(tmp_path, samples_dir) -> None:
    whole = (samples_dir / "voice-en-radio.flac").read_bytes()
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole[: len(whole) // 2])
    report = voxlite.analyze(cut)
    assert report.quality.remarks[0].startswith(
        "Damaged: decoding stopped: flac decoder lost sync; what could be"
    )
    assert 0 < report.duration_s < voxlite.analyze(samples_dir / "voice-en-radio.flac").duration_s
    silent = assess(QualityMeter(8_000, 1).result(), [], None, "it breaks off")
    assert [remark.split(":")[0] for remark in silent.remarks] == ["Damaged", "Digital silence"]
