"""The whole chain: file or array -> mono, resampled, band-limited; the same for any chunking."""

import hypothesis.strategies as st
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings

import voxlite.audio
from voxlite.audio import (
    Audio,
    Conformer,
    conform,
    mix_down,
    open_recording,
    read_audio,
    stream_audio,
    working_rate,
)
from voxlite.errors import AudioError

NOISE = (0.1 * np.random.default_rng(5).standard_normal(60_000)).astype(np.float32)


def write(path, samples, rate_hz, subtype="FLOAT"):
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([(16_000, 16_000), (8_000, 16_000), (44_100, 16_000), (192_000, 32_000)]),
    st.lists(st.integers(0, 30_000), max_size=6),
)
def test_any_chunking_is_equal_bit_by_bit(rates, sizes):
    def run(cuts):
        conformer, parts, first = Conformer(*rates), [], 0
        for size in cuts:
            parts.append(conformer.push(NOISE[first : first + size]))
            first += size
        return np.concatenate([*parts, conformer.push(NOISE[first:]), conformer.flush()])

    assert np.array_equal(run(sizes), run([]))


@pytest.mark.parametrize("n", [1, 2, 24, 96, 1_000])
@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 16_000, 44_100, 192_000])
def test_very_short_sound_works(tmp_path, n, rate_hz):
    path = write(tmp_path / "a.wav", NOISE[:n], rate_hz)
    audio = read_audio(path, 16_000)
    assert len(audio.samples) == max(1, int(n * 16_000 / rate_hz + 0.5))


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 16_000, 48_000, 192_000])
def test_silence_stays_exactly_zero(tmp_path, rate_hz):
    path = write(tmp_path / "a.wav", np.zeros((30_000, 2), np.float32), rate_hz, "PCM_16")
    assert not read_audio(path, 16_000).samples.any()


def test_dc_is_removed_and_speech_band_kept(tmp_path):
    t = np.arange(96_000) / 48_000
    path = write(tmp_path / "a.wav", (0.3 + 0.4 * np.sin(2 * np.pi * 1_000 * t)).astype(np.float32), 48_000)
    inner = read_audio(path, 16_000).samples[8_000:24_000]
    assert abs(inner.mean()) < 1e-4
    assert np.sqrt(np.mean(inner**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.01)


def test_a_tone_above_nyquist_vanishes(tmp_path):
    t = np.arange(96_000) / 48_000
    path = write(tmp_path / "a.wav", np.sin(2 * np.pi * 12_000 * t).astype(np.float32), 48_000)
    assert np.abs(read_audio(path, 16_000).samples[4_000:-4_000]).max() < 1e-4


def test_file_array_and_stream_agree(tmp_path):
    path = write(tmp_path / "a.wav", NOISE, 44_100)
    whole = read_audio(path, 16_000)
    assert np.array_equal(whole.samples, np.concatenate(list(stream_audio(path, 16_000))))
    assert np.array_equal(whole.samples, conform(Audio(NOISE, 44_100), 16_000).samples)
    assert np.array_equal(whole.samples, Audio.read(path, 16_000).samples)
    with open_recording(path) as recording:
        assert np.array_equal(whole.samples, np.concatenate(list(stream_audio(recording, 16_000))))


def test_the_tap_sees_the_raw_blocks(tmp_path):
    block = np.stack([NOISE, -NOISE, NOISE], axis=1)
    path = write(tmp_path / "a.wav", block, 44_100)
    seen = []
    mono = np.concatenate(list(stream_audio(path, 16_000, tap=seen.append)))
    assert np.array_equal(np.concatenate(seen), block)
    assert len(mono) == round(len(NOISE) * 16_000 / 44_100)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 32])
def test_mix_down_is_the_mean(channels):
    block = np.random.default_rng(channels).uniform(-1, 1, (500, channels)).astype(np.float32)
    assert np.allclose(mix_down(block), block.mean(axis=1), atol=1e-6)
    assert mix_down(block).dtype == np.float32


@pytest.mark.parametrize(
    ("file_hz", "asked", "got"),
    [(8_000, None, 8_000), (44_100, None, 32_000), (192_000, None, 32_000), (48_000, 16_000, 16_000)],
)
def test_working_rate(tmp_path, file_hz, asked, got):
    assert working_rate(file_hz, asked) == got
    assert read_audio(write(tmp_path / "a.wav", NOISE[:2_000], file_hz), asked).rate_hz == got
    assert conform(Audio(NOISE[:2_000], file_hz), asked).rate_hz == got


@pytest.mark.parametrize("rate_hz", [32_001, 3_999, 16_000.5])
def test_rates_out_of_range(tmp_path, rate_hz):
    path = write(tmp_path / "a.wav", NOISE[:100], 16_000)
    with pytest.raises(AudioError, match=r"4000\.\.32000"):
        read_audio(path, rate_hz)
    with pytest.raises(AudioError, match="outside"):
        Conformer(200_000, 16_000)


def test_push_takes_float64_and_lists_of_floats():
    expected = Conformer(16_000, 16_000).push(NOISE[:500])
    assert np.array_equal(Conformer(16_000, 16_000).push(NOISE[:500].astype(np.float64)), expected)
    assert len(Conformer(16_000, 16_000).push(NOISE[:0])) == 0


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros((4, 2), np.float32), "mono"),
        (np.zeros(4, np.int16), "int16"),
        (np.array([0, np.nan], np.float32), r"sample 101 \(0\.006 s\)"),
        (np.array([0, 1e20], np.float32), "absurdly large"),
    ],
)
def test_push_refuses_what_is_not_sound(samples, words):
    conformer = Conformer(16_000, 16_000)
    conformer.push(NOISE[:100])
    with pytest.raises(AudioError, match=words):
        conformer.push(samples)


def test_flush_and_reset_start_anew():
    conformer = Conformer(48_000, 16_000)
    first = np.concatenate([conformer.push(NOISE), conformer.flush()])
    conformer.push(NOISE[:777])
    conformer.reset()
    assert np.array_equal(np.concatenate([conformer.push(NOISE), conformer.flush()]), first)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "words"),
    [
        (np.zeros((2, 2), np.float32), 16_000, "one channel"),
        (np.zeros(0, np.float32), 16_000, "empty"),
        (np.zeros(3, np.int16), 16_000, "int16"),
        (np.array([0.0, np.inf]), 16_000, "sample 1 is NaN"),
        (np.zeros(3, np.float32), 800_000_000, "sampling rate"),
        (np.zeros(3, np.float32), 16_000.5, "sampling rate"),
    ],
)
def test_audio_refuses(samples, rate_hz, words):
    with pytest.raises(AudioError, match=words):
        Audio(samples, rate_hz)


def test_audio_holds_float32_and_its_length():
    audio = Audio([0.0, 0.5, -2.0, 0.0], 4_000)
    assert audio.samples.dtype == np.float32
    assert audio.duration_s == 0.001


def test_the_export_list_is_complete():
    names = voxlite.audio.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert all(hasattr(voxlite.audio, name) for name in names)
