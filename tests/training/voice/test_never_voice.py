import numpy as np
import pytest

from voxlite.training.voice.never_voice import LEVELS_DBFS, check, count, sounds

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def made():
    return list(sounds(RATE_HZ, seconds=1.0))


def test_families_and_levels(made):
    families = {sound.family for sound in made}
    assert families == {"silence", "noise", "tones", "DTMF", "exchange tones"}
    white = [sound.level_dbfs for sound in made if sound.name == "white noise"]
    assert white == list(LEVELS_DBFS)
    assert len({(sound.name, sound.level_dbfs) for sound in made}) == len(made)
    assert len({sound.name for sound in made if sound.family == "DTMF"}) == 16


def test_sounds_are_usable(made):
    for sound in made:
        assert sound.samples.dtype == np.float32
        assert sound.samples.shape == (RATE_HZ,)
        assert np.abs(sound.samples).max() <= 1


def test_level_is_the_rms(made):
    for sound in made:
        if sound.level_dbfs is not None and sound.level_dbfs <= -20:
            level_db = 10 * np.log10(np.mean(np.square(sound.samples, dtype=np.float64)))
            assert level_db == pytest.approx(sound.level_dbfs, abs=0.1), sound.name


def test_tones_have_their_frequencies(made):
    for name, peaks_hz in (("digit 5", (770, 1336)), ("tone 1000 Hz", (1000,)), ("busy, Europe", (425,))):
        samples = next(s.samples for s in made if s.name == name and s.level_dbfs == -20)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(RATE_HZ)))
        for hz in peaks_hz:
            assert spectrum[hz - 3 : hz + 4].max() > 0.5 * spectrum.max()


def test_cadence():
    ring = next(s.samples for s in sounds(RATE_HZ, seconds=5.0) if s.name == "ring-back, Europe")
    assert ring[: int(0.9 * RATE_HZ)].any()
    assert not ring[int(1.1 * RATE_HZ) : int(4.9 * RATE_HZ)].any()
    british = next(s.samples for s in sounds(RATE_HZ, seconds=3.0) if s.name == "ring-back, United Kingdom")
    silent = [
        not british[int(at * RATE_HZ) : int((at + 0.1) * RATE_HZ)].any() for at in (0.2, 0.45, 0.7, 1.5)
    ]
    assert silent == [False, True, False, True]


def test_check_lists_what_was_called_voice():
    ticks = []

    def loudness(samples):
        return float(np.sqrt(np.mean(np.square(samples))))

    level = check(loudness, RATE_HZ, 0.5, seconds=0.5, tick=lambda: ticks.append(1))
    assert len(ticks) == count(RATE_HZ)
    loud = [row["sound"] for row in level["called_voice"]]
    assert "white noise at 0 dBFS" in loud
    assert not any("-20 dBFS" in name for name in loud)
    assert level["families"]["noise"]["worst_score"] > 0.5
    assert level["families"]["noise"]["n"] == 3 * len(LEVELS_DBFS)
    assert level["families"]["silence"]["worst"] == "constant offset 0.1"


def test_stretches_of_voice_are_counted_apart():
    result = check(lambda samples: 0.0, RATE_HZ, 0.5, seconds=0.1, hears=lambda samples: not samples.any())
    assert result["called_voice"] == []
    assert result["voice_found"] == ["digital silence"]


def test_a_deaf_detector_is_never_wrong():
    assert check(lambda samples: 0.0, RATE_HZ, 0.5, seconds=0.1)["called_voice"] == []
