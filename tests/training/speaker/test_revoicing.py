"""Other voices: pitch and formants move as asked, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy")

from voxlite.training.speaker.revoicing import factors, revoice

pytestmark = pytest.mark.train

RATE_HZ = 16_000


def vowel(pitch_hz: float, formant_hz: float, seconds: float = 1.0) -> np.ndarray:
    """Return pulses through one resonance, 150 Hz wide."""
    n = int(seconds * RATE_HZ)
    pulses = np.zeros(n)
    pulses[(np.arange(0, seconds, 1 / pitch_hz) * RATE_HZ).astype(int)] = 1
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    resonance = 1 / (1 + ((hz - formant_hz) / 150) ** 2)
    sound = np.fft.irfft(np.fft.rfft(pulses) * resonance, n)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def pitch_of(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(power)[: RATE_HZ // 60]
    return RATE_HZ / (RATE_HZ // 400 + int(np.argmax(correlation[RATE_HZ // 400 :])))


def formant_of(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    near = (hz > 300) & (hz < 4000)
    return float((hz * power)[near].sum() / power[near].sum())


@pytest.mark.parametrize(
    ("pitch", "formants"), [(1.0, 1.15), (1.0, 0.87), (1.25, 1.0), (0.8, 1.0), (1.25, 0.87), (0.8, 1.15)]
)
def test_pitch_and_formants_move_as_asked(pitch, formants):
    before = vowel(120, 1500)
    after = revoice(before, RATE_HZ, pitch, formants)
    assert len(after) == pytest.approx(len(before) / pitch, rel=0.01)
    assert pitch_of(after) == pytest.approx(120 * pitch, rel=0.03)
    assert formant_of(after) == pytest.approx(formant_of(before) * formants, rel=0.05)


def test_nothing_moves_by_one():
    sound = vowel(200, 900)
    np.testing.assert_array_equal(revoice(sound, RATE_HZ, 1.0, 1.0), sound)


def test_versions_move_each_voice_by_factors_of_its_own():
    assert factors("x0.90", "a") == factors("x0.90", "b") == (0.9, 0.9)
    drawn = [factors(version, voice) for version in ("v01", "v02") for voice in "abcdefgh"]
    assert drawn == [factors(version, voice) for version in ("v01", "v02") for voice in "abcdefgh"]
    assert len(set(drawn)) == 16
    assert all(0.7 < pitch < 1.4 and 0.7 < formants < 1.4 for pitch, formants in drawn)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3000),
    st.floats(0.7, 1.4),
    st.floats(0.8, 1.25),
    st.sampled_from(["silence", "noise", "click"]),
)
def test_whatever_comes_in_comes_out_finite(n, pitch, formants, kind):
    samples = np.zeros(n, np.float32)
    if kind == "noise":
        samples = np.random.default_rng(n).uniform(-1, 1, n).astype(np.float32)
    if kind == "click":
        samples[n // 2] = 1
    out = revoice(samples, RATE_HZ, pitch, formants)
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert abs(len(out) - n / pitch) <= 2 + 0.01 * n
