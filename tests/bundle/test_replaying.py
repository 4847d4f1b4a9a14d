"""Replaying a bundle: this client agrees with itself, and what was changed is found."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from voxlite.bundle import replay
from voxlite.errors import VoxliteError


@pytest.fixture
def copy(bundle_dir: Path, tmp_path: Path) -> Path:
    """Return a bundle of one vector that may be changed."""
    folder = tmp_path / "copy"
    shutil.copytree(bundle_dir, folder)
    index = json.loads((folder / "vectors" / "index.json").read_text())
    index["vectors"] = [entry for entry in index["vectors"] if entry["name"] == "buzz"]
    (folder / "vectors" / "index.json").write_text(json.dumps(index))
    return folder


def change(folder: Path, edit) -> None:
    path = folder / "vectors" / "buzz.json"
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


def test_the_client_gives_its_own_vectors(bundle_dir: Path) -> None:
    found = replay(bundle_dir)
    assert len(found) == 8
    for row in found:
        assert row.conformed == 0
        assert row.logit < 1e-6
        assert row.probability < 1e-6
        assert (row.flags, row.same_label, row.edge_s) == (0, True, 0)
        assert row.clip < 1e-9


def test_every_difference_is_found(copy: Path) -> None:
    def edit(data: dict) -> None:
        steps = data["steps"]
        loud = [k for k, value in enumerate(steps["logits"]) if value is not None]
        steps["logits"][loud[0]] += 0.5
        steps["probabilities"][loud[1]] += 0.25
        steps["silent"][loud[2]] = 1
        data["clip"] = {"score": 0.0, "label": "no voice"}
        data["segments"][0]["end_s"] += 0.125
        data["segments"][1]["start_s"] += 0.125

    change(copy, edit)
    samples = np.fromfile(copy / "vectors" / "buzz.input.f32", "<f4")
    (samples * np.float32(0.99)).tofile(copy / "vectors" / "buzz.input.f32")
    row = replay(copy, threads=2)[0]
    assert row.logit == pytest.approx(0.5, abs=1e-5)
    assert row.probability == pytest.approx(0.25, abs=1e-5)
    assert row.flags == 1
    assert not row.same_label
    assert row.clip > 0.9
    assert row.edge_s == pytest.approx(0.125, abs=0.05)
    assert 0.001 < row.conformed < 0.01


def test_other_segments_are_infinitely_far(copy: Path) -> None:
    change(copy, lambda data: data["segments"].pop())
    assert math.isinf(replay(copy)[0].edge_s)


def test_what_is_no_bundle_is_named(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(VoxliteError, match=r"config\.json: no bundle can be read"):
        replay(tmp_path / "nowhere")
    (copy / "config.json").write_text('{"schema": "voxlite.bundle/99"}')
    with pytest.raises(VoxliteError, match=r"not voxlite\.bundle/1"):
        replay(copy)
    (copy / "config.json").write_text("[1]")
    with pytest.raises(VoxliteError, match="write the bundle again"):
        replay(copy)
