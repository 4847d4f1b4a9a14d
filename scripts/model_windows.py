"""Windows of the samples with what this machine makes of them, for each shipped model; how far another is from that.

    python scripts/model_windows.py OUT      writes OUT/index.json and two files of float32 per model

Every client gets the same samples, so that what differs is the model's arithmetic alone: no decoder, no resampler, no
average over windows. `make test-arm` runs them on ARM64, `python -m benchmarks.browser` in Chromium.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.audio import Audio, conform
from voxlite.audio.quiet import quiet_stderr
from voxlite.runtime import ModelInfo, shipped_models
from voxlite.tasks.trait_models import TRAIT_MODELS

SCHEMA = "voxlite.windows/1"
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RECORDINGS = (
    "voice-*.flac",
    "speaker-*-1.flac",
    "speaker-*-3.flac",
    "music.flac",
    "noise-*.flac",
    "call.flac",
)
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Windows:
    """A model's windows and what the machine that wrote them makes of each.

    Parameters
    ----------
    model
        Task and name, such as "voice-compact": the model file's name without its ending.
    inputs
        float32[n, samples], mono, at the model's rate.
    outputs
        float32[n, size], as the file gives them: logits, or an embedding.
    """

    model: str
    inputs: Floats
    outputs: Floats


def write_windows(folder: Path) -> None:
    """Write the windows of every shipped model into a folder; each lies in the middle of a recording of samples/."""
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(path for pattern in RECORDINGS for path in SAMPLES.glob(pattern))
    sounds = [Audio.read(path) for path in found]
    rows = []
    for info in shipped_models():
        run, n_samples = runner(info)
        rate_hz = info.metadata.frontend.rate_hz
        inputs = np.stack([_middle(conform(sound, rate_hz).samples, n_samples) for sound in sounds])
        outputs = np.stack([run(window) for window in inputs])
        name = info.path.stem
        inputs.astype("<f4").tofile(folder / f"{name}.inputs.f32")
        outputs.astype("<f4").tofile(folder / f"{name}.outputs.f32")
        rows.append({"model": name, "n": len(inputs), "samples": n_samples, "size": outputs.shape[1]})
    index = {
        "schema": SCHEMA,
        "made_with": f"{platform.machine()} (LiteRT {version('ai-edge-litert')})",
        "recordings": [path.stem for path in found],
        "models": rows,
    }
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def read_windows(folder: Path) -> list[Windows]:
    """Return what `write_windows` wrote."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return [
        Windows(
            row["model"],
            np.fromfile(folder / f"{row['model']}.inputs.f32", "<f4").reshape(row["n"], row["samples"]),
            np.fromfile(folder / f"{row['model']}.outputs.f32", "<f4").reshape(row["n"], row["size"]),
        )
        for row in index["models"]
    ]


def model_named(stem: str) -> ModelInfo:
    """Return a shipped model by its file's name without the ending."""
    return next(info for info in shipped_models() if info.path.stem == stem)


def runner(info: ModelInfo) -> tuple[Callable[[Floats], Floats], int]:
    """Return what runs a model on one window and one thread, as the Python client does, and the window's samples."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet_stderr():  # LiteRT announces its delegate by itself
        interpreter: Any = Interpreter(model_content=info.path.read_bytes(), num_threads=1)
        interpreter.allocate_tensors()
    entry, out = interpreter.get_input_details()[0], interpreter.get_output_details()[0]["index"]

    def run(window: Floats) -> Floats:
        interpreter.set_tensor(entry["index"], window[None])
        interpreter.invoke()
        return np.array(interpreter.get_tensor(out)[0], np.float32)

    return run, int(entry["shape"][1])


def _middle(samples: Floats, n: int) -> Floats:
    """Return n samples from the middle; a shorter sound is repeated, as the clients do."""
    filled = samples if len(samples) >= n else np.resize(samples, n)
    start = (len(filled) - n) // 2
    return np.asarray(filled[start : start + n], np.float32)


def compare(windows: Windows, found: Floats) -> dict[str, Any]:
    """Return how far outputs of another client are from the stored ones.

    Returns
    -------
    dict
        "windows"; "raw", the largest difference of any number that the file gives; "score", that of what is made of
        them: probabilities, and of an embedding one minus the cosine; "same", how many windows keep their verdict.
    """
    info = model_named(windows.model)
    first, second = windows.outputs.astype(np.float64), found.astype(np.float64)
    row = {"windows": len(first), "raw": float(np.abs(first - second).max())}
    if info.metadata.embedding_size:
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
        cosines = (first * second).sum(axis=1) / lengths
        return {**row, "score": float(1 - cosines.min()), "cosine": float(cosines.min())}
    here, there = scores(info, windows.outputs), scores(info, found)
    same = sum(a == b for a, b in zip(verdicts(info, windows.outputs), verdicts(info, found), strict=True))
    return {**row, "score": float(np.abs(here - there).max()), "same": same}


def scores(info: ModelInfo, outputs: Floats) -> NDArray[np.float64]:
    """Return what people see of outputs, float64[n, ...] in 0..1: probabilities, and a mood's arousal."""
    if info.metadata.task == "voice":
        constants = info.metadata.calibration
        odds = constants["step_slope"] * outputs.astype(np.float64) + constants["step_offset"]
        return np.asarray(1 / (1 + np.exp(-odds)))
    model = TRAIT_MODELS[info.metadata.task](str(info.path), 1)
    seconds = info.metadata.geometry.window / info.metadata.frontend.rate_hz
    labels = model.probabilities(outputs, [seconds] * len(outputs))
    figures = [list(model.figures(vector).values()) for vector in outputs]
    return np.hstack([labels, np.array(figures, np.float64).reshape(len(outputs), -1)]).astype(np.float64)


def verdicts(info: ModelInfo, outputs: Floats) -> list[Any]:
    """Return what is decided of each window: of a voice model, whether each step is voice."""
    if info.metadata.task == "voice":
        least = float(info.metadata.thresholds["step"]["value"])
        return [tuple(row >= least) for row in scores(info, outputs)]
    model = TRAIT_MODELS[info.metadata.task](str(info.path), 1)
    seconds = info.metadata.geometry.window / info.metadata.frontend.rate_hz
    return [model.decide(vector, seconds).label for vector in outputs]


def main() -> int:
    """Write the windows into the folder that is named."""
    if len(sys.argv) != 2:
        print("usage: python scripts/model_windows.py OUT", file=sys.stderr)
        return 2
    write_windows(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
