"""What a teacher said, kept in one file: a net can be trained again without the teacher's model, and without its hours.

The file is an npz: `about`, JSON in UTF-8 with the teacher's name and those of the utterances, and for each version
int8[utterances, dim], the embeddings as `tflite_file.cohort_bytes` stores them (0.99995 of them is left, as a cosine).
They hold no sound.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from voxlite.training.corpus import CorpusError
from voxlite.training.speaker.net import DIM
from voxlite.training.speaker.voice_bank import Teacher, called, taught_rows
from voxlite.training.tflite_file import cohort_bytes
from voxlite.values import FloatArray

_ABOUT = "about"


class RememberingTeacher:
    """Says what a file says, and asks a teacher about everything else.

    Parameters
    ----------
    path
        A file by `keep`.
    ask
        Makes the teacher, when it is needed for the first time.

    Raises
    ------
    CorpusError
        If the file is none of `keep`'s.
    """

    def __init__(self, path: Path, ask: Callable[[], Teacher]) -> None:
        self.dim, self._ask = DIM, ask
        self._asked: Teacher | None = None
        self.name, self._rows = _read(path)

    def embed(self, sounds: Sequence[FloatArray], names: Sequence[str]) -> FloatArray:
        """Return float32[n, dim], unit norm: what was kept under these names, or what the teacher says now."""
        missing = [at for at, name in enumerate(names) if name not in self._rows]
        if missing:
            self._asked = self._asked or self._ask()
            new = self._asked.embed([sounds[at] for at in missing], [names[at] for at in missing])
            self._rows |= {names[at]: row for at, row in zip(missing, new, strict=True)}
        return np.stack([self._rows[name] for name in names])


def keep(path: Path, folder: Path, versions: Sequence[str]) -> None:
    """Write what a bank's teacher said; a file that holds all of it already stays as it is.

    Parameters
    ----------
    path
        The file; otherwise replaced as a whole.
    folder, versions
        Of `build_bank`.
    """
    teacher, rows = "", {}
    utterances: list[str] = []
    for version in versions:
        teacher, utterances, said = taught_rows(folder, version)
        rows[version] = cohort_bytes(said)
    wanted = {called(version, name) for version in versions for name in utterances}
    if path.exists() and wanted <= _read(path)[1].keys():
        return
    about = {"teacher": teacher, "versions": list(versions), "utterances": utterances}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part.npz")
    np.savez_compressed(part, about=np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8), **rows)  # type: ignore[arg-type]
    part.replace(path)


def _read(path: Path) -> tuple[str, dict[str, FloatArray]]:
    """Return the teacher's name, and each embedding, of unit norm, by what `called` makes of utterance and version."""
    found: dict[str, FloatArray] = {}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
            about = json.loads(saved[_ABOUT].tobytes().decode("utf-8"))
            for version in about["versions"]:
                rows = saved[version].astype(np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                names = [called(version, name) for name in about["utterances"]]
                found |= dict(zip(names, rows, strict=True))
            return about["teacher"], found
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise CorpusError(
            f"{path}: does not hold what a teacher said ({type(error).__name__}): name another file, and it is "
            "written there"
        ) from None
