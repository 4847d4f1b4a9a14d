"""Build hook: a wheel, or an editable installation, gets the compiled front end if this machine can make it.

The library serves every Python of its platform: the wheel's tag is py3-none-PLATFORM. Without a compiler, or where it
fails, the wheel is the pure one (py3-none-any) and a line says why: installing never fails for want of a compiler.
native/build.py does the work and runs by itself, too.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

PLACE = "voxlite/frontend"
OLDEST_GLIBC = (2, 17)  # manylinux names start here
MACOS = {"aarch64": ("arm64", "11.0"), "x86_64": ("x86_64", "10.13")}


class NativeHook(BuildHookInterface[Any]):
    """Compile the kernel and tell the wheel about it."""

    PLUGIN_NAME = "custom"
    _folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the library; `version` is "standard" or "editable"."""
        builder = load_builder(Path(self.root))
        in_tree = Path(self.root) / "src" / PLACE / builder.LIBRARY
        if version == "editable":
            in_tree.unlink(missing_ok=True)  # never an old one beside new sources
            library = in_tree
        else:  # apart from the checkout, which may serve another machine
            self._folder = Path(tempfile.mkdtemp())
            library = self._folder / builder.LIBRARY
        try:
            tag = make(builder, library)
        except (builder.BuildError, OSError) as error:
            library.unlink(missing_ok=True)
            self.app.display_warning(f"voxlite: without the compiled front end, NumPy computes it: {error}")
            return
        build_data["pure_python"] = False
        build_data["tag"] = tag
        if version != "editable":
            build_data["force_include"][str(library)] = f"{PLACE}/{builder.LIBRARY}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was built apart."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def load_builder(root: Path) -> ModuleType:
    """Return native/build.py as a module."""
    spec = importlib.util.spec_from_file_location("voxlite_native_build", root / "native" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and named tuples look their module up
    spec.loader.exec_module(module)
    return module


def make(builder: ModuleType, library: Path) -> str:
    """Compile the library and return the wheel's tag.

    With CC set, the wheel is for that compiler's target, whatever it is; else it must fit this Python.
    """
    compiler = builder.find_compiler()
    if compiler is None:
        raise builder.BuildError(
            f"no C compiler (looked for {', '.join(builder.COMPILERS)}; CC names another)"
        )
    if sys.platform == "win32":
        raise builder.BuildError("no kernel is built on Windows")
    target = builder.target_of(compiler)
    machine = builder.architecture(target)
    if "apple" in target and machine in MACOS:
        compiler = [*compiler, "-arch", MACOS[machine][0], f"-mmacosx-version-min={MACOS[machine][1]}"]
    builder.build(compiler, library)
    platform = platform_tag(target, machine, library.read_bytes())
    if "CC" not in os.environ and platform not in {tag.platform for tag in sys_tags()}:
        raise builder.BuildError(
            f"{compiler[0]} compiles for {platform}, this Python is for another platform"
        )
    return f"py3-none-{platform}"


def platform_tag(target: str, machine: str, library: bytes) -> str:
    """Return the platform that a library is for: the oldest glibc that has every symbol it wants."""
    if "apple" in target:
        name, oldest = MACOS[machine]
        return f"macosx_{oldest.replace('.', '_')}_{name}"
    if "musl" in target:
        return f"musllinux_1_2_{machine}"
    wanted = {(int(major), int(minor)) for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)", library)}
    major, minor = max(wanted | {OLDEST_GLIBC})
    return f"manylinux_{major}_{minor}_{machine}"
