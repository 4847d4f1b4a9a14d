"""The silence gate: where the line between silence and sound lies, and that portions do not move it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.activity import SilenceGate

FRAME = 160


def noise(level_dbfs: float, n_frames: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal(n_frames * FRAME)
    return (samples / samples.std() * 10 ** (level_dbfs / 20)).astype(np.float32)


def silent_share(samples: np.ndarray) -> float:
    return float(SilenceGate(FRAME).push(samples)[0].mean())


def test_digital_silence_is_silent_and_its_power_is_zero() -> None:
    silent, power = SilenceGate(FRAME).push(np.zeros(50 * FRAME, np.float32))
    assert silent.all()
    assert (power == 0).all()


@pytest.mark.parametrize("level_dbfs", [-48, -40, -20, 0])
def test_a_steady_fan_above_50_dbfs_is_never_silence(level_dbfs: float) -> None:
    assert silent_share(noise(level_dbfs, 400)) == 0


@pytest.mark.parametrize("level_dbfs", [-58, -65, -80])
def test_a_quiet_room_is_silence(level_dbfs: float) -> None:
    assert silent_share(noise(level_dbfs, 400)) > 0.95


def test_a_faint_sound_after_digital_silence_is_heard() -> None:
    faint = noise(-55, 10)
    silent, _ = SilenceGate(FRAME).push(np.concatenate([np.zeros(100 * FRAME, np.float32), faint]))
    assert silent[:100].all()
    assert not silent[100:].any()


def test_sound_in_a_hissing_room_is_heard() -> None:
    samples = np.concatenate([noise(-56, 200), noise(-40, 20, seed=1), noise(-56, 200, seed=2)])
    silent, _ = SilenceGate(FRAME).push(samples)
    assert not silent[200:220].any()
    assert silent[230:].mean() > 0.95


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(0, 5))
def test_portions_do_not_matter(portions: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = sum(portions)
    levels = np.repeat(rng.uniform(-70, -40, n), FRAME)
    samples = (rng.standard_normal(n * FRAME) * 10 ** (levels / 20)).astype(np.float32)
    whole = SilenceGate(FRAME).push(samples)
    gate, parts, at = SilenceGate(FRAME), [], 0
    for portion in portions:
        parts.append(gate.push(samples[at * FRAME : (at + portion) * FRAME]))
        at += portion
    for k in range(2):
        np.testing.assert_array_equal(np.concatenate([part[k] for part in parts]), whole[k])


def test_reset_forgets_the_room() -> None:
    gate = SilenceGate(FRAME)
    gate.push(np.zeros(300 * FRAME, np.float32))
    gate.reset()
    assert gate.push(noise(-56, 100))[0].mean() > 0.95


@given(st.integers(0, 60), st.integers(0, 5))
def test_what_lies_further_back_than_it_says_does_not_matter(extra: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gate = SilenceGate(FRAME)
    past = gate.past_samples // FRAME
    levels = np.repeat(rng.uniform(-62, -48, past + extra + 20), FRAME)
    samples = (rng.standard_normal(len(levels)) * 10 ** (levels / 20)).astype(np.float32)
    whole = gate.push(samples)[0][past + extra :]
    late = SilenceGate(FRAME).push(samples[extra * FRAME :])[0][past:]
    np.testing.assert_array_equal(late, whole)
