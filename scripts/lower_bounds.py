"""Run the client's tests with the oldest version of each dependency that pyproject.toml allows.

    python scripts/lower_bounds.py                what `make lower-bounds` does
    python scripts/lower_bounds.py --newest       the same tests with the newest versions
    python scripts/lower_bounds.py --pin rich=14  another bound than pyproject.toml's, to try it
    python scripts/lower_bounds.py -- -k gate     other pytest arguments in place of the chosen tests

A virtual environment of its own in .cache/ holds voxlite with the extras of the client, pinned to the bounds; what
only tests need is as new as pip finds it. Whatever the bounds do not allow together, pip says. The newest versions are
also those of `make test`: a fresh environment has them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPOSITORY = Path(__file__).resolve().parent.parent
EXTRAS = ("plot", "media", "parquet", "diarize", "html")
"""Of the client; `train` has lower bounds of its own, which TensorFlow's wheels decide."""
TOOLS = ("pytest>=8", "pytest-randomly>=3.16", "hypothesis>=6.100")
ROOMS = (
    "audio",
    "activity",
    "frontend",
    "runtime",
    "quality",
    "tasks",
    "voiceprints",
    "recognition",
    "report",
    "cli",
)
LEFT_OUT = (
    "--ignore=tests/frontend/test_native_build.py",  # needs the build tools
    "--ignore=tests/frontend/test_golden.py",  # its reference is librosa
    "--ignore=tests/quality/test_loudness.py",  # its reference is pyloudnorm
)
_BOUND = re.compile(r"^\s*([A-Za-z0-9._-]+)\s*>=\s*([0-9][0-9.]*)")


class BoundsError(Exception):
    """The environment cannot be made; the text is one line for people."""


def bounds(pyproject: str, extras: Sequence[str] = EXTRAS) -> dict[str, str]:
    """Return the oldest version that is allowed of each runtime dependency, by name.

    Parameters
    ----------
    pyproject
        The text of pyproject.toml.
    extras
        Whose dependencies count, too.

    Raises
    ------
    BoundsError
        If a dependency has no lower bound, or an extra is unknown.
    """
    project = tomllib.loads(pyproject)["project"]
    found: dict[str, str] = {}
    optional = project["optional-dependencies"]
    unknown = [extra for extra in extras if extra not in optional]
    if unknown:
        raise BoundsError(f"pyproject.toml has no extra {unknown[0]!r}")
    for line in [*project["dependencies"], *(one for extra in extras for one in optional[extra])]:
        match = _BOUND.match(line)
        if match is None:
            raise BoundsError(f"{line!r} names no oldest version: write NAME>=VERSION")
        name, version = match.groups()
        if found.setdefault(name, version) != version:
            raise BoundsError(f"{name} has two bounds, {found[name]} and {version}: use one")
    return found


def make_environment(folder: Path, pins: dict[str, str]) -> Path:
    """Make the virtual environment anew, with voxlite and everything its tests need; return its Python.

    Raises
    ------
    BoundsError
        If pip fails, with its last line.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)])
    python = folder / "bin" / "python"
    if not python.exists():
        python = folder / "Scripts" / "python.exe"
    constraints = folder / "constraints.txt"
    constraints.write_text(
        "".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8"
    )
    pip = [str(python), "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]
    wanted = f"{REPOSITORY}[{','.join(EXTRAS)}]"
    _run([*pip, "install", "--constraint", str(constraints), "--editable", wanted, *TOOLS])
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no word from it"]
        telling = [
            line for line in lines if line.startswith(("ERROR: Cannot", "    ", "ERROR: No", "ERROR: Could"))
        ]
        raise BoundsError(
            f"{' '.join(command[:4])} failed: {' / '.join(map(str.strip, telling or lines[-1:]))}"
        )


def main() -> int:
    """Make the environment and run the tests in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--newest", action="store_true", help="take the newest versions instead")
    parser.add_argument(
        "--pin",
        action="append",
        default=[],
        metavar="NAME=VERSION",
        help="try another bound than pyproject.toml's",
    )
    parser.add_argument("arguments", nargs="*", metavar="PYTEST_ARGUMENT")
    options = parser.parse_args()
    try:
        pins = bounds((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        pins |= dict(pin.split("=", 1) for pin in options.pin)
        name = "newest" if options.newest else "lower-bounds"
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in pins.items()), flush=True)
        python = make_environment(REPOSITORY / ".cache" / name, {} if options.newest else pins)
    except BoundsError as error:
        print(f"lower_bounds: {error}", file=sys.stderr)
        return 1
    rooms = [f"tests/{room}" for room in ROOMS]
    chosen = options.arguments or [*rooms, *LEFT_OUT, "-m", "not train and not corpus"]
    # old packages beside new ones of others warn of what neither is ours
    warnings = [] if options.newest else ["-W", "ignore::DeprecationWarning"]
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *warnings, *chosen]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
