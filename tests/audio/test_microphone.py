"""The microphone, with a stand-in for sounddevice."""

import sys
import types

import numpy as np
import pytest

from voxlite.audio import Conformer, microphone
from voxlite.errors import AudioError, MissingExtraError

SOUND = (0.1 * np.random.default_rng(2).standard_normal((48_000, 1))).astype(np.float32)


class PortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch):
    """A sounddevice module whose one device records at `rates` and ends with an error after `SOUND`."""
    fake = types.SimpleNamespace(PortAudioError=PortAudioError, rates={16_000}, opened=0, closed=0)

    def check_input_settings(*, device, channels, dtype, samplerate):
        if samplerate not in fake.rates:
            raise PortAudioError("Invalid sample rate")

    def query_devices(device, kind):
        if not fake.rates:
            raise PortAudioError("Error querying device -1")
        if device == "nowhere":
            raise ValueError("No input device matching 'nowhere'")
        return {"default_samplerate": float(max(fake.rates))}

    class InputStream:
        def __init__(self, *, samplerate, channels, dtype, blocksize, device):
            self.at = 0

        def __enter__(self):
            fake.opened += 1
            return self

        def __exit__(self, *_error):
            fake.closed += 1

        def read(self, frames):
            if self.at + frames > len(SOUND):
                raise PortAudioError("device\nunplugged")
            self.at += frames
            return SOUND[self.at - frames : self.at], False

    fake.check_input_settings, fake.query_devices, fake.InputStream = (
        check_input_settings,
        query_devices,
        InputStream,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def test_blocks_come_as_from_a_file(device):
    seen = []
    source = microphone(tap=seen.append)
    blocks = [next(source) for _ in range(5)]
    source.close()
    assert [len(block) for block in blocks] == [800] * 5
    assert np.array_equal(np.concatenate(blocks), Conformer(16_000, 16_000).push(SOUND[:4_000, 0]))
    assert np.array_equal(np.concatenate(seen), SOUND[:4_000])
    assert (device.opened, device.closed) == (1, 1)


def test_a_device_with_its_own_rate_is_resampled(device):
    device.rates = {48_000}
    source = microphone(block_s=0.1)
    first = np.concatenate([next(source), next(source)])
    source.close()
    expected = Conformer(48_000, 16_000).push(SOUND[:, 0])
    assert np.array_equal(first, expected[: len(first)])


def test_an_unplugged_device_is_one_line(device):
    with pytest.raises(AudioError, match="the default microphone cannot be used \\(device unplugged\\)"):
        list(microphone())
    assert device.closed == 1


def test_no_device(device):
    device.rates = set()
    with pytest.raises(AudioError, match="connect one or choose another"):
        next(microphone())


def test_unknown_device(device):
    device.rates = {44_100}
    with pytest.raises(AudioError, match="microphone 'nowhere' cannot be used"):
        next(microphone(device="nowhere"))


@pytest.mark.parametrize("options", [{"block_s": 0.0}, {"block_s": 2.0}, {"rate_hz": 48_000}])
def test_arguments_out_of_range(device, options):
    with pytest.raises(AudioError):
        next(microphone(**options))


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtraError, match="live listening needs the 'mic' extra"):
        next(microphone())


def test_missing_portaudio(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(AudioError, match="PortAudio library not found"):
        next(microphone())
