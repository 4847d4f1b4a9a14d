"""Model files and the engine that runs them: LiteRT, one interpreter per thread, no TensorFlow."""

from voxlite.runtime.catalog import ModelInfo, find_model, imported_models, load_model, shipped_models
from voxlite.runtime.embedding import SpeakerEmbedder
from voxlite.runtime.engine import Engine
from voxlite.runtime.metadata import ModelMetadata, StepGeometry
from voxlite.runtime.scoring import TraitScorer

__all__ = [
    "Engine",
    "ModelInfo",
    "ModelMetadata",
    "SpeakerEmbedder",
    "StepGeometry",
    "TraitScorer",
    "find_model",
    "imported_models",
    "load_model",
    "shipped_models",
]
