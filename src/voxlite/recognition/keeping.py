"""The file behind a `VoiceprintStore`: opened when it is needed, listed, emptied of a person, moved.

A file that exists is opened at once, so that a wrong passphrase is told before any sound is analysed; one that is
missing is made by the first enrollment or import, never by a question.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from voxlite.runtime.catalog import user_folder
from voxlite.voiceprints import Erasure, Imported, ScryptCost, Vault, Voiceprint, export_prints, import_prints

_Self = TypeVar("_Self", bound="VoiceKeeper")


def default_store() -> Path:
    """Return where the commands keep voiceprints unless told otherwise; it need not exist."""
    return user_folder().parent / "voices.vault"


@dataclass(frozen=True)
class EnrolledVoice:
    """What is known of one enrolled person.

    Parameters
    ----------
    person
        Name.
    n_references
        Enrolled recordings.
    speech_s
        Net speech of all of them, seconds.
    models
        Names and versions of the models that made them.
    sources
        What they were recorded with, where known.
    genders
        What they sound like, where that was noted.
    purposes
        What the person agreed to.
    consent_at
        When the person agreed, the latest time.
    enrolled_at
        When the latest reference was made.
    """

    person: str
    n_references: int
    speech_s: float
    models: tuple[str, ...]
    sources: tuple[str, ...]
    genders: tuple[str, ...]
    purposes: tuple[str, ...]
    consent_at: datetime
    enrolled_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a report."""
        return {
            **vars(self),
            "speech_s": round(self.speech_s, 3),
            "consent_at": self.consent_at.isoformat(),
            "enrolled_at": self.enrolled_at.isoformat(),
        }


class VoiceKeeper:
    """An encrypted file of voiceprints, whatever model they are for.

    Parameters
    ----------
    path
        The file.
    passphrase
        Opens it.
    cost
        What guessing the passphrase of a new file costs.

    Raises
    ------
    PassphraseError, StoreError
        If the file exists and cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], passphrase: str, cost: ScryptCost | None = None) -> None:
        self.path = Path(path)
        self._passphrase, self._cost = passphrase, cost
        self._lock = threading.Lock()
        self._opened: Vault | None = None
        if self.exists:
            self._vault()

    @property
    def exists(self) -> bool:
        """Whether there is a file that is not empty."""
        return self.path.exists() and (self.path.is_dir() or self.path.stat().st_size > 0)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def voices(self) -> tuple[EnrolledVoice, ...]:
        """Return everybody enrolled, in alphabetical order.

        Raises
        ------
        StoreError
            If there is no file yet, or a print was changed.
        """
        vault = self._vault()
        own: dict[str, list[Voiceprint]] = {name: [] for name in vault.persons()}
        for one in vault.prints():
            own.setdefault(one.person, []).append(one)
        return tuple(_summary(name, prints) for name, prints in own.items() if prints)

    def forget(self, name: str) -> Erasure:
        """Erase everything about a person, and search the store's files for what is left of it.

        Returns
        -------
        Erasure
            A receipt that can be handed to the person.

        Raises
        ------
        EnrollmentError
            If nobody has this name.
        StoreError
            If the file is missing, damaged or cannot be written.
        """
        return self._vault().forget(name)

    def export_voices(
        self, file: str | os.PathLike[str], passphrase: str | None = None, *, force: bool = False
    ) -> int:
        """Write all voiceprints into one encrypted file that can be moved; return how many there are.

        Parameters
        ----------
        file
            To write.
        passphrase
            Of that file, 8 characters or more; the store's, if left out.
        force
            Replace a file that exists.

        Raises
        ------
        PassphraseError
            If the passphrase is too short.
        StoreError
            If the store is missing or damaged, or the file exists or cannot be written.
        """
        return export_prints(self._vault(), Path(file), self._other(passphrase), force=force)

    def import_voices(self, file: str | os.PathLike[str], passphrase: str | None = None) -> Imported:
        """Add the voiceprints of an exported file that are new: all of them or, if something fails, none.

        Parameters
        ----------
        file
            Made by `export_voices`.
        passphrase
            Of that file; the store's, if left out.

        Raises
        ------
        PassphraseError
            If the passphrase is wrong.
        StoreError
            If the file cannot be read or was changed, or the store cannot be written.
        """
        return import_prints(self._vault(create=True), Path(file), self._other(passphrase))

    def _other(self, passphrase: str | None) -> str:
        return self._passphrase if passphrase is None else passphrase

    def _vault(self, *, create: bool = False) -> Vault:
        with self._lock:
            if self._opened is None:
                self._opened = Vault(self.path, self._passphrase, create=create, cost=self._cost)
            return self._opened


def _summary(name: str, prints: list[Voiceprint]) -> EnrolledVoice:
    return EnrolledVoice(
        person=name,
        n_references=len(prints),
        speech_s=sum(one.speech_s for one in prints),
        models=tuple(sorted({str(one.model) for one in prints})),
        sources=tuple(sorted({one.source for one in prints if one.source})),
        genders=tuple(sorted({one.gender for one in prints if one.gender})),
        purposes=tuple(sorted({one.purpose for one in prints})),
        consent_at=max(one.consent_at for one in prints),
        enrolled_at=max(one.enrolled_at for one in prints),
    )
