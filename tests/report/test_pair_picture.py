"""The picture of pairs: a cell per pair, refused before any work when it cannot be written."""

from __future__ import annotations

import re

import numpy as np
import pytest

from voxlite.errors import VoxliteError
from voxlite.report.pair_picture import draw_pairs


def test_every_pair_has_its_number(tmp_path):
    pytest.importorskip("matplotlib")
    import matplotlib

    llrs = np.array([[20.0, 7.25, -1.5], [7.25, 20.0, -9.0], [-1.5, -9.0, 20.0]], np.float32)
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        draw_pairs(("ada-1", "ada-2", "bob-1"), llrs, tmp_path / "pairs.svg", "who sounds like whom")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "pairs.svg").read_text(encoding="utf-8"))
    assert [words.count(word) for word in ("=", "7.2", "-1.5", "-9.0")] == [3, 2, 2, 2]
    assert "20.0" not in words
    assert {"ada-1", "ada-2", "bob-1", "who sounds like whom"} <= set(words)


def test_a_picture_of_another_kind_is_refused(tmp_path):
    with pytest.raises(VoxliteError, match="must end in"):
        draw_pairs(("a",), np.zeros((1, 1), np.float32), tmp_path / "pairs.gif", "x")
