"""What is done with a file of each kind; every way in that a user has."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from reliability.writers import PASSPHRASE, batch, opened
from voxlite import Audio, analyze
from voxlite.report.jsonio import report_json


def _analyze(path: Path) -> None:
    report = analyze(path, threads=1)
    report_json(report)  # refuses what JSON cannot hold
    ends_s = [segment.end_s for segment in report.segments]
    starts_s = [segment.start_s for segment in report.segments]
    if starts_s != [0.0, *ends_s][:-1] or not math.isclose(ends_s[-1], report.duration_s, abs_tol=1e-6):
        raise AssertionError("segments do not partition the recording")


def _read(path: Path) -> None:
    audio = Audio.read(path)
    if not np.isfinite(audio.samples).all():
        raise AssertionError("samples that are not finite")


def _model(path: Path) -> None:
    from voxlite.runtime import load_model
    from voxlite.runtime.tensors import model_tensors

    model = load_model(path)
    noise = (0.1 * np.random.default_rng(0).standard_normal(40_000)).astype(np.float32)
    model_tensors(model)
    if model.metadata.task == "speaker":
        from voxlite.runtime import SpeakerEmbedder
        from voxlite.voiceprints.scoring import PairScorer

        one = SpeakerEmbedder(model, threads=1).embed(noise)
        PairScorer(model).llr(one, one[None], 4.0, narrow=False)
    elif model.metadata.task == "gender":
        from voxlite.tasks.gender import GenderClassifier

        GenderClassifier(str(path), 1).decide(Audio(noise, 16_000))
    else:
        report = analyze(Audio(noise, 16_000), threads=1, models={model.metadata.task: str(path)})
        report_json(report)


def _store(path: Path) -> None:
    with opened(path) as vault:
        persons = vault.persons()
        if len(vault.prints()) < len(persons):
            raise AssertionError("people without prints")
        vault.add(*batch("Dora"))
        vault.forget("Dora")


def _export(path: Path) -> None:
    from voxlite.voiceprints.container import open_container

    open_container(path.read_bytes(), PASSPHRASE, str(path))


def _truth(path: Path) -> None:
    from voxlite.report.scoring import read_truth

    read_truth(path)


def _trials(path: Path) -> None:
    from voxlite.recognition.trials import read_trials

    read_trials(path)


SUBJECTS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "sound": (_analyze, _read),
    "model": (_model,),
    "metadata": (_model,),
    "store": (_store,),
    "export": (_export,),
    "truth": (_truth,),
    "trials": (_trials,),
}
"""By kind of file."""

COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "sound": (
        ("analyze", "{file}", "--format", "json"),
        ("info", "{file}"),
        ("split", "{file}", "--out", "out"),
        ("features", "{file}", "--out", "out/f.npy"),
    ),
    "model": (("analyze", "{voice}", "--model", "voice={file}"),),
    "metadata": (("analyze", "{voice}", "--model", "voice={file}"),),
    "store": (("voices", "--store", "{file}"), ("forget", "Ada", "--store", "{file}")),
    "export": (("import-voices", "{file}", "--store", "out/new.vault"),),
    "truth": (("score", "{file}", "{voice}"),),
}
"""The program's commands that take such a file; "{voice}" is a recording, "out" the only folder they may write to."""
