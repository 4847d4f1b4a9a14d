"""On-device voice analysis: voice, silence, noise and call quality, from a sound file to a verdict.

Names are loaded when they are first used, so that `import voxlite` stays light.

Examples
--------
>>> import voxlite
>>> report = voxlite.analyze("samples/call.flac")  # doctest: +SKIP
>>> report.voice.label  # doctest: +SKIP
'voice'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from voxlite._version import __version__

if TYPE_CHECKING:
    from voxlite.analysis import analyze
    from voxlite.audio import Audio
    from voxlite.errors import (
        AudioError,
        EnrollmentError,
        FeatureError,
        MissingExtraError,
        ModelError,
        PassphraseError,
        StoreError,
        VoxliteError,
    )
    from voxlite.explanation import explain
    from voxlite.frontend.config import FrontEndConfig
    from voxlite.frontend.features import mfcc
    from voxlite.frontend.image import mfcc_image
    from voxlite.recognition import SpeakerRecognizer, VoiceprintStore
    from voxlite.report.explanation import Explanation
    from voxlite.report.report import Report
    from voxlite.tasks.detector import SoundDetector
    from voxlite.tasks.gender import GenderClassifier
    from voxlite.tasks.mood import MoodClassifier
    from voxlite.tasks.quality import QualityReport
    from voxlite.tasks.voice import VoiceDetector, VoiceStream
    from voxlite.values import Decision, Scores, Segment

_HOMES = {
    "analyze": "voxlite.analysis",
    "Audio": "voxlite.audio",
    "AudioError": "voxlite.errors",
    "EnrollmentError": "voxlite.errors",
    "FeatureError": "voxlite.errors",
    "MissingExtraError": "voxlite.errors",
    "ModelError": "voxlite.errors",
    "PassphraseError": "voxlite.errors",
    "StoreError": "voxlite.errors",
    "VoxliteError": "voxlite.errors",
    "explain": "voxlite.explanation",
    "FrontEndConfig": "voxlite.frontend.config",
    "mfcc": "voxlite.frontend.features",
    "mfcc_image": "voxlite.frontend.image",
    "SpeakerRecognizer": "voxlite.recognition",
    "VoiceprintStore": "voxlite.recognition",
    "Explanation": "voxlite.report.explanation",
    "Report": "voxlite.report.report",
    "SoundDetector": "voxlite.tasks.detector",
    "GenderClassifier": "voxlite.tasks.gender",
    "MoodClassifier": "voxlite.tasks.mood",
    "QualityReport": "voxlite.tasks.quality",
    "VoiceDetector": "voxlite.tasks.voice",
    "VoiceStream": "voxlite.tasks.voice",
    "Decision": "voxlite.values",
    "Scores": "voxlite.values",
    "Segment": "voxlite.values",
}

__all__ = [
    "Audio",
    "AudioError",
    "Decision",
    "EnrollmentError",
    "Explanation",
    "FeatureError",
    "FrontEndConfig",
    "GenderClassifier",
    "MissingExtraError",
    "ModelError",
    "MoodClassifier",
    "PassphraseError",
    "QualityReport",
    "Report",
    "Scores",
    "Segment",
    "SoundDetector",
    "SpeakerRecognizer",
    "StoreError",
    "VoiceDetector",
    "VoiceStream",
    "VoiceprintStore",
    "VoxliteError",
    "__version__",
    "analyze",
    "explain",
    "mfcc",
    "mfcc_image",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'voxlite' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
