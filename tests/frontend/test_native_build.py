"""Making the compiled kernel: native/build.py by itself, and the wheels of the build hook."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from voxlite.frontend import FrontEndConfig, native
from voxlite.frontend.cepstrum import cepstrum_numpy
from voxlite.frontend.spectrum import log_mel_numpy

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "native" / "build.py"


@pytest.fixture(scope="module")
def build():
    """Return native/build.py as a module."""
    spec = importlib.util.spec_from_file_location("native_build_under_test", BUILD)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def compiler(build):
    """Return the compiler's command."""
    found = build.find_compiler()
    if found is None:
        pytest.skip(f"needs a C compiler: one of {', '.join(build.COMPILERS)}, or CC")
    if build.architecture(build.target_of(found)) not in build.KERNELS or sys.platform == "win32":
        pytest.skip("no kernel is built for this platform")
    return found


@pytest.fixture(scope="module")
def built(build, compiler, tmp_path_factory):
    """Compile once; return the library and the names of what is in it."""
    out = tmp_path_factory.mktemp("native") / "deeper" / build.LIBRARY
    return out, build.build(compiler, out)


def test_the_library_fits_the_loader(built):
    out, names = built
    found = native.load(out)
    assert found.detail == ""
    assert set(found.isas) <= set(names)
    assert "scalar" in found.isas
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_it_wants_an_old_c_library_and_nothing_else(build, compiler, built):
    if "linux-gnu" not in build.target_of(compiler):
        pytest.skip("needs a compiler for glibc")
    content = built[0].read_bytes()
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", content)
    assert versions
    assert max((int(major), int(minor)) for major, minor in versions) <= (2, 17)
    assert b"libm.so" not in content
    assert b"libgcc_s.so" not in content


def test_an_instruction_set_that_the_compiler_lacks_is_left_out(build, compiler, monkeypatch, tmp_path):
    odd = build.Kernel("avx2", 8, ("-mno-such-instructions",))
    kernels = {machine: (known[0], odd) for machine, known in build.KERNELS.items()}
    monkeypatch.setattr(build, "KERNELS", kernels)
    first = kernels[build.architecture(build.target_of(compiler))][0].name
    assert build.build(compiler, tmp_path / "x.so") == ["scalar", first]
    assert native.load(tmp_path / "x.so").isas == (first, "scalar")


@pytest.mark.parametrize("width", [4, 8, 16])
def test_every_width_agrees_whatever_this_processor_has(build, compiler, monkeypatch, tmp_path, width, rng):
    """Compilers split vectors that the target lacks: the code for AVX-512 runs anywhere."""
    kernels = dict.fromkeys(build.KERNELS, (build.Kernel("baseline", width, ()),))
    monkeypatch.setattr(build, "KERNELS", kernels)
    build.build(compiler, tmp_path / "x.so")
    library = native.load(tmp_path / "x.so").library
    for config in (
        FrontEndConfig(),
        FrontEndConfig(fft_size=1_024, window_s=0.0331, mel_bands=37, coefficients=29),
    ):
        samples = (0.1 * rng.standard_normal(9_999)).astype(np.float32)
        plan = native.Plan(library, config, "baseline")
        mel = plan.log_mel(samples)
        np.testing.assert_allclose(mel, log_mel_numpy(samples, config), rtol=0, atol=1e-4)
        np.testing.assert_allclose(plan.mfcc(samples), cepstrum_numpy(mel, config), rtol=0, atol=1e-3)
        part = samples[: config.window_samples + 4 * config.hop_samples]
        np.testing.assert_array_equal(plan.log_mel(part), mel[:5])


def test_what_does_not_compile_is_one_line(build, compiler, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "FLAGS", ("-std=no-such-language",))
    with pytest.raises(build.BuildError, match=r"failed: .*no-such-language") as caught:
        build.build(compiler, tmp_path / "x.so")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
    with pytest.raises(build.BuildError, match="does not run"):
        build.target_of([str(tmp_path / "nowhere")])
    monkeypatch.setattr(build, "target_of", lambda compiler: "riscv64-linux-gnu")
    with pytest.raises(build.BuildError, match="riscv64 is not supported, only x86_64 and aarch64"):
        build.build(compiler, tmp_path / "x.so")


def test_targets_have_linux_names(build):
    targets = {
        "x86_64-linux-gnu": "x86_64",
        "arm64-apple-darwin23.1.0": "aarch64",
        "aarch64-linux-musl": "aarch64",
        "amd64-unknown-freebsd14": "x86_64",
        "riscv64-linux-gnu": "riscv64",
    }
    assert [build.architecture(target) for target in targets] == list(targets.values())


def test_the_compiler_is_looked_for(build, monkeypatch):
    monkeypatch.setenv("CC", "some-gcc --sysroot='/a b'")
    assert build.find_compiler() == ["some-gcc", "--sysroot=/a b"]
    monkeypatch.delenv("CC")
    monkeypatch.setattr(build.shutil, "which", lambda name: "/x/clang" if name == "clang" else None)
    assert build.find_compiler() == ["/x/clang"]
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    assert build.find_compiler() is None


def script(*arguments, **environment):
    environment = {**os.environ, **environment}
    command = [sys.executable, str(BUILD), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_script(compiler, tmp_path):
    done = script("--cc", " ".join(compiler), "--out", tmp_path / "x.so")
    assert done.returncode == 0, done.stderr
    assert "x.so: scalar, " in done.stdout
    failed = script("--cc", "/no/such/compiler", "--out", tmp_path / "y.so")
    assert failed.returncode == 1
    assert failed.stderr.splitlines() == [
        "/no/such/compiler does not run: [Errno 2] No such file or directory: '/no/such/compiler'"
    ]
    none = script("--out", tmp_path / "y.so", PATH=str(tmp_path), CC="")
    assert none.returncode == 1
    assert "install one of cc, gcc, clang or set CC" in none.stderr


@pytest.fixture
def wheel(tmp_path):
    """Return a function that builds this checkout's wheel, in a copy, and returns its path and what was said."""
    pytest.importorskip("hatchling", reason="needs hatchling: pip install hatchling")
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("native", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        if not (ROOT / name).exists():
            pytest.skip("needs the repository")
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
    shutil.copytree(
        ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.tflite", "__pycache__", "_native.*")
    )

    def make(**environment):
        environment = {**os.environ, **environment}
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        (path,) = (copy / "dist").glob("*.whl")
        return path, done.stderr

    return make


def test_a_wheel_with_a_compiler_is_for_its_platform(wheel, compiler):
    path, said = wheel(CC=" ".join(compiler))
    assert re.search(r"-py3-none-(?!any)\w+\.whl$", path.name), said
    with zipfile.ZipFile(path) as archive:
        assert "voxlite/frontend/_native.so" in archive.namelist()
        (about,) = (name for name in archive.namelist() if name.endswith("WHEEL"))
        assert b"Root-Is-Purelib: false" in archive.read(about)
    assert not list(path.parent.parent.rglob("src/**/_native.*"))


@pytest.mark.parametrize(
    ("environment", "reason"),
    [({"CC": "", "PATH": ""}, "no C compiler"), ({"CC": "/no/such/compiler"}, "does not run")],
)
def test_a_wheel_without_a_compiler_is_the_pure_one(wheel, environment, reason):
    path, said = wheel(**environment)
    assert path.name.endswith("-py3-none-any.whl")
    assert reason in said
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "_native" in name]
