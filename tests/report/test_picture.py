from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.audio import Audio
from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import mfcc
from voxlite.report import picture as pictures
from voxlite.report.feature_picture import draw_features, write_image
from voxlite.report.overview import MOST_COLUMNS, Overview, OverviewBuilder, overview_of
from voxlite.report.palette import COLOURS
from voxlite.report.picture import draw_report
from voxlite.values import Detection, Event, Scores, Segment

pytest.importorskip("matplotlib", reason="needs the plot extra")

RATE_HZ = FrontEndConfig().rate_hz


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, n).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 5_000), max_size=6))
def test_the_overview_does_not_depend_on_the_blocks(cuts):
    samples = noise(9_000)
    whole = overview_of([samples], len(samples) / RATE_HZ)
    parts = overview_of(np.split(samples, sorted(cuts)), len(samples) / RATE_HZ)
    np.testing.assert_array_equal(parts.low, whole.low)
    np.testing.assert_array_equal(parts.high, whole.high)
    np.testing.assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-4, atol=1e-3)


def test_the_overview_holds_extremes_and_coefficients():
    samples = np.zeros(RATE_HZ, np.float32)
    samples[100], samples[-1] = 0.5, -0.25
    overview = overview_of([samples], 1.0)
    assert overview.high.max() == 0.5
    assert overview.low.min() == -0.25
    assert overview.low[-1] == -0.25
    np.testing.assert_allclose(overview.coefficients, mfcc(Audio(samples, RATE_HZ)), rtol=1e-4, atol=1e-3)


def test_a_long_recording_has_no_more_columns_than_a_short_one():
    builder = OverviewBuilder(RATE_HZ * 60)
    for seed in range(60):
        builder.push(noise(RATE_HZ, seed))
    overview = builder.finish()
    assert len(overview.low) == len(overview.coefficients) == MOST_COLUMNS
    assert overview.low.max() < 0 < overview.high.min()


def test_columns_without_sound_are_flat_and_too_much_sound_is_kept():
    short = overview_of([noise(1_000)], 1.0)
    assert short.high[-1] == 0
    assert short.low[-1] == 0
    assert len(short.coefficients) < 99
    long = overview_of([noise(1_000), np.ones(500, np.float32)], 1_000 / RATE_HZ)
    assert long.high[-1] == 1


def png_colours(path) -> set[tuple[int, ...]]:
    from matplotlib.image import imread

    pixels = (imread(path)[:, :, :3] * 255).round().astype(int)
    return set(map(tuple, pixels.reshape(-1, 3)))


def test_a_picture_with_all_panels_in_the_labels_colours(make_report, tmp_path):
    report = make_report()
    overview = overview_of([noise(RATE_HZ * 4)], 4.0)
    path = draw_report(report, overview, tmp_path / "one.png", truth=report.segments)
    found = png_colours(path)
    for colour in COLOURS.values():
        assert tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5)) in found


def test_the_truth_is_a_second_row_and_the_panels_share_the_time_axis(make_report):
    report = make_report()
    overview = overview_of([noise(RATE_HZ * 4)], 4.0)
    figure = pictures._figure(report, overview, [Segment(0.0, 4.0, "voice", 1.0)])
    panels = figure.axes[:4]
    assert [text.get_text() for text in panels[3].get_yticklabels()] == ["found", "truth"]
    assert {tuple(axis.get_xlim()) for axis in panels} == {(0.0, 4.0)}
    boxes = [axis.get_position() for axis in panels]
    assert len({(box.x0, box.x1) for box in boxes}) == 1
    words = " ".join(text.get_text() for text in figure.texts)
    assert "one.wav" in words
    assert "verdict: voice" in words
    assert "0:04.00" in words
    assert [text.get_text() for text in panels[2].texts] == ["threshold\n0.50"]


def test_detected_sounds_have_rows_of_their_own(make_report):
    heard = Detection("kettle", 0.9, 0.5, (Event(0.5, 1.5, "kettle", 0.8), Event(3.0, 3.5, "kettle", 0.7)))
    report = replace(make_report(), detections=(heard, Detection("bell", 0.1, 0.5)))
    figure = pictures._figure(report, overview_of([noise(RATE_HZ * 4)], 4.0), None)
    axis = figure.axes[3]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["found", "kettle", "bell"]
    row = [
        box for bars in axis.collections for path in bars.get_paths() if (box := path.get_extents()).y1 < -0.5
    ]
    assert [(box.x0, box.x1) for box in row] == [(0.5, 1.5), (3.0, 3.5)]


def test_scores_of_a_long_recording_are_averaged(make_report):
    n = 3 * MOST_COLUMNS - 1
    edges_s = np.arange(n + 1) * 1.0
    values = np.tile(np.array([0.0, 0.5, 1.0], np.float32), MOST_COLUMNS)[:n]
    report = replace(make_report(), scores=Scores(edges_s[:-1], edges_s[1:], values), duration_s=float(n))
    figure = pictures._figure(report, overview_of([noise(RATE_HZ)], n), None)
    line = figure.axes[2].lines[0]
    assert len(line.get_xdata()) == MOST_COLUMNS + 1
    assert line.get_xdata()[-1] == n
    np.testing.assert_allclose(line.get_ydata()[:-2], 0.5)
    np.testing.assert_allclose(line.get_ydata()[-2:], 0.25)
    assert figure.axes[3].get_xlabel() == "time (h:mm:ss)"
    assert figure.axes[3].get_xticklabels()[0].get_text() == "0:00:00"


def test_a_tiny_recording_and_missing_tasks_are_drawn_with_notes(make_report):
    report = replace(make_report(), segments=(), scores=None, voice=None, duration_s=0.006, source=None)
    figure = pictures._figure(report, overview_of([noise(96)], 0.006), None)
    notes = " ".join(text.get_text() for axis in figure.axes for text in axis.texts)
    assert "shorter than one frame" in notes
    assert "no scores" in notes
    assert "no segments" in notes


@pytest.mark.parametrize("name", ["-", "$x_1$ and {" + "long name " * 30 + ".wav", "通話.wav", "a\x1b.wav"])
def test_odd_names_are_drawn_as_they_are(make_report, tmp_path, name):
    silent = Overview(*(np.zeros(10, np.float32),) * 2, np.zeros((5, 40), np.float32), 4.0)
    path = draw_report(make_report(source=name), silent, tmp_path / "odd.svg")
    assert path.read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_errors_name_the_file(make_report, tmp_path):
    overview = overview_of([noise(RATE_HZ)], 1.0)
    with pytest.raises(VoxliteError, match=r"one\.gif.*\.png, \.svg, \.pdf"):
        draw_report(make_report(), overview, tmp_path / "one.gif")
    with pytest.raises(VoxliteError, match="cannot be written"):
        draw_report(make_report(), overview, tmp_path / "missing" / "one.png")


def test_without_matplotlib_the_extra_is_named(make_report, tmp_path, monkeypatch):
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.image", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[plot\]"):
        draw_report(make_report(), overview_of([noise(RATE_HZ)], 1.0), tmp_path / "one.png")
    with pytest.raises(MissingExtraError, match=r"voxlite\[plot\]"):
        draw_features(np.zeros((5, 40), np.float32), "mfcc", 0.01, tmp_path / "f.png")
    with pytest.raises(MissingExtraError, match=r"voxlite\[plot\]"):
        write_image(np.zeros((5, 5, 3), np.float32), tmp_path / "i.png")


def test_feature_pictures(tmp_path):
    from matplotlib.image import imread

    image = np.zeros((8, 9, 3), np.float32)
    image[0, 0] = 1
    write_image(image, tmp_path / "i.png")
    pixels = imread(tmp_path / "i.png")
    assert pixels.shape[:2] == (8, 9)
    assert pixels[-1, 0, 0] == 1
    assert pixels[0, 0, 0] == 0
    draw_features(
        np.random.default_rng(0).normal(size=(9_000, 40)).astype(np.float32), "mfcc", 0.01, tmp_path / "f.png"
    )
    assert imread(tmp_path / "f.png").shape[1] == 1440
