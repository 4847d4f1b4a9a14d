"""A model packed for a client in another language: the file, its card, all constants as JSON, test vectors.

docs/embedding.md says how to read them and what the client must compute.
"""

from voxlite.bundle.replaying import Difference, replay
from voxlite.bundle.writing import Bundle, write_bundle

__all__ = ["Bundle", "Difference", "replay", "write_bundle"]
