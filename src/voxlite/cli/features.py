"""`voxlite features`: a recording's front-end features as a file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voxlite.cli.shell import console
from voxlite.errors import MissingExtraError, VoxliteError

if TYPE_CHECKING:
    from voxlite.frontend.config import FrontEndConfig
    from voxlite.values import FloatArray


class Kind(str, Enum):
    """What is computed."""

    MFCC = "mfcc"
    LOGMEL = "logmel"
    IMAGE = "image"


_SUFFIXES = (".npy", ".csv", ".parquet", ".png")


def features(
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write; its ending chooses: .npy, .csv, .parquet or .png."),
    ],
    kind: Annotated[
        Kind, typer.Option(help="Cepstral coefficients, log-mel energies, or the image for an image network.")
    ] = Kind.MFCC,
) -> None:
    """Compute MFCCs, log-mel energies or the feature image of a recording at 16 kHz.

    Tables have a row per frame: its start in seconds, then a column per
    coefficient or band.
    """
    suffix = out.suffix.lower()
    if suffix not in _SUFFIXES:
        raise typer.BadParameter(f"{out}: must end in {', '.join(_SUFFIXES)}", param_hint="--out")
    if kind is Kind.IMAGE and suffix in (".csv", ".parquet"):
        raise typer.BadParameter(
            f"an image is no table: write it as .npy or .png, not {suffix}", param_hint="--out"
        )
    from voxlite.frontend.config import FrontEndConfig

    config = FrontEndConfig()
    values = _compute(file, kind, config)
    try:
        _write(values, kind, config, out)
    except OSError as error:
        if out.is_file():  # half a table is none
            out.unlink(missing_ok=True)
        raise VoxliteError(
            f"{out}: cannot be written ({error.strerror or error}): "
            "check its folder, the permissions and the space left"
        ) from error
    shape = " x ".join(map(str, values.shape))
    console(stderr=True).print(f"{out}: {kind.value}, {shape} float32", soft_wrap=True)


def _compute(file: str, kind: Kind, config: FrontEndConfig) -> FloatArray:
    from voxlite.audio import read_audio
    from voxlite.frontend.features import log_mel_features, mfcc
    from voxlite.frontend.image import mfcc_image

    compute = {Kind.MFCC: mfcc, Kind.LOGMEL: log_mel_features, Kind.IMAGE: mfcc_image}[kind]
    return compute(read_audio(file, config.rate_hz), config)


def _write(values: FloatArray, kind: Kind, config: FrontEndConfig, out: Path) -> None:
    suffix = out.suffix.lower()
    if suffix == ".npy":
        import numpy as np

        with out.open("wb") as file:  # by name, NumPy would add an ending to .NPY
            np.save(file, values)
    elif suffix == ".png":
        _write_png(values, kind, config, out)
    elif suffix == ".csv":
        _write_csv(values, kind, config, out)
    else:
        _write_parquet(values, kind, config, out)


def _columns(values: FloatArray, kind: Kind) -> list[str]:
    name = "c" if kind is Kind.MFCC else "mel"
    return [f"{name}{index}" for index in range(values.shape[1])]


def _write_csv(values: FloatArray, kind: Kind, config: FrontEndConfig, out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(["start_s", *_columns(values, kind)]) + "\n")
        for index, row in enumerate(values.tolist()):
            # Nine digits bring a float32 back to the bit.
            file.write(f"{index * config.hop_samples / config.rate_hz:.4f},")
            file.write(",".join(f"{value:.9g}" for value in row) + "\n")


def _write_parquet(values: FloatArray, kind: Kind, config: FrontEndConfig, out: Path) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("writing .parquet files", "parquet") from error
    import numpy as np

    times_s = np.arange(len(values)) * (config.hop_samples / config.rate_hz)
    columns: dict[str, Any] = {"start_s": times_s}
    for index, name in enumerate(_columns(values, kind)):
        columns[name] = np.ascontiguousarray(values[:, index])
    parquet.write_table(pyarrow.table(columns), out)


def _write_png(values: FloatArray, kind: Kind, config: FrontEndConfig, out: Path) -> None:
    from voxlite.report.feature_picture import draw_features, write_image

    if kind is Kind.IMAGE:
        write_image(values, out)
    else:
        draw_features(values, kind.value, config.hop_samples / config.rate_hz, out)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(features)
