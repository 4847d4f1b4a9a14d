"""The ARM processors that are emulated, and what their Python consists of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Machine:
    """What is emulated.

    Parameters
    ----------
    name
        Of the folder.
    debian
        Debian's name of the processor.
    emulator
        Program of qemu-user-static.
    cpu
        Processor that it plays; empty for its default.
    packages
        Debian packages; what they depend on comes along.
    wheels
        Requirements for pip.
    platforms
        Wheel platforms, as pip names them.
    alone
        Take the wheels without what they depend on.
    libraries
        Folders of libraries below usr/lib that Debian's installation scripts would have linked to.
    """

    name: str
    debian: str
    emulator: str
    cpu: str
    packages: tuple[str, ...]
    wheels: tuple[str, ...]
    platforms: tuple[str, ...]
    alone: bool = False
    libraries: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return REPOSITORY / ".cache" / self.name

    @property
    def package(self) -> Path:
        """Where its Python finds voxlite: a copy, which may hold a library that is compiled for it."""
        return self.folder / "package"

    @property
    def python(self) -> Path:
        """The command that runs its Python."""
        return self.folder / "python"


ARM64 = Machine(
    name="arm64",
    debian="arm64",
    emulator="qemu-aarch64-static",
    # the server's cousin of the Cortex-A76 in phones. qemu 7.2's default, "max", claims more than it does right: int8
    # products with dynamic ranges come out wrong there by 15 logits, and right on each processor that was tried by name
    cpu="neoverse-n1",
    packages=("python3", "libstdc++6"),
    # LiteRT 1.2 to 2.1.2 run under qemu-user 7.2; 2.2 and 2.3 crash in the Interpreter's constructor
    wheels=(
        "ai-edge-litert==2.1.2",
        "numpy>=1.26",
        "soundfile>=0.13",
        "soxr>=1.1",
        "platformdirs>=4",
        "typer>=0.26",
        "rich>=13",
        "pytest>=8",
        "hypothesis>=6.100",
    ),
    platforms=("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"),
)
ARM32 = Machine(
    name="arm32",
    debian="armhf",
    emulator="qemu-arm-static",
    cpu="",
    packages=("python3", "python3-numpy", "libstdc++6"),  # NumPy has no wheels for it
    wheels=("tflite-runtime==2.14.0",),  # the last one; LiteRT and soxr have none
    platforms=("manylinux_2_34_armv7l",),
    alone=True,
    libraries=("arm-linux-gnueabihf/blas", "arm-linux-gnueabihf/lapack"),
)
MACHINES = {machine.name: machine for machine in (ARM64, ARM32)}
