"""The picture of an explanation: every section, for both kinds of net, for silence and for odd lengths."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from voxlite import Audio, explain
from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.frontend.image import mfcc_image
from voxlite.report.explained import picture as pictures
from voxlite.report.explained.axes import power_db
from voxlite.report.explained.picture import draw_explanation
from voxlite.report.explained.words import size_text
from voxlite.report.explanation import Explanation

pytest.importorskip("matplotlib", reason="needs the plot extra")

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def hum() -> Explanation:
    """Three seconds of harmonics whose level moves, explained in their middle."""
    times_s = np.arange(3 * RATE_HZ) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * 150 * k * times_s) / k for k in range(1, 20))
    samples = 0.05 * tone * (1.2 + np.sin(2 * np.pi * 3 * times_s))
    return explain(Audio(samples.astype(np.float32), RATE_HZ), 1.5, threads=1)


@pytest.fixture(scope="module")
def short() -> Explanation:
    return explain(Audio(0.1 * np.ones(2_000, np.float32), 8_000), 0.1, threads=1)


@pytest.fixture(scope="module")
def silence() -> Explanation:
    return explain(Audio(np.zeros(RATE_HZ, np.float32), RATE_HZ), threads=1)


def as_image(explanation: Explanation) -> Explanation:
    """Return the explanation that a net for images would have had."""
    window = Audio(explanation.stages.samples, RATE_HZ)
    return replace(explanation, net_input=mfcc_image(window, explanation.stages.config))


def words(figure) -> str:
    found = [text.get_text() for text in figure.texts]
    for axis in figure.axes:
        found += [text.get_text() for text in axis.texts]
        found += [axis.get_xlabel(), axis.get_ylabel(), axis.get_title()]
    return " ".join(" ".join(found).split())


def images(figure) -> list[np.ndarray]:
    return [np.asarray(image.get_array()) for axis in figure.axes for image in axis.images]


def test_a_png_twelve_hundred_dots_wide(hum, tmp_path):
    from matplotlib.image import imread

    path = draw_explanation(hum, tmp_path / "one.png")
    assert imread(path).shape[1] == 1200


def test_the_maps_show_the_stages_themselves(hum):
    shown = images(pictures._figure(hum))
    expected = (power_db(hum), hum.stages.log_mel, hum.stages.mfcc, hum.net_input)
    assert len(shown) == len(expected)
    for values, stage in zip(shown, expected, strict=True):
        np.testing.assert_allclose(values, stage.T, rtol=1e-6)


def test_an_image_is_shown_plane_by_plane_and_as_a_whole(hum):
    explanation = as_image(hum)
    figure = pictures._figure(explanation)
    planes = images(figure)[3:]
    for k in range(3):
        np.testing.assert_array_equal(planes[k], explanation.net_input[:, :, k])
    np.testing.assert_array_equal(planes[3], explanation.net_input)
    assert all(
        word in words(figure) for word in ("299 x 299 x 3", "static", "delta-delta", "red, green, blue")
    )
    assert "does without" not in words(figure)


def test_the_words_say_what_is_shown(hum):
    text = words(pictures._figure(hum))
    for part in (
        hum.verdict(),
        "sound in memory",
        "at 0:01.50 of 0:03.00",
        "model compact, version 1",
        "25 ms, one every 10 ms",
        "the 40 ms that are judged",
        "the 745 ms that this depends on",
        "73 x 257 numbers",
        "64 triangles from 60 to 7600 Hz",
        "40 mel-frequency cepstral coefficients",
        "73 x 64 numbers",
        f"logit {hum.logit:.2f} probability {hum.score:.3f}",
        f"the 1.00 s around it, and the verdict on them: {hum.decision_text()}.",
    ):
        assert part in text
    assert "Hatched" not in text
    assert "converted" not in text
    assert all(f" {number} " in f" {text} " for number in range(1, 9))


def test_panels_over_the_window_share_its_time(hum):
    figure = pictures._figure(hum)
    spans = [axis.get_xlim() for axis in figure.axes if axis.get_xlabel() == "time (m:ss)"]
    assert spans.count(hum.window_s) == 3
    assert len(set(spans)) == 2


def ticks_in_view(axis) -> list:
    """Return the labels that are drawn: matplotlib keeps ticks just outside of an axis too."""
    x, y = sorted(axis.get_xlim()), sorted(axis.get_ylim())
    found = [text for text in axis.get_xticklabels() if x[0] <= text.get_position()[0] <= x[1]]
    return found + [text for text in axis.get_yticklabels() if y[0] <= text.get_position()[1] <= y[1]]


def test_no_text_lies_upon_another_and_none_leaves_the_page(hum, short, silence):
    for explanation in (hum, short, silence, as_image(short)):
        figure = pictures._figure(replace(explanation, source="a " + 30 * "long " + "name.flac"))
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        texts = list(figure.texts)
        for axis in figure.axes:
            ticks = ticks_in_view(axis) if axis.axison else []
            texts += [*axis.texts, axis.title, axis.xaxis.label, axis.yaxis.label, *ticks]
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for text in texts
            if text.get_text() and text.get_visible()
        ]
        page = figure.bbox
        for place, (text, box) in enumerate(boxes):
            assert page.x0 <= box.x0, text
            assert box.x1 <= page.x1, text
            for other, other_box in boxes[place + 1 :]:
                wide = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
                high = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
                assert wide <= 1 or high <= 1, (text, other)


def test_zeros_beside_the_recording_are_hatched_and_told(short):
    figure = pictures._figure(short)
    text = words(figure)
    assert "Hatched: zeros, 490 ms before and 5 ms after the recording." in text
    assert "8 000 Hz, mono" in text
    assert "converted to 16 000 Hz, mono" in text
    hatched = [axis for axis in figure.axes if any(patch.get_hatch() for patch in axis.patches)]
    assert len(hatched) == 5


def test_silence_says_that_the_net_was_not_asked(silence):
    text = words(pictures._figure(silence))
    assert "silence: the net was not asked" in text
    assert "silence: not asked" in text
    assert "Nothing: the silence gate comes before the net" in text
    assert "nothing but silence" in text
    assert "logit" not in text


def test_hours_in_the_clock_of_a_long_recording(hum):
    late = replace(hum, duration_s=7_200.0)
    assert "h:mm:ss" not in words(pictures._figure(hum))
    axis = pictures._figure(late).axes[0]
    assert axis.get_xlim() == (0, 7_200)
    assert axis.get_xticklabels()[-1].get_text() == "2:00:00"


@pytest.mark.parametrize(("n_bytes", "text"), [(384_608, "385 kB"), (22_040_000, "22.0 MB")])
def test_sizes(n_bytes, text):
    assert size_text(n_bytes) == text


def test_errors_name_the_file_or_the_extra(hum, tmp_path, monkeypatch):
    with pytest.raises(VoxliteError, match=r"one\.gif.*\.png, \.svg, \.pdf"):
        draw_explanation(hum, tmp_path / "one.gif")
    with pytest.raises(VoxliteError, match="cannot be written"):
        draw_explanation(hum, tmp_path / "missing" / "one.png")
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[plot\]"):
        draw_explanation(hum, tmp_path / "one.png")
