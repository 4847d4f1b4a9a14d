"""What a model file says of itself: a JSON text in the `.tflite` file's own metadata, under the name "voxlite".

The front end's configuration, the time geometry, labels, calibration, thresholds with the data they come from,
licence, training data and versions travel with the weights, so a client can refuse a file that does not fit.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from voxlite.errors import FeatureError, ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.runtime.metadata_checks import check_metadata
from voxlite.values import FloatArray

METADATA_NAME = "voxlite"
COHORT_NAME = "voxlite cohort"
"""A speaker model's second piece of metadata: int8[n, embedding_size]."""
SCHEMA = "voxlite.model/1"
_MAX_ENTRIES = 1_000


@dataclass(frozen=True)
class StepGeometry:
    """Which samples an output step covers and needs; all in samples at the front end's rate.

    Parameters
    ----------
    step
        Samples that one output covers; step k covers k*step .. (k+1)*step of the sound.
    before, after
        Further samples that an output depends on, before and after those it covers.
    """

    step: int
    before: int
    after: int

    @property
    def window(self) -> int:
        """Samples that a single step needs."""
        return self.before + self.step + self.after

    def input_length(self, n_steps: int) -> int:
        """Return the samples that `n_steps` steps need."""
        return self.window + (n_steps - 1) * self.step

    def steps_in(self, n_samples: int) -> int:
        """Return how many steps an input of `n_samples` gives."""
        return 0 if n_samples < self.window else (n_samples - self.window) // self.step + 1


@dataclass(frozen=True)
class ModelMetadata:
    """Everything a client needs to know besides the weights.

    Parameters
    ----------
    name, version, task
        "compact", "1", "voice".
    labels
        What a score near one means first, near zero second.
    frontend
        The features inside the graph.
    geometry
        Of the output steps; for a model that gives embeddings the windows that are averaged: `step` apart,
        `window` long.
    calibration
        Slope and offset that turn a logit into log-odds: "step_slope", "step_offset" for one step, "clip_slope",
        "clip_offset" for the pooled logit of a clip; "pool_steps" and "pool_span_steps" say how a clip is pooled.
        Of a speaker model: see `voxlite.voiceprints.scoring`.
    thresholds
        Operating points, each {"value", "far", "frr", "data"}.
    licence, description, weights
        SPDX expression, one line for people, storage of the weights ("float16").
    training
        Data, sources, settings and versions that the weights come from.
    figures
        Measured quality, plain numbers.
    net_input
        What the front end inside the graph gives to the net: "logmel" frames, "centred" ones (each band without its
        mean over the window), or the "image" of `mfcc_image`.
    resizable
        Whether the input may be resized to any number of steps; otherwise a call takes one window.
    embedding_size
        Numbers in the vector of unit norm that a call gives for one window; 0 for a model that gives scores.
    outputs
        Names of the numbers that a call gives for one window: a logit for each label, then whatever else is told of a
        voice; empty for a model that scores steps or gives embeddings.
    """

    name: str
    version: str
    task: str
    labels: tuple[str, ...]
    frontend: FrontEndConfig
    geometry: StepGeometry
    calibration: dict[str, float]
    thresholds: dict[str, dict[str, Any]]
    licence: str
    description: str
    weights: str
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    net_input: str = "logmel"
    resizable: bool = True
    embedding_size: int = 0
    outputs: tuple[str, ...] = ()

    @property
    def vector_size(self) -> int:
        """Numbers that a call gives for one window; 0 for a model that scores steps."""
        return self.embedding_size or len(self.outputs)

    def to_json(self) -> str:
        """Return the text that goes into the model file; what does not concern a model is left out."""
        data = {"schema": SCHEMA, **asdict(self), "frontend": self.frontend.to_dict()}
        for name in ("embedding_size", "outputs"):
            if not data[name]:
                del data[name]
        return json.dumps(data, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, where: str) -> ModelMetadata:
        """Rebuild from a model file's text.

        Raises
        ------
        ModelError
            If the text does not fit this version of voxlite.
        """
        try:
            data = json.loads(text)
            if data.pop("schema") != SCHEMA:
                raise ModelError(f"{where}: made for another version of voxlite; export the model again")
            data["frontend"] = FrontEndConfig.from_dict(data["frontend"])
            data["geometry"] = StepGeometry(**data["geometry"])
            data["labels"] = tuple(data["labels"])
            data["outputs"] = tuple(data.get("outputs", ()))
            metadata = cls(**data)
            check_metadata(metadata)
            return metadata
        except (
            ArithmeticError,
            AttributeError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
            FeatureError,
        ) as error:
            said = "".join(sign if sign.isprintable() else "?" for sign in str(error))[:200]
            raise ModelError(
                f"{where}: its voxlite metadata is not usable ({said}); export the model again"
            ) from None


def read_metadata(content: bytes, where: str) -> ModelMetadata:
    """Read the metadata of a `.tflite` file's content.

    Raises
    ------
    ModelError
        If the content is no `.tflite` model or was not exported by voxlite.
    """
    text = read_part(content, METADATA_NAME, where)
    if text is None:
        raise ModelError(f"{where}: no voxlite metadata in it; export it with `voxlite export`")
    try:
        return ModelMetadata.from_json(text.decode("utf-8"), where)
    except UnicodeDecodeError as error:
        raise _damaged(where, error) from None


def read_cohort(content: bytes, where: str) -> FloatArray:
    """Return the embeddings of strangers that a speaker model's scores are normalised against.

    Returns
    -------
    FloatArray
        float32[n, embedding_size], unit norm; n is 0 where the file carries none. The file holds them in int8: their
        direction is all that counts.

    Raises
    ------
    ModelError
        If the content is no usable model, or its cohort does not fit its embeddings.
    """
    size = read_metadata(content, where).embedding_size
    data = read_part(content, COHORT_NAME, where) or b""
    if not size or len(data) % size:
        raise ModelError(f"{where}: its cohort does not fit its embeddings; export the model again")
    rows = np.frombuffer(data, np.int8).reshape(-1, size).astype(np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (norms > 0).all():
        raise ModelError(f"{where}: its cohort holds an empty embedding; export the model again")
    return np.asarray(rows / norms, np.float32)


def read_part(content: bytes, name: str, where: str) -> bytes | None:
    """Return the bytes that a `.tflite` file's metadata holds under a name, None where there is no such name.

    Raises
    ------
    ModelError
        If the content is no `.tflite` model, or damaged.
    """
    from ai_edge_litert import schema_py_generated as schema

    if content[4:8] != b"TFL3":
        raise ModelError(f"{where}: not a .tflite model")
    found = None
    try:
        model = schema.Model.GetRootAs(content, 0)
        n_entries = model.MetadataLength()
        if not 0 <= n_entries <= _MAX_ENTRIES:
            raise ValueError
        for index in range(n_entries):
            entry = model.Metadata(index)
            if entry.Name() == name.encode():
                found = model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
    except Exception as error:  # the generated reader raises whatever a wrong offset leads to
        raise _damaged(where, error) from None
    return found


def _damaged(where: str, error: Exception) -> ModelError:
    return ModelError(f"{where}: the model file is damaged ({type(error).__name__}); fetch it again")
