"""The voice task: verdicts on what is no voice and what is, times, streams, and odd sound."""

import itertools

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite import Audio, AudioError, ModelError, VoiceDetector, VoxliteError
from voxlite.tasks.pooling import pool

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def detector() -> VoiceDetector:
    return VoiceDetector(threads=2)


@pytest.fixture(scope="module")
def call(samples_dir) -> Audio:
    """Twenty seconds of the sample call: announcements, pauses, noise."""
    audio = Audio.read(samples_dir / "call.flac", rate_hz=RATE_HZ)
    return Audio(audio.samples[: 20 * RATE_HZ], RATE_HZ)


def tone(*frequencies_hz: float, seconds: float = 2.0, level: float = 0.3) -> np.ndarray:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.mean([np.sin(2 * np.pi * hz * t) for hz in frequencies_hz], axis=0)).astype(np.float32)


def noise(slope: float, level_dbfs: float, seconds: float = 2.0) -> np.ndarray:
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.standard_normal(int(seconds * RATE_HZ)))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (slope / 2)
    samples = np.fft.irfft(spectrum)
    return (samples / samples.std() * 10 ** (level_dbfs / 20)).clip(-1, 1).astype(np.float32)


NO_VOICE = {
    "digital silence": np.zeros(2 * RATE_HZ, np.float32),
    **{f"white {level} dBFS": noise(0, level) for level in (-60, -45, -30, -15, -3)},
    **{f"pink {level} dBFS": noise(1, level) for level in (-60, -45, -30, -15, -3)},
    **{f"sine {hz} Hz": tone(hz) for hz in (60, 220, 440, 1000, 3000, 7000)},
    "dial tone": tone(350, 440),
    "ring-back": np.concatenate([tone(440, 480), np.zeros(RATE_HZ, np.float32)]),
    "ring-back, Europe": np.concatenate([tone(425, seconds=1.0), np.zeros(2 * RATE_HZ, np.float32)]),
    "busy": np.tile(np.concatenate([tone(425, seconds=0.5), np.zeros(RATE_HZ // 2, np.float32)]), 3),
    "DTMF": np.concatenate(
        [
            np.concatenate([tone(low, high, seconds=0.1), np.zeros(1600, np.float32)])
            for low, high in itertools.product((697, 770, 852, 941), (1209, 1336, 1477))
        ]
    ),
    "clipped sine": np.clip(5 * tone(300), -1, 1),
    "one click": np.eye(1, RATE_HZ, 5000, dtype=np.float32)[0],
}


@pytest.mark.parametrize("name", NO_VOICE)
def test_no_voice_in(detector: VoiceDetector, name: str) -> None:
    audio = Audio(NO_VOICE[name], RATE_HZ)
    decision = detector.decide(audio)
    assert decision.label == "no voice", decision
    assert all(segment.label != "voice" for segment in detector.segments(audio))


def test_silence_needs_no_model(detector: VoiceDetector) -> None:
    decision = detector.decide(Audio(NO_VOICE["digital silence"], RATE_HZ))
    assert decision.score == 0
    assert decision.evidence_s == 0
    assert decision.reasons == ("nothing but silence",)


def test_voices_are_found(detector: VoiceDetector, samples_dir) -> None:
    paths = sorted(samples_dir.glob("voice-*.flac"))
    assert len(paths) >= 3
    for path in paths:
        audio = Audio.read(path)
        assert detector.decide(audio).label == "voice", path.name
        assert any(segment.label == "voice" for segment in detector.segments(audio)), path.name


def test_noises_are_not_voices(detector: VoiceDetector, samples_dir) -> None:
    for path in sorted([*samples_dir.glob("noise-*.flac"), *samples_dir.glob("music*.flac")]):
        assert detector.decide(Audio.read(path)).label == "no voice", path.name


@pytest.mark.parametrize("seconds", [0.006, 0.04, 0.2, 0.999, 3.0])
@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 16_000, 44_100, 192_000])
def test_times_cover_the_audio(detector: VoiceDetector, seconds: float, rate_hz: int) -> None:
    rng = np.random.default_rng(2)
    audio = Audio((0.1 * rng.standard_normal(max(1, int(seconds * rate_hz)))).astype(np.float32), rate_hz)
    scores = detector.scores(audio)
    assert scores.start_s[0] == 0
    assert scores.end_s[-1] == audio.duration_s
    np.testing.assert_array_equal(scores.start_s[1:], scores.end_s[:-1])
    assert (np.diff(scores.start_s) <= 0.1).all()
    assert ((scores.values >= 0) & (scores.values <= 1)).all()
    segments = detector.segments(audio)
    assert segments[0].start_s == 0
    assert segments[-1].end_s == audio.duration_s
    for one, two in itertools.pairwise(segments):
        assert one.end_s == two.start_s


def test_gated_silence_scores_zero(detector: VoiceDetector, call: Audio) -> None:
    samples = np.concatenate([call.samples[: 2 * RATE_HZ], np.zeros(2 * RATE_HZ, np.float32)])
    scores = detector.scores(Audio(samples, RATE_HZ))
    assert (scores.values[scores.start_s > 2.5] == 0).all()


@settings(max_examples=min(12, settings.default.max_examples))
@given(st.lists(st.sampled_from([1, 37, 160, 641, 5_000, 48_000]), min_size=1, max_size=6), st.booleans())
def test_a_stream_gives_what_a_file_gives(detector, call, sizes: list[int], telephone: bool) -> None:
    rate_hz = 8_000 if telephone else RATE_HZ
    audio = Audio(call.samples[:: RATE_HZ // rate_hz][: 6 * rate_hz], rate_hz)
    expected = detector.segments(audio)
    stream, found, at = detector.stream(rate_hz), [], 0
    for size in itertools.chain(sizes, itertools.repeat(max(sizes[-1], 500))):
        if at >= len(audio.samples):
            break
        found += stream.push(audio.samples[at : at + size])
        at += size
    assert found + stream.flush() == expected


def test_segments_are_final_within_half_a_second_and_now_is_prompt(
    detector: VoiceDetector, call: Audio
) -> None:
    stream, block = detector.stream(RATE_HZ), 320
    scores = detector.scores(call)
    behind = []
    for at in range(0, len(call.samples), block):
        heard_s = min(len(call.samples), at + block) / RATE_HZ
        for segment in stream.push(call.samples[at : at + block]):
            assert heard_s - segment.end_s <= 0.5
        behind.append(heard_s - (stream._scorer._done * detector.step_s))
    assert max(behind[10:]) <= 0.2
    assert len(scores)


def test_a_stream_can_be_used_again(detector: VoiceDetector, call: Audio) -> None:
    stream = detector.stream(RATE_HZ)
    first = stream.push(call.samples) + stream.flush()
    stream.reset()
    assert stream.now == "silence"
    assert stream.push(call.samples) + stream.flush() == first


def test_streams_refuse_what_is_no_sound(detector: VoiceDetector) -> None:
    stream = detector.stream(RATE_HZ)
    assert stream.push(np.zeros(0, np.float32)) == []
    with pytest.raises(AudioError, match="NaN"):
        stream.push(np.array([0.0, np.nan], np.float32))
    assert stream.flush() == []


def test_level_changes_little(detector: VoiceDetector, samples_dir) -> None:
    samples, rate_hz = soundfile.read(sorted(samples_dir.glob("voice-*.flac"))[0], dtype="float32")
    for gain_db in (-20, -10, 0):
        louder = Audio((samples * 10 ** (gain_db / 20)).astype(np.float32), rate_hz)
        assert detector.decide(louder).label == "voice", gain_db


def test_threshold_moves_the_verdict(samples_dir) -> None:
    audio = Audio.read(sorted(samples_dir.glob("voice-*.flac"))[0])
    score = VoiceDetector(threads=1).decide(audio).score
    strict = VoiceDetector(threads=1, threshold=min(0.999999, score + (1 - score) / 2)).decide(audio)
    assert strict.label == "no voice"
    assert strict.score == score


def test_bad_settings() -> None:
    with pytest.raises(VoxliteError, match="threshold"):
        VoiceDetector(threshold=2.0)
    with pytest.raises(ModelError, match="threads"):
        VoiceDetector(threads=0)
    with pytest.raises(ModelError, match="no voice model"):
        VoiceDetector(model="tiny")


def test_pool_takes_the_best_stretch() -> None:
    logits = np.full(200, -5, np.float32)
    logits[100:105] = 3
    assert pool(logits, 5, 25) == pytest.approx(3)
    scattered = np.full(200, -5, np.float32)
    scattered[::40] = 3
    assert pool(scattered, 5, 25) < 0
    assert pool(np.array([4.0], np.float32), 5, 25) < 0
