"""Mixing mel powers comes close to mixing sound: the same features on average, the SNR that was asked for."""

import numpy as np
import pytest

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.training import mel_mixing
from voxlite.training.augment import active_rms
from voxlite.training.mel_mixing import NoiseShelf, channel, in_noise, telephone_band
from voxlite.training.windows import by_telephone

CONFIG = FrontEndConfig(mel_bands=40)
FLOOR = CONFIG.log_floor


@pytest.fixture
def voice(rng):
    t = np.arange(32_000) / 16_000
    tone = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 40))
    return (0.1 * tone * np.clip(np.sin(2 * np.pi * 2 * t), 0.05, 1)).astype(np.float32)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
def test_the_sum_of_powers_is_the_power_of_the_sum(voice, rng, monkeypatch, snr_db):
    monkeypatch.setattr(mel_mixing, "_LEVELS_DB", (0.0, 0.0))
    noise = rng.standard_normal(len(voice)).astype(np.float32)
    noise *= active_rms(voice) / active_rms(noise) * 10 ** (-snr_db / 20)
    wanted = log_mel(voice + noise, CONFIG)
    found = in_noise(rng, log_mel(voice, CONFIG), np.exp(log_mel(noise * 7, CONFIG)), snr_db, FLOOR)
    assert abs(np.mean(found - wanted)) < 0.15  # of a natural logarithm of power: 0.6 dB
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.95


def test_without_noise_only_the_level_changes(voice, rng):
    features = log_mel(voice, CONFIG)
    moved = in_noise(rng, features, None, 0.0, FLOOR) - features
    loud = features > np.log(FLOOR) + 12
    assert np.ptp(moved[loud]) < 0.01
    assert -36.1 <= 10 / np.log(10) * np.median(moved[loud]) <= 6.1


def test_digital_silence_stays_finite(rng):
    silent = log_mel(np.zeros(32_000, np.float32), CONFIG)
    assert np.isfinite(in_noise(rng, silent, np.exp(silent), 10.0, FLOOR)).all()


def test_the_shelf_fills_and_is_renewed(rng, monkeypatch):
    made = []

    def background(rng):
        made.append(1)
        return rng.standard_normal(16_000).astype(np.float32)

    shelf = NoiseShelf(background, CONFIG, size=3)
    drawn = [shelf.draw(rng) for _ in range(3)]
    assert len(made) == 3
    assert all(power.shape == (98, 40) and (power > 0).all() for power in drawn)
    assert not np.array_equal(drawn[0], shelf.draw(rng))
    monkeypatch.setattr(mel_mixing, "_RENEWED", 1.0)
    before = len(made)
    shelf.draw(rng)
    assert len(made) == before + 1


def test_a_channel_is_smooth_and_bounded(rng):
    gain_db = 10 * np.log10(np.stack([channel(rng, 80) for _ in range(50)]))
    assert np.abs(gain_db).max() <= 8.01
    assert np.abs(np.diff(gain_db, axis=1)).max() < 1.5
    assert gain_db.std(axis=1).mean() > 2


def test_a_telephone_stops_what_lies_outside_its_band(rng):
    config = FrontEndConfig(mel_bands=80, low_hz=20.0)
    gains = np.stack([telephone_band(rng, config) for _ in range(50)])
    assert gains.shape == (50, 80)
    assert (gains[:, 20:50] == 1).all()  # 500 Hz .. 2.6 kHz
    assert (gains[:, 70:] <= 1e-3).all()  # from 5 kHz on
    assert (gains[:, 0] <= 1e-3).all()


def test_through_a_telephone_the_stopped_bands_still_follow_the_voice(voice, rng, monkeypatch):
    """So does what a coder and the window's leakage leave there in recordings by telephone."""
    monkeypatch.setattr(mel_mixing, "_LEVELS_DB", (0.0, 0.0))
    config = FrontEndConfig(mel_bands=80, low_hz=20.0)
    features, wanted = log_mel(voice, config), log_mel(by_telephone(voice, 16_000), config)
    found = in_noise(rng, features, None, 0.0, config.log_floor, telephone_band(rng, config))
    passed, stopped = slice(20, 50), slice(72, 80)
    assert np.corrcoef(found[:, passed].ravel(), wanted[:, passed].ravel())[0, 1] > 0.95
    level = np.log(np.exp(found).sum(axis=1))
    below_db = (level - found[:, stopped].mean(axis=1)) * 10 / np.log(10)
    assert 40 < np.median(below_db) < 80
    assert np.corrcoef(found[:, -1], level)[0, 1] > 0.8
