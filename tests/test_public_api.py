"""The public names: complete, documented, typed, and cheap to import."""

import inspect
import subprocess
import sys

import pytest

import voxlite
from voxlite.errors import VoxliteError

PUBLIC = {
    "Audio", "AudioError", "Decision", "EnrollmentError", "Explanation", "FeatureError", "FrontEndConfig",
    "GenderClassifier", "MissingExtraError", "ModelError", "MoodClassifier", "PassphraseError", "QualityReport",
    "Report", "Scores", "Segment", "SoundDetector", "SpeakerRecognizer", "StoreError", "VoiceDetector",
    "VoiceStream", "VoiceprintStore", "VoxliteError", "__version__", "analyze", "explain", "mfcc", "mfcc_image",
}  # fmt: skip


def test_the_export_list_is_what_is_promised() -> None:
    assert set(voxlite.__all__) == PUBLIC
    assert set(dir(voxlite)) == PUBLIC
    for name in PUBLIC:
        assert getattr(voxlite, name) is not None


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        voxlite.nonsense  # noqa: B018


def test_everything_public_is_documented_and_typed() -> None:
    for name in PUBLIC - {"__version__"}:
        value = getattr(voxlite, name)
        assert inspect.getdoc(value), name
        members = [value] if inspect.isfunction(value) else [
            member for key, member in vars(value).items() if inspect.isfunction(member) and not key.startswith("_")
        ]  # fmt: skip
        for member in members:
            assert inspect.getdoc(member), f"{name}.{member.__name__}"
            assert "return" in member.__annotations__, f"{name}.{member.__name__}"


def test_every_error_is_a_voxlite_error() -> None:
    for name in PUBLIC:
        if name.endswith("Error"):
            assert issubclass(getattr(voxlite, name), VoxliteError)


def test_import_brings_nothing_heavy() -> None:
    heavy = {"tensorflow", "keras", "scipy", "matplotlib", "rich", "torch", "ai_edge_litert", "soundfile"}
    code = f"import sys, voxlite; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_analysis_brings_no_training_library(samples_dir) -> None:
    path = str(sorted(samples_dir.glob("voice-*.flac"))[0])
    code = (
        f"import sys, voxlite; voxlite.analyze({path!r}); "
        "print(sorted({'tensorflow', 'keras', 'scipy', 'matplotlib', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_knows_the_tasks_of_the_library() -> None:
    from voxlite import analysis
    from voxlite.cli import inputs

    assert inputs.TASKS == analysis.TASKS
    assert set(analysis.DEFAULT_MODELS) == set(analysis.TASKS) - {"quality"}
