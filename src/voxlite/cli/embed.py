"""`voxlite embed`: embeddings of the voices in recordings as a file, for one's own pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.inputs import need, recordings
from voxlite.cli.shell import console, say_error
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.recognition import Speech

_SUFFIXES = (".npy", ".parquet")


def embed(
    files: Annotated[
        list[str],
        typer.Argument(help="Recordings, folders, globs, or - for standard input.", metavar="FILE"),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File to write; its ending chooses: .npy or .parquet.")
    ],
    model: Annotated[
        str, typer.Option(help="Speaker model: a shipped or imported name, or a .tflite file.")
    ] = "compact",
    threads: Annotated[int, typer.Option(min=1, max=64, help="Model runs at the same time.")] = 4,
) -> None:
    """Embed the voices of recordings: a row for each with file, speech_s and embedding.

    Of a recording its speech alone is embedded; all of it where less than a
    second is speech, so that there is always an answer: speech_s tells. Two
    voices are compared by the cosine of their embeddings, which have length 1.
    An .npy file holds a structured array: np.load("x.npy")["embedding"].
    """
    suffix = out.suffix.lower()
    if suffix not in _SUFFIXES:
        raise typer.BadParameter(f"{out}: must end in {' or '.join(_SUFFIXES)}", param_hint="--out")
    if suffix == ".parquet":
        need("parquet", "writing .parquet files", "pyarrow")
    from voxlite.recognition import SpeakerRecognizer

    recognizer = SpeakerRecognizer(model, threads)
    sources, failed = recordings(files)
    rows: list[tuple[str, Speech]] = []
    for source in sources:
        try:
            rows.append((source, recognizer.listen(source)))
        except VoxliteError as error:  # one recording's trouble must not cost the others
            say_error(error)
            failed += 1
    if rows:
        _write(rows, out)
        console(stderr=True).print(
            f"{out}: {len(rows)} x {recognizer.dim} float32, model {recognizer.model.name}", soft_wrap=True
        )
    if failed:
        raise typer.Exit(1)


def _write(rows: Sequence[tuple[str, Speech]], out: Path) -> None:
    try:
        if out.suffix.lower() == ".npy":
            _write_npy(rows, out)
        else:
            _write_parquet(rows, out)
    except OSError as error:
        raise VoxliteError(f"{out}: cannot be written ({error.strerror or error})") from error


def _write_npy(rows: Sequence[tuple[str, Speech]], out: Path) -> None:
    import numpy as np

    dim, longest = len(rows[0][1].embedding), max(len(name) for name, _ in rows)
    kind = [("file", f"U{longest}"), ("speech_s", "f4"), ("embedding", "f4", (dim,))]
    table = np.array([(name, speech.speech_s, speech.embedding) for name, speech in rows], kind)
    with out.open("wb") as file:  # by name, NumPy would add an ending to .NPY
        np.save(file, table, allow_pickle=False)


def _write_parquet(rows: Sequence[tuple[str, Speech]], out: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    dim = len(rows[0][1].embedding)
    values = pyarrow.array([x for _, speech in rows for x in speech.embedding.tolist()], pyarrow.float32())
    columns = {
        "file": [name.encode("utf-8", "replace").decode() for name, _ in rows],
        "speech_s": pyarrow.array([speech.speech_s for _, speech in rows], pyarrow.float32()),
        "embedding": pyarrow.FixedSizeListArray.from_arrays(values, dim),
    }
    parquet.write_table(pyarrow.table(columns), out)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(embed)
