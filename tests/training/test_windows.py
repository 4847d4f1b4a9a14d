import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from voxlite.training.augment import rms
from voxlite.training.windows import (
    Windows,
    clean_windows,
    loudest,
    protocol_clips,
    telephone,
    with_noise,
)

RATE_HZ = 16_000


def tone(hz, seconds=1.0):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


def windows_of(*rows, voice):
    kinds = tuple("speech" if is_voice else "nonhuman" for is_voice in voice)
    return Windows(np.stack(rows), np.array(voice), ("a",) * len(rows), kinds)


@given(
    arrays(np.float32, st.integers(1, 60), elements=st.floats(-1, 1, width=32)),
    st.integers(1, 30),
    st.integers(1, 7),
)
def test_loudest_is_the_loudest_on_the_grid(samples, n, step):
    found = loudest(samples, n, step)
    assert found.shape == (n,)
    if len(samples) <= n:
        assert (found == np.pad(samples, (0, n - len(samples)))).all()
        return
    energy = [np.sum(samples[at : at + n].astype(float) ** 2) for at in range(0, len(samples) - n + 1, step)]
    assert np.sum(found.astype(float) ** 2) == pytest.approx(max(energy), abs=1e-5)


def test_protocol_leaves_out_short_clips_and_other_kinds(clips):
    chosen = protocol_clips(clips, "test")
    assert all(clip.split == "test" and clip.duration_s >= 0.5 for clip in chosen)
    assert {clip.kind for clip in chosen} == {"speech", "nonhuman", "music", "silence"}
    short = [c for c in clips if c.split == "test" and c.kind == "speech" and c.duration_s < 0.5]
    assert short
    assert not set(short) & set(chosen)
    assert [clip.name for clip in chosen] == sorted(clip.name for clip in chosen)


def test_protocol_takes_at_most_eighty_of_a_group_before_it_drops_short_ones(clips, changed):
    one = next(clip for clip in clips if clip.split == "test" and clip.kind == "speech")
    many = []
    for index in range(120):
        many += changed([one], 0, name=f"x/{index:04d}.wav", duration_s=0.3 if index < 10 else 1.0)
    assert len(protocol_clips(many, "test")) == 70


def test_protocol_can_be_held_to_free_clips(clips, changed):
    first = protocol_clips(clips, "test")[0]
    research = changed(clips, clips.index(first), use="research")
    assert len(protocol_clips(research, "test", free_only=True)) == len(protocol_clips(clips, "test")) - 1


@pytest.mark.parametrize("seconds", [0.2, 1.0, 2.0])
def test_clean_windows_are_labelled_and_padded(clips, store, seconds):
    chosen = protocol_clips(clips, "test")
    windows = clean_windows(chosen, store, seconds)
    assert windows.samples.shape == (len(chosen), int(seconds * RATE_HZ))
    assert windows.is_voice.tolist() == [clip.kind == "speech" for clip in chosen]
    assert windows.sources == tuple(clip.source for clip in chosen)
    for clip, row in zip(chosen, windows.samples, strict=True):
        n = min(store.length(clip), len(row))
        assert not row[n:].any()


@given(snr_db=st.floats(-5, 30), seed=st.integers(0, 99))
def test_noise_comes_at_the_ratio_asked_for(snr_db, seed):
    windows = windows_of(0.3 * tone(300), 0.05 * tone(2000), voice=[True, False])
    noisy = with_noise(windows, snr_db, seed)
    added = noisy.samples[0] - windows.samples[0]
    assert 20 * np.log10(rms(windows.samples[0]) / rms(added)) == pytest.approx(snr_db, abs=0.05)
    assert (noisy.samples[1] == windows.samples[1]).all()


def test_noise_is_the_same_for_the_same_seed_and_never_inaudible():
    silent = np.zeros(RATE_HZ, np.float32)
    windows = windows_of(0.3 * tone(300), 0.1 * tone(2000), silent, silent, voice=[True, False, False, False])
    again = [with_noise(windows, 0.0, seed=3).samples for _ in range(2)]
    assert (again[0] == again[1]).all()
    for seed in range(6):
        assert np.abs(with_noise(windows, 0.0, seed).samples[0]).max() < 1


def test_telephone_keeps_the_voice_band_and_nothing_else():
    rows = [0.3 * tone(hz) for hz in (100, 1000, 3000, 5000)]
    narrow = telephone(windows_of(*rows, voice=[True] * 4), RATE_HZ).samples
    gains = [20 * np.log10(rms(after) / rms(before)) for before, after in zip(rows, narrow, strict=True)]
    assert gains[0] < -30
    assert abs(gains[1]) < 0.5
    assert abs(gains[2]) < 0.5
    assert gains[3] < -30
    assert narrow.shape == (4, RATE_HZ)
    assert narrow.dtype == np.float32


def test_telephone_leaves_silence_silent():
    assert not telephone(windows_of(np.zeros(RATE_HZ, np.float32), voice=[False]), RATE_HZ).samples.any()


def test_in_silence_keeps_the_sound_whole():
    from voxlite.training.windows import Windows, in_silence

    rng = np.random.default_rng(0)
    short = Windows(
        rng.uniform(0.1, 1, (5, 40)).astype(np.float32), np.ones(5, bool), ("a",) * 5, ("speech",) * 5
    )
    longer = in_silence(short, 100)
    assert longer.samples.shape == (5, 100)
    for row, sound in zip(longer.samples, short.samples, strict=True):
        np.testing.assert_array_equal(row[np.flatnonzero(row)[0] :][:40], sound)
        assert np.count_nonzero(row) == 40
