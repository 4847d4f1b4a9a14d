"""Trial lists in gzip: a small file may claim to be a very large one."""

from __future__ import annotations

import gzip

import pytest

from voxlite.errors import VoxliteError
from voxlite.recognition import trials


def test_a_list_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(trials, "_MAX_BYTES", 1_000)
    path = tmp_path / "trials.gz"
    path.write_bytes(gzip.compress(b"1 a.wav b.wav\n" * 70))
    assert len(trials.read_trials(path).first) == 70
    for content in (gzip.compress(b"1 a.wav b.wav\n" * 10_000), b"1 a.wav b.wav\n" * 100):
        path.write_bytes(content)
        with pytest.raises(VoxliteError, match="a trial list of more than"):
            trials.read_trials(path)


def test_a_list_that_is_cut_off_is_one_line(tmp_path):
    path = tmp_path / "trials.gz"
    path.write_bytes(gzip.compress(b"1 a.wav b.wav\n" * 70)[:-6])
    with pytest.raises(VoxliteError, match="could not be read") as caught:
        trials.read_trials(path)
    assert "\n" not in str(caught.value)
