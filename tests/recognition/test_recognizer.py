"""What is heard in a recording: speech alone is embedded, its band and its flaws are told."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from voxlite.audio import Audio
from voxlite.errors import AudioError, ModelError
from voxlite.recognition import SpeakerRecognizer
from voxlite.runtime import SpeakerEmbedder

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def recognizer(speaker_model):
    return SpeakerRecognizer(str(speaker_model), threads=1)


@pytest.fixture(scope="module")
def voice(samples_dir):
    """A woman, wideband, with digital silence between words."""
    return Audio.read(samples_dir / "voice-en-wideband.flac", rate_hz=RATE_HZ)


def test_silence_around_speech_changes_nothing(recognizer, voice):
    heard = recognizer.listen(voice)
    padded = np.concatenate(
        [np.zeros(5 * RATE_HZ, np.float32), voice.samples, np.zeros(9 * RATE_HZ, np.float32)]
    )
    again = recognizer.listen(Audio(padded, RATE_HZ))
    assert again.speech_s == pytest.approx(heard.speech_s, abs=0.05)
    assert 1.0 < heard.speech_s < voice.duration_s
    assert float(heard.embedding @ again.embedding) > 0.99  # the recording begins and ends without a margin
    longer = np.concatenate([np.zeros(30 * RATE_HZ, np.float32), padded])
    assert float(recognizer.embed(Audio(longer, RATE_HZ)) @ again.embedding) > 0.999
    assert abs(np.linalg.norm(heard.embedding) - 1) < 1e-5
    assert heard.embedding.shape == (recognizer.dim,)
    assert heard.embedding.dtype == np.float32


def test_noise_beside_speech_is_not_embedded(recognizer, voice, rng):
    hiss = 0.1 * rng.standard_normal(6 * RATE_HZ).astype(np.float32)
    noisy = Audio(np.concatenate([hiss, voice.samples, hiss]), RATE_HZ)
    whole = SpeakerEmbedder(recognizer.model, 1).embed(noisy.samples)
    alone = recognizer.embed(voice)
    assert float(recognizer.embed(noisy) @ alone) > 0.98 > float(whole @ alone)


@pytest.mark.parametrize("keep_s", [0.5, 0.3])
def test_all_sound_is_embedded_when_less_than_a_second_is_speech(recognizer, voice, keep_s):
    start = int(np.flatnonzero(np.abs(voice.samples) > 0.05)[0])
    short = Audio(voice.samples[start : start + int(keep_s * RATE_HZ)], RATE_HZ)
    heard = recognizer.listen(short)
    assert heard.speech_s < 1.0
    conformed = SpeakerEmbedder(recognizer.model, 1).embed(short.samples)
    assert float(heard.embedding @ conformed) > 0.999


@pytest.mark.parametrize(
    "samples", [np.zeros(1), np.zeros(40_000), np.full(100, 0.5), np.sin(np.arange(50_000.0))]
)
def test_nothing_is_refused(recognizer, samples):
    heard = recognizer.listen(Audio(samples.astype(np.float32), RATE_HZ))
    assert heard.speech_s == 0.0
    assert np.isfinite(heard.embedding).all()


def test_empty_sound_and_missing_files_are_refused_by_the_audio_room(recognizer, tmp_path):
    with pytest.raises(AudioError, match="empty"):
        recognizer.embed(Audio(np.zeros(0, np.float32), RATE_HZ))
    with pytest.raises(AudioError, match=r"none\.wav"):
        recognizer.embed(tmp_path / "none.wav")


@pytest.mark.parametrize(
    ("name", "narrow"),
    [("voice-en-wideband.flac", False), ("voice-fr-telephone.flac", True), ("voice-en-radio.flac", True)],
)
@pytest.mark.parametrize("as_file", [True, False])
def test_a_telephones_band_is_told_at_any_rate(recognizer, samples_dir, name, narrow, as_file):
    path = samples_dir / name
    heard = recognizer.listen(path if as_file else Audio.read(path, rate_hz=RATE_HZ))
    assert heard.narrow is narrow
    assert (heard.bandwidth_hz <= 4200) is narrow
    assert any(remark.startswith("Narrow band") for remark in heard.remarks) is narrow


def test_noise_outside_the_speech_does_not_widen_its_band(recognizer, samples_dir, rng):
    voice = Audio.read(samples_dir / "voice-fr-telephone.flac", rate_hz=RATE_HZ).samples
    hiss = 0.05 * rng.standard_normal(4 * RATE_HZ).astype(np.float32)
    heard = recognizer.listen(Audio(np.concatenate([hiss, voice, hiss]), RATE_HZ))
    assert heard.speech_s > 1.0
    assert heard.narrow


def test_a_file_and_its_samples_are_heard_alike(recognizer, voice, tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([voice.samples, voice.samples], axis=1), RATE_HZ, "FLOAT")
    of_file, of_samples = recognizer.listen(path), recognizer.listen(voice)
    assert of_file.embedding == pytest.approx(of_samples.embedding, abs=1e-4)
    assert of_file.speech_s == of_samples.speech_s


def test_clipping_and_low_level_are_named(recognizer, voice):
    loud = recognizer.listen(Audio(np.clip(voice.samples * 30, -1, 1), RATE_HZ))
    assert any(remark.startswith("Clipped") for remark in loud.remarks)
    quiet = recognizer.listen(Audio(voice.samples * 0.005, RATE_HZ))
    assert any(remark.startswith("Very quiet") for remark in quiet.remarks)
    assert recognizer.listen(voice).remarks == ()


def test_models_are_named_and_checked(recognizer, speaker_model, samples_dir):
    assert str(recognizer.print_model) == "tiny 1"
    assert recognizer.rate_hz == RATE_HZ
    assert recognizer.scorer is recognizer.scorer
    with pytest.raises(ModelError, match="no voice model named 'nonsense'"):
        SpeakerRecognizer(str(speaker_model), voice_model="nonsense")
    with pytest.raises(ModelError, match="no speaker model named 'nonsense'"):
        SpeakerRecognizer("nonsense")
