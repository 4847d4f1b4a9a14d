"""What libsndfile does not know, through PyAV; and the error that names the extra without it."""

import sys
from fractions import Fraction

import numpy as np
import pytest

from voxlite.audio import open_recording, read_audio
from voxlite.errors import AudioError, MissingExtraError

RATE_HZ = 48_000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
CASES = [
    ("a.mp4", "mp4", "aac"), ("a.m4a", "ipod", "aac"), ("a.aac", "adts", "aac"), ("a.webm", "webm", "libopus"),
    ("a.mka", "matroska", "pcm_s16le"), ("b.mka", "matroska", "pcm_u8"), ("c.mka", "matroska", "pcm_s32le"),
    ("d.mka", "matroska", "pcm_f32le"), ("e.mka", "matroska", "flac"), ("a.wma", "asf", "wmav2"),
]  # fmt: skip


def write(path, container, codec, channels=1, samples=TONE):
    av = pytest.importorskip("av", reason="PyAV (the media extra) is not installed")
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format=container) as output:
        try:
            stream = output.add_stream(codec, rate=RATE_HZ, layout=layout)
        except (ValueError, av.error.FFmpegError) as error:
            pytest.skip(f"this PyAV has no encoder {codec}: {error}")
        if codec == "wmav2":
            stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(np.stack([samples] * channels), format="fltp", layout=layout)
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = 0
        resampler = av.AudioResampler(stream.format, layout, RATE_HZ, frame_size=stream.frame_size or 1_024)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return path


def decode(path, block_frames=65_536):
    with open_recording(path) as recording:
        blocks = list(recording.blocks(block_frames))
    assert all(block.dtype == np.float32 and 0 < len(block) <= block_frames for block in blocks)
    return np.concatenate(blocks)


@pytest.mark.parametrize(("name", "container", "codec"), CASES)
def test_formats(tmp_path, name, container, codec):
    path = write(tmp_path / name, container, codec)
    with open_recording(path) as recording:
        assert (recording.rate_hz, recording.channels) == (RATE_HZ, 1)
        assert recording.format
        assert recording.subtype
    samples = decode(path, 5_000)[:, 0]
    assert abs(len(samples) - RATE_HZ) < 5_000
    inner = samples[10_000:40_000]
    assert np.sqrt(np.mean(inner**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    spectrum = np.abs(np.fft.rfft(inner))
    assert abs(np.argmax(spectrum) * RATE_HZ / len(inner) - 440) < 3
    assert np.array_equal(decode(path)[:, 0], samples)


def test_stereo_goes_through_the_chain(tmp_path):
    path = write(tmp_path / "a.m4a", "ipod", "aac", channels=2)
    assert decode(path).shape[1] == 2
    audio = read_audio(path, 16_000)
    assert abs(audio.duration_s - 1) < 0.1


def test_content_without_a_telling_name(tmp_path):
    assert len(decode(write(tmp_path / "clip", "webm", "libopus")))


def test_missing_extra_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A " + b"\0" * 100)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"reading \.m4a files needs the 'media' extra"):
        open_recording(path)
    with pytest.raises(MissingExtraError, match="this media format"):
        open_recording(path.rename(tmp_path / "a"))


@pytest.mark.parametrize("content", [b"no sound at all " * 50, b"\0\0\0\x18ftypM4A " + b"\0" * 100])
def test_broken_media(tmp_path, content):
    pytest.importorskip("av", reason="PyAV (the media extra) is not installed")
    path = tmp_path / "a.m4a"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"a\.m4a: (not audio|no sound)") as error:
        open_recording(path)
    assert "\n" not in str(error.value)


def test_a_film_without_sound(tmp_path):
    av = pytest.importorskip("av", reason="PyAV (the media extra) is not installed")
    with av.open(str(tmp_path / "a.mkv"), "w") as output:
        stream = output.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 32), np.uint8), format="yuvj420p")
        output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    with pytest.raises(AudioError, match="no sound in it"):
        open_recording(tmp_path / "a.mkv")


def test_a_cut_file_gives_what_is_there(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, RATE_HZ * 2).astype(np.float32)
    whole = write(tmp_path / "a.aac", "adts", "aac", samples=noise).read_bytes()
    (tmp_path / "b.aac").write_bytes(whole[: len(whole) // 2])
    assert 0.5 * RATE_HZ < len(decode(tmp_path / "b.aac")) < 1.5 * RATE_HZ


class FakeFrame:
    def __init__(self, samples, rate_hz=RATE_HZ, channels=1):
        self.sample_rate, self._samples = rate_hz, samples
        self.layout = type("Layout", (), {"nb_channels": channels})
        self.format = type("Format", (), {"is_planar": True})

    def to_ndarray(self):
        return self._samples


def fake_decoder(recording, frames, error=None):
    def run(**_which):
        yield from frames
        if error is not None:
            raise error

    container = recording._container
    recording._container = type("Container", (), {"decode": staticmethod(run), "close": container.close})


def test_a_change_midway_ends_the_sound(tmp_path):
    with open_recording(write(tmp_path / "a.m4a", "ipod", "aac")) as recording:
        fake_decoder(recording, [FakeFrame(TONE[None]), FakeFrame(TONE[None], rate_hz=8_000)])
        assert sum(map(len, recording.blocks())) == len(TONE)
        assert "change midway" in recording.damage


@pytest.mark.parametrize("n_good", [0, 1])
def test_a_decoder_error(tmp_path, n_good):
    with open_recording(write(tmp_path / "a.m4a", "ipod", "aac")) as recording:
        error = recording._av.error.InvalidDataError(1, "Invalid data\nfound")
        fake_decoder(recording, [FakeFrame(TONE[None])] * n_good, error)
        if n_good:
            assert sum(map(len, recording.blocks())) == len(TONE)
            assert "decoding stopped: Invalid data found" in recording.damage
        else:
            with pytest.raises(AudioError, match="cannot be decoded"):
                list(recording.blocks())
