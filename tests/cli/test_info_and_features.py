"""`voxlite info` and `voxlite features`."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import log_mel_features, mfcc


def test_info_measures_by_decoding(in_process, tone):
    facts = json.loads(in_process("info", "--json", tone).stdout)
    assert facts["container"] == "WAV"
    assert facts["codec"] == "PCM_16"
    assert (facts["rate_hz"], facts["channels"], facts["frames"], facts["duration_s"]) == (
        16_000,
        1,
        32_000,
        2.0,
    )
    assert facts["peak_dbfs"] == pytest.approx(20 * np.log10(0.3), abs=0.02)
    assert facts["rms_dbfs"] == pytest.approx(20 * np.log10(0.3) - 6.02, abs=0.02)
    assert facts["damage"] is None
    assert facts["size_bytes"] == tone.stat().st_size


def test_info_for_people(in_process, tone, tmp_path):
    text = in_process("info", tone).stdout
    assert "0:02.000 (32 000 samples per channel)" in text
    assert "-10.5 dBFS" in text
    soundfile.write(tmp_path / "zero.wav", np.zeros((800, 2)), 8_000)
    assert "digital silence" in in_process("info", tmp_path / "zero.wav").stdout
    whole = tmp_path / "noise.flac"
    soundfile.write(whole, np.random.default_rng(0).normal(0, 0.1, 32_000), 8_000)
    text = in_process("info", "-", stdin=whole.read_bytes()[:30_000]).stdout
    assert "standard input" in text
    assert "damage" in text
    assert "bytes" not in text


@pytest.mark.parametrize(("kind", "compute"), [("mfcc", mfcc), ("logmel", log_mel_features)])
def test_features_as_array_and_table(in_process, tone, tmp_path, kind, compute):
    from voxlite.audio import read_audio

    expected = compute(read_audio(tone, 16_000), FrontEndConfig())
    result = in_process("features", tone, "--kind", kind, "--out", tmp_path / "x.npy")
    assert (result.exit_code, result.stdout) == (0, "")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), expected)
    in_process("features", tone, "--kind", kind, "--out", tmp_path / "x.csv")
    table = np.loadtxt(tmp_path / "x.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table[:, 1:].astype(np.float32), expected)
    np.testing.assert_allclose(table[:3, 0], [0, 0.01, 0.02])


def test_features_as_images(in_process, tone, tmp_path):
    in_process("features", tone, "--kind", "image", "--out", tmp_path / "x.NPY")
    assert np.load(tmp_path / "x.NPY").shape == (299, 299, 3)
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    for kind in ("mfcc", "image"):
        assert in_process("features", tone, "--kind", kind, "--out", tmp_path / f"{kind}.png").exit_code == 0
        assert (tmp_path / f"{kind}.png").read_bytes().startswith(b"\x89PNG")


def test_features_as_parquet(in_process, tone, tmp_path, monkeypatch):
    written = {}
    parquet = SimpleNamespace(write_table=lambda table, out: written.update({out: table}))
    monkeypatch.setitem(
        sys.modules, "pyarrow", SimpleNamespace(table=lambda columns: columns, parquet=parquet)
    )
    assert in_process("features", tone, "--out", tmp_path / "x.parquet").exit_code == 0
    table = written[tmp_path / "x.parquet"]
    assert list(table) == ["start_s", *(f"c{k}" for k in range(40))]
    assert {len(column) for column in table.values()} == {198}
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = in_process("features", tone, "--out", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert "voxlite[parquet]" in result.stderr


def test_features_refuses_what_makes_no_sense(in_process, tone, tmp_path):
    assert in_process("features", tone, "--out", tmp_path / "x.txt").exit_code == 2
    assert in_process("features", tone, "--kind", "image", "--out", tmp_path / "x.csv").exit_code == 2
    result = in_process("features", tone, "--out", tmp_path / "no" / "x.npy")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
