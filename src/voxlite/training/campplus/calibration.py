"""What an import of CAM++ writes into its file besides the weights: strangers, calibration, operating point.

Who imports the model has no corpus to calibrate it on, so that was done once, on the files that an import makes:

    voxlite models import campplus; voxlite models import campplus --weights int8
    python -m voxlite.training.campplus.calibration float16=speaker-campplus.tflite int8=speaker-campplus-int8.tflite

The result lies beside this file: embeddings of training voices in int8, which hold no sound and no name, and numbers.
Both storages share the strangers of the first file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.runtime import SpeakerEmbedder, load_model
from voxlite.training.corpus import read_manifest
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.speaker.calibration import calibrate_speaker
from voxlite.training.speaker.trials import cohort_utterances, validation_pairs
from voxlite.training.store import build_store
from voxlite.training.tflite_file import cohort_bytes
from voxlite.training.utterances import sound_of
from voxlite.values import FloatArray

RESOURCE = Path(__file__).with_name("calibration.npz")
_PER_VOICE = 4
"""Utterances of a validation voice: CAM++ takes its time."""


@dataclass(frozen=True)
class Measured:
    """What was found about one storage of CAM++.

    Parameters
    ----------
    constants, threshold
        Of `ModelMetadata.calibration`, and its operating point "verify".
    strangers
        float32[n, dim], the cohort.
    """

    constants: dict[str, float]
    threshold: dict[str, Any]
    strangers: FloatArray


def measured(storage: str, path: Path = RESOURCE) -> Measured:
    """Return what was found about a storage of `campplus_import.STORAGES`.

    For one that was not measured, what was found about the first one that was; its operating point says so.
    """
    with np.load(path, allow_pickle=False) as saved:
        rows = saved["strangers"].astype(np.float32)
        said = json.loads(saved["json"].tobytes().decode("utf-8"))
    source = storage if storage in said else next(iter(said))
    constants, threshold = said[source]["constants"], said[source]["threshold"]
    if source != storage:
        threshold = {**threshold, "data": f"{threshold['data']}; measured on the {source} file"}
    return Measured(constants, threshold, rows)


def measure(
    files: Mapping[str, Path],
    manifest: Path,
    cache: Path,
    out: Path = RESOURCE,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Calibrate imported files on free voices of a corpus and write what was found.

    Parameters
    ----------
    files
        By storage.
    manifest, cache
        The corpus; its decoded clips, reused. No test clip is read.
    out
        Written.
    tick
        Called after each decoded clip and each condition.
    """
    from voxlite.training.speaker.training import training_utterances, validation_utterances

    clips = [clip for clip in read_manifest(manifest) if clip.use == "free"]
    chosen = cohort_utterances(training_utterances(clips, free_only=True))
    sets = validation_utterances(clips)
    items = [*chosen, *(item for own in sets.values() for item in own)]
    wanted = {clip.name: clip for item in items for clip in item.clips}
    store = build_store(list(wanted.values()), cache, tick=tick)
    strangers, said = None, {}
    for storage, path in files.items():
        embedder = SpeakerEmbedder(load_model(path))
        if strangers is None:
            strangers = cohort_bytes(embedder.vectors([sound_of(item, store) for item in chosen]))
        rows = strangers.astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        found = calibrate_speaker(validation_pairs(embedder, sets, store, tick, most=_PER_VOICE), rows)
        said[storage] = asdict(found)
    content = BytesIO()
    np.savez_compressed(content, strangers=strangers, json=np.frombuffer(json.dumps(said).encode(), np.uint8))  # type: ignore[arg-type]
    out.write_bytes(content.getvalue())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="STORAGE=FILE")
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--out", type=Path, default=RESOURCE)
    options = parser.parse_args(arguments)
    manifest = find_manifest(options.manifest)
    pairs = (item.partition("=") for item in options.files)
    files = {storage: Path(path) for storage, _, path in pairs}
    measure(files, manifest, find_cache(options.cache, manifest, "speaker-train-free"), options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
