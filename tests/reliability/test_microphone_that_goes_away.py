"""A microphone that is unplugged and comes back, and clocks that jump: no sound is made up, none is counted twice."""

from __future__ import annotations

import itertools
import subprocess
import sys
import textwrap
import types

import numpy as np
import pytest

from voxlite import VoiceDetector
from voxlite.audio import Conformer, microphone, read_audio
from voxlite.errors import AudioError

RATE_HZ = 16_000


class PortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch, samples_dir):
    """A stand-in for sounddevice: plays a recording, and is unplugged after each of `lives` (in blocks)."""
    sound = read_audio(samples_dir / "call.flac", RATE_HZ).samples[: 40 * RATE_HZ]
    fake = types.SimpleNamespace(
        PortAudioError=PortAudioError, lives=[], at=0, opened=0, closed=0, sound=sound
    )
    fake.check_input_settings = lambda **_: None

    class InputStream:
        def __init__(self, **_):
            if not fake.lives:
                raise PortAudioError("Invalid device")
            self.left = fake.lives.pop(0)

        def __enter__(self):
            fake.opened += 1
            return self

        def __exit__(self, *_):
            fake.closed += 1

        def read(self, frames):
            if not self.left:
                raise PortAudioError("Stream is stopped\n[PaErrorCode -9983]")
            self.left -= 1
            fake.at += frames
            return fake.sound[fake.at - frames : fake.at, None], False

    fake.InputStream = InputStream
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def test_one_stream_outlives_the_microphone(device):
    """Opened again after each time it went away, it gives the sound that was recorded, and the segments of it."""
    device.lives = [100, 7, 0, 200]
    stream, found, heard, said = VoiceDetector(threads=1).stream(RATE_HZ), [], [], []
    while device.lives:
        try:
            for block in microphone(RATE_HZ):
                heard.append(block)
                found += stream.push(block)
        except AudioError as error:
            said.append(str(error))
    found += stream.flush()
    assert [len(line.splitlines()) for line in said] == [1, 1, 1, 1]
    assert (device.opened, device.closed) == (4, 4)
    n_recorded = 307 * 800
    pieces = np.split(device.sound[:n_recorded], [100 * 800, 107 * 800])
    assert np.array_equal(
        np.concatenate(heard), np.concatenate([Conformer(RATE_HZ, RATE_HZ).push(piece) for piece in pieces])
    )
    assert found[0].start_s == 0
    assert all(one.end_s == other.start_s for one, other in itertools.pairwise(found))
    assert found[-1].end_s == pytest.approx(sum(map(len, heard)) / RATE_HZ)


def test_listen_says_one_line_and_shows_what_was_heard(device, tmp_path):
    """As a process: the segments heard before the microphone went away are printed, then one line, status 1."""
    np.save(tmp_path / "sound.npy", device.sound)
    (tmp_path / "sounddevice.py").write_text(
        textwrap.dedent(
            f"""
            import numpy as np
            class PortAudioError(Exception): pass
            def check_input_settings(**_): pass
            class InputStream:
                def __init__(self, **_): self.at, self.sound = 0, np.load({str(tmp_path / "sound.npy")!r})
                def __enter__(self): return self
                def __exit__(self, *_): pass
                def read(self, frames):
                    self.at += frames
                    if self.at > 10 * 16_000: raise PortAudioError("Stream is stopped")
                    return self.sound[self.at - frames:self.at, None], False
            """
        ),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
         "sys.argv = ['voxlite', 'listen', '--threads', '1']; from voxlite.cli.main import run; run()"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("voxlite: error: the default microphone cannot be used (Stream is stopped)")
    last = done.stdout.splitlines()[-1].split()
    assert last[2] == "0:10.00"


def test_a_clock_that_jumps_changes_nothing(monkeypatch, samples_dir):
    """Time comes from counting samples: the system's clock may go back, stand still or leap."""
    sound = read_audio(samples_dir / "call.flac", RATE_HZ).samples[: 30 * RATE_HZ]

    def segments() -> list[object]:
        stream = VoiceDetector(threads=1).stream(RATE_HZ)
        found = [
            part for first in range(0, len(sound), 800) for part in stream.push(sound[first : first + 800])
        ]
        return found + stream.flush()

    wanted = segments()
    jumps = np.random.default_rng(3)
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(f"time.{name}", lambda: float(jumps.uniform(-1e9, 1e9)))
    assert segments() == wanted
