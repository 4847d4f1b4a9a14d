from __future__ import annotations

from pathlib import Path

import pytest

from voxlite.bundle import write_bundle


@pytest.fixture(scope="session")
def bundle_dir(tmp_path_factory: pytest.TempPathFactory, samples_dir: Path) -> Path:
    """Return the shipped model's bundle with one recording; for reading only."""
    folder = tmp_path_factory.mktemp("bundle") / "compact"
    write_bundle("compact", folder, [samples_dir / "voice-en-radio.flac"])
    return folder
