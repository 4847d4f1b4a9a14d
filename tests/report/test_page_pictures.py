"""The drawings of a page: tiles, outlines, bars, and the sound they come from."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.frontend.config import FrontEndConfig
from voxlite.report.overview import Envelope
from voxlite.report.page import shapes
from voxlite.report.page.png import indexed_png
from voxlite.report.page.sound import MOST_COLUMNS, SPECTRUM_ROWS, sound_of
from voxlite.report.page.tiles import N_COLOURS, TILE_COLUMNS, heat_tiles, viridis
from voxlite.values import Scores, Segment

RATE_HZ = FrontEndConfig().rate_hz


def decoded(png: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Read back what the writer wrote, by the standard: pixels and palette."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (n,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + n]
        assert struct.unpack(">I", png[at + 8 + n : at + 12 + n])[0] == zlib.crc32(kind + content)
        chunks[kind] = content
        at += 12 + n
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:], np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_png_holds_the_pixels(height, width, random):
    pixels = np.array([[random.randrange(N_COLOURS) for _ in range(width)] for _ in range(height)], np.uint8)
    found, palette = decoded(indexed_png(pixels, viridis()))
    np.testing.assert_array_equal(found, pixels)
    np.testing.assert_array_equal(palette, viridis())


def test_other_software_reads_the_png(tmp_path):
    image = pytest.importorskip("matplotlib.image", reason="needs the plot extra")
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    (tmp_path / "a.png").write_bytes(indexed_png(pixels, viridis()))
    found = np.round(image.imread(tmp_path / "a.png")[:, :, :3] * 255).astype(int)
    np.testing.assert_array_equal(found, viridis()[pixels])


def test_the_colours_run_from_dark_to_bright_as_in_matplotlib():
    cm = pytest.importorskip("matplotlib", reason="needs the plot extra").colormaps["viridis"]
    wanted = np.array(cm(np.linspace(0, 1, N_COLOURS)))[:, :3] * 255
    assert np.abs(viridis() - wanted).max() < 16


def pixels_of(tile) -> np.ndarray:
    return decoded(base64.b64decode(tile.uri.removeprefix("data:image/png;base64,")))[0]


def test_tiles_join_without_a_seam_and_low_rows_lie_below():
    n = 2 * TILE_COLUMNS + 5
    values = np.stack([np.linspace(0, 1, n), np.zeros(n)], axis=1).astype(np.float32)
    tiles = heat_tiles(values, 0.0, 1.0)
    assert [tile.first for tile in tiles] == [0, TILE_COLUMNS, 2 * TILE_COLUMNS]
    whole = np.zeros((2, n), np.uint8)
    for tile in tiles:
        part = pixels_of(tile)
        assert part.shape == (2, tile.n)
        whole[:, tile.first : tile.first + tile.n] = part
    assert not whole[0].any()
    np.testing.assert_array_equal(whole[1], np.round(np.linspace(0, 1, n) * (N_COLOURS - 1)))
    assert tiles[0].n == TILE_COLUMNS + 1
    np.testing.assert_array_equal(pixels_of(tiles[0])[:, -1], pixels_of(tiles[1])[:, 0])


def test_values_out_of_range_get_the_outermost_colours():
    part = pixels_of(heat_tiles(np.array([[-9.0], [0.5], [9.0]], np.float32), 0.0, 1.0)[0])
    assert part.tolist() == [[0, round(0.5 * (N_COLOURS - 1)), N_COLOURS - 1]]


def sine(hz: float, seconds: float, level: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_a_full_scale_sine_has_0_db_in_its_row():
    sound = sound_of([sine(2000.0, 1.0)], 1.0)
    rows = sound.level_db.mean(axis=0)
    hz_per_row = sound.top_hz / SPECTRUM_ROWS
    assert sound.top_hz == RATE_HZ / 2
    assert abs(int(rows.argmax()) * hz_per_row - 2000) <= hz_per_row
    # Two bins are averaged, and the sine fills them and their neighbours: a few dB below 0.
    assert -4 < rows.max() < 0.5
    assert sound.envelope.high.max() == pytest.approx(1.0, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9_000), max_size=5))
def test_the_pictures_do_not_depend_on_the_blocks(cuts):
    samples = np.random.default_rng(0).normal(0, 0.1, 9_000).astype(np.float32)
    whole = sound_of([samples], len(samples) / RATE_HZ)
    parts = sound_of(np.split(samples, sorted(cuts)), len(samples) / RATE_HZ)
    np.testing.assert_array_equal(parts.envelope.low, whole.envelope.low)
    np.testing.assert_allclose(parts.level_db, whole.level_db, atol=1e-3)
    np.testing.assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-4, atol=1e-3)


def test_silence_and_less_than_a_frame():
    silent = sound_of([np.zeros(RATE_HZ, np.float32)], 1.0)
    assert silent.level_db.max() == pytest.approx(-140)
    tiny = sound_of([np.ones(3, np.float32)], 3 / RATE_HZ)
    assert len(tiny.level_db) == len(tiny.coefficients) == 0
    assert len(tiny.envelope.high) == 3


def walked(path: str) -> list[list[tuple[int, int]]]:
    """Follow an outline's M, l, V and z and return the corners of each closed part."""
    figures = []
    for part in path.split("z")[:-1]:
        corners, (x, y) = [], (0, 0)
        for sign, text in re.findall(r"([MlVHhv])([^MlVHhv]*)", part):
            numbers = list(map(int, text.split()))
            if sign == "M":
                x, y = numbers
                corners.append((x, y))
            elif sign == "l":
                for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                    x, y = x + dx, y + dy
                    corners.append((x, y))
            else:
                for number in numbers:
                    x = number if sign == "H" else x + number if sign == "h" else x
                    y = number if sign == "V" else y + number if sign == "v" else y
                    corners.append((x, y))
        figures.append(corners)
    return figures


def test_the_outline_touches_each_columns_extremes():
    high = np.array([0.0, 0.5, 1.0, 0.25], np.float32)
    low = np.array([0.0, -0.5, -0.75, -0.25], np.float32)
    segments = [Segment(0.0, 2.0, "voice", 1.0), Segment(2.0, 4.0, "noise", 1.0)]
    paths, top = shapes.wave_paths(Envelope(low, high), segments, 4.0)
    assert top == 1.0
    assert set(paths) == {"voice", "noise"}
    corners = {corner for path in paths.values() for figure in walked(path) for corner in figure}
    for column in range(1, 4):
        assert (column, round(100 - 100 * high[column])) in corners
        assert (column, round(100 - 100 * low[column])) in corners
    assert {x for x, _ in corners} == {0, 1, 2, 3, 4}
    assert (0, 99) in corners  # silence is still a line
    assert (0, 101) in corners


def test_a_waveform_without_segments_is_drawn():
    flat = np.zeros(5, np.float32)
    paths, _ = shapes.wave_paths(Envelope(flat, flat), (), 1.0)
    assert set(paths) == {"unknown"}


def test_bars_stand_where_the_spans_are_and_labels_differ_in_height():
    segments = [
        Segment(0.0, 1.0, "silence", 1.0), Segment(1.0, 3.0, "voice", 1.0), Segment(3.0, 4.0, "noise", 1.0),
    ]  # fmt: skip
    paths = shapes.label_paths(segments, 4.0)
    boxes = {}
    for label, path in paths.items():
        (corners,) = walked(path)
        xs, ys = zip(*corners, strict=True)
        boxes[label] = (min(xs), max(xs), min(ys), max(ys))
    assert boxes["silence"][:2] == (0, 25_000)
    assert boxes["voice"][:2] == (25_000, 75_000)
    assert boxes["noise"][:2] == (75_000, 100_000)
    assert len({box[2] for box in boxes.values()}) == 3
    assert {box[3] for box in boxes.values()} == {shapes.BAR_HEIGHT}


def test_the_shortest_segment_is_seen_and_none_make_no_bar():
    assert walked(shapes.bars_path([Segment(5.0, 5.0001, "voice", 1.0)], 3600.0))[0][1][0] == 140
    assert shapes.bars_path([], 1.0) == ""


def test_very_many_segments_are_merged_without_moving_them():
    n = 3 * shapes.MOST_SPANS
    segments = [Segment(k * 1.0, k + 1.0, ("voice", "silence")[k >= n // 2], 1.0) for k in range(n)]
    paths = shapes.label_paths(segments, float(n))
    assert [len(walked(path)) for path in paths.values()] == [1, 1]
    xs = [x for x, _ in walked(paths["voice"])[0]]
    assert (min(xs), max(xs)) == (0, 50_000)


def test_merging_leaves_gaps_empty():
    segments = [Segment(k * 1.0, k + 0.5, "voice", 1.0) for k in range(shapes.MOST_SPANS + 1)]
    assert len(walked(shapes.label_paths(segments, 4.0 * len(segments))["voice"])) >= 1


def test_the_probability_is_a_stair():
    scores = Scores(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([0.25, 1.0], np.float32))
    (corners,) = walked(shapes.probability_path(scores, 2.0))
    height = shapes.HEIGHT
    assert corners == [
        (0, height), (0, round(0.75 * height)), (50_000, round(0.75 * height)), (50_000, 0), (100_000, 0),
        (100_000, height),
    ]  # fmt: skip


@given(st.floats(0.01, 400_000))
def test_marks_of_the_ruler_stay_inside(duration_s):
    marks = shapes.ruler(duration_s)
    assert marks[0][0] == "0.000%"
    assert all(0 <= float(place.rstrip("%")) <= 97.001 for place, _ in marks)
    assert len(marks) <= 40


def test_an_hour_has_no_more_columns_than_a_page_can_show():
    block = np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32)
    sound = sound_of((block for _ in range(200)), 200.0)
    assert len(sound.level_db) == len(sound.coefficients) == len(sound.envelope.high) == MOST_COLUMNS
