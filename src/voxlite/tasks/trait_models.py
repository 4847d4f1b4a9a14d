"""Which models of traits there are, by task."""

from __future__ import annotations

from collections.abc import Callable

from voxlite.tasks.gender import GenderModel
from voxlite.tasks.mood import MoodModel
from voxlite.tasks.traits import TraitModel

TRAIT_MODELS: dict[str, Callable[[str, int], TraitModel]] = {"gender": GenderModel, "mood": MoodModel}
"""Maker by task, from a model's name or path and a number of threads."""
DEFAULT_TRAITS = {"gender": "compact", "mood": "mood"}
"""Shipped model by task."""
