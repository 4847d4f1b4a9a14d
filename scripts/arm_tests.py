"""Run the client's tests on ARM64 under emulation, and compare its scores with this machine's.

    python scripts/arm_tests.py             what `make test-arm` does
    python scripts/arm_tests.py --record    and keep the comparison in benchmarks/results/arm64.json
    python scripts/arm_tests.py -- -k gate  other pytest arguments in place of the chosen tests

This machine's side is written as bundles (`voxlite bundle`), one per model, with the recordings of samples/; the ARM
side replays them. Emulation is some ten times slower than the processor itself: the tests are those whose outcome
may depend on the processor, and hypothesis tries few examples.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from arm_machines import ARM64, REPOSITORY
from arm_package import make_package, make_program
from arm_root import RootError, prepare, say
from voxlite.bundle import write_bundle
from voxlite.errors import VoxliteError
from voxlite.runtime import shipped_models

TESTS = (
    "tests/arm",
    "tests/activity",
    "tests/frontend",
    "tests/audio",
    "tests/runtime",
    "tests/tasks/test_voice.py",
    "tests/bundle/test_plain_client.py",
)
RECORDINGS = ("*.flac", "*.ogg", "*.wav")
LARGE_BYTES = 2_000_000
RESULTS = REPOSITORY / "benchmarks" / "results" / "arm64.json"


def write_bundles(folder: Path) -> None:
    """Write what this machine computes: shipped models with every sample, large ones with what a bundle always has."""
    shutil.rmtree(folder, ignore_errors=True)
    samples = REPOSITORY / "samples"
    recordings = sorted(path for pattern in RECORDINGS for path in samples.glob(pattern))
    exported = sorted((REPOSITORY / "models").glob("*.tflite"))
    for path in [*(model.path for model in shipped_models()), *exported]:
        large = path.stat().st_size > LARGE_BYTES
        write_bundle(str(path), folder / path.stem, [] if large else recordings)


def run_tests(python: Path, arguments: Sequence[str], settings: Mapping[str, Path]) -> int:
    """Run pytest under emulation; its summary is the last thing said. Returns its exit status."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("VOXLITE_", "PYTHON"))
    }
    environment |= {"VOXLITE_HYPOTHESIS": "emulated", **{key: str(path) for key, path in settings.items()}}
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode


def main() -> int:
    """Prepare, compute, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help=f"write {RESULTS.relative_to(REPOSITORY)}")
    parser.add_argument("arguments", nargs="*", metavar="PYTEST_ARGUMENT")
    options = parser.parse_args()
    vectors, results = ARM64.folder / "vectors", ARM64.folder / RESULTS.name
    try:
        python = prepare(ARM64)
        make_package(ARM64)
        program = make_program(ARM64)
        write_bundles(vectors)
    except (RootError, VoxliteError) as error:
        print(f"arm_tests: {error}", file=sys.stderr)
        return 1
    say(f"tests on {ARM64.debian} under {ARM64.emulator}: some minutes")
    results.unlink(missing_ok=True)
    settings = {
        "VOXLITE_PARITY": vectors,
        "VOXLITE_PARITY_RESULTS": results,
        "VOXLITE_PARITY_PROGRAM": program,
    }
    status = run_tests(python, options.arguments or TESTS, settings)
    if options.record and status == 0 and results.is_file():
        shutil.copy(results, RESULTS)
    return status


if __name__ == "__main__":
    sys.exit(main())
