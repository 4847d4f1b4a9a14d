"""Finding the compiled kernel, or living without it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import voxlite
from voxlite.audio.audio import Audio
from voxlite.errors import FeatureError
from voxlite.frontend import FrontEndConfig, cepstrum, log_mel, mfcc, native
from voxlite.frontend.cepstrum import cepstrum_numpy
from voxlite.frontend.spectrum import log_mel_numpy

CONFIG = FrontEndConfig()
SOURCE = Path(voxlite.__file__).resolve().parent.parent
NAME_THE_PATH = """
import numpy as np
from voxlite.frontend import FrontEndConfig, log_mel, native
print(log_mel(np.zeros(400, np.float32), FrontEndConfig()).shape)
plan = native.plan_for(FrontEndConfig())
print(plan.isa if plan else "numpy")
"""


def run(arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
    )


def test_off_is_numpy_in_a_process():
    done = run(["-c", NAME_THE_PATH], VOXLITE_NATIVE="off")
    assert done.stdout.split("\n")[:2] == ["(1, 64)", "numpy"], done.stderr


def test_an_instruction_set_is_forced_in_a_process(library):
    done = run(["-c", NAME_THE_PATH], VOXLITE_NATIVE="scalar")
    assert done.stdout.split("\n")[:2] == ["(1, 64)", "scalar"], done.stderr


def test_a_wrong_choice_is_one_line_for_people(tmp_path):
    path = tmp_path / "x.wav"
    pytest.importorskip("soundfile").write(path, np.zeros(16_000, np.float32), 16_000)
    command = ["-m", "voxlite", "features", str(path), "--out", str(tmp_path / "x.npy")]
    done = run(command, VOXLITE_NATIVE="mmx")
    assert done.returncode == 1
    assert "VOXLITE_NATIVE=mmx: want off or one of the instruction sets at hand:" in " ".join(
        done.stderr.split()
    )
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("fresh_kernel")
@pytest.mark.parametrize("content", [None, b"no library", b"\x7fELF" + bytes(100)])
def test_without_a_usable_library_numpy_computes(monkeypatch, tmp_path, content, rng):
    path = tmp_path / native.LIBRARY.name
    if content is not None:
        path.write_bytes(content)
    monkeypatch.delenv(native.VARIABLE, raising=False)
    monkeypatch.setattr(native, "LIBRARY", path)
    found = native.kernel()
    assert found.isas == ()
    assert ("no compiled kernel" if content is None else "does not load") in found.detail
    assert "\n" not in found.detail
    samples = (0.1 * rng.standard_normal(2_000)).astype(np.float32)
    mel = log_mel(samples, CONFIG)
    np.testing.assert_array_equal(mel, log_mel_numpy(samples, CONFIG))
    np.testing.assert_array_equal(cepstrum(mel, CONFIG), cepstrum_numpy(mel, CONFIG))
    np.testing.assert_array_equal(mfcc(Audio(samples, 16_000)), cepstrum(mel, CONFIG))
    with pytest.raises(FeatureError, match=r"'avx2' is not at hand: .*_native"):
        native.plan_for(CONFIG, "avx2")
    monkeypatch.setenv(native.VARIABLE, "avx2")
    native.kernel.cache_clear()
    with pytest.raises(FeatureError, match=r"VOXLITE_NATIVE=avx2: want off .* at hand: none \(.*_native"):
        native.kernel()


def test_another_library_is_not_taken_for_ours():
    spec = importlib.util.find_spec("numpy.random._generator") or importlib.util.find_spec("_ctypes")
    if spec is None or not str(spec.origin).endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
        pytest.skip("needs some shared library")
    found = native.load(Path(spec.origin))
    assert found.library is None
    assert "does not load" in found.detail
    assert "voxlite_abi" in found.detail


def test_a_library_of_another_version_is_refused(library, monkeypatch):
    monkeypatch.setattr(native, "_ABI", 999)
    found = native.load(native.LIBRARY)
    assert found.library is None
    assert "of another version (1, not 999): install again" in found.detail


@pytest.mark.usefixtures("fresh_kernel")
def test_the_environment_chooses(library, monkeypatch):
    monkeypatch.setenv(native.VARIABLE, "scalar")
    native.kernel.cache_clear()
    assert native.kernel().isas[0] == "scalar"
    assert set(native.kernel().isas) == set(library.isas)
    assert native.plan_for(CONFIG).isa == "scalar"
    monkeypatch.setenv(native.VARIABLE, "off")
    native.kernel.cache_clear()
    native.plan_for.cache_clear()
    assert native.plan_for(CONFIG) is None
    assert native.kernel().detail == "off by VOXLITE_NATIVE"
