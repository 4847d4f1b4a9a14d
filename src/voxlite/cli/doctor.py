"""`voxlite doctor`: is everything there that is needed, and what could be added."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from voxlite.cli.shell import console, print_bytes

_NEEDED = ("numpy", "ai-edge-litert", "soundfile", "soxr", "platformdirs", "typer", "rich", "cryptography")
_EXTRAS = {
    "media": ("av",),
    "mic": ("sounddevice",),
    "plot": ("matplotlib",),
    "parquet": ("pyarrow",),
    "diarize": ("scipy",),
    "html": ("jinja2",),
    "archive": ("pyarrow", "jinja2"),
    "ray": ("ray",),
    "keyring": ("keyring",),
    "train": ("keras", "tensorflow", "scipy", "pyroomacoustics"),
}
_SPEEDS = ("sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "neon", "asimd",
           "asimdhp", "asimddp", "i8mm", "sve")  # fmt: skip
_ALIASES = {"tensorflow": ("tensorflow", "tensorflow-cpu")}

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Check:
    """One thing looked at: `missing` costs a feature, `broken` is an error."""

    name: str
    state: State
    detail: str


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check Python, the processor, dependencies, extras and models; exit status 1 if something needed is broken."""
    checks = [_python(), _processor(), *_dependencies(), _decoder(), _front_end(), *_extras(), *_models()]
    if json:
        from voxlite.report.jsonio import to_json

        plain = [{"name": c.name, "state": c.state, "detail": c.detail} for c in checks]
        print_bytes(to_json(plain) + "\n")
    else:
        _print(checks)
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(1)


def _python() -> Check:
    from voxlite._version import __version__

    version = platform.python_version()
    state: State = "ok" if sys.version_info >= (3, 10) else "broken"
    return Check("voxlite", state, f"{__version__} on Python {version}, {platform.platform()}")


def cpu_features(cpuinfo: str) -> list[str]:
    """Return the vector extensions named in the text of /proc/cpuinfo that matter for speed here."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            flags = set(value.split())
            return [name for name in _SPEEDS if name in flags]
    return []


def _processor() -> Check:
    import os

    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        text = ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    name = models[0] if models else platform.processor() or platform.machine()
    found = cpu_features(text)
    vector = ", ".join(found) if found else "vector extensions not known"
    return Check("processor", "ok", f"{name}, {os.cpu_count()} threads; {vector}")


def _version(distribution: str) -> str | None:
    for name in _ALIASES.get(distribution, (distribution,)):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _dependencies() -> list[Check]:
    checks = []
    for name in _NEEDED:
        version = _version(name)
        if version is None:
            checks.append(Check(name, "broken", f"not installed: pip install {name}"))
        else:
            checks.append(Check(name, "ok", version))
    return checks


def _extras() -> list[Check]:
    checks = []
    for extra, distributions in _EXTRAS.items():
        versions = {name: _version(name) for name in distributions}
        absent = [name for name, version in versions.items() if version is None]
        if absent:
            detail = f"{', '.join(absent)} not installed: pip install 'voxlite[{extra}]'"
            checks.append(Check(f"extra {extra}", "missing", detail))
        else:
            detail = ", ".join(f"{name} {version}" for name, version in versions.items())
            checks.append(Check(f"extra {extra}", *_loadable(extra, detail)))
    return checks


def _loadable(extra: str, detail: str) -> tuple[State, str]:
    """Find out about the one extra that is often installed and still of no use: PortAudio is not in every wheel."""
    if extra != "mic":
        return "ok", detail
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        return "missing", f"{detail}, but PortAudio cannot be loaded ({error}): install libportaudio2"
    return "ok", f"{detail}, {len(sounddevice.query_devices())} devices"


def _attempt(name: str, work: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", work())
    except Exception as error:  # whatever breaks is the answer
        return Check(name, "broken", " ".join(f"{type(error).__name__}: {error}".split()))


def _decoder() -> Check:
    def work() -> str:
        import soundfile

        formats = soundfile.available_formats()
        useful = [
            name for name in ("WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "W64", "AU") if name in formats
        ]
        return f"libsndfile {soundfile.__libsndfile_version__}: {', '.join(useful)}"

    return _attempt("sound files", work)


def _front_end() -> Check:
    """Say which implementation of the front end runs here; NumPy's costs time, nothing else."""
    from voxlite.errors import FeatureError
    from voxlite.frontend import native

    try:
        found = native.kernel()
    except FeatureError as error:
        return Check("front end", "broken", str(error))
    if found.isas:
        others = f"; at hand too: {', '.join(found.isas[1:])}" if found.isas[1:] else ""
        by = f" by {native.VARIABLE}" if found.wanted else ""
        return Check("front end", "ok", f"compiled, {found.isas[0]}{by}{others}")
    if found.wanted:
        return Check("front end", "ok", f"NumPy: {found.detail}")
    return Check(
        "front end", "missing", f"NumPy: {found.detail}; to be faster, install again with a C compiler"
    )


def _models() -> list[Check]:
    def shipped() -> list[str]:
        from voxlite.runtime.catalog import shipped_models

        return [model.name for model in shipped_models() if model.metadata.task == "voice"]

    def runs(name: str) -> str:
        import numpy as np

        from voxlite.audio.audio import Audio
        from voxlite.tasks.voice import VoiceDetector

        detector = VoiceDetector(name, threads=1)
        noise = np.random.default_rng(0).normal(0, 0.1, detector.rate_hz).astype(np.float32)
        decision = detector.decide(Audio(noise, detector.rate_hz))
        if not 0.0 <= decision.score <= 1.0:
            raise ValueError(f"it gives a probability of {decision.score}")
        return f"loads and runs; one second of noise: {decision.label}, probability {decision.score:.3f}"

    try:
        names = shipped()
    except Exception as error:  # as in _attempt: a damaged model file is what we are looking for
        return [Check("models", "broken", " ".join(str(error).split()))]
    if not names:
        return [
            Check("models", "broken", "no voice model is shipped with this installation: install a release")
        ]
    return [_attempt(f"model {name}", lambda name=name: runs(name)) for name in names]  # type: ignore[misc]


def _print(checks: list[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "missing": "yellow", "broken": "bold red"}
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        table.add_row(Text(check.state, style=styles[check.state]), check.name, check.detail)
    target = console()
    target.print(table)
    n_broken = sum(check.state == "broken" for check in checks)
    target.print(f"{n_broken} broken" if n_broken else "Everything needed is there.")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(doctor)
