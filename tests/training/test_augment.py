import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.training import augment

RATE_HZ = 16_000
SEEDS = st.integers(0, 10_000)


def voice_like(n=RATE_HZ, seed=0):
    t = np.arange(n) / RATE_HZ
    level = np.clip(np.sin(2 * np.pi * 1.5 * t), 0, 1)
    noise = 0.001 * np.random.default_rng(seed).standard_normal(n)
    return (0.2 * level * sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 25)) + noise).astype(
        np.float32
    )


def test_levels():
    assert augment.rms(np.full(100, -0.5, np.float32)) == pytest.approx(0.5)
    assert augment.rms(np.zeros(10, np.float32)) < 1e-9
    half = np.concatenate([np.full(4000, 0.5), np.zeros(4000)]).astype(np.float32)
    assert augment.active_rms(half) == pytest.approx(0.5)
    assert augment.rms(half) == pytest.approx(0.5 / np.sqrt(2))
    assert augment.active_rms(half[:500]) == pytest.approx(0.5)


@given(factor=st.floats(0.8, 1.25), n=st.integers(80, 2000))
def test_speed_changes_length_and_pitch(factor, n):
    changed = augment.change_speed(np.sin(np.arange(n) / 5).astype(np.float32), factor)
    assert len(changed) == max(2, int(n / factor))
    assert changed.dtype == np.float32
    expected = np.sin(np.minimum(np.arange(len(changed)) * factor, n - 1) / 5)
    assert np.abs(changed - expected).max() < 0.02


@given(SEEDS)
def test_channels_are_positive_and_finite(seed):
    gain = augment.random_response(np.random.default_rng(seed), 513, RATE_HZ)
    assert gain.shape == (513,)
    assert gain.dtype == np.float32
    assert (gain > 0).all()
    assert 20 * np.log10(gain.max()) < 60


def test_convolve_without_anything_is_the_sound_itself():
    sound = voice_like()
    assert np.abs(augment.convolve(sound, None, None) - sound).max() < 1e-5
    flat = np.ones(513, np.float32)
    assert np.abs(augment.convolve(sound, np.eye(1, 50, dtype=np.float32)[0], flat) - sound).max() < 1e-5


@given(SEEDS, st.integers(1, 400), st.integers(400, 900))
def test_convolve_with_a_room_is_the_textbook_sum(seed, m, n):
    rng = np.random.default_rng(seed)
    sound, room = rng.standard_normal(n, np.float32), rng.standard_normal(m, np.float32)
    assert np.abs(augment.convolve(sound, room, None) - np.convolve(sound, room)[:n]).max() < 1e-2


def test_a_channel_removes_what_it_should():
    t = np.arange(RATE_HZ) / RATE_HZ
    low, high = np.sin(2 * np.pi * 500 * t), np.sin(2 * np.pi * 6000 * t)
    channel = np.where(np.linspace(0, 8000, 513) < 3000, 1.0, 0.0).astype(np.float32)
    out = augment.convolve((low + high).astype(np.float32), None, channel)
    assert np.abs(out[1000:-1000] - low[1000:-1000]).max() < 0.05


@pytest.mark.parametrize("seed", range(12))
def test_codecs_keep_length_and_most_of_the_sound(seed):
    sound = voice_like()
    coded = augment.codec_round_trip(np.random.default_rng(seed), sound, RATE_HZ)
    assert coded.shape == sound.shape
    assert coded.dtype == np.float32
    assert np.isfinite(coded).all()
    assert augment.rms(coded) == pytest.approx(augment.rms(sound), rel=0.35)


def test_codecs_take_sound_beyond_full_scale():
    coded = augment.codec_round_trip(np.random.default_rng(1), 4 * voice_like(), RATE_HZ)
    assert augment.rms(coded) == pytest.approx(4 * augment.rms(voice_like()), rel=0.35)


def test_whisper_keeps_envelope_and_level_but_no_pitch():
    sound = voice_like(2 * RATE_HZ)
    hushed = augment.whisper(np.random.default_rng(0), sound)
    assert hushed.shape == sound.shape
    assert augment.rms(hushed) == pytest.approx(augment.rms(sound), rel=1e-3)

    def periodicity(x):
        part = x[2000:6000]
        correlation = np.correlate(part, part, "full")[len(part) - 1 :]
        return correlation[90:160].max() / correlation[0]

    assert periodicity(sound) > 0.7
    assert periodicity(hushed) < 0.4
    levels = [np.abs(x).reshape(20, -1).mean(axis=1) for x in (sound, hushed)]
    assert np.corrcoef(*levels)[0, 1] > 0.9


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_finish_stays_within_full_scale(seed):
    out = augment.finish(np.random.default_rng(seed), voice_like(8000), RATE_HZ)
    assert out.shape == (8000,)
    assert out.dtype == np.float32
    assert np.abs(out).max() <= 1


def test_finish_leaves_silence_silent():
    for seed in range(20):
        out = augment.finish(np.random.default_rng(seed), np.zeros(8000, np.float32), RATE_HZ)
        assert np.abs(out).max() < 1e-3


def test_gate_zeroes_only_what_is_far_below_the_peak():
    sound = np.concatenate([np.full(1600, 0.5), np.full(1600, 0.001), np.full(77, 0.001)]).astype(np.float32)
    gated = augment.gate_to_zero(sound, 40)
    assert (gated[:1600] == sound[:1600]).all()
    assert not gated[1760:3040].any()  # a frame beside a loud one stays
    assert (augment.gate_to_zero(sound, 70) == sound).all()
    assert (augment.gate_to_zero(sound[:100], 40) == sound[:100]).all()


def test_a_response_starts_with_its_direct_sound():
    response = np.zeros(20_000, np.float32)
    response[700], response[900] = -0.8, 0.3
    trimmed = augment.trim_response(response, RATE_HZ)
    assert int(np.argmax(np.abs(trimmed))) <= 32
    assert np.isfinite(trimmed).all()
    assert len(trimmed) < 20_000


def test_rooms_survive_the_disk(tmp_path):
    rng = np.random.default_rng(0)
    rooms = [rng.standard_normal(n, np.float32) for n in (10, 300, 20)]
    augment.save_rooms(tmp_path / "rooms.npz", rooms)
    back = augment.load_rooms(tmp_path / "rooms.npz")
    assert [room.tolist() for room in back] == [room.tolist() for room in rooms]


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_simulated_rooms_ring_and_repeat():
    pytest.importorskip("pyroomacoustics")
    rooms = augment.simulate_rooms(5, 3, RATE_HZ)
    assert len(rooms) == 3
    for room in rooms:
        assert room.dtype == np.float32
        assert int(np.argmax(np.abs(room))) < 200
        energy = np.cumsum(np.square(room))
        assert energy[len(room) // 2] > 0.5 * energy[-1]
    again = augment.simulate_rooms(5, 3, RATE_HZ)
    assert all((a == b).all() for a, b in zip(rooms, again, strict=True))


def test_a_snippet_is_short_loud_and_fades(rng):
    samples = np.zeros(32_000, np.float32)
    samples[10_000:14_000] = 0.5
    for _ in range(20):
        cut = augment.snippet(rng, samples, 16_000)
        assert 1_600 <= len(cut) <= 8_000
        assert np.abs(cut).max() == 0.5
        assert cut[0] == 0
    assert len(augment.snippet(rng, samples[:1_000], 16_000)) == 1_000
