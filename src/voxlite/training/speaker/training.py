"""`voxlite train speaker`: from a manifest and a teacher to a trained speaker net."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.augment import cached_rooms
from voxlite.training.corpus import Clip, CorpusError, read_manifest
from voxlite.training.examples import ExamplePool
from voxlite.training.fit import FitPlan, history_beside, steps_done, train
from voxlite.training.heard_voice import VoiceMix
from voxlite.training.speaker.examples import SpeakerMaker
from voxlite.training.speaker.net import SpeakerPlan, load_net, speaker_net
from voxlite.training.speaker.recipe import SpeakerLoss, SpeakerRecipe, with_classes
from voxlite.training.speaker.taught import keep
from voxlite.training.speaker.verification import TrialSet, trial_set
from voxlite.training.speaker.voice_bank import Teacher, build_bank
from voxlite.training.store import SampleStore, build_store
from voxlite.training.utterances import LEFT_OUT, Utterance, utterances

VERSIONS = ("x1.00", "x0.90", "v01", "v02", "v03", "v04", "v05")
"""Of every utterance: see `voxlite.training.speaker.revoicing.factors`."""


@dataclass(frozen=True)
class SpeakerTraining:
    """Everything that decides what a training run makes."""

    config: FrontEndConfig = field(default_factory=lambda: FrontEndConfig(mel_bands=80, low_hz=20.0))
    net: SpeakerPlan = field(default_factory=SpeakerPlan)
    mix: VoiceMix = field(default_factory=VoiceMix)
    loss: SpeakerLoss = field(default_factory=SpeakerLoss)
    fit: FitPlan = field(default_factory=lambda: speaker_fit())
    versions: tuple[str, ...] = VERSIONS
    free_only: bool = True
    workers: int = 1

    @property
    def net_name(self) -> str:
        """The net's name."""
        return "compact"


def speaker_fit(**fit: Any) -> FitPlan:
    """Return the speaker net's schedule; `fit` overrides it."""
    chosen: dict[str, Any] = {
        "steps": 60_000, "batch": 64, "epoch_steps": 500, "peak_rate": 2e-3, "weight_decay": 1e-2, "echo": 1.5,
        "average_keep": 0.99, "average_every": 5, "patience": 100, **fit,
    }  # fmt: skip
    return FitPlan(**chosen)


def training_utterances(clips: list[Clip], free_only: bool) -> list[Utterance]:
    """Return what is learned from: the training split without the sources that are left out.

    Their speakers are left out of the other sources too: LibriSpeech's parts share some.
    """
    unheard = {clip.speaker for clip in clips if clip.source in LEFT_OUT}
    return utterances(
        clip
        for clip in clips
        if clip.split == "train"
        and clip.source not in LEFT_OUT
        and not (clip.speaker and clip.speaker in unheard)
        and (clip.use == "free" or not free_only)
    )


def validation_utterances(clips: list[Clip]) -> dict[str, list[Utterance]]:
    """Return sets of free utterances that choose the weights: left-out sources, and held-out voices of known ones."""
    known = ("speechocean762", "librispeech-test-clean", "speech-commands-v0-02-test")
    free = [clip for clip in clips if clip.use == "free" and clip.split in ("train", "val")]
    sets = {source: [clip for clip in free if clip.source == source] for source in LEFT_OUT}
    sets["held-out"] = [clip for clip in free if clip.split == "val" and clip.source in known]
    return {name: found for name, own in sets.items() if (found := utterances(own, least_s=2.0))}


def train_speaker(
    manifest: Path,
    out: Path,
    cache: Path,
    plan: SpeakerTraining,
    teacher: Teacher,
    *,
    taught: Path | None = None,
    start: Path | None = None,
    resume: bool = False,
    tick: Callable[[], None] = lambda: None,
    report: Callable[[int, dict[str, float]], None] = lambda step, logs: None,
) -> dict[str, Any]:
    """Train a speaker net on a corpus.

    Parameters
    ----------
    manifest
        CSV of clips; test rows stay unread.
    out, cache
        Folder of the results; folder of decoded samples, rooms and the teacher's embeddings, reused between runs.
    plan, teacher
        What to train and how; whose embeddings to learn.
    taught
        File in which what the teacher said is kept, for a `RememberingTeacher`.
    start
        Weights by `save_net` that the net starts from; none starts at random. Their history, where it lies beside them,
        becomes part of the new one.
    resume, report
        See `voxlite.training.fit.train`.
    tick
        Called after each decoded clip and each taught utterance.

    Raises
    ------
    CorpusError
        If the manifest has no usable training utterances or validation voices.
    """
    clips = [clip for clip in read_manifest(manifest) if clip.split in ("train", "val") or clip.kind == "rir"]
    store = build_store(
        [clip for clip in clips if clip.use == "free" or not plan.free_only],
        cache,
        rate_hz=plan.config.rate_hz,
        tick=tick,
    )
    learned = training_utterances(clips, plan.free_only)
    sets = validation_sets(clips, store, plan)
    if not learned or not sets:
        raise CorpusError(
            f"{manifest}: needs speech to learn from, and voices with several clips to validate on"
        )
    folder = cache / f"bank-{teacher.name}"
    bank = build_bank(learned, store, plan.versions, teacher, folder, tick=tick)
    if taught is not None:
        keep(taught, folder, plan.versions)
    around = [clip for clip in clips if (clip.split == "train" and clip.use == "free") or clip.kind == "rir"]
    make = SpeakerMaker(
        folder,
        plan.versions,
        around,
        cache,
        cached_rooms(cache, plan.fit.seed, plan.config.rate_hz),
        plan.mix,
        plan.config,
    )
    keras.utils.set_random_seed(plan.fit.seed)
    body, back = speaker_net(plan.config, plan.net)
    if start is not None:
        load_net(body, back, start)
    model = with_classes(body, back, bank.n_classes, bank.directions())
    out.mkdir(parents=True, exist_ok=True)
    save_speaker_plan(plan, out, bank.n_classes)
    seed = plan.fit.seed + steps_done(out, resume)
    pool = ExamplePool(make, seed=seed, workers=plan.workers, echo=plan.fit.echo)
    try:
        recipe = SpeakerRecipe(pool, sets, plan.fit, plan.loss)
        before = history_beside(start)
        return train(model, recipe, plan.fit, out, resume=resume, started_from=before, report=report)
    finally:
        pool.close()


def validation_sets(clips: list[Clip], store: SampleStore, plan: SpeakerTraining) -> dict[str, TrialSet]:
    """Return the trials that choose the weights."""
    return {
        name: trial_set(chosen, store, plan.config, plan.mix.seconds)
        for name, chosen in validation_utterances(clips).items()
    }


def save_speaker_plan(plan: SpeakerTraining, out: Path, n_classes: int) -> None:
    """Write `out/plan.json`, from which an export rebuilds the net."""
    data = {"net_name": "speaker", "n_classes": n_classes, **asdict(plan)}
    (out / "plan.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
