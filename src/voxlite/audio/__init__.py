"""Sound in: decode in blocks, mix down, resample, band-limit; files, pipes, folders and the microphone."""

from voxlite.audio.audio import MAX_RATE_HZ, MIN_RATE_HZ, Audio
from voxlite.audio.banding import BandLimiter
from voxlite.audio.decoding import open_recording
from voxlite.audio.listing import find_recordings
from voxlite.audio.microphone import microphone
from voxlite.audio.reading import Conformer, conform, mix_down, read_audio, stream_audio, working_rate
from voxlite.audio.recording import MAX_CHANNELS, Recording
from voxlite.audio.resampling import Resampler, resampled_length

__all__ = [
    "MAX_CHANNELS",
    "MAX_RATE_HZ",
    "MIN_RATE_HZ",
    "Audio",
    "BandLimiter",
    "Conformer",
    "Recording",
    "Resampler",
    "conform",
    "find_recordings",
    "microphone",
    "mix_down",
    "open_recording",
    "read_audio",
    "resampled_length",
    "stream_audio",
    "working_rate",
]
