"""Voiceprints at rest: an encrypted, erasable vault, an export that a browser can open, fast scoring of many prints.

Embeddings come in as plain vectors of unit norm; nothing here knows a model or sound. docs/voiceprints.md describes the
files.
"""

from voxlite.voiceprints.container import Imported, export_prints, import_prints
from voxlite.voiceprints.crypto import ScryptCost
from voxlite.voiceprints.erasure import Erasure
from voxlite.voiceprints.index import Match, VoiceprintIndex
from voxlite.voiceprints.os_keyring import passphrase_from_keyring
from voxlite.voiceprints.prints import PrintModel, Voiceprint
from voxlite.voiceprints.vault import Vault

__all__ = [
    "Erasure",
    "Imported",
    "Match",
    "PrintModel",
    "ScryptCost",
    "Vault",
    "Voiceprint",
    "VoiceprintIndex",
    "export_prints",
    "import_prints",
    "passphrase_from_keyring",
]
