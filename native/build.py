"""Compile the front end's kernel into one shared library: `python native/build.py [--cc COMPILER] [--out FILE]`.

kernel.c is compiled once for each instruction set of the compiler's target and once without vectors; plan.c chooses
among them when the program runs, so nothing depends on the building machine's processor. Any GCC or Clang will do, a
cross compiler too: the target is what `COMPILER -dumpmachine` says. The library needs nothing but the C library, and no
symbol of that younger than glibc 2.14 (x86-64) or 2.17 (ARM64).

This file needs the standard library only: the build hook (hatch_build.py) and people use the same functions.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
LIBRARY = "_native.so"  # beside src/voxlite/frontend/native.py, which loads it
COMPILERS = ("cc", "gcc", "clang")


class BuildError(Exception):
    """The library cannot be built; one line."""


class Kernel(NamedTuple):
    """A compilation of kernel.c: `width` frames side by side."""

    name: str
    width: int
    flags: tuple[str, ...]


SCALAR = Kernel("scalar", 1, ("-fno-tree-vectorize", "-fno-tree-slp-vectorize"))
KERNELS = {  # what every processor of the kind has comes first
    "x86_64": (
        Kernel("baseline", 4, ()),
        Kernel("avx2", 8, ("-mavx2", "-mfma")),
        Kernel("avx512", 16, ("-mavx512f",)),
    ),
    "aarch64": (Kernel("neon", 4, ()),),
}
# x - x must stay NaN for infinity: no -ffast-math; products and sums may fuse, in every lane alike
FLAGS = (
    "-std=c11",
    "-O3",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-Wno-psabi",
)


def find_compiler() -> list[str] | None:
    """Return the compiler's command: CC, or the first of cc, gcc and clang; None if there is none."""
    if os.environ.get("CC"):
        return shlex.split(os.environ["CC"])
    found = (shutil.which(name) for name in COMPILERS)
    return next(([path] for path in found if path), None)


def target_of(compiler: list[str]) -> str:
    """Return what the compiler compiles for, as x86_64-linux-gnu or arm64-apple-darwin23."""
    return _run([*compiler, "-dumpmachine"]).strip()


def architecture(target: str) -> str:
    """Return the target's processor by the name that Linux has for it."""
    name = target.split("-", 1)[0]
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(name, name)


def build(compiler: list[str], out: Path) -> list[str]:
    """Compile and link the library.

    Parameters
    ----------
    compiler
        Command and options of GCC or Clang.
    out
        The library's file.

    Returns
    -------
    list of str
        Instruction sets in it. A kernel that an old compiler cannot make is left out.

    Raises
    ------
    BuildError
        If the compiler is not fit for it.
    """
    machine = architecture(target_of(compiler))
    if machine not in KERNELS:  # without vectors NumPy is faster
        raise BuildError(f"{machine} is not supported, only {' and '.join(KERNELS)}")
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for kernel in (SCALAR, *KERNELS[machine]):
            defines = (f"-DVOXLITE_ISA={kernel.name}", f"-DVOXLITE_WIDTH={kernel.width}")
            try:
                _compile(
                    compiler, HERE / "kernel.c", Path(folder) / f"{kernel.name}.o", *kernel.flags, *defines
                )
            except BuildError:
                if kernel in (SCALAR, KERNELS[machine][0]):
                    raise
            else:
                made.append(kernel.name)
        _compile(
            compiler, HERE / "plan.c", Path(folder) / "plan.o", *(f"-DVOXLITE_WITH_{name}" for name in made)
        )
        _compile(compiler, HERE / "run.c", Path(folder) / "run.o")
        objects = sorted(str(path) for path in Path(folder).glob("*.o"))
        linked = Path(folder) / LIBRARY
        strip = [] if "apple" in target_of(compiler) else ["-Wl,-s"]
        _run([*compiler, "-shared", *strip, "-o", str(linked), *objects])
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(linked, out.with_name(out.name + ".new"))
        out.with_name(out.name + ".new").replace(out)  # never under a program that has the old one loaded
    return made


def _compile(compiler: list[str], source: Path, out: Path, *flags: str) -> None:
    _run([*compiler, *FLAGS, *flags, "-c", str(source), "-o", str(out)])


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"{command[0]} does not run: {error}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()
        raise BuildError(f"{command[0]} failed: {lines[0].strip() if lines else f'status {done.returncode}'}")
    return done.stdout


def main() -> int:
    """Build the library for this checkout, or for another machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cc", help="compiler and its options (CC, else cc, gcc or clang)")
    parser.add_argument("--out", type=Path, default=HERE.parent / "src" / "voxlite" / "frontend" / LIBRARY)
    options = parser.parse_args()
    compiler = shlex.split(options.cc) if options.cc else find_compiler()
    if compiler is None:
        print(f"no C compiler: install one of {', '.join(COMPILERS)} or set CC", file=sys.stderr)
        return 1
    try:
        made = build(compiler, options.out)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.out}: {', '.join(made)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
