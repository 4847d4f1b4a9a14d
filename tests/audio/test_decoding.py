"""Every format, every coding, odd but valid files, and files that lie or are broken."""

import io
import os
import struct
import sys
import threading

import numpy as np
import pytest
import soundfile

from voxlite.audio import MAX_CHANNELS, open_recording, read_audio
from voxlite.audio.quiet import quiet_stderr
from voxlite.errors import AudioError

RATE_HZ = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
FORMATS = ["WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "W64", "AU", "WAVEX", "RF64", "NIST", "VOC", "IRCAM"]
LOSSY = ("VORBIS", "OPUS", "MPEG", "GSM", "G72", "NMS", "ADPCM", "ULAW", "ALAW", "PCM_S8", "PCM_U8", "DPCM")


def codings():
    for container in FORMATS:
        for subtype in soundfile.available_subtypes(container):
            if soundfile.check_format(container, subtype):
                yield container, subtype


def wav_bytes(data=b"", rate_hz=RATE_HZ, channels=1, bits=16, claimed=None):
    claimed = len(data) if claimed is None else claimed
    width = channels * bits // 8
    fmt = struct.pack("<IHHIIHH", 16, 1, channels, rate_hz, rate_hz * width % 2**32, width, bits)
    return (
        b"RIFF"
        + struct.pack("<I", min(claimed + 36, 2**32 - 1))
        + b"WAVEfmt "
        + fmt
        + b"data"
        + struct.pack("<I", claimed)
        + data
    )


def decode(path, **options):
    with open_recording(path) as recording:
        return np.concatenate(list(recording.blocks(**options)))


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    assert ": " in text
    return text


@pytest.fixture
def made(tmp_path):
    def make(content, name="clip.wav"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.mark.parametrize(("container", "subtype"), list(codings()))
def test_every_format_and_coding(tmp_path, container, subtype):
    rate_hz = 8_000 if subtype.startswith(("GSM", "G72", "NMS")) else 48_000 if subtype == "OPUS" else RATE_HZ
    path = tmp_path / "clip.bin"
    try:
        soundfile.write(path, TONE, rate_hz, format=container, subtype=subtype)
    except soundfile.LibsndfileError as error:
        pytest.skip(f"libsndfile does not write it: {error}")
    with open_recording(path) as recording:
        assert recording.rate_hz == pytest.approx(rate_hz, rel=0.01)  # VOC stores a coarse period
        assert recording.channels == 1
        assert recording.format == container or {container, recording.format} <= {"WAV", "WAVEX", "RF64"}
        samples = np.concatenate(list(recording.blocks()))
        assert recording.frames_read == len(samples)
    assert samples.dtype == np.float32
    assert samples.shape[1] == 1
    assert abs(len(samples) - RATE_HZ) < 2_500
    if not any(name in subtype for name in LOSSY):
        assert np.abs(samples[:, 0] - TONE).max() < 4e-5
    else:
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.3536, rel=0.15)


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_rates(tmp_path, rate_hz):
    soundfile.write(tmp_path / "a.wav", TONE, rate_hz)
    with open_recording(tmp_path / "a.wav") as recording:
        assert recording.rate_hz == rate_hz
        assert recording.frames_claimed == len(TONE)


@pytest.mark.parametrize("channels", [1, 2, 3, 8, MAX_CHANNELS])
def test_channels(tmp_path, channels):
    block = np.random.default_rng(1).uniform(-0.5, 0.5, (3_000, channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", block, RATE_HZ, subtype="FLOAT")
    assert np.array_equal(decode(tmp_path / "a.wav", block_frames=700), block)


def test_a_block_stays_small(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((70_000, 32), np.float32), 192_000)
    with open_recording(tmp_path / "a.wav") as recording:
        sizes = [block.size for block in recording.blocks(block_frames=10**9)]
    assert max(sizes) == 1 << 20
    assert sum(sizes) == 70_000 * 32


def test_six_milliseconds_of_eight_bits(tmp_path):
    soundfile.write(tmp_path / "a.wav", TONE[:96], RATE_HZ, subtype="PCM_U8")
    assert np.abs(decode(tmp_path / "a.wav")[:, 0] - TONE[:96]).max() < 0.01


@pytest.mark.parametrize("where", ["missing.wav", "."])
def test_missing_and_folder(tmp_path, where):
    with pytest.raises(AudioError, match=r"no such file|a folder") as error:
        open_recording(tmp_path / where)
    assert str(tmp_path) in one_line(error)


@pytest.mark.skipif(os.name == "nt", reason="newlines in names are not allowed there")
def test_errors_stay_one_line_for_any_name(made):
    with pytest.raises(AudioError, match="empty") as error:
        open_recording(made(b"", "a\nb.wav"))
    one_line(error)
    with pytest.raises(AudioError, match="cannot be opened") as error:
        open_recording("a\0b.wav")
    one_line(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"just some words\n" * 40, "not audio"),
        (b"x", "not audio"),
        (wav_bytes(b"\0" * 100)[:30], "header is damaged"),
        (wav_bytes(b"\0" * 100, rate_hz=800_000_000), "800000000 Hz"),
        (wav_bytes(b"\0" * 100, rate_hz=3_999), "3999 Hz"),
        (wav_bytes(b"\0" * 2_340, channels=117), "117 channels"),
        (wav_bytes(b"\0" * 64, channels=0), "header is damaged"),
    ],
)
def test_broken_files(made, content, words):
    with pytest.raises(AudioError, match=words) as error:
        open_recording(made(content))
    assert "clip.wav" in one_line(error)


def test_no_samples(made):
    with pytest.raises(AudioError, match="no samples"), open_recording(made(wav_bytes())) as recording:
        list(recording.blocks())


def test_a_huge_claim_allocates_nothing(made):
    path = made(wav_bytes(struct.pack("<3h", 1, 2, 3), claimed=2**32 - 16))
    assert len(decode(path)) == 3
    flac_head = bytearray(flac_bytes())
    flac_head[21] |= 0x0F  # the highest bits of STREAMINFO's 36-bit count of samples
    with open_recording(made(bytes(flac_head), "b.flac")) as recording:
        assert recording.frames_claimed > 6e10
        assert sum(map(len, recording.blocks())) == len(TONE)
        assert recording.damage is not None


def flac_bytes(samples=TONE):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE_HZ, format="FLAC")
    return buffer.getvalue()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_bad_samples_are_named_by_second(tmp_path, bad):
    samples = np.zeros((RATE_HZ * 2, 2), np.float32)
    samples[RATE_HZ * 3 // 2, 1] = bad
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"1\.500 s") as error:
        decode(tmp_path / "a.wav", block_frames=1_000)
    assert "a.wav" in one_line(error)


def test_a_cut_wav_gives_what_is_there(made):
    whole = wav_bytes((TONE * 32_767).astype("<i2").tobytes())
    assert len(decode(made(whole[: 44 + 2_001]))) == 1_000


def test_a_cut_flac_gives_what_is_there(made):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, RATE_HZ * 3).astype(np.float32)
    whole = flac_bytes(noise)
    with open_recording(made(whole[: len(whole) // 2])) as recording:
        samples = np.concatenate(list(recording.blocks()))
        assert "decoding stopped" in recording.damage
    assert RATE_HZ < len(samples) < RATE_HZ * 2
    assert np.abs(samples[:, 0] - noise[: len(samples)]).max() < 4e-5


def test_a_flac_without_one_good_frame_is_an_error(made):
    whole = bytearray(flac_bytes())
    start = whole.index(b"\xff\xf8")
    path = made(bytes(whole[:start]) + b"\x55" * 400)
    with pytest.raises(AudioError, match=r"cannot be decoded|no samples") as error:
        decode(path)
    one_line(error)


def test_a_damaged_mp3_is_read_in_silence(tmp_path, made, capfd):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, RATE_HZ * 4).astype(np.float32)
    soundfile.write(tmp_path / "a.mp3", noise, RATE_HZ, format="MP3")
    whole = bytearray((tmp_path / "a.mp3").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 2_500] = np.random.default_rng(1).bytes(2_500)
    samples = decode(made(bytes(whole), "b.mp3"))
    assert len(samples) > RATE_HZ
    assert capfd.readouterr().err == ""


def test_blocks_are_read_once(tmp_path):
    soundfile.write(tmp_path / "a.wav", TONE, RATE_HZ)
    with open_recording(tmp_path / "a.wav") as recording:
        list(recording.blocks())
        with pytest.raises(AudioError, match="already"):
            list(recording.blocks())


def test_content_decides_before_the_name(made):
    path = made(wav_bytes(struct.pack("<2h", 5, 6)), "a.m4a")
    assert len(decode(path)) == 2
    assert len(decode(made(wav_bytes(struct.pack("<2h", 5, 6)), "a.raw"))) == 2


@pytest.mark.parametrize("spool_bytes", [1 << 24, 100])
def test_standard_input(monkeypatch, spool_bytes):
    class Stdin:
        buffer = io.BytesIO(flac_bytes())

    monkeypatch.setattr("voxlite.audio.decoding._SPOOL_BYTES", spool_bytes)
    monkeypatch.setattr(sys, "stdin", Stdin())
    with open_recording("-") as recording:
        assert recording.path == "standard input"
        assert recording.format == "FLAC"
        assert sum(map(len, recording.blocks(4_000))) == len(TONE)


def test_empty_standard_input(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"")

    monkeypatch.setattr(sys, "stdin", Stdin())
    with pytest.raises(AudioError, match="standard input: the file is empty"):
        open_recording("-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe(tmp_path):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(flac_bytes(),))
    writer.start()
    assert len(decode(pipe)) == len(TONE)
    writer.join()


def test_quiet_stderr_counts_nested_uses(capfd):
    with quiet_stderr():
        with quiet_stderr():
            os.write(2, b"one")
        os.write(2, b"two")
    with quiet_stderr(False):
        os.write(2, b"three")
    assert capfd.readouterr().err == "three"


def test_quiet_stderr_without_stderr(monkeypatch):
    def closed(_descriptor):
        raise OSError("bad file descriptor")

    monkeypatch.setattr("voxlite.audio.quiet.os.dup", closed)
    with quiet_stderr():
        pass


def test_read_audio_of_every_kind_of_file_is_finite(tmp_path):
    soundfile.write(tmp_path / "a.ogg", TONE, RATE_HZ)
    audio = read_audio(tmp_path / "a.ogg")
    assert audio.rate_hz == RATE_HZ
    assert np.isfinite(audio.samples).all()
