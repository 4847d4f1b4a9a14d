"""The model outside the package: Inception-v3 says what it is, fits its card, and tells a voice from a printer."""

from pathlib import Path

import pytest

from voxlite import Audio, VoiceDetector
from voxlite.runtime import load_model

MODEL = Path(__file__).parent.parent / "models" / "voice-inception_v3-int8.tflite"


@pytest.fixture(scope="module")
def detector() -> VoiceDetector:
    return VoiceDetector(model=str(MODEL), threads=2)


def test_it_says_what_it_is() -> None:
    info = load_model(MODEL)
    metadata = info.metadata
    assert (metadata.net_input, metadata.resizable, metadata.weights) == ("image", False, "int8")
    assert (metadata.frontend.image_height, metadata.frontend.image_width) == (299, 299)
    assert info.size_bytes < 23e6
    assert metadata.training["free_only"]
    clips = metadata.training["clips"]
    assert clips["speech"] >= 5_000
    assert sum(n for kind, n in clips.items() if kind != "speech") >= 5_000
    assert "test" not in metadata.thresholds["clip"]["data"]


def test_its_card_and_history_lie_beside_it() -> None:
    card = MODEL.with_name("voice-inception_v3.md").read_text(encoding="utf-8")
    assert f"{load_model(MODEL).metadata.training['parameters']:,} parameters" in card
    assert MODEL.with_name("voice-inception_v3.history.json").is_file()


@pytest.mark.parametrize(
    ("name", "label"), [("voice-en-wideband", "voice"), ("noise-printer", "no voice"), ("music", "no voice")]
)
def test_it_tells_voices_from_sounds(
    detector: VoiceDetector, samples_dir: Path, name: str, label: str
) -> None:
    audio = Audio.read(samples_dir / f"{name}.flac", 16_000)
    clip = Audio(audio.samples[16_000:32_000], 16_000)
    assert detector.decide(clip).label == label
