"""Silence and noise split while they go on: as a batch over all of them would, in memory that does not grow."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.activity.rest import Rest, Stretch
from voxlite.activity.segmenter import Segmenter

flags = st.lists(st.tuples(st.booleans(), st.integers(1, 9)), max_size=30).map(
    lambda runs: [flag for flag, n in runs for _ in range(n)]
)


def batch(silent: list[bool], shortest: int) -> list[tuple[bool, int]]:
    """The rule itself, over all steps at once: a change counts once it has lasted."""
    runs = [(kind, len(list(group))) for kind, group in itertools.groupby(silent)]
    lasting = [at for at, (_, length) in enumerate(runs) if length >= shortest]
    if not runs:
        return []
    if not lasting:
        n_loud = sum(length for kind, length in runs if not kind)
        return [(2 * n_loud < len(silent), len(silent))]
    result: list[tuple[bool, int]] = []
    for at, (kind, length) in enumerate(runs):
        if at in lasting and (not result or result[-1][0] != kind):
            early = sum(n for _, n in runs[:at]) if not result else 0
            result.append((kind, early + length))
        elif result:
            result[-1] = (result[-1][0], result[-1][1] + length)
    return result


@given(flags, st.integers(1, 6), st.randoms(use_true_random=False))
def test_any_portions_give_what_a_batch_gives(silent, shortest, random):
    values = [0.0 if quiet else random.choice([0.1, 0.3]) for quiet in silent]
    rest, found, at = Rest(shortest), [], 0
    while at < len(silent):
        n = random.choice([1, 2, 5, 40])
        rest.push(values[at : at + n], silent[at : at + n])
        found += rest.settled()
        at += n
    found += rest.finish()
    assert [(part.silent, part.n_steps) for part in found] == batch(silent, shortest)
    at = 0
    for part in found:
        assert part.total == pytest.approx(sum(values[at : at + part.n_steps]))
        at += part.n_steps


def test_it_starts_anew_after_the_end():
    rest = Rest(2)
    rest.push([0.0] * 3, [True] * 3)
    assert rest.finish() == [Stretch(True, 3, 0.0)]
    assert rest.finish() == []
    rest.push([0.5], [False])
    assert rest.finish() == [Stretch(False, 1, 0.5)]


@pytest.mark.parametrize("flicker", [False, True])
def test_hours_of_rest_take_no_memory(flicker):
    """A quiet night on a live stream: neither memory nor the work for a step grows with it."""
    segmenter = Segmenter(0.04)
    hour = [True] * 90_000
    if flicker:
        hour[::25] = [False] * len(hour[::25])
    segmenter.push([0.0] * 90_000, hour)
    tracemalloc.start()
    for _ in range(3):
        assert segmenter.push([0.0] * 90_000, hour) == []
    kept_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept_bytes < 100_000
    assert [(part.start, part.stop, part.label) for part in segmenter.flush()] == [(0, 360_000, "silence")]
