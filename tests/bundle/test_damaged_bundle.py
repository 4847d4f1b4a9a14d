"""Bundles whose JSON was changed by hand: named in one line."""

from __future__ import annotations

import json
import shutil

import pytest

from voxlite.bundle import replay
from voxlite.errors import VoxliteError


@pytest.mark.parametrize(
    "change",
    [
        {"vectors": 7}, {"vectors": None}, {"model": {}}, {"model": []}, {"model": {"file": None}},
        {"vectors": "vectors/buzz.json"},
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_meant(bundle_dir, tmp_path, change):
    folder = tmp_path / "copy"
    shutil.copytree(bundle_dir, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(VoxliteError) as caught:
        replay(folder)
    assert "\n" not in str(caught.value)


def test_vectors_without_their_numbers(bundle_dir, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle_dir, folder)
    (folder / "vectors" / "buzz.json").write_text(json.dumps({"schema": "voxlite.vector/1"}))
    with pytest.raises(VoxliteError, match="the bundle is damaged"):
        replay(folder, names=["buzz"])
