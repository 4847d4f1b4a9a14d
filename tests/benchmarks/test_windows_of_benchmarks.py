import numpy as np
import pytest

from voxlite.errors import VoxliteError


def test_conditions_change_what_they_should(sets, windows):
    assert list(sets) == ["clean", "5 dB", "telephone"]
    voice = windows.is_voice
    assert np.array_equal(sets["5 dB"].samples[~voice], windows.samples[~voice])
    assert not np.array_equal(sets["5 dB"].samples[voice], windows.samples[voice])
    assert not np.array_equal(sets["telephone"].samples, windows.samples)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_window_is_scored_once(bench, sets, workers):
    asked = []

    def score(samples):
        asked.append(samples)
        return float(samples.sum())

    found = bench("windows").score_windows(sets, score, workers)
    assert len(asked) == 6 + 3 + 6  # the mixtures leave the windows without a voice as they were
    for name, windows in sets.items():
        assert found[name] == pytest.approx(windows.samples.sum(axis=1, dtype=np.float64), abs=1e-2)


def test_roc_auc_of_a_perfect_and_of_a_useless_detector(bench, sets):
    roc_aucs = bench("windows").roc_aucs
    voices = {windows.samples[k].tobytes() for windows in sets.values() for k in range(3)}
    assert roc_aucs(sets, lambda samples: float(samples.tobytes() in voices)) == dict.fromkeys(sets, 1.0)
    assert roc_aucs(sets, lambda samples: 0.5) == dict.fromkeys(sets, 0.5)


@pytest.mark.parametrize("rate_hz", [48_000, 32_000, 16_000, 8_000])
def test_resampled_windows_keep_their_length_in_seconds(bench, sets, rate_hz):
    module = bench("windows")
    found = module.altered(sets, lambda samples: module.resampled(samples, rate_hz))
    for name, windows in found.items():
        assert windows.samples.shape == (6, rate_hz)
        assert windows.samples.dtype == np.float32
        assert windows.is_voice is sets[name].is_voice
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)
    expected = np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    middle = slice(rate_hz // 10, -rate_hz // 10)
    assert module.resampled(tone, rate_hz)[middle] == pytest.approx(expected[middle], abs=1e-3)


def test_windows_of_a_corpus(bench, tiny_corpus, monkeypatch):
    monkeypatch.setenv("VOXLITE_CORPUS", str(tiny_corpus))
    sets = bench("windows").load_windows(split="val", limit=2, snrs_db=(10.0, 0.0))
    assert list(sets) == ["clean", "10 dB", "0 dB", "telephone"]
    assert sets["clean"].samples.shape == (4, 16_000)
    assert sets["clean"].is_voice.sum() == 2
    assert set(sets["clean"].sources) == {"val-speech", "val-nonhuman"}


def test_no_corpus_is_one_line(bench, monkeypatch):
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)
    with pytest.raises(VoxliteError, match="VOXLITE_CORPUS"):
        bench("windows").load_windows()
