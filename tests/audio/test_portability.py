"""What other systems lack: descriptors that a library shares, a null device, a standard error."""

import os

import numpy as np
import pytest
import soundfile

from voxlite.audio import decoding, open_recording
from voxlite.audio import quiet as quiet_module
from voxlite.audio.quiet import quiet_stderr

RATE_HZ = 16_000


def decode(path):
    with open_recording(path) as recording:
        return np.concatenate(list(recording.blocks())), recording.damage


@pytest.mark.parametrize("name", ["a.wav", "a.raw", "a.flac", "a.ogg", "a.mp3"])
def test_a_file_is_the_same_without_shared_descriptors(name, tmp_path, monkeypatch):
    container = {"raw": "WAV"}.get(name[2:], name[2:].upper())
    samples = 0.2 * np.random.default_rng(3).standard_normal(2 * RATE_HZ)
    soundfile.write(tmp_path / name, samples, RATE_HZ, format=container)
    by_descriptor, _ = decode(tmp_path / name)
    monkeypatch.setattr(decoding, "_SHARES_DESCRIPTORS", False)
    by_object, _ = decode(tmp_path / name)
    np.testing.assert_array_equal(by_object, by_descriptor)


def test_damage_is_found_without_shared_descriptors(tmp_path, monkeypatch):
    path = tmp_path / "cut.flac"
    soundfile.write(path, 0.2 * np.random.default_rng(3).standard_normal(4 * RATE_HZ), RATE_HZ)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    expected, damage = decode(path)
    assert damage
    monkeypatch.setattr(decoding, "_SHARES_DESCRIPTORS", False)
    found, again = decode(path)
    assert again == damage
    np.testing.assert_array_equal(found, expected)


def test_without_a_null_device_the_messages_stay(monkeypatch, capfd):
    def refuse(*_):
        raise OSError("no such device")

    monkeypatch.setattr(quiet_module.os, "open", refuse)
    with quiet_stderr():
        os.write(2, b"seen\n")
    monkeypatch.undo()
    with quiet_stderr():
        os.write(2, b"hidden\n")
    assert capfd.readouterr().err == "seen\n"


def test_without_a_standard_error_nothing_happens(monkeypatch):
    def refuse(_):
        raise OSError("bad descriptor")

    monkeypatch.setattr(quiet_module.os, "dup", refuse)
    with quiet_stderr(), quiet_stderr():
        pass
    assert quiet_module._depth == 0
