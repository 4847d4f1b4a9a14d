"""The segmenter: hysteresis, durations, partition, and that a stream gives what a file gives."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.activity.segmenter import Segmenter, SegmenterConfig, StepSegment
from voxlite.errors import VoxliteError

STEP_S = 0.04


def segments(
    values: list[float], silent: list[bool] | None = None, config: SegmenterConfig | None = None
) -> list[StepSegment]:
    segmenter = Segmenter(STEP_S, config)
    return segmenter.push(values, silent or [False] * len(values)) + segmenter.flush()


def shape(found: list[StepSegment]) -> list[tuple[int, int, str]]:
    return [(part.start, part.stop, part.label) for part in found]


def test_a_voice_between_noise_and_silence() -> None:
    values = [0.1] * 20 + [0.9] * 20 + [0.0] * 20
    silent = [False] * 40 + [True] * 20
    assert shape(segments(values, silent)) == [(0, 20, "noise"), (20, 40, "voice"), (40, 60, "silence")]


def test_scores_are_mean_probabilities_of_the_label() -> None:
    found = segments([0.2] * 20 + [0.8] * 20)
    assert found[0].score == pytest.approx(0.8)
    assert found[1].score == pytest.approx(0.8)


def test_a_short_blip_is_no_voice() -> None:
    assert shape(segments([0.1] * 20 + [0.9] * 2 + [0.1] * 20)) == [(0, 42, "noise")]


def test_a_short_pause_does_not_split_a_voice() -> None:
    values = [0.9] * 20 + [0.0] * 4 + [0.9] * 20
    assert shape(segments(values)) == [(0, 44, "voice")]
    assert len(segments([0.9] * 20 + [0.0] * 8 + [0.9] * 20)) == 3


def test_hysteresis_keeps_a_voice_that_fades() -> None:
    assert shape(segments([0.9] * 10 + [0.4] * 20)) == [(0, 30, "voice")]
    assert shape(segments([0.4] * 30)) == [(0, 30, "noise")]


def test_padding_widens_and_joins() -> None:
    config = SegmenterConfig(pad_s=0.08)
    assert shape(segments([0.0] * 20 + [0.9] * 10 + [0.0] * 20, config=config)) == [
        (0, 18, "noise"),
        (18, 32, "voice"),
        (32, 50, "noise"),
    ]
    pause = [0.9] * 10 + [0.0] * 6 + [0.9] * 10
    assert len(segments(pause)) == 3
    assert shape(segments(pause, config=SegmenterConfig(pad_s=0.12))) == [(0, 26, "voice")]


def test_a_short_click_in_silence_does_not_flicker() -> None:
    silent = [True] * 20 + [False] * 2 + [True] * 20
    assert shape(segments([0.0] * 42, silent)) == [(0, 42, "silence")]


def test_nothing_in_nothing_out() -> None:
    assert segments([]) == []


@pytest.mark.parametrize(
    "bad", [{"threshold": 0.0}, {"threshold": 1.0}, {"min_voice_s": -1}, {"pad_s": float("nan")}]
)
def test_bad_numbers_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(VoxliteError):
        SegmenterConfig(**bad)


steps = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.9]), st.booleans(), st.integers(1, 14)), max_size=25
)
configs = st.builds(
    SegmenterConfig,
    min_voice_s=st.sampled_from([0.0, 0.12, 0.4]),
    min_gap_s=st.sampled_from([0.0, 0.08, 0.2, 0.5]),
    min_rest_s=st.sampled_from([0.0, 0.16, 0.3]),
    pad_s=st.sampled_from([0.0, 0.04, 0.12, 0.3]),
)


def expand(runs: list[tuple[float, bool, int]]) -> tuple[list[float], list[bool]]:
    values, silent = [], []
    for value, quiet, length in runs:
        values += [0.0 if quiet else value] * length
        silent += [quiet] * length
    return values, silent


@given(steps, configs, st.randoms(use_true_random=False))
def test_any_portions_give_the_same_segments(runs: list, config: SegmenterConfig, random: object) -> None:
    values, silent = expand(runs)
    whole = Segmenter(STEP_S, config)
    expected = whole.push(values, silent) + whole.flush()
    stream, found, at = Segmenter(STEP_S, config), [], 0
    while at < len(values):
        n = random.choice([1, 1, 2, 3, 7, 50])  # type: ignore[attr-defined]
        found += stream.push(values[at : at + n], silent[at : at + n])
        at += n
    found += stream.flush()
    assert found == expected


@given(steps, configs)
def test_segments_partition_the_recording(runs: list, config: SegmenterConfig) -> None:
    values, silent = expand(runs)
    found = segments(values, silent, config)
    edges = [0, *(part.stop for part in found)]
    assert [part.start for part in found] == edges[:-1]
    assert edges[-1] == len(values)
    for part in found:
        assert 0 <= part.score <= 1
    if config.pad_s == 0:
        for one, two in itertools.pairwise(found):
            assert one.label != two.label or one.label == "voice"


@given(steps)
def test_segments_are_final_within_half_a_second(runs: list) -> None:
    """With default numbers; a step itself is known 0.175 s after its end at the latest, conversion included."""
    values, silent = expand(runs)
    segmenter = Segmenter(STEP_S)
    for index, (value, quiet) in enumerate(zip(values, silent, strict=True)):
        for part in segmenter.push([value], [quiet]):
            assert (index + 1 - part.stop) * STEP_S + 0.175 <= 0.5


def test_now_follows_at_once_and_reset_forgets() -> None:
    segmenter = Segmenter(STEP_S)
    assert segmenter.now == "silence"
    segmenter.push([0.9], [False])
    assert segmenter.now == "voice"
    segmenter.push([0.0], [True])
    assert segmenter.now == "silence"
    segmenter.push([0.1], [False])
    assert segmenter.now == "noise"
    segmenter.reset()
    assert segmenter.now == "silence"
    assert segmenter.flush() == []


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.45, 0.9]), st.booleans()), max_size=120),
    st.sampled_from([0.0, 0.08, 0.3]),
)
def test_the_outlook_holds(steps, pad_s):
    """Voice that is given out later begins no earlier, and where one is certain it begins there and lasts so long."""
    subject = Segmenter(0.04, SegmenterConfig(pad_s=pad_s))
    outlooks, found = [], []
    for value, quiet in steps:
        found += subject.push([0.0 if quiet else value], [quiet])
        outlooks.append((len(found), *subject.outlook()))
    found += subject.flush()
    for n_found, first, sure in outlooks:
        later = [part for part in found[n_found:] if part.label == "voice"]
        assert sure >= first
        assert all(part.start >= first for part in later)
        if sure > first:
            assert later[0].start == first
            assert later[0].stop >= sure
