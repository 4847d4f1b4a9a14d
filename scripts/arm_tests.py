"""Run the client's tests on ARM64 under emulation, and compare its scores with this machine's.

    python scripts/arm_tests.py             what `make test-arm` does
    python scripts/arm_tests.py --record    and keep the comparison in benchmarks/results/arm64.json
    python scripts/arm_tests.py -- -k gate  other pytest arguments in place of the chosen tests

This machine's side is written as bundles (`voxlite bundle`) of the voice models, with the recordings of samples/, and
as windows of every shipped model (`model_windows`); the ARM side replays them. Emulation is some ten times slower than
the processor itself: the tests are those whose outcome may depend on the processor, hypothesis tries few examples, and
two halves run at the same time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from arm_machines import ARM64, REPOSITORY
from arm_package import make_package, make_program
from arm_root import RootError, prepare, say
from model_windows import write_windows
from voxlite.bundle import write_bundle
from voxlite.errors import VoxliteError
from voxlite.runtime import shipped_models

HALVES = (  # as many seconds each
    ("tests/arm", "tests/activity", "tests/frontend", "tests/audio"),
    ("tests/runtime", "tests/tasks/test_voice.py", "tests/bundle/test_plain_client.py"),
)
LEFT_OUT = (
    "--ignore=tests/frontend/test_native_build.py",  # compiles with this machine's compiler
    # a minute each under emulation, and nothing in them depends on the processor
    "--deselect=tests/tasks/test_voice.py::test_segments_are_final_within_half_a_second_and_now_is_prompt",
    "--deselect=tests/bundle/test_plain_client.py::test_it_finds_what_is_off",
)
RECORDINGS = ("*.flac", "*.ogg", "*.wav")
LARGE_BYTES = 2_000_000
FEWER = "3"
"""Of the windows, one in so many unless the comparison is kept."""
RESULTS = REPOSITORY / "benchmarks" / "results" / "arm64.json"


def write_bundles(folder: Path) -> None:
    """Write what this machine computes: shipped models with every sample, large ones with what a bundle always has."""
    shutil.rmtree(folder, ignore_errors=True)
    samples = REPOSITORY / "samples"
    found = sorted(path for pattern in RECORDINGS for path in samples.glob(pattern))
    recordings = [path for path in found if not path.name.startswith("speaker-")]  # a demo of its own
    exported = sorted((REPOSITORY / "models").glob("*.tflite"))
    shipped = [model.path for model in shipped_models() if model.metadata.task == "voice"]
    for path in [*shipped, *exported]:
        large = path.stat().st_size > LARGE_BYTES
        write_bundle(str(path), folder / path.stem, [] if large else recordings)


def run_tests(python: Path, groups: Sequence[Sequence[str]], settings: Mapping[str, Path | str]) -> int:
    """Run a pytest for each group of arguments under emulation, all at once; return the worst exit status.

    Their output is shown when all are done, failures last.
    """
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("VOXLITE_", "PYTHON"))
    }
    environment |= {key: str(value) for key, value in settings.items()} | {"VOXLITE_HYPOTHESIS": "emulated"}
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-q"]

    def run(arguments: Sequence[str]) -> tuple[int, str]:
        done = subprocess.run(
            [*command, *arguments],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout

    with ThreadPoolExecutor(len(groups)) as pool:
        outcomes = sorted(pool.map(run, groups), key=lambda outcome: abs(outcome[0]))
    for _, output in outcomes:
        print(output, flush=True)
    return abs(outcomes[-1][0])


def main() -> int:
    """Prepare, compute, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help=f"write {RESULTS.relative_to(REPOSITORY)}")
    parser.add_argument("arguments", nargs="*", metavar="PYTEST_ARGUMENT")
    options = parser.parse_args()
    vectors, results = ARM64.folder / "vectors", ARM64.folder / RESULTS.name
    windows = ARM64.folder / "windows"
    try:
        python = prepare(ARM64)
        make_package(ARM64)
        program = make_program(ARM64)
        write_bundles(vectors)
        write_windows(windows)
    except (RootError, VoxliteError) as error:
        print(f"arm_tests: {error}", file=sys.stderr)
        return 1
    say(f"tests on {ARM64.debian} under {ARM64.emulator}: some minutes")
    results.unlink(missing_ok=True)
    settings = {
        "VOXLITE_PARITY": vectors,
        "VOXLITE_PARITY_RESULTS": results,
        "VOXLITE_PARITY_PROGRAM": program,
        "VOXLITE_PARITY_WINDOWS": windows,
        "VOXLITE_PARITY_EVERY": "1" if options.record else FEWER,
    }
    groups = [options.arguments] if options.arguments else [[*half, *LEFT_OUT] for half in HALVES]
    status = run_tests(python, groups, settings)
    if options.record and status == 0 and results.is_file():
        shutil.copy(results, RESULTS)
    return status


if __name__ == "__main__":
    sys.exit(main())
