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
    from voxlite.browser.vectors.recordings import write as write_recordings
    from voxlite.browser.vectors.turns import write as write_turns
    from voxlite.browser.vectors.voices import write as write_voices

    return [*write_recordings(out), *write_voices(out), *write_turns(out)]
