"""Who is speaking: from a recording to the embedding of its speech, and from a store of voices to a decision.

This room puts together what the rooms below know: `tasks` finds speech, `runtime` embeds it, `quality` says what is
wrong with the recording, `voiceprints` keeps and scores. Nothing below imports it.
"""

from voxlite.recognition.recognizer import SpeakerRecognizer, Speech

__all__ = ["SpeakerRecognizer", "Speech"]
