"""Windows of voice: which there are, what is embedded, and that portions change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.activity.segmenter import Segmenter, SegmenterConfig
from voxlite.tasks.voice_windows import VoiceWindows
from voxlite.values import Segment

RATE_HZ = 100
STEP = 4  # samples per step of the stand-in detector


class Listener:
    """Stands for a speaker model: a vector that tells first and last sample, length and sum apart; remembers sounds."""

    rate_hz, size = RATE_HZ, 4

    def __init__(self):
        self.sounds = []

    def vectors(self, sounds):
        self.sounds += sounds
        rows = [(len(s), s[0], s[-1], s.sum()) for s in sounds]
        return np.array(rows, np.float32).reshape(-1, self.size)


def whole(sound, segments, window_s=1.5, hop_s=0.5):
    listener = Listener()
    return VoiceWindows(listener, window_s, hop_s).finish(sound, segments), listener


def voice(*spans):
    return [Segment(a, b, "voice", 1.0) for a, b in spans]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0.0, 0.4), [(0.0, 0.4)]),
        ((1.0, 2.5), [(1.0, 2.5)]),
        ((1.0, 2.6), [(1.0, 2.5)]),  # a tenth is too little for a window of its own
        ((1.0, 2.7), [(1.0, 2.5), (1.2, 2.7)]),
        ((1.0, 3.5), [(1.0, 2.5), (1.5, 3.0), (2.0, 3.5)]),
        ((1.0, 3.9), [(1.0, 2.5), (1.5, 3.0), (2.0, 3.5), (2.4, 3.9)]),
    ],
)
def test_a_segment_is_cut(span, expected):
    sound = np.arange(400, dtype=np.float32)
    windows, listener = whole(sound, voice(span))
    assert [*zip(windows.start_s.round(9), windows.end_s.round(9), strict=True)] == expected
    for heard, (a, b) in zip(listener.sounds, expected, strict=True):
        np.testing.assert_array_equal(heard, sound[round(a * RATE_HZ) : round(b * RATE_HZ)])


def test_no_voice_no_window():
    windows, listener = whole(np.ones(300, np.float32), [Segment(0, 3, "noise", 1.0)])
    assert len(windows) == 0
    assert windows.vectors.shape == (0, 4)
    assert windows.voice_s.shape == (0, 2)
    assert windows.bandwidth_hz is None
    assert listener.sounds == []


def test_every_segment_has_a_window_even_where_the_sound_ends_before_it():
    sound = np.ones(100, np.float32)
    windows, _ = whole(sound, voice((0.2, 0.5), (0.999, 1.004), (1.01, 1.02)))
    assert windows.segment.tolist() == [0, 1, 2]
    assert len(windows.voice_s) == 3


def test_the_bandwidth_is_that_of_the_voice_alone():
    times = np.arange(3 * 16_000) / 16_000
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(len(times)).astype(np.float32)
    spectrum = np.fft.rfft(sound[16_000:])
    spectrum[np.fft.rfftfreq(32_000, 1 / 16_000) > 3_400] = 0
    sound[16_000:] = np.fft.irfft(spectrum)

    class Fast(Listener):
        rate_hz = 16_000

    windows = VoiceWindows(Fast()).finish(0.1 * sound, voice((1.0, 3.0)))
    assert windows.bandwidth_hz == pytest.approx(3_400, abs=200)


@given(st.data())
def test_portions_change_nothing_and_little_is_kept(data):
    """A segmenter fed step by step; sound in portions that have nothing to do with steps, ahead of it or behind."""
    values = data.draw(st.lists(st.sampled_from([0.0, 0.3, 0.9, 0.9, 0.9]), min_size=1, max_size=300))
    config = SegmenterConfig(pad_s=data.draw(st.sampled_from([0.0, 0.08])))
    sound = np.random.default_rng(len(values)).standard_normal(len(values) * STEP).astype(np.float32)
    expected, _ = whole(sound, timed(one_go(values, config)))
    listener = Listener()
    segmenter, subject = Segmenter(STEP / RATE_HZ, config), VoiceWindows(listener)
    at = most = 0
    for size in data.draw(st.lists(st.integers(0, 60), max_size=20)):
        steps = values[at : at + size]
        found = segmenter.push(steps, [value == 0 for value in steps])
        first, sure = segmenter.outlook()
        portion = sound[at * STEP : (at + size) * STEP]
        at += len(steps)
        outlook_s = first * STEP / RATE_HZ, sure * STEP / RATE_HZ
        subject.push(portion, timed(found), outlook_s)
        undecided = at * STEP - round(outlook_s[1] * RATE_HZ)
        most = max(most, len(subject._sound) - undecided)
    found = segmenter.push(values[at:], [value == 0 for value in values[at:]]) + segmenter.flush()
    windows = subject.finish(sound[at * STEP :], timed(found))
    for name in ("start_s", "end_s", "segment", "vectors", "voice_s"):
        np.testing.assert_array_equal(getattr(windows, name), getattr(expected, name))
    assert most <= 150  # a window's samples


def one_go(values, config):
    segmenter = Segmenter(STEP / RATE_HZ, config)
    return segmenter.push(values, [value == 0 for value in values]) + segmenter.flush()


def timed(found):
    return [
        Segment(part.start * STEP / RATE_HZ, part.stop * STEP / RATE_HZ, part.label, part.score)
        for part in found
    ]


def test_reset_forgets():
    subject = VoiceWindows(Listener())
    sound = np.arange(300, dtype=np.float32)
    first = subject.finish(sound, voice((0.0, 3.0)))
    subject.reset()
    again = subject.finish(sound, voice((0.0, 3.0)))
    np.testing.assert_array_equal(first.vectors, again.vectors)
    np.testing.assert_array_equal(first.segment, again.segment)
