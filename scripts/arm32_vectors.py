"""Run a bundle's test vectors on 32-bit ARM (armeabi-v7a) under emulation: what `make test-arm32` does.

The package itself cannot be had there: LiteRT, soxr and a current NumPy have no wheels for it. What can is
tflite-runtime, LiteRT's forerunner, with Debian's NumPy; examples/python/plain_client.py needs no more and does
everything but resampling and reading of sound files.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from arm_machines import ARM32, REPOSITORY
from arm_root import RootError, prepare
from voxlite.bundle import write_bundle

RECORDINGS = ("voice-en-wideband.flac", "noise-typing.flac")


def main() -> int:
    """Prepare, write the bundle here, check it there."""
    bundle = ARM32.folder / "bundle"
    try:
        python = prepare(ARM32)
    except RootError as error:
        print(f"arm32_vectors: {error}", file=sys.stderr)
        return 1
    shutil.rmtree(bundle, ignore_errors=True)
    write_bundle("compact", bundle, [REPOSITORY / "samples" / name for name in RECORDINGS])
    program = REPOSITORY / "examples" / "python" / "plain_client.py"
    return subprocess.run([str(python), str(program), str(bundle)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
