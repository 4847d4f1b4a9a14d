"""The committed samples agree with their truth, their attribution and their limits."""

from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxlite.report.scoring import read_truth, score_segments

SAMPLES = Path(__file__).parents[2] / "samples"
SOUNDS = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".flac", ".wav", ".ogg"})
FREE = {
    "BSD-style",
    "BSD-3-Clause",
    "CC0-1.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-or-later",
    "LGPL-2.1-or-later",
}
IN_THE_CALL = FREE - {"GPL-2.0-only"}


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def frame_db() -> np.ndarray:
    samples, _ = soundfile.read(SAMPLES / "call.flac")
    return 10 * np.log10(np.square(samples).reshape(-1, 160).mean(axis=1) + 1e-12)


def test_the_truth_divides_the_call_exactly():
    truth = read_truth(SAMPLES / "call.truth.csv")
    info = soundfile.info(SAMPLES / "call.flac")
    assert (info.samplerate, info.channels, info.frames) == (16_000, 1, 120 * 16_000)
    assert truth[0].start_s == 0.0
    assert truth[-1].end_s == info.frames / info.samplerate
    for before, after in pairwise(truth):
        assert before.end_s == after.start_s
        assert before.label != after.label
    for segment in truth:
        assert round(segment.end_s * 100) == pytest.approx(segment.end_s * 100, abs=1e-6)


def test_the_call_holds_enough_of_each_label_and_scores_itself_perfectly():
    truth = read_truth(SAMPLES / "call.truth.csv")
    seconds = dict.fromkeys(("voice", "silence", "noise"), 0.0)
    for segment in truth:
        seconds[segment.label] += segment.duration_s
    assert seconds["voice"] > 45
    assert seconds["silence"] > 20
    assert seconds["noise"] > 35
    assert score_segments(truth, truth).right_share == 1.0


def test_every_source_heard_is_attributed():
    known = {row["source"] for row in rows("attribution.csv") if row["file"] == "call.flac"}
    heard = {name for row in rows("call.truth.csv") for name in row["what"].split(" + ")}
    assert heard - {"digital silence"} == known


def test_labels_follow_the_energy(frame_db):
    for segment in read_truth(SAMPLES / "call.truth.csv"):
        # A frame at either end may hold the fade of a neighbour.
        inside = frame_db[round(segment.start_s * 100) + 1 : round(segment.end_s * 100) - 1]
        if segment.label == "silence":
            assert inside.max() < -60
        else:
            assert np.percentile(inside, 90) > -45
            assert 10 * np.log10((10 ** (inside / 10)).mean()) > -45


def test_voice_starts_and_ends_with_sound(frame_db):
    for segment in read_truth(SAMPLES / "call.truth.csv"):
        if segment.label == "voice":
            start, end = round(segment.start_s * 100), round(segment.end_s * 100)
            assert frame_db[start : start + 10].max() > -45
            assert frame_db[end - 10 : end].max() > -50


def test_the_call_does_not_clip_and_holds_digital_silence():
    samples, _ = soundfile.read(SAMPLES / "call.flac")
    assert np.abs(samples).max() < 0.95
    assert not samples[: 16_000 - 160].any()
    assert not samples[-16_000:].any()


@pytest.mark.parametrize("path", SOUNDS, ids=lambda path: path.name)
def test_every_sound_is_readable_and_attributed(path):
    samples, rate_hz = soundfile.read(path, always_2d=True)
    assert len(samples) / rate_hz > 0.5
    assert np.abs(samples).max() > 0.05
    mine = [row for row in rows("attribution.csv") if row["file"] == path.name]
    assert mine
    for row in mine:
        assert all(row.values())
        assert row["licence"] in (IN_THE_CALL if path.name == "call.flac" else FREE)
        assert (SAMPLES / "licences" / f"{row['package']}.txt").stat().st_size > 500


def test_nothing_is_attributed_that_is_not_there():
    assert {row["file"] for row in rows("attribution.csv")} == {path.name for path in SOUNDS}


def test_the_clips_cover_formats_and_lengths():
    infos = {path.name: soundfile.info(path) for path in SOUNDS}
    for name, info in infos.items():
        if name.startswith(("voice-", "noise-", "music")):
            assert 2.0 <= info.duration <= 5.0, name
    assert {info.samplerate for info in infos.values()} >= {8_000, 16_000, 32_000, 44_100, 48_000}
    assert infos["original-44100-stereo.wav"].channels == 2
    assert infos["original-8000-unsigned-8bit.wav"].subtype == "PCM_U8"
    assert infos["original-8000-mulaw.wav"].subtype == "ULAW"


def test_four_people_speak_three_times_each():
    clips = sorted(SAMPLES.glob("speaker-*.flac"))
    assert [path.stem.split("-")[1:] for path in clips] == [
        [person, str(number)] for person in ("armelle", "july", "man", "woman") for number in (1, 2, 3)
    ]
    assert all(2.5 <= soundfile.info(path).duration <= 5.0 for path in clips)
    assert sum(path.stat().st_size for path in clips) < 700_000
    used = [row["source"] for row in rows("attribution.csv") if row["file"].startswith("speaker-")]
    assert len(used) == len(set(used))  # no word is in two recordings


def test_the_samples_stay_small():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 4_000_000


@pytest.mark.corpus
def test_no_sample_was_trained_on():
    corpus = os.environ.get("VOXLITE_CORPUS")
    if not corpus:
        pytest.skip("set VOXLITE_CORPUS to the corpus folder")
    with (Path(corpus) / "manifest.csv").open(encoding="utf-8", newline="") as file:
        trained = {row["source"] for row in csv.DictReader(file) if row["split"] != "test"}
    assert not {row["package"] for row in rows("attribution.csv")} & trained
