import numpy as np
import pytest

from voxlite.training import augment
from voxlite.training.corpus import SOUND_KINDS
from voxlite.training.mixing import MixPlan, VoiceExamples, voice_activity
from voxlite.training.surroundings import ClipSampler, excluded

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    path = tmp_path_factory.mktemp("rooms") / "rooms.npz"
    decay = np.exp(-np.arange(2000) / 300) * np.random.default_rng(0).standard_normal(2000)
    augment.save_rooms(path, [augment.trim_response(decay.astype(np.float32), RATE_HZ)])
    return path


@pytest.fixture(scope="module")
def training(clips):
    return [clip for clip in clips if clip.split == "train" or clip.kind in ("rir", "babble")]


@pytest.fixture(scope="module")
def draw(training, store, rooms):
    def drawn(seed, **plan):
        return VoiceExamples(training, store, rooms, MixPlan(**plan)).draw(np.random.default_rng(seed))

    return drawn


def test_activity_is_where_the_voice_is():
    samples = np.zeros(RATE_HZ, np.float32)
    samples[4000:8000] = 0.3 * np.sin(np.arange(4000) / 8)
    active, sure = voice_activity(samples, RATE_HZ)
    assert active.shape == sure.shape == (100,)
    assert active[26:49].all()
    assert not active[:24].any()
    assert not active[52:].any()
    assert set(np.unique(sure)) <= {0.0, 1.0}


def test_activity_is_thirty_decibels_deep():
    levels = (0.5, 0.5 * 10 ** (-20 / 20), 0.5 * 10 ** (-29 / 20), 0.5 * 10 ** (-40 / 20))
    samples = np.concatenate([level * np.sin(np.arange(4000) / 8) for level in levels]).astype(np.float32)
    active, sure = voice_activity(samples, RATE_HZ)
    middles = [12, 37, 62, 87]
    assert active[middles].tolist() == [1, 1, 1, 0]
    assert sure[middles].tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize("n", [0, 100, RATE_HZ])
def test_silence_is_surely_inactive(n):
    active, sure = voice_activity(np.zeros(n, np.float32), RATE_HZ)
    assert len(active) == len(sure) == n // 160
    assert not active.any()
    assert sure.all()


def test_activity_does_not_depend_on_the_level():
    samples = (0.2 * np.sin(np.arange(RATE_HZ) / 9) * np.linspace(0, 1, RATE_HZ)).astype(np.float32)
    one, two = voice_activity(samples, RATE_HZ), voice_activity(samples / 8, RATE_HZ)
    assert (one[0] == two[0]).all()


def test_sampler_weighs_sources_by_the_root_of_their_seconds(clips, changed):
    speech = [clip for clip in clips if clip.kind == "speech"][:2]
    speech = changed(changed(speech, 0, source="big", duration_s=900.0), 1, source="small", duration_s=100.0)
    sampler, rng = ClipSampler(speech), np.random.default_rng(0)
    share = np.mean([sampler(rng).source == "big" for _ in range(4000)])
    assert share == pytest.approx(0.75, abs=0.03)


def test_exclusions_hold_sounds_alone(clips, changed):
    assert excluded(clips) == set()
    radio = [changed([clip], 0, original="things/tuning-radio.wav")[0] for clip in clips]
    assert excluded(radio) == {clip.name for clip in clips if clip.kind in SOUND_KINDS}


@pytest.mark.parametrize("seed", range(25))
def test_examples_are_usable(draw, seed):
    samples, active, sure = draw(seed, seconds=1.0)
    assert samples.shape == (RATE_HZ,)
    assert samples.dtype == np.float32
    assert np.abs(samples).max() <= 1
    assert active.shape == sure.shape == (100,)
    assert set(np.unique(active)) | set(np.unique(sure)) <= {0.0, 1.0}


def test_examples_repeat_with_the_seed(draw):
    for one, two in zip(draw(4), draw(4), strict=True):
        assert (one == two).all()
    assert (draw(4)[0] != draw(5)[0]).any()


def test_share_of_voices(draw):
    assert all(draw(seed, voice_share=1.0)[1].any() for seed in range(15))
    for seed in range(15):
        _, active, sure = draw(seed, voice_share=0.0)
        assert not active.any()
        assert sure.all()


def test_digital_silence_is_no_sign_of_a_class(draw):
    """Both classes must meet gated sound about equally often, or the net would learn the gate."""
    shares = []
    for voice_share in (0.0, 1.0):
        zeros = [np.mean(draw(seed, voice_share=voice_share)[0] == 0) > 0.3 for seed in range(60)]
        shares.append(np.mean(zeros))
    assert all(0.02 < share < 0.8 for share in shares)
