"""From trained weights to `.tflite` files: SavedModel, conversion, quantisation, metadata, card and parity report.

The front end always stays in float32; the net behind it comes in four storages: float32, float16, int8 weights with
dynamic ranges, and full int8 from the features on, calibrated on real clips. What follows a net, an embedding's
statistics and norm or the last layer of an image network, computes in float32 in all of them: a result in 256 steps
would turn a last bit, which processors may round differently, into a visible difference. A fifth storage, "mixed-int8",
is for nets that the int8 ones harm: int8 where it costs little, float16 elsewhere (`voxlite.training.tflite_weights`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from voxlite.errors import ModelError
from voxlite.runtime.metadata import ModelMetadata, read_metadata
from voxlite.training import tflite_file
from voxlite.training.graph import log_mel_graph
from voxlite.training.tflite_weights import quantise_kernels
from voxlite.training.voice.networks import Exportable
from voxlite.values import FloatArray

VARIANTS = ("float32", "float16", "dynamic-int8", "int8")
MIXED = "mixed-int8"
_HALVES = ("float16", MIXED)


@dataclass(frozen=True)
class Parity:
    """How far an exported file is from the Keras model on real clips.

    The largest and the mean difference of logits; of embeddings, 1 - cosine.
    """

    variant: str
    size_bytes: int
    largest: float
    mean: float


def save_model(net: Exportable, n_samples: int, folder: Path) -> None:
    """Write a SavedModel with its parts as signatures: the whole, the front end, the net, what follows it if anything.

    Parameters
    ----------
    net
        The net and the front end before it.
    n_samples
        Length of the waveform input [1, n_samples].
    folder
        Created.
    """
    wave = tf.TensorSpec([1, n_samples], tf.float32, name="waveform")
    shape = net.features(np.zeros(n_samples, np.float32)).shape
    entry = tf.TensorSpec(shape, tf.float32, name="features")
    model, back = net.model, net.back
    name = net.output

    module = tf.Module()
    module.model, module.back_model = model, back
    parts = {
        "serving_default": tf.function(
            lambda waveform: {name: _run(net, net.front(waveform))}, input_signature=[wave]
        ),
        "front_end": tf.function(lambda waveform: {"features": net.front(waveform)}, input_signature=[wave]),
        "net": tf.function(
            lambda features: {"scores": model(features, training=False)}, input_signature=[entry]
        ),
    }
    if back is not None:
        frames = tf.TensorSpec(model.output_shape, tf.float32, name="frames")
        parts["back"] = tf.function(
            lambda frames: {name: back(frames, training=False)}, input_signature=[frames]
        )
    for key, part in parts.items():
        setattr(module, key, part)
    tf.saved_model.save(module, str(folder), signatures=parts)


def _run(net: Exportable, features: Any) -> Any:
    result = net.model(features, training=False)
    return result if net.back is None else net.back(result, training=False)


def convert(
    net: Exportable, saved_model: Path, variant: str, representative: Callable[[], Iterator[list[FloatArray]]]
) -> Any:
    """Convert a SavedModel and return the joined graph of one variant, without metadata.

    Parameters
    ----------
    net
        What was saved. If a client may resize its input, shapes that the converter froze are freed; what follows it
        is stored like the net, but never calibrated.
    saved_model
        Written by `save_model`.
    variant
        One of `VARIANTS`, or `MIXED`.
    representative
        Yields features of real clips, to calibrate "int8".
    """
    joined = tflite_file.unpack(convert_signature(saved_model, "front_end").convert())
    for part in ("net",) if net.back is None else ("net", "back"):
        converter = convert_signature(saved_model, part)
        if variant != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant in _HALVES:
            converter.target_spec.supported_types = [tf.float16]
        if variant == "int8" and part == "net":
            converter.representative_dataset = representative
        graph = tflite_file.unpack(converter.convert())
        if variant == MIXED and part == "net":
            quantise_kernels(graph)
        joined = tflite_file.join(joined, graph)
    tflite_file.check_builtin(joined)
    if net.resizable:
        tflite_file.free_length(joined)
    tflite_file.name_ends(joined, "waveform", net.output)
    return joined


def renew_front_end(content: bytes, where: str) -> bytes:
    """Return a model file with this version's front end before the net that it holds; nothing else changes.

    Parameters
    ----------
    content
        A model whose net is fed log-mel frames.
    where
        Its name, for errors.

    Raises
    ------
    ModelError
        If the net is fed something else, or the file is not a model of voxlite.
    """
    metadata = read_metadata(content, where)
    if metadata.net_input != "logmel":
        raise ModelError(f"{where}: its net is not fed log-mel frames; export its training run again")
    old = tflite_file.unpack(content)
    n_samples = int(old.subgraphs[0].tensors[old.subgraphs[0].inputs[0]].shape[1])
    wave = tf.TensorSpec([1, n_samples], tf.float32, name="waveform")
    graph = tf.function(lambda waveform: log_mel_graph(waveform, metadata.frontend), input_signature=[wave])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph.get_concrete_function()])
    front = tflite_file.unpack(converter.convert())
    joined = tflite_file.join(front, tflite_file.behind(old, "LOG"))
    tflite_file.drop_unused(joined)
    tflite_file.check_builtin(joined)
    tflite_file.free_length(joined)
    tflite_file.name_ends(joined, "waveform", "scores")
    tflite_file.add_metadata(joined, metadata.to_json())
    return tflite_file.pack(joined)


def convert_signature(saved_model: Path, signature: str) -> Any:
    """Return a converter of one signature ("front_end", "net" or "serving_default") to built-in operators."""
    # from_saved_model would keep the variables, and calibration cannot read those: freeze the loaded signature
    loaded = tf.saved_model.load(str(saved_model))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([loaded.signatures[signature]], loaded)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return converter


def export(
    net: Exportable,
    metadata: ModelMetadata,
    out: Path,
    clips: Sequence[FloatArray],
    *,
    n_samples: int = 16_000,
    variants: Sequence[str] = VARIANTS,
) -> list[Parity]:
    """Write `out/TASK-NAME-VARIANT.tflite` for each variant and compare each with the Keras model.

    Parameters
    ----------
    net
        The trained net and the front end before it.
    metadata
        What the files will say; `weights` is set per variant.
    out
        Folder; the SavedModel goes to `out/saved_model`.
    clips
        Real sound, each float32[n_samples]: the first half calibrates int8, the second half measures parity.
    n_samples
        Length of the input that the files declare.
    variants
        Which to write.
    """
    out.mkdir(parents=True, exist_ok=True)
    saved_model = out / "saved_model"
    save_model(net, n_samples, saved_model)
    half = len(clips) // 2

    def representative() -> Iterator[list[FloatArray]]:
        for clip in clips[:half]:
            yield [net.features(clip)]

    expected = [np.asarray(_run(net, net.features(clip))) for clip in clips[half:]]
    results = []
    for variant in variants:
        graph = convert(net, saved_model, variant, representative)
        tflite_file.add_metadata(graph, replace(metadata, weights=variant).to_json())
        content = tflite_file.pack(graph)
        exported_path(out, metadata, variant).write_bytes(content)
        results.append(_parity(variant, content, clips[half:], expected, net.output == "embedding"))
    return results


def exported_path(out: Path, metadata: ModelMetadata, variant: str) -> Path:
    """Return the file of a variant of a model."""
    return out / f"{metadata.task}-{metadata.name}-{variant}.tflite"


def _parity(
    variant: str,
    content: bytes,
    clips: Sequence[FloatArray],
    expected: Sequence[FloatArray],
    of_unit_norm: bool,
) -> Parity:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    entry, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    differences = []
    for clip, logits in zip(clips, expected, strict=True):
        interpreter.set_tensor(entry, clip[None])
        interpreter.invoke()
        found = interpreter.get_tensor(out)
        differences.append(1 - (found * logits).sum(axis=-1) if of_unit_norm else np.abs(found - logits))
    stacked = np.concatenate(differences)
    return Parity(variant, len(content), float(stacked.max()), float(stacked.mean()))
