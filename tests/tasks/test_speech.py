"""What of a recording is speech: stretches of voice with quiet margins, joined."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from voxlite.audio import Audio
from voxlite.tasks.speech import SpeechFinder
from voxlite.values import Segment

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def finder():
    return SpeechFinder(RATE_HZ, threads=1)


def test_what_counts_reaches_a_little_beyond_the_speech(finder, monkeypatch):
    """Each sample carries its place, so that what counts can be told."""
    place = np.arange(10 * RATE_HZ) / 1e6
    voice = [(0.1, 0.7), (1.0, 1.5), (1.95, 2.5), (6.0, 9.9)]
    sound = place.astype(np.float32)
    for start_s, end_s in voice:
        sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] += 0.5
    sound[round(5.8 * RATE_HZ) : 6 * RATE_HZ] = -0.4  # as loud as the voice: noise

    def segments(audio):
        return [Segment(start_s, end_s, "voice", 1.0) for start_s, end_s in voice]

    monkeypatch.setattr(finder, "_detector", SimpleNamespace(segments=segments))
    parts, speech_s = finder.find(sound)
    assert speech_s == pytest.approx(5.55)
    edges = [
        [round(1e6 * float(sample - 0.5 * (sample > 0.3))) / RATE_HZ for sample in (part[0], part[-1])]
        for part in parts
    ]
    assert np.array(edges) == pytest.approx(np.array([[0, 1.7], [1.75, 2.7], [6.0, 10.0]]), abs=1e-3)


def test_nothing_but_noise_stands_for_itself(finder, rng):
    hiss = 0.05 * rng.standard_normal(2 * RATE_HZ).astype(np.float32)
    found = finder.listen(Audio(hiss, RATE_HZ))
    assert found.speech_s == 0.0
    assert len(found.samples) == len(hiss)


def test_sound_of_another_rate_is_converted(finder, samples_dir):
    path = samples_dir / "voice-fr-telephone.flac"
    found, at_8_khz = finder.listen(path), finder.listen(Audio.read(path, rate_hz=8_000))
    assert found.speech_s == pytest.approx(at_8_khz.speech_s, abs=0.1)
    assert found.bandwidth_hz < 4_200
    assert len(found.samples) / RATE_HZ >= found.speech_s
