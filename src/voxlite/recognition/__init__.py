"""Who is speaking: from a recording to the embedding of its speech, and from a store of voices to a decision.

This room puts together what the rooms below know: `tasks` finds speech, `runtime` embeds it, `quality` says what is
wrong with the recording, `voiceprints` keeps and scores. Nothing below imports it.
"""

from voxlite.recognition.enrolling import Enrollment
from voxlite.recognition.keeping import EnrolledVoice, default_store
from voxlite.recognition.matching import Calibration
from voxlite.recognition.own_calibration import CalibrationResult, Rates
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.recognition.store import VoiceprintStore

__all__ = [
    "Calibration",
    "CalibrationResult",
    "EnrolledVoice",
    "Enrollment",
    "Rates",
    "SpeakerRecognizer",
    "Speech",
    "VoiceprintStore",
    "default_store",
]
