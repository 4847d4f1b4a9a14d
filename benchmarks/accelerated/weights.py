"""Row 7: int8 against float. Every exported storage of the weights: size, time of a one-second window, ROC-AUC."""

from __future__ import annotations

from benchmarks.accelerated.row import Aucs, Part, Row, Setup
from benchmarks.common import RATE_HZ
from benchmarks.interpreters import one_call, run_of
from benchmarks.windows import roc_aucs, verdicts
from voxlite.runtime import ModelInfo, load_model
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.windows import every

TITLE = "int8 against float"
DEFAULT = "float16 for the compact net, int8 for Inception-v3"
_WORKERS = 2
_SHARE = 4
"""Of the windows, one in so many judges a net that takes a tenth of a second for each."""


def measure(setup: Setup) -> Row:
    """Compare the variants of each net with its float32 file."""
    parts: list[Part] = []
    remarks: list[str] = []
    for what, shipped in (("compact net", setup.compact_model), ("Inception-v3", setup.inception_model)):
        files = variants(setup, shipped, what)
        if len(files) < 2:
            remarks.append(
                f"{what}: fewer than two variants: voxlite export RUN --out DIR, then --variants DIR"
            )
        else:
            parts += _parts(setup, what, files)
            remarks += about(what, files, shipped)
    if isinstance(setup.windows, str):
        remarks.append(setup.windows)
    return Row(TITLE, DEFAULT, tuple(parts), tuple(remarks))


def variants(setup: Setup, shipped: ModelInfo | None, what: str) -> dict[str, ModelInfo]:
    """Return storage -> file, float32 first, of one net: image nets are Inception-v3, all others compact."""
    from voxlite.training.export import VARIANTS  # this loads TensorFlow

    paths = [path for folder in setup.variants for path in sorted(folder.glob("*.tflite"))]
    found = [load_model(path) for path in paths]
    image = what == "Inception-v3"
    mine = [model for model in found if (model.metadata.net_input == "image") == image]
    named = {model.metadata.weights: model for model in [*([shipped] if shipped else []), *mine]}
    return {name: named[name] for name in VARIANTS if name in named}


def about(what: str, files: dict[str, ModelInfo], shipped: ModelInfo | None) -> list[str]:
    """Return what has to be said of the files: fewer windows, another training than the shipped file's."""
    said, model = [], next(iter(files.values()))
    if not model.metadata.resizable:
        said.append(f"{what}: ROC-AUC on every {_SHARE}th window")
    trained = {
        "steps": model.metadata.training.get("steps"),
        "minutes": model.metadata.training.get("minutes"),
    }
    if shipped is not None and shipped.metadata.training.get("steps") != trained["steps"]:
        said.append(
            f"{what}: files of a training of {trained['steps']} steps ({trained['minutes']:.0f} minutes), not that "
            "of the shipped one"
        )
    return said


def _parts(setup: Setup, what: str, files: dict[str, ModelInfo]) -> list[Part]:
    samples = setup.sound(1).samples
    runs = {name: run_of(model) for name, model in files.items()}
    taken = setup.per_second_ms(
        {name: lambda run=run: run(samples) for name, run in runs.items()},  # type: ignore[misc]
        len(samples) / RATE_HZ,
    )
    aucs = {name: quality(setup, model) for name, model in files.items()}
    first, *others = files
    return [
        Part(
            f"{what}, one-second window",
            first,
            name,
            taken[first],
            taken[name],
            aucs[first],
            aucs[name],
            {"off_bytes": files[first].size_bytes, "on_bytes": files[name].size_bytes},
        )
        for name in others
    ]


def quality(setup: Setup, model: ModelInfo) -> Aucs | None:
    """Return the ROC-AUC of a file by condition, None without a corpus."""
    if isinstance(setup.windows, str):
        return None
    if model.metadata.resizable:
        return roc_aucs(setup.windows, verdicts(VoiceDetector(model=str(model.path), threads=1)))
    fewer = {name: every(windows, _SHARE) for name, windows in setup.windows.items()}
    return roc_aucs(fewer, one_call(model), _WORKERS)
