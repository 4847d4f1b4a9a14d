from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.report.timeline import cell_labels, label_shares, tick_step_s, time_ticks
from voxlite.values import LABELS, Segment


@given(
    st.lists(st.tuples(st.integers(1, 50), st.sampled_from(LABELS)), min_size=1, max_size=20),
    st.integers(1, 60),
)
def test_shares_add_up_to_the_time_of_each_label(pieces, n_cells):
    segments, at_s = [], 0.0
    for tenths, label in pieces:
        segments.append(Segment(at_s, at_s + tenths / 10, label, 1.0))
        at_s += tenths / 10
    shares = label_shares(segments, np.linspace(0, at_s, n_cells + 1))
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-9)
    for row, label in enumerate(LABELS):
        expected_s = sum(s.duration_s for s in segments if s.label == label)
        assert shares[row].sum() * at_s / n_cells == pytest.approx(expected_s, abs=1e-6)


def test_cells_take_the_label_that_fills_most_of_them():
    segments = [Segment(0.0, 0.6, "voice", 1.0), Segment(0.6, 2.0, "noise", 1.0)]
    assert cell_labels(segments, 2, 2.0) == ["voice", "noise"]


def test_time_that_no_segment_covers_has_no_label():
    assert cell_labels([Segment(1.0, 2.0, "voice", 1.0)], 2, 2.0) == [None, "voice"]


@pytest.mark.parametrize("duration_s", [0.006, 0.3, 1.0, 59.0, 3600.0, 86_400.0])
def test_ticks_are_never_more_than_asked(duration_s):
    assert duration_s / tick_step_s(duration_s, 10) <= 10


def test_beyond_days_the_widest_step_is_taken():
    assert tick_step_s(1e9, 5) == 14_400


def test_ticks_carry_their_clock_and_begin_with_the_recording():
    ticks_s, words = time_ticks(-0.41, 0.335, 9)
    np.testing.assert_allclose(ticks_s, [0.0, 0.1, 0.2, 0.3])
    assert words == ["0:00.0", "0:00.1", "0:00.2", "0:00.3"]
    assert time_ticks(3598.0, 3602.0, 4)[1] == ["0:59:58", "0:59:59", "1:00:00", "1:00:01", "1:00:02"]
