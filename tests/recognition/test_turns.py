"""Who speaks when, on vectors that are chosen: exact turns, laws, numbers of speakers, names."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.recognition import clustering
from voxlite.recognition.diarization import SpeakerOptions, diarize, smoothed
from voxlite.tasks.voice_windows import VoiceWindows, Windows
from voxlite.values import Segment

pytest.importorskip("scipy", reason="needs the diarize extra")

DIM = 12
RATE_HZ = 100


class Teller:
    """Stands for a speaker model: the sound's value names the speaker; a window over several is their mean."""

    rate_hz, size = RATE_HZ, DIM

    def __init__(self, spread=0.0):
        self._spread = spread
        self._rng = np.random.default_rng(1)

    def vectors(self, sounds):
        rows = []
        for sound in sounds:
            row = np.bincount(sound.astype(int), minlength=DIM).astype(np.float64)[:DIM]
            row += self._spread * len(sound) * self._rng.standard_normal(DIM) / DIM**0.5
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, np.float32).reshape(-1, DIM)


class Apart:
    """Stands for a scorer: two voices are one where their cosine is above a half."""

    def llr(self, probe, references, speech_s, narrow):
        self.seen = speech_s, narrow
        return references @ probe - 0.5


def windows_of(spans, sound, spread=0.0):
    segments = [Segment(a, b, "voice", 1.0) for a, b in spans]
    return VoiceWindows(Teller(spread)).finish(np.asarray(sound, np.float32), segments)


def said(*parts):
    """Return sound of (speaker, seconds) one after the other."""
    return np.concatenate([np.full(round(s * RATE_HZ), speaker, np.float32) for speaker, s in parts])


def told(turns):
    return [(round(t.start_s, 6), round(t.end_s, 6), t.speaker) for t in turns]


def test_two_people_with_a_pause_between():
    sound = said((3, 5), (0, 1), (7, 4), (0, 1), (3, 5))
    windows = windows_of([(0, 5), (6, 10), (11, 16)], sound)
    expected = [(0, 5, "speaker 1"), (6, 10, "speaker 2"), (11, 16, "speaker 1")]
    for options in (SpeakerOptions(2), SpeakerOptions(), SpeakerOptions(least=2), SpeakerOptions(most=2)):
        turns = diarize(windows, options, Apart())
        assert told(turns) == expected
        assert [turn.score for turn in turns] == pytest.approx([1, 1, 1])


def test_a_change_within_a_segment_lies_where_it_is():
    turns = diarize(windows_of([(0, 12)], said((3, 6), (7, 6))), SpeakerOptions(2))
    assert [turn.speaker for turn in turns] == ["speaker 1", "speaker 2"]
    assert turns[0].end_s == turns[1].start_s == pytest.approx(6, abs=0.26)


def test_a_word_of_noise_between_is_smoothed_away():
    sound = said((3, 6), (9, 0.3), (3, 6), (0, 1), (7, 6))
    assert told(diarize(windows_of([(0, 12.3), (13.3, 19.3)], sound), SpeakerOptions(2))) == [
        (0, 12.3, "speaker 1"),
        (13.3, 19.3, "speaker 2"),
    ]


def test_strays_are_no_speakers():
    """Half a second of somebody else between two people: no cluster of its own while three seconds make a speaker."""
    sound = said((3, 8), (0, 1), (9, 0.5), (0, 1), (7, 8))
    windows = windows_of([(0, 8), (9, 9.5), (10.5, 18.5)], sound)
    assert {turn.speaker for turn in diarize(windows, SpeakerOptions(), Apart())} == {
        "speaker 1",
        "speaker 2",
    }
    assert {turn.speaker for turn in diarize(windows, SpeakerOptions(2))} == {"speaker 1", "speaker 2"}


def test_the_number_of_speakers_is_found_and_kept_within_bounds():
    sound = said(*[(k % 4 + 2, 5) for k in range(8)])
    windows = windows_of([(5 * k, 5 * k + 5) for k in range(8)], sound, spread=0.3)

    def count(**bounds):
        return len({turn.speaker for turn in diarize(windows, SpeakerOptions(**bounds), Apart())})

    assert count() == 4
    assert count(most=3) == 3
    assert count(least=4) == 4
    assert count(n_speakers=2) == 2
    assert count(n_speakers=1) == 1


def test_two_halves_of_one_voice_are_one_speaker():
    windows = windows_of([(0, 20)], said((5, 20)), spread=0.6)
    scorer = Apart()
    assert told(diarize(windows, SpeakerOptions(), scorer)) == [(0, 20, "speaker 1")]
    speech_s, narrow = scorer.seen
    assert speech_s >= 3
    assert isinstance(narrow, bool)


def test_few_words_are_still_given_to_somebody():
    windows = windows_of([(0, 0.3), (1, 1.2)], said((3, 0.3), (0, 0.7), (3, 0.2)))
    assert told(diarize(windows, SpeakerOptions(), Apart())) == [(0, 0.3, "speaker 1"), (1, 1.2, "speaker 1")]
    two = windows_of([(0, 0.8), (1, 1.8)], said((3, 0.8), (0, 0.2), (5, 0.8)))
    assert told(diarize(two, SpeakerOptions(2))) == [(0, 0.8, "speaker 1"), (1, 1.8, "speaker 2")]
    assert len({turn.speaker for turn in diarize(two, SpeakerOptions(5))}) == 2
    assert diarize(windows_of([], np.zeros(10)), SpeakerOptions()) == ()


def test_enrolled_people_have_their_names_and_strangers_numbers():
    asked = []

    def name_of(embedding, speech_s, bandwidth_hz):
        assert bandwidth_hz == windows.bandwidth_hz
        asked.append((int(embedding.argmax()), round(speech_s, 3)))
        return "Ann" if embedding.argmax() in (7, 8) else None

    sound = said((3, 4), (0, 1), (7, 5), (0, 1), (5, 6), (0, 1), (8, 4), (7, 3))
    windows = windows_of([(0, 4), (5, 10), (11, 17), (18, 25)], sound)
    turns = diarize(windows, SpeakerOptions(4, name_of=name_of))
    assert told(turns) == [
        (0, 4, "speaker 1"),
        (5, 10, "Ann"),
        (11, 17, "speaker 2"),
        (18, 25, "Ann"),
    ]
    assert [label for label, _ in asked] == [3, 7, 5, 8]
    assert sum(speech_s for _, speech_s in asked) == pytest.approx(22)


@st.composite
def recordings(draw):
    spans, sound, at = [], [], 0.0
    for _ in range(draw(st.integers(1, 6))):
        gap_s, length_s = draw(st.floats(0.1, 2).map(_hundredths)), draw(st.floats(0.12, 9).map(_hundredths))
        speaker, other = draw(st.integers(1, 5)), draw(st.integers(1, 5))
        cut_s = min(length_s, draw(st.floats(0, 9).map(_hundredths)))
        sound += [(0, gap_s), (speaker, cut_s), (other, length_s - cut_s)]
        spans.append((at + gap_s, at + gap_s + length_s))
        at += gap_s + length_s
    return spans, said(*sound)


def _hundredths(value):
    return round(value, 2)


@settings(max_examples=60)
@given(recordings(), st.integers(1, 6), st.booleans())
def test_turns_partition_the_voice(recording, n_speakers, known):
    spans, sound = recording
    options = SpeakerOptions(n_speakers if known else None)
    turns = diarize(windows_of(spans, sound, spread=0.1), options, Apart())
    assert all(turn.end_s > turn.start_s and 0 <= turn.score <= 1 for turn in turns)
    at = 0
    for begin_s, end_s in spans:
        inside = []
        while at < len(turns) and turns[at].start_s < end_s - 1e-9:
            inside.append(turns[at])
            at += 1
        assert inside[0].start_s == begin_s
        assert inside[-1].end_s == end_s
        for one, other in pairwise(inside):
            assert one.end_s == other.start_s
            assert one.speaker != other.speaker
    assert at == len(turns)
    speakers = list(dict.fromkeys(turn.speaker for turn in turns))
    assert speakers == [f"speaker {number + 1}" for number in range(len(speakers))]
    if known:
        assert len(speakers) <= n_speakers


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 1_000))
def test_the_path_is_the_best_of_all(n, n_speakers, seed):
    """Against a search over prefixes that keeps every speaker's best: the same sum, so no path is better."""
    rng = np.random.default_rng(seed)
    cosines = rng.uniform(-1, 1, (n, n_speakers)).astype(np.float32)
    segment = np.cumsum(rng.random(n) < 0.3)

    def worth(path):
        prices = np.where(segment[1:] == segment[:-1], 0.3, 0.1) * (path[1:] != path[:-1])
        return cosines[np.arange(n), path].sum() - prices.sum()

    best = worth(smoothed(cosines, segment))
    for _ in range(50):
        other = smoothed(cosines, segment)
        other[rng.integers(n)] = rng.integers(n_speakers)
        assert worth(other) <= best + 1e-5
    assert best >= max(worth(np.full(n, k)) for k in range(n_speakers)) - 1e-5


def test_a_long_recording_is_clustered_on_a_part(monkeypatch):
    monkeypatch.setattr(clustering, "MOST_CLUSTERED", 60)
    sound = said(*[(k % 3 + 2, 6) for k in range(30)])
    windows = windows_of([(6 * k, 6 * k + 6) for k in range(30)], sound, spread=0.3)
    assert len(windows) > 250
    expected = [(6 * k, 6 * k + 6, f"speaker {k % 3 + 1}") for k in range(30)]
    assert told(diarize(windows, SpeakerOptions(3))) == expected


@pytest.mark.parametrize(
    "numbers", [{"n_speakers": 0}, {"n_speakers": 21}, {"least": 3, "most": 2}, {"least": 0}, {"most": 21}]
)
def test_numbers_that_contradict(numbers):
    with pytest.raises(VoxliteError, match=r"1\.\.20"):
        SpeakerOptions(**numbers)


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.cluster.hierarchy", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[diarize\]"):
        diarize(windows_of([(0, 3)], said((3, 3))), SpeakerOptions(1))


def test_windows_know_their_number():
    windows = windows_of([(0, 3)], said((3, 3)))
    assert isinstance(windows, Windows)
    assert len(windows) == len(windows.vectors) == 4
