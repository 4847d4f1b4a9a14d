"""`voxlite export`: from a training run to `.tflite` files, a model card and a parity report."""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar, quiet_tensorflow, show
from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.training.places import SPEAKER_WEIGHTS, find_cache, find_manifest

if TYPE_CHECKING:
    from voxlite.training.published import Published


class Weights(str, Enum):
    """How a file stores its weights; the front end always stays in float32."""

    float32 = "float32"
    float16 = "float16"
    dynamic_int8 = "dynamic-int8"
    int8 = "int8"
    mixed_int8 = "mixed-int8"


def export(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `voxlite train` wrote, or the weights in it; or a .tflite file, to renew its front end."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="A .tflite file for one storage of the weights, or a folder for all of them.")
    ],
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
    ] = None,
    weights: Annotated[
        Weights, typer.Option(help="Storage of the weights in a .tflite file.")
    ] = Weights.float16,
    name: Annotated[
        str | None, typer.Option(help="Name of the model, as --model takes it; default: the net's.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the model.")] = "1",
    cache: Annotated[Path | None, typer.Option(help="Folder of decoded clips and rooms, reused.")] = None,
    speaker_weights: Annotated[
        Path, typer.Option(help="Of a mood run: the speaker net's weights that it was fitted on.")
    ] = SPEAKER_WEIGHTS,
    blend: Annotated[
        list[Path] | None,
        typer.Option(help="Another stage of the same training: export the mean of the weights."),
    ] = None,
) -> None:
    """Calibrate trained weights on validation clips and write model files that say what they are.

    A model card (.md) and the difference of every file from the trained net (parity.json) lie beside them.
    """
    console, folder = Console(), run.parent if run.is_file() else run
    if run.suffix == ".tflite":
        return _renew(console, run, out)
    if run.is_file() and run.name != "best.weights.h5":
        raise VoxliteError(f"{run}: not weights that can be exported; name the training run's folder")
    if not any((folder / name).is_file() for name in ("best.weights.h5", "head.npz")):
        raise VoxliteError(f"{folder}: no best.weights.h5 in it; train with `voxlite train` first")
    path = find_manifest(manifest)
    one_file = out.suffix == ".tflite"
    target = folder / "export" if one_file else out
    published = _export(
        console, folder, target, path, find_cache(cache, path, "export"), [weights.value] if one_file else None,
        name, version, blend or [], speaker_weights,
    )  # fmt: skip
    _show_parity(console, published)
    if one_file:
        out.parent.mkdir(parents=True, exist_ok=True)
        from voxlite.training.export import exported_path

        shutil.copyfile(exported_path(target, published.models[0], weights.value), out)
        shutil.copyfile(published.card, out.with_suffix(".md"))
    console.print(str(out), markup=False, highlight=False, soft_wrap=True)


def _export(
    console: Console,
    run: Path,
    target: Path,
    manifest: Path,
    cache: Path,
    variants: list[str] | None,
    name: str | None,
    version: str,
    blend: list[Path],
    speaker_weights: Path,
) -> Published:
    quiet_tensorflow()
    try:
        from voxlite.training.moods.publish import export_mood, is_mood_run
        from voxlite.training.speaker.network import is_speaker_run
        from voxlite.training.speaker.publish import export_speaker
        from voxlite.training.traits.network import is_trait_run
        from voxlite.training.traits.publish import export_trait
        from voxlite.training.voice.publish import export_voice
    except ImportError:
        raise MissingExtraError("exporting a model", "train") from None
    given: dict[str, Any] = {"name": name, "model_version": version}
    given |= {"variants": variants} if variants else {}
    with progress_bar(console, "decoding", None) as tick:
        of_trait, of_mood = is_trait_run(run), is_mood_run(run)
        if not of_trait and not of_mood and not is_speaker_run(run):
            return export_voice(run, target, manifest, cache, blend=blend, tick=tick, **given)
        if blend:
            raise VoxliteError(f"{run}: not a run of a voice net: --blend is for voice nets")
        if of_mood:
            return export_mood(run, target, manifest, cache, speaker_weights, tick=tick, **given)
        publish = export_trait if of_trait else export_speaker
        return publish(run, target, manifest, cache, tick=tick, **given)


def _renew(console: Console, model: Path, out: Path) -> None:
    """Write a model file again with this version's front end before its net."""
    if out.suffix != ".tflite":
        raise VoxliteError(f"{out}: the renewed model is one file: let --out end in .tflite")
    quiet_tensorflow()
    try:
        content = model.read_bytes()
        from voxlite.training.export import renew_front_end
    except OSError as error:
        raise VoxliteError(f"{model}: cannot be read ({error.strerror or error})") from None
    except ImportError:
        raise MissingExtraError("exporting a model", "train") from None
    out.write_bytes(renew_front_end(content, str(model)))
    console.print(str(out), markup=False, highlight=False, soft_wrap=True)


def _show_parity(console: Console, published: Published) -> None:
    from voxlite.training.tables import Table

    rows = [
        [row.variant, f"{row.size_bytes / 1000:.0f}", f"{row.largest:.2g}", f"{row.mean:.2g}"]
        for row in published.parity
    ]
    what = "1 - cosine" if published.models[0].embedding_size else "logits"
    title = f"Exported files against the trained net, {what} on validation clips"
    show(console, [Table.of(title, ["weights", "kB", "largest difference", "mean difference"], rows)])


def register(parent: typer.Typer) -> None:
    """Add the command to the program."""
    parent.command(no_args_is_help=True)(export)
