"""`voxlite train detector`: from two folders of recordings to a model file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voxlite._version import __version__
from voxlite.audio.quiet import quiet_stderr
from voxlite.errors import VoxliteError
from voxlite.runtime import ModelInfo, find_model, load_model
from voxlite.runtime.metadata import ModelMetadata
from voxlite.training import tflite_file
from voxlite.training.detector.fit import FOLDS, Example, Fitted, fit_detector
from voxlite.training.detector.graph import (
    POOLED_STEPS,
    pooled_statistics,
    step_geometry,
    trunk,
    with_layer,
)
from voxlite.training.detector.sounds import Recording, heard, read_folders
from voxlite.values import FloatArray

_COPIES = {True: 6, False: 1}
"""Of each window: of the sound that is to be found, of another."""


@dataclass(frozen=True)
class TrainedDetector:
    """A finished detector: its file, and what it was learned from.

    Parameters
    ----------
    model
        The file and what it says of itself.
    recordings
        How many held the sound, how many did not.
    roc_auc
        Area under the ROC curve over recordings, each judged by layers that did not hear it.
    """

    model: ModelInfo
    recordings: tuple[int, int]
    roc_auc: float

    @property
    def threshold(self) -> dict[str, Any]:
        """The probability from which a moment counts, with its false alarm and false reject rate and their data."""
        return self.model.metadata.thresholds["step"]


def train_detector(
    name: str,
    positive: Sequence[Path],
    negative: Sequence[Path],
    out: Path,
    *,
    base: str = "compact",
    seed: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> TrainedDetector:
    """Learn to find a sound from recordings with and without it.

    Parameters
    ----------
    name
        What to call the sound: the label of its events.
    positive, negative
        Folders or files; the former hold the sound all the way, but for pauses 20 dB below its loudest second.
    out
        The model file to write, `.tflite`.
    base
        Voice model whose lower half is used.
    seed
        Of everything random.
    tick
        Called after each recording, twice: read, and described.

    Raises
    ------
    VoxliteError
        If either side has fewer than five recordings that are not silent, or names and paths do not serve.
    AudioError
        If a recording cannot be read.
    """
    if out.suffix != ".tflite":
        raise VoxliteError(f"{out}: a model's file name ends in .tflite")
    if not name.strip() or name == "other":
        raise VoxliteError(f"a sound cannot be called {name!r}: give it a name of its own")
    info = find_model("voice", base)
    lower = trunk(info.path.read_bytes(), str(info.path))
    config = info.metadata.frontend
    n_samples = step_geometry(config, POOLED_STEPS).window
    recordings = read_folders(positive, negative, config.rate_hz, n_samples, tick)
    counts = Counter(recording.wanted for recording in recordings)
    for side, what, places in ((True, "with the sound", positive), (False, "without it", negative)):
        if counts[side] < FOLDS:
            folders = ", ".join(map(str, places))
            raise VoxliteError(
                f"{folders}: {counts[side]} recordings {what} that are not silent: a detector needs "
                f"{FOLDS} or more to be judged on some that it has not heard, and some dozens to be good"
            )
    fitted = fit_detector(examples_of(recordings, Describer(lower, n_samples), seed, tick), seed)
    model = with_layer(lower, fitted.head.kernel[:, 0], float(fitted.head.bias[0]))
    tflite_file.add_metadata(model, _metadata(name, info, fitted, recordings, seed).to_json())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(tflite_file.pack(model))
    return TrainedDetector(load_model(out), (counts[True], counts[False]), fitted.figures["roc_auc"])


class Describer:
    """A trunk ready to run on windows of one length.

    Parameters
    ----------
    lower
        From `voxlite.training.detector.graph.trunk`.
    n_samples
        Of a window.
    """

    def __init__(self, lower: Any, n_samples: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with quiet_stderr():  # LiteRT announces its delegate by itself
            self._interpreter: Any = Interpreter(model_content=tflite_file.pack(lower), num_threads=1)
            self._entry = self._interpreter.get_input_details()[0]["index"]
            self._interpreter.resize_tensor_input(self._entry, [1, n_samples])
            self._interpreter.allocate_tensors()
        self._exit = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, window: FloatArray) -> FloatArray:
        """Return a window's statistics, float32[statistics]."""
        self._interpreter.set_tensor(self._entry, window[None])
        self._interpreter.invoke()
        steps: FloatArray = self._interpreter.get_tensor(self._exit)[0, :, 0]
        return np.asarray(pooled_statistics(steps)[0], np.float32)


def examples_of(
    recordings: Sequence[Recording], describe: Describer, seed: int, tick: Callable[[], None] = lambda: None
) -> Example:
    """Return recordings' windows, as they are and in copies, by their statistics; `tick` after each recording."""
    rng = np.random.default_rng(seed)
    around = [recording for recording in recordings if not recording.wanted]
    rows, numbers, wanted, plain = [], [], [], []
    for number, recording in enumerate(recordings):
        copies = _COPIES[recording.wanted]
        for at, window in enumerate(heard(recording, around, copies, rng)):
            rows.append(describe(window))
            numbers.append(number)
            wanted.append(recording.wanted)
            plain.append(at % (copies + 1) == 0)
        tick()
    return Example(np.stack(rows), np.array(numbers), np.array(wanted), np.array(plain))


def _metadata(
    name: str, info: ModelInfo, fitted: Fitted, recordings: Sequence[Recording], seed: int
) -> ModelMetadata:
    base = info.metadata
    n = sum(recording.wanted for recording in recordings)
    training = {
        "base": f"{base.task} {base.name} {base.version}",
        "recordings": n,
        "other_recordings": len(recordings) - n,
        "seed": seed,
        "voxlite": __version__,
    }
    return ModelMetadata(
        name=name,
        version="1",
        task="detector",
        labels=(name, "other"),
        frontend=base.frontend,
        geometry=step_geometry(base.frontend, POOLED_STEPS),
        calibration={"step_slope": fitted.slope, "step_offset": fitted.offset},
        thresholds={"step": fitted.threshold},
        licence=f"{base.licence} AND LicenseRef-recordings",  # the lower half's, and whatever these allow
        description=f"Whether {name} is to be heard: learned from {n} recordings and {len(recordings) - n} others.",
        weights=base.weights,
        training=training,
        figures=fitted.figures,
    )
