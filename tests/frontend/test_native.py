"""The compiled kernel: NumPy's numbers within rounding, and the same bits for a frame wherever it lies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voxlite.errors import FeatureError
from voxlite.frontend import FrontEndConfig, mel_bank, native, power_spectrum
from voxlite.frontend.cepstrum import cepstrum_numpy
from voxlite.frontend.spectrum import log_mel_numpy

FOUND = native.load(native.LIBRARY)
pytestmark = [
    pytest.mark.skipif(not FOUND.isas, reason=f"needs the compiled front end: {FOUND.detail}"),
    pytest.mark.usefixtures("plain_environment"),
]
CONFIG = FrontEndConfig()
ISAS = st.sampled_from(FOUND.isas or ("none",))
SOUNDS = {
    "noise": lambda rng, t: 0.1 * rng.standard_normal(len(t)),
    "quiet noise": lambda rng, t: 1e-4 * rng.standard_normal(len(t)),
    "silence": lambda rng, t: np.zeros(len(t)),
    "constant": lambda rng, t: np.full(len(t), 0.7),
    "sine": lambda rng, t: 0.5 * np.sin(rng.uniform(0.01, 3.1) * t),
    "clipping": lambda rng, t: np.clip(9 * np.sin(rng.uniform(0.01, 3.1) * t), -1, 1),
    "click": lambda rng, t: t == rng.integers(0, len(t)),
}


@pytest.fixture(scope="module")
def plain_environment():
    """Whatever VOXLITE_NATIVE says outside, here every instruction set is at hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(native.VARIABLE, raising=False)
        native.kernel.cache_clear()
        native.plan_for.cache_clear()
        yield
    native.kernel.cache_clear()
    native.plan_for.cache_clear()


def sound(kind, n, seed):
    return SOUNDS[kind](np.random.default_rng(seed), np.arange(n)).astype(np.float32)


@st.composite
def configs(draw):
    """Any front end that the kernel takes and whose mel bands all hold a bin."""
    rate_hz = draw(st.sampled_from([4_000, 8_000, 11_025, 16_000, 32_000]))
    window, hop = draw(st.integers(2, 1_100)), draw(st.integers(1, 700))
    fft_size = max(16, 1 << (window - 1).bit_length()) << draw(st.integers(0, 2))
    bands = draw(st.integers(1, 70))
    try:
        config = FrontEndConfig(
            rate_hz=rate_hz,
            window_s=window / rate_hz,
            hop_s=hop / rate_hz,
            fft_size=fft_size,
            mel_bands=bands,
            low_hz=draw(st.floats(0, 300)),
            high_hz=rate_hz / 2 * draw(st.floats(0.4, 1)),
            log_floor=draw(st.sampled_from([1e-30, 1e-8, 1e-3])),
            coefficients=draw(st.integers(1, bands)),
        )
        mel_bank(config)
    except FeatureError:
        assume(False)
    return config


@given(ISAS, configs(), st.sampled_from(sorted(SOUNDS)), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_every_instruction_set_agrees_with_numpy(isa, config, kind, n_hops, seed):
    samples = sound(kind, config.window_samples + n_hops * config.hop_samples, seed)
    plan = native.plan_for(config, isa)
    assert plan.isa == isa
    got, wanted = plan.log_mel(samples), log_mel_numpy(samples, config)
    assert got.shape == wanted.shape
    assert got.dtype == np.float32
    amplitude = [np.exp(mel.astype(np.float64) / 2) for mel in (got, wanted)]
    loudest = np.sqrt(power_spectrum(samples, config).astype(np.float64).max(axis=1))[:, None]
    # what float32 resolves: logarithms of -70, and leakage far below a loud frame's peak
    assert (np.abs(amplitude[0] - amplitude[1]) <= 1e-5 * amplitude[1] + 3e-7 * loudest).all()
    if "noise" in kind or kind == "silence":
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4)
    coefficients = plan.cepstrum(got)
    np.testing.assert_allclose(
        coefficients, cepstrum_numpy(got, config), rtol=0, atol=3e-5 * np.abs(got).max()
    )
    np.testing.assert_array_equal(plan.mfcc(samples), coefficients)


@given(ISAS, configs(), st.integers(0, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_frame_has_the_same_bits_wherever_it_lies(isa, config, first, count, seed):
    window, hop = config.window_samples, config.hop_samples
    samples = sound("noise", window + (first + count + 20) * hop, seed)
    plan = native.plan_for(config, isa)
    part = samples[first * hop : (first + count - 1) * hop + window]
    rows = slice(first, first + count)
    for work in (plan.log_mel, plan.mfcc):
        np.testing.assert_array_equal(work(part), work(samples)[rows])
    mel = plan.log_mel(samples)
    np.testing.assert_array_equal(plan.cepstrum(mel[rows]), plan.cepstrum(mel)[rows])


@pytest.mark.parametrize("isa", FOUND.isas)
@pytest.mark.parametrize("n", [0, 1, 399, 400, 401, 559, 560])
def test_short_sounds_have_the_frames_that_fit(isa, n):
    plan = native.plan_for(CONFIG, isa)
    wanted = log_mel_numpy(sound("noise", n, 1) if n else np.zeros(0, np.float32), CONFIG)
    got = plan.log_mel(sound("noise", n, 1) if n else np.zeros(0, np.float32))
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4)
    assert plan.mfcc(np.zeros(n, np.float32)).shape == (len(wanted), 40)


@pytest.mark.parametrize("isa", FOUND.isas)
def test_any_kind_of_array_will_do(isa, rng):
    plan = native.plan_for(CONFIG, isa)
    plain = (0.1 * rng.standard_normal(3_000)).astype(np.float32)
    wanted = plan.log_mel(plain)
    frozen = plain.copy()
    frozen.flags.writeable = False
    crooked = np.frombuffer(b"x" + plain.tobytes(), np.uint8)[1:].view(np.float32)  # not aligned
    double = np.repeat(plain, 2)
    for samples in (frozen, crooked, double[::2], plain[::-1].copy()[::-1], plain.astype(">f4")):
        np.testing.assert_array_equal(plan.log_mel(samples), wanted)
    np.testing.assert_array_equal(plan.log_mel(plain.astype(np.float64)), wanted)
    np.testing.assert_array_equal(plan.cepstrum(np.asfortranarray(wanted)), plan.cepstrum(wanted))
    whole = np.arange(-500, 500, dtype=np.int16)
    np.testing.assert_allclose(plan.log_mel(whole), log_mel_numpy(whole, CONFIG), rtol=0, atol=1e-3)


@pytest.mark.parametrize("isa", FOUND.isas)
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_what_is_no_number_stays_visible_and_in_its_frames(isa, bad, rng):
    samples = (0.1 * rng.standard_normal(400 + 30 * 160)).astype(np.float32)
    plan = native.plan_for(CONFIG, isa)
    clean = plan.log_mel(samples)
    samples[2_000] = bad  # in frames 11 and 12 at least
    hit = np.isnan(plan.log_mel(samples)).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(hit), [11, 12])
    np.testing.assert_array_equal(plan.log_mel(samples)[~hit], clean[~hit])
    assert np.isnan(plan.mfcc(samples)[hit]).all()


@pytest.mark.parametrize("isa", FOUND.isas)
def test_it_is_as_close_to_the_truth_as_float32_allows(isa, rng):
    samples = (0.1 * rng.standard_normal(8_000)).astype(np.float32)
    rows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), 400)[::160]
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 400)
    energy = np.abs(np.fft.rfft(rows * window, 512)) ** 2 @ mel_bank(CONFIG).astype(np.float64)
    truth = np.log(energy + CONFIG.log_floor)
    np.testing.assert_allclose(native.plan_for(CONFIG, isa).log_mel(samples), truth, rtol=0, atol=5e-6)


def test_one_plan_serves_many_threads(rng):
    sounds = [(0.1 * rng.standard_normal(20_000 + 1_000 * i)).astype(np.float32) for i in range(16)]
    plan = native.plan_for(CONFIG)
    with ThreadPoolExecutor(4) as pool:
        for got, samples in zip(pool.map(plan.mfcc, sounds), sounds, strict=True):
            np.testing.assert_array_equal(got, plan.mfcc(samples))


def test_wrong_shapes_are_refused():
    plan = native.plan_for(CONFIG)
    for work in (plan.log_mel, plan.mfcc):
        with pytest.raises(FeatureError, match=r"mono samples, float32\[n\], got shape \(2, 800\)"):
            work(np.zeros((2, 800), np.float32))
    with pytest.raises(FeatureError, match=r"float32\[frames, 64\], got shape \(3, 63\)"):
        plan.cepstrum(np.zeros((3, 63), np.float32))


@pytest.mark.parametrize(
    "config",
    [
        FrontEndConfig(rate_hz=4_000, window_s=0.002, fft_size=8, mel_bands=1, coefficients=1, high_hz=2_000),
        FrontEndConfig(window_s=5, fft_size=131_072),
        FrontEndConfig(log_floor=1e-40),
        FrontEndConfig(mel_bands=200),
    ],
    ids=["a tiny transform", "a huge one", "a floor that is no normal number", "a band without a bin"],
)
def test_what_the_kernel_is_not_made_for_is_left_to_numpy(config):
    assert native.plan_for(config) is None


def test_plans_are_kept_and_can_be_forced():
    assert native.plan_for(CONFIG) is native.plan_for(FrontEndConfig())
    assert native.plan_for(CONFIG).isa == FOUND.isas[0]
    assert FOUND.isas[-1] == "scalar"
    with pytest.raises(FeatureError, match=r"instruction set 'mmx' is not at hand: .*scalar"):
        native.plan_for(CONFIG, "mmx")


def test_shortage_of_memory_is_told():
    with pytest.raises(MemoryError, match="tables"):
        native.Plan(FOUND.library, CONFIG, "no such kernel")
    with pytest.raises(MemoryError, match="working arrays"):
        native.Plan._check(-1)
