"""Every error voxlite raises on purpose: each says what was wrong, where, and the cure."""

from __future__ import annotations


class VoxliteError(Exception):
    """Base of every deliberate error; its text is one line that a person can act on."""


class AudioError(VoxliteError):
    """The sound could not be read, or its samples cannot be analysed."""


class FeatureError(VoxliteError):
    """A front-end configuration or its input is not usable."""


class ModelError(VoxliteError):
    """A model file is missing, damaged or does not fit this version."""


class EnrollmentError(VoxliteError):
    """A voiceprint, a person's name or its consent is not usable, or fits no model at hand."""


class StoreError(VoxliteError):
    """A store of voiceprints, or an export of one, cannot be opened, read or written."""


class PassphraseError(StoreError):
    """A passphrase is wrong or too short: asking again may help."""


class MissingExtraError(VoxliteError):
    """A feature needs an optional dependency that is not installed.

    Parameters
    ----------
    feature
        What was asked for, as a person would say it ("reading .m4a files").
    extra
        Name of the extra that brings it ("media").
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the '{extra}' extra: pip install 'voxlite[{extra}]'")
        self.extra = extra
