import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.training import synthetic

RATE_HZ = 16_000
MAKERS = [
    synthetic.tones, synthetic.chirp, synthetic.call_tone, synthetic.dtmf, synthetic.clicks,
    synthetic.moving_noise, synthetic.hum, synthetic.any_sound,
]  # fmt: skip


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(3_200, 32_000))
def test_sounds_are_finite_of_their_length_and_repeatable(maker, seed, n):
    one, two = (maker(np.random.default_rng(seed), n, RATE_HZ) for _ in range(2))
    assert one.shape == (n,)
    assert np.isfinite(one).all()
    assert (one == two).all()
    if maker is synthetic.any_sound:
        assert one.dtype == np.float32
        assert np.abs(one).max() <= 1


@settings(max_examples=20, deadline=None)
@given(slope=st.floats(-0.5, 2.5), seed=st.integers(0, 1000))
def test_coloured_noise_has_its_slope_and_unit_level(slope, seed):
    noise = synthetic.coloured_noise(np.random.default_rng(seed), 1 << 16, slope)
    assert np.sqrt(np.mean(np.square(noise))) == pytest.approx(1, abs=1e-3)
    power = np.abs(np.fft.rfft(noise)) ** 2
    bands = [power[at : 2 * at].mean() for at in (64, 128, 256, 512, 1024, 2048, 4096, 8192)]
    found = -np.polyfit(np.arange(len(bands)), np.log2(bands), 1)[0]
    assert found == pytest.approx(slope, abs=0.2)


def test_dtmf_dials_one_low_and_one_high_tone():
    samples = synthetic.dtmf(np.random.default_rng(3), 4 * RATE_HZ, RATE_HZ)
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    near = np.zeros(len(hz), bool)
    for tone_hz in (697, 770, 852, 941, 1209, 1336, 1477, 1633):
        near |= np.abs(hz - tone_hz) < 40
    assert spectrum[near].sum() > 0.95 * spectrum.sum()


def test_every_kind_comes_up():
    rng = np.random.default_rng(0)
    crests = [np.abs(x).max() / (np.sqrt(np.mean(x**2)) + 1e-9) for x in
              (synthetic.any_sound(rng, 8_000, RATE_HZ) for _ in range(60))]  # fmt: skip
    assert min(crests) < 1.7  # steady tones
    assert max(crests) > 8  # clicks
