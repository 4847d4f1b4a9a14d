"""What an explanation says is what the product computes: scores, samples, stages, verdicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import voxlite
from voxlite import Audio, VoiceDetector, VoxliteError, analyze, explain
from voxlite.audio import read_audio
from voxlite.explanation import _Kept
from voxlite.frontend.image import mfcc_image
from voxlite.frontend.spectrum import log_mel
from voxlite.report.overview import MOST_COLUMNS
from voxlite.runtime import find_model

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def call(samples_dir) -> Audio:
    """Twenty seconds of the sample call: ring-back, silence, voice, keys."""
    return Audio(read_audio(samples_dir / "call.flac", RATE_HZ).samples[: 20 * RATE_HZ], RATE_HZ)


@pytest.fixture(scope="module")
def detector() -> VoiceDetector:
    return VoiceDetector(threads=1)


@pytest.fixture
def image_net(monkeypatch):
    """The shipped net, said to be fed the image: its score is wrong then, all before it is right."""

    def find(task, name):
        model = find_model(task, name)
        return replace(model, metadata=replace(model.metadata, net_input="image"))

    monkeypatch.setattr("voxlite.tasks.voice.find_model", find)


@pytest.mark.parametrize("at_s", [0.0, 0.999, 2.28, 7.5, 11.3, 16.0, 20.0])
def test_scores_are_the_detectors_own_wherever_the_moment_lies(call, detector, at_s):
    found = explain(call, at_s, threads=1)
    whole = detector.scores(call)
    near = slice(found.first_step, found.first_step + len(found.scores))
    np.testing.assert_allclose(found.scores.values, whole.values[near], atol=1e-6)
    np.testing.assert_allclose(found.scores.start_s, whole.start_s[near])
    np.testing.assert_allclose(found.scores.end_s, whole.end_s[near])
    np.testing.assert_array_equal(found.silent, whole.values[near] == 0)
    begin_s, end_s = found.step_s
    assert begin_s <= min(at_s, 19.999) < end_s
    assert found.score == pytest.approx(float(whole.values[found.step]), abs=1e-6)
    assert found.decision.threshold == detector.threshold
    assert found.threshold == detector.segmenter_config.threshold


def test_the_window_is_what_the_model_is_given(call, detector):
    found = explain(call, 7.5, threads=1)
    conformed = voxlite.audio.conform(call, RATE_HZ).samples
    first, stop = (round(t * RATE_HZ) for t in found.window_s)
    np.testing.assert_array_equal(found.stages.samples, conformed[first:stop])
    assert (found.zeros_before, found.zeros_after) == (0, 0)
    logit = detector.engine.logits([found.stages.samples])[0]
    np.testing.assert_allclose(logit, [found.logit], atol=1e-4)
    np.testing.assert_array_equal(
        found.around,
        conformed[round(found.around_s * RATE_HZ) :][: len(found.around)],
    )
    assert found.net_input is found.stages.log_mel
    np.testing.assert_array_equal(found.net_input, log_mel(conformed[first:stop], found.stages.config))
    middle_s = found.window_s[0] + (found.stages.frame * 160 + 200) / RATE_HZ
    assert abs(middle_s - np.mean(found.step_s)) <= 0.005


def test_a_net_for_images_is_fed_the_image(call, image_net):
    found = explain(call, 7.5, threads=1)
    window = Audio(found.stages.samples, RATE_HZ)
    np.testing.assert_array_equal(found.net_input, mfcc_image(window, found.stages.config))
    assert found.to_dict()["fed"] == {"what": "image", "shape": [299, 299, 3]}


@pytest.mark.parametrize("name", ["original-44100-stereo.ogg", "original-8000-mulaw.wav"])
def test_files_of_any_rate_score_as_in_a_report(samples_dir, name):
    report = analyze(samples_dir / name, ("voice",), threads=1)
    found = explain(samples_dir / name, report.duration_s / 2, threads=1)
    assert (found.duration_s, found.rate_hz, found.channels) == (
        report.duration_s,
        report.rate_hz,
        report.channels,
    )
    near = slice(found.first_step, found.first_step + len(found.scores))
    np.testing.assert_allclose(found.scores.values, report.scores.values[near], atol=1e-6)


def test_without_a_moment_the_highest_score_is_explained(call, detector):
    found = explain(call, threads=1)
    whole = detector.scores(call)
    assert found.score == pytest.approx(float(whole.values.max()), abs=1e-6)
    assert found.label == found.decision.label == "voice"
    assert found.at_s == pytest.approx(np.mean(found.step_s))


def test_shorter_than_the_window_is_filled_with_zeros(detector):
    buzz = (0.2 * np.sign(np.sin(np.arange(1_000) / 12))).astype(np.float32)
    found = explain(Audio(buzz, 8_000), threads=1)
    samples = found.stages.samples
    assert len(samples) == detector.model.metadata.geometry.window
    assert found.zeros_before > 0
    assert found.zeros_after > 0
    assert not samples[: found.zeros_before].any()
    assert not samples[-found.zeros_after :].any()
    inside = samples[found.zeros_before : -found.zeros_after]
    np.testing.assert_array_equal(inside, voxlite.audio.conform(Audio(buzz, 8_000), RATE_HZ).samples)
    assert found.scores.end_s[-1] == found.duration_s == 0.125
    assert found.decision_s == (0.0, 0.125)


def test_one_sample_is_enough():
    found = explain(Audio(np.array([0.1], np.float32), 48_000), threads=1)
    assert found.step == 0
    assert len(found.scores) == 1


def test_silence_is_decided_by_the_gate():
    found = explain(Audio(np.zeros(3 * RATE_HZ, np.float32), RATE_HZ), threads=1)
    assert found.at_s == pytest.approx(1.5, abs=0.02)
    assert (found.label, found.score, found.logit) == ("silence", 0.0, -np.inf)
    assert found.verdict() == "silence: the net was not asked"
    assert found.decision.label == "no voice"
    facts = found.to_dict()
    assert (facts["silent"], facts["logit"], facts["level_dbfs"]) == (True, None, -120.0)


def test_noise_is_no_voice():
    noise = np.random.default_rng(1).normal(0, 0.1, 2 * RATE_HZ).astype(np.float32)
    found = explain(Audio(noise, RATE_HZ), 1.0, threads=1)
    assert found.label == "no voice"
    assert found.verdict() == f"no voice, {found.score:.3f}, threshold 0.50"
    assert found.level_dbfs == pytest.approx(-20, abs=1)


def test_what_is_kept_does_not_grow_with_the_recording(tmp_path):
    path = tmp_path / "long.flac"
    block = np.random.default_rng(2).normal(0, 0.05, 30 * 8_000)
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for _ in range(8):
            file.write(block)
    found = explain(path, 200.0, threads=1)
    assert found.duration_s == 240
    assert len(found.envelope.low) == MOST_COLUMNS
    assert found.envelope.low.max() < 0 < found.envelope.high.min()
    assert len(found.around) == 101 * 640
    assert len(found.scores) == 101


@given(st.lists(st.integers(0, 100), max_size=6), st.integers(0, 99), st.integers(1, 60))
def test_what_is_kept_does_not_depend_on_the_blocks(cuts, start, length):
    samples = np.arange(1, 101, dtype=np.float32)
    kept = _Kept(start, start + length)
    for block in np.split(samples, sorted(cuts)):
        kept.push(block)
    padded = np.concatenate([np.zeros(50), samples, np.zeros(120)])
    expected = padded[50 + start - 20 : 50 + start + length + 20]
    got = kept.cut(start - 20, start + length + 20)
    np.testing.assert_array_equal(got[20:-20], expected[20:-20])
    assert not got[:20].any()
    assert not got[20 + length :].any()


def test_a_moment_outside_is_refused_with_the_length(call, samples_dir):
    for at_s in (-0.01, 20.01, np.nan, np.inf):
        with pytest.raises(VoxliteError, match=r"the sound: .* outside the recording: .* 0 to 20\.000 s"):
            explain(call, at_s)
    with pytest.raises(VoxliteError, match=r"voice-en-wideband\.flac: 1000 s is outside"):
        explain(samples_dir / "voice-en-wideband.flac", 1000)


def test_standard_input_is_refused_because_it_cannot_be_read_twice():
    with pytest.raises(VoxliteError, match="name a file"):
        explain("-", 1.0)


def test_facts_are_plain_data(call):
    facts = explain(call, 11.3, threads=1).to_dict()
    assert facts["schema"] == "voxlite.explanation/1"
    assert facts["step"] == {"number": 282, "start_s": 11.28, "end_s": 11.32}
    assert facts["depends_on"] == {
        "start_s": 10.71,
        "end_s": 11.455,
        "samples": 11_920,
        "rate_hz": RATE_HZ,
        "zeros_before": 0,
        "zeros_after": 0,
    }
    assert facts["decision"]["end_s"] - facts["decision"]["start_s"] == pytest.approx(1.0)
    assert facts["frontend"]["mel_bands"] == 64
    assert facts["model"]["name"] == "compact"
