"""Copy the package for an ARM Python, with the compiled front end made for it where the sources have one.

The copy keeps libraries of two processors apart: the checkout's own lies beside its Python files, too.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from arm_machines import REPOSITORY, Machine
from arm_root import find_program, run

BUILDER = REPOSITORY / "native" / "build.py"
LIBRARY = Path("frontend") / "_native.so"
COMPILER = "aarch64-linux-gnu-gcc"
COMPILER_PACKAGES = ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross")


def make_package(machine: Machine) -> None:
    """Copy src/voxlite and compile what is compiled.

    Raises
    ------
    RootError
        If there is something to compile and no compiler for it can be had.
    """
    target = machine.package / "voxlite"
    shutil.rmtree(machine.package, ignore_errors=True)
    skipped = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(REPOSITORY / "src" / "voxlite", target, ignore=skipped)
    if machine.debian == "arm64" and BUILDER.is_file():
        compiler = find_program(COMPILER, COMPILER_PACKAGES)
        command = [sys.executable, str(BUILDER), "--cc", compiler, "--out", str(target / LIBRARY)]
        run(command, f"the front end cannot be compiled with {COMPILER}")
