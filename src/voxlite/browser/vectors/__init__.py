"""Test vectors of whole tasks, for the browser client: inputs, what each stage makes of them, decisions."""

from __future__ import annotations

from pathlib import Path


def write_vectors(out: Path) -> list[Path]:
    """Write all vectors into a folder and return their files.

    Raises
    ------
    VoxliteError
        If the recordings that they are made from cannot be read.
    OSError
        If the folder cannot be written.
    """
    from voxlite.browser.vectors import recordings, voices

    return [file for module in (recordings, voices) for file in module.write(out)]
