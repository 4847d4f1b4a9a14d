from __future__ import annotations

import csv

import numpy as np
import pytest
import soundfile

from voxlite.cli.cutting import Container, Cut, cut_recording
from voxlite.errors import VoxliteError


def make(path, subtype="PCM_16", rate_hz=8_000, channels=2, seconds=4.0):
    n = round(rate_hz * seconds)
    # full scale and back: the loudest integers are where conversions go wrong
    samples = np.random.default_rng(0).integers(-(2**31), 2**31, (n, channels), np.int64).astype(np.int32)
    soundfile.write(path, samples, rate_hz, subtype)
    return path


def listing(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("subtype", "container", "kept"),
    [
        ("PCM_16", "wav", "PCM_16"),
        ("PCM_24", "wav", "PCM_24"),
        ("PCM_16", "flac", "PCM_16"),
        ("PCM_24", "flac", "PCM_24"),
        ("PCM_U8", "wav", "PCM_16"),
        ("ULAW", "wav", "PCM_16"),
    ],
)
def test_pieces_are_the_very_samples(in_process, fake_analyze, tmp_path, subtype, container, kept):
    source = make(tmp_path / "call.wav", subtype)
    result = in_process("split", source, "--out", tmp_path / "out", "--format", container)
    assert result.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"call-001.{container}", f"call-002.{container}", "call.csv"]
    whole, _ = soundfile.read(source, dtype="int32")
    for name, start_s in ((names[0], 1), (names[1], 3)):
        piece, rate_hz = soundfile.read(tmp_path / "out" / name, dtype="int32")
        assert (rate_hz, soundfile.info(tmp_path / "out" / name).subtype) == (8_000, kept)
        np.testing.assert_array_equal(piece, whole[start_s * 8_000 : (start_s + 1) * 8_000])


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floating_point_stays_so_even_above_full_scale(in_process, fake_analyze, tmp_path, subtype):
    source = tmp_path / "loud.wav"
    soundfile.write(source, np.full(32_000, 1.5), 8_000, subtype)
    in_process("split", source, "--out", tmp_path)
    piece, _ = soundfile.read(tmp_path / "loud-001.wav")
    assert soundfile.info(tmp_path / "loud-001.wav").subtype == "FLOAT"
    assert set(piece) == {1.5}
    in_process("split", source, "--out", tmp_path / "flac", "--format", "flac")
    piece, _ = soundfile.read(tmp_path / "flac" / "loud-001.flac")
    assert piece.min() == pytest.approx(1.0, abs=1e-6)  # clipped, not wrapped


def test_the_listing_says_where_the_pieces_were(in_process, fake_analyze, tmp_path):
    in_process("split", make(tmp_path / "call.wav"), "--out", tmp_path)
    rows = listing(tmp_path / "call.csv")
    assert [(row["file"], row["start_s"], row["end_s"], row["label"]) for row in rows] == [
        ("call-001.wav", "1.0000", "2.0000", "voice"),
        ("call-002.wav", "3.0000", "4.0000", "voice"),
    ]


def test_joined_cuts_the_silence_out(in_process, fake_analyze, tmp_path):
    source = make(tmp_path / "call.wav")
    result = in_process("split", source, "--out", tmp_path, "--joined")
    assert "1 file, 3.00 s of 4.00 s" in result.stdout
    whole, _ = soundfile.read(source, dtype="int32")
    joined, _ = soundfile.read(tmp_path / "call-joined.wav", dtype="int32")
    np.testing.assert_array_equal(joined, whole[8_000:])
    rows = listing(tmp_path / "call-joined.csv")
    assert [(row["label"], row["at_s"]) for row in rows] == [
        ("voice", "0.0000"),
        ("noise", "1.0000"),
        ("voice", "2.0000"),
    ]


def test_nothing_is_overwritten_without_force(in_process, fake_analyze, tmp_path):
    source = make(tmp_path / "call.wav")
    (tmp_path / "call-002.wav").write_text("precious")
    result = in_process("split", source, "--out", tmp_path)
    assert result.exit_code == 1
    assert "call-002.wav: exists already: pass --force" in result.stderr
    assert not (tmp_path / "call-001.wav").exists()
    assert in_process("split", source, "--out", tmp_path, "--force").exit_code == 0
    assert soundfile.info(tmp_path / "call-002.wav").frames == 8_000
    n_calls = len(fake_analyze)
    assert in_process("split", source, "--out", tmp_path).exit_code == 1
    assert len(fake_analyze) == n_calls  # the listing exists: said before the work


def test_a_folder_in_the_way_is_told(in_process, fake_analyze, tmp_path):
    (tmp_path / "call.csv").mkdir()
    result = in_process("split", make(tmp_path / "call.wav"), "--out", tmp_path, "--force")
    assert result.exit_code == 1
    assert "a folder has this name" in result.stderr


def test_without_voice_only_an_empty_list_is_written(in_process, fake_analyze, tmp_path):
    result = in_process("split", make(tmp_path / "short.wav", seconds=1.0), "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "nothing to keep" in result.stdout
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["short.csv"]
    assert listing(tmp_path / "out" / "short.csv") == []


def test_standard_input(in_process, fake_analyze, tmp_path):
    source = make(tmp_path / "call.wav")
    in_process("split", "-", "--out", tmp_path / "out", stdin=source.read_bytes())
    assert (tmp_path / "out" / "stdin-001.wav").exists()


def test_many_channels_do_not_fit_flac(in_process, fake_analyze, tmp_path):
    source = make(tmp_path / "wide.wav", channels=12)
    result = in_process("split", source, "--out", tmp_path, "--format", "flac")
    assert result.exit_code == 1
    assert "use --format wav" in result.stderr
    assert in_process("split", source, "--out", tmp_path).exit_code == 0
    assert soundfile.info(tmp_path / "wide-001.wav").channels == 12


def test_cuts_across_blocks_and_ends_beyond_the_recording(tmp_path):
    source = make(tmp_path / "call.wav", channels=1, seconds=20)  # more than one block of 65 536 frames
    whole, _ = soundfile.read(source, dtype="int32")
    cuts = [Cut(0.5, 8.25, tmp_path / "a.wav"), Cut(8.25, 99.0, tmp_path / "b.wav")]
    cut_recording(str(source), cuts, Container.WAV)
    np.testing.assert_array_equal(soundfile.read(tmp_path / "a.wav", dtype="int32")[0], whole[4_000:66_000])
    np.testing.assert_array_equal(soundfile.read(tmp_path / "b.wav", dtype="int32")[0], whole[66_000:])


def test_a_target_that_cannot_be_written_is_named(tmp_path):
    source = make(tmp_path / "call.wav")
    with pytest.raises(VoxliteError, match=r"x\.wav: cannot be written"):
        cut_recording(str(source), [Cut(0.0, 1.0, tmp_path / "no" / "x.wav")], Container.WAV)
