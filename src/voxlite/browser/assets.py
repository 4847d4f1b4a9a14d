"""What the browser client loads besides its own code: the shipped models, and an index of what they say of themselves.

A browser has no reader of `.tflite` metadata at hand; the index holds it as JSON, the cohort of a speaker model lies
beside its file, and every file is named with the hash of its content.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxlite._version import __version__
from voxlite.runtime import ModelInfo, shipped_models
from voxlite.runtime.metadata import COHORT_NAME, read_part

SCHEMA = "voxlite.models/1"
INDEX = "index.json"
_OWN = re.compile(r"-[0-9a-f]{10}\.(tflite|cohort|md)$")
"""How the names end that a version of a model gets."""


@dataclass(frozen=True)
class Assets:
    """What was written.

    Parameters
    ----------
    index
        The file that lists the others.
    files
        All of them.
    """

    index: Path
    files: tuple[Path, ...]


def write_assets(out: Path) -> Assets:
    """Write the shipped models and their index into a folder; files of earlier versions of them are removed.

    Raises
    ------
    ModelError
        If a model cannot be read.
    OSError
        If the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    models = [_model(model, out, files) for model in shipped_models()]
    for path in out.iterdir():
        if _OWN.search(path.name) and path not in files:
            path.unlink()
    index = out / INDEX
    text = json.dumps({"schema": SCHEMA, "voxlite": __version__, "models": models}, indent=1, sort_keys=True)
    index.write_text(text + "\n", encoding="utf-8")
    return Assets(index, (*files, index))


def _model(model: ModelInfo, out: Path, files: list[Path]) -> dict[str, Any]:
    content = model.path.read_bytes()
    name = f"{model.metadata.task}-{model.name}"
    entry: dict[str, Any] = {
        "task": model.metadata.task,
        "name": model.name,
        "version": model.metadata.version,
        "licence": model.metadata.licence,
        "file": _named(out, name, ".tflite", content, files),
        "metadata": json.loads(model.metadata.to_json()),
    }
    cohort = read_part(content, COHORT_NAME, str(model.path))
    if cohort:
        file = _named(out, name, ".cohort", cohort, files)
        entry["cohort"] = {**file, "rows": len(cohort) // model.metadata.embedding_size}
    card = model.path.with_suffix(".md")
    if card.is_file():
        entry["card"] = _named(out, name, ".md", card.read_bytes(), files)
    return entry


def _named(out: Path, name: str, suffix: str, content: bytes, files: list[Path]) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    path = out / f"{name}-{digest[:10]}{suffix}"
    path.write_bytes(content)
    files.append(path)
    return {"path": path.name, "bytes": len(content), "sha256": digest}
