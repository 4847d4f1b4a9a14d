"""Which models of traits there are, by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voxlite.errors import VoxliteError
from voxlite.tasks.gender import GenderModel
from voxlite.tasks.mood import MoodModel
from voxlite.tasks.traits import TraitModel

TRAIT_MODELS: dict[str, Callable[[str, int], TraitModel]] = {"gender": GenderModel, "mood": MoodModel}
"""Maker by task, from a model's name or path and a number of threads."""
DEFAULT_TRAITS = {"gender": "compact", "mood": "mood"}
"""Shipped model by task."""


def trait_models(tasks: Sequence[str], threads: int) -> list[TraitModel]:
    """Return the shipped models of some tasks.

    Raises
    ------
    VoxliteError
        If there is no such task.
    """
    unknown = [task for task in tasks if task not in TRAIT_MODELS]
    if unknown:
        raise VoxliteError(f"no trait named {unknown[0]!r}: choose from {', '.join(TRAIT_MODELS)}")
    return [TRAIT_MODELS[task](DEFAULT_TRAITS[task], threads) for task in tasks]
