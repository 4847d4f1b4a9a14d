"""What an export made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from voxlite.runtime.metadata import ModelMetadata
from voxlite.training.export import Parity


@dataclass(frozen=True)
class Published:
    """What an export made: what each file says of itself, how far it is from the trained net, and the card."""

    models: list[ModelMetadata]
    parity: list[Parity]
    card: Path
