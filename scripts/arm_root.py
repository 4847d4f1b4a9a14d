"""Make a folder with an ARM Python that runs on this machine under emulation: .cache/arm64 or .cache/arm32.

    python scripts/arm_root.py arm64      prints the path of a command that behaves like `python`

Debian's own packages for the other processor are fetched with apt, into a private state folder, so that the machine's
package list stays what it is, and unpacked without being installed. Wheels for the same processor come from the
package index with this Python's pip and lie beside them. qemu-user runs the result. Everything is kept and made again
only when what is asked for, or this file, changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from arm_machines import MACHINES, REPOSITORY, Machine

DEBIAN_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
EMULATOR_PACKAGES = ("qemu-user-static",)


class RootError(Exception):
    """The folder cannot be made; one line says what to do."""


def prepare(machine: Machine) -> Path:
    """Make the folder if it is missing or made of other parts; return the command that runs its Python.

    Raises
    ------
    RootError
        If something cannot be had; the message says what to do.
    """
    emulator = find_program(machine.emulator, EMULATOR_PACKAGES)
    stamp = machine.folder / "made-of.json"
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    wanted = json.dumps(
        {**asdict(machine), "path": emulator, "folder": str(machine.folder), "recipe": recipe}
    )
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return machine.python
    say(f"fetching a Python for {machine.debian} into {machine.folder}: about a minute, once")
    shutil.rmtree(machine.folder, ignore_errors=True)
    root = machine.folder / "root"
    unpack(fetch_packages(machine), root)
    version = python_version(root)
    fetch_wheels(machine, version, machine.folder / "wheels")
    write_python(machine, root, version)
    check(machine)
    stamp.write_text(wanted, encoding="utf-8")
    return machine.python


def find_program(program: str, packages: tuple[str, ...]) -> str:
    """Return a program's path; install it from Debian where it is missing and we may.

    Raises
    ------
    RootError
        If it cannot be had; the message is the command to run.
    """
    if found := shutil.which(program):
        return found
    cure = f"{program} is missing: apt-get install {' '.join(packages)}"
    may = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (may and not shutil.which("sudo")):
        raise RootError(cure)
    say(f"installing {' '.join(packages)}")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        run([*may, *environment, "apt-get", *command], cure)
    if not (found := shutil.which(program)):
        raise RootError(cure)
    return found


def fetch_packages(machine: Machine) -> Path:
    """Download Debian packages for the machine with all they depend on; return the folder of .deb files."""
    source = next((path for path in DEBIAN_SOURCES if path.is_file()), None)
    if source is None or not shutil.which("apt-get"):
        raise RootError("the ARM tests take packages from Debian with apt: run them on a Debian system")
    apt = machine.folder / "apt"
    for name in ("state/lists/partial", "cache/archives/partial", "sources"):
        (apt / name).mkdir(parents=True)
    (apt / "state" / "status").touch()  # nothing is installed there: dependencies are fetched too
    shutil.copy(source, apt / "sources" / (f"debian{source.suffix}"))
    options = {
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "state" / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": apt / "sources",
        "APT::Architecture": machine.debian,
        "APT::Architectures": machine.debian,
        "APT::Sandbox::User": "root",  # or apt's own user may not write into our folder
        "APT::Get::List-Cleanup": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    command = [
        "apt-get",
        "-qq",
        *(word for key, value in options.items() for word in ("-o", f"{key}={value}")),
    ]
    cure = f"Debian's packages for {machine.debian} cannot be fetched: check the network and {source}"
    with suppress(
        RootError
    ):  # a mirror that is being updated spoils one list of several; the next line will tell
        run([*command, "update"], cure)
    run([*command, "-y", "--no-install-recommends", "--download-only", "install", *machine.packages], cure)
    return apt / "cache" / "archives"


def unpack(packages: Path, root: Path) -> None:
    """Unpack .deb files into a folder; none of their scripts is run."""
    for package in sorted(packages.glob("*.deb")):
        run(["dpkg-deb", "-x", str(package), str(root)], f"{package.name} cannot be unpacked: remove .cache")


def python_version(root: Path) -> str:
    """Return "3.11" for a root that holds Python 3.11."""
    found = sorted((root / "usr" / "bin").glob("python3.[0-9]*"))
    if not found:
        raise RootError(f"no Python in {root}: Debian's packages have changed")
    return found[-1].name.removeprefix("python")


def fetch_wheels(machine: Machine, version: str, target: Path) -> None:
    """Unpack wheels for the machine, with what they depend on, into a folder."""
    platforms = [word for name in machine.platforms for word in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-warn-conflicts", "--only-binary=:all:", "--python-version", version, *platforms]
    command += ["--target", str(target), *machine.wheels, *(["--no-deps"] if machine.alone else [])]
    run(command, f"wheels for {machine.debian} cannot be fetched: check the network")


def write_python(machine: Machine, root: Path, version: str) -> None:
    """Write the command `python`; the emulated Python calls itself by it, too."""
    wheels = machine.folder / "wheels"
    (wheels / "sitecustomize.py").write_text(f"import sys\nsys.executable = {str(machine.python)!r}\n")
    variables = {
        "PYTHONHOME": str(root / "usr"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": f"{machine.package}:{REPOSITORY}:{wheels}",
        "LD_LIBRARY_PATH": ":".join(str(root / "usr" / "lib" / name) for name in machine.libraries),
    }
    write_command(machine, "python", variables, root / "usr" / "bin" / f"python{version}")


def write_command(machine: Machine, name: str, variables: Mapping[str, str], program: Path) -> Path:
    """Write a shell script that runs a program of the other processor, from anywhere; return it."""
    emulator = find_program(machine.emulator, EMULATOR_PACKAGES)
    settings = [word for key, value in variables.items() for word in ("-E", f"{key}={value}")]
    cpu = ["-cpu", machine.cpu] if machine.cpu else []
    words = [emulator, *cpu, "-L", str(machine.folder / "root"), *settings, str(program)]
    command = machine.folder / name
    command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    command.chmod(0o755)
    return command


def check(machine: Machine) -> None:
    """Start the Python once, so that what does not run is found here."""
    cure = f"the Python in {machine.folder} does not run under {machine.emulator}"
    run([str(machine.python), "-c", "import numpy"], cure)


def run(command: Sequence[str], cure: str) -> None:
    """Run a command silently.

    Raises
    ------
    RootError
        If it fails: the cure, and the last line that it said.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise RootError(f"{cure} ({said[-1]})")


def say(text: str) -> None:
    """Tell what takes time, on standard error."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Make the folder and print its command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("machine", choices=sorted(MACHINES))
    try:
        print(prepare(MACHINES[parser.parse_args().machine]))
    except RootError as error:
        print(f"arm_root: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
