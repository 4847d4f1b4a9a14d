"""`People`: the enrolled people whose names speakers of an archive get, and what opens their store in every worker.

Passphrase and voiceprints stay on this machine: they go to worker processes through memory, never to another host.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from voxlite.recognition import VoiceprintStore


@dataclass(frozen=True)
class People:
    """A store of voiceprints and its passphrase.

    Parameters
    ----------
    store
        The file.
    passphrase
        Opens it.
    """

    store: str | os.PathLike[str]
    passphrase: str = field(repr=False)

    def opened(self, model: str) -> VoiceprintStore:
        """Open the store for a speaker model; close it after use.

        Raises
        ------
        PassphraseError, StoreError
            If the store cannot be opened.
        """
        return VoiceprintStore(self.store, self.passphrase, model=model, threads=1)

    def mark(self, model: str) -> str:
        """Return a word that changes with whatever names depend on.

        Raises
        ------
        EnrollmentError, ModelError, PassphraseError, StoreError
            As `VoiceprintStore.fingerprint`.
        """
        with self.opened(model) as store:
            return store.fingerprint()[:12]
