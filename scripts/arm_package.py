"""What is compiled for an ARM Python: the package's front end, where the sources have one, and the C example.

The package is copied, which keeps libraries of two processors apart: the checkout's own lies beside its Python files.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from arm_machines import REPOSITORY, Machine
from arm_root import find_program, run, write_command

BUILDER = REPOSITORY / "native" / "build.py"
LIBRARY = Path("frontend") / "_native.so"
PROGRAM = REPOSITORY / "examples" / "c" / "verdict.c"
COMPILER = "aarch64-linux-gnu-gcc"
COMPILER_PACKAGES = ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross")


def make_package(machine: Machine) -> None:
    """Copy src/voxlite and compile what native/ makes for it.

    Raises
    ------
    RootError
        If there is something to compile and no compiler for it can be had.
    """
    target = machine.package / "voxlite"
    shutil.rmtree(machine.package, ignore_errors=True)
    skipped = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(REPOSITORY / "src" / "voxlite", target, ignore=skipped)
    if BUILDER.is_file():
        compiler = find_program(COMPILER, COMPILER_PACKAGES)
        command = [sys.executable, str(BUILDER), "--cc", compiler, "--out", str(target / LIBRARY)]
        run(command, f"the front end cannot be compiled with {COMPILER}")


def make_program(machine: Machine) -> Path:
    """Compile examples/c/verdict.c against the C library of the machine's LiteRT; return a command that runs it.

    Raises
    ------
    RootError
        If no compiler can be had, or it fails.
    """
    compiler = find_program(COMPILER, COMPILER_PACKAGES)
    library, built = machine.folder / "wheels" / "ai_edge_litert", machine.folder / "verdict.arm64"
    command = [compiler, "-std=c11", "-O2", "-DLITERT_2_1", str(PROGRAM), "-o", str(built)]
    command += [f"-L{library}", "-lLiteRt", "-lm", "-Wl,--allow-shlib-undefined"]
    run(command, f"{PROGRAM.name} cannot be compiled with {COMPILER}")
    return write_command(machine, "verdict", {"LD_LIBRARY_PATH": str(library)}, built)
