"""`voxlite train gender`: from a manifest to a trained net of a trait."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
from voxlite.training.store import build_store
from voxlite.training.traits.examples import Labelled, TraitMaker, first_of_each_voice, labelled, trait_mix
from voxlite.training.traits.labels import TRAITS, Trait, is_contradicted
from voxlite.training.traits.net import TraitPlan, load_weights, trait_net, whole_net
from voxlite.training.traits.recipe import TraitRecipe, trait_trials
from voxlite.training.utterances import LEFT_OUT

_MOST_PER_VOICE = 8


@dataclass(frozen=True)
class TraitTraining:
    """Everything that decides what a training run makes."""

    task: str
    config: FrontEndConfig = field(
        default_factory=lambda: FrontEndConfig(
            window_s=0.064, hop_s=0.020, fft_size=1024, mel_bands=80, low_hz=60.0, high_hz=7600.0
        )
    )
    net: TraitPlan = field(default_factory=TraitPlan)
    mix: VoiceMix = field(default_factory=trait_mix)
    fit: FitPlan = field(default_factory=lambda: trait_fit())
    free_only: bool = True
    workers: int = 1

    @property
    def trait(self) -> Trait:
        """What is learned."""
        return TRAITS[self.task]

    @property
    def net_name(self) -> str:
        """The net's name."""
        return "compact" if self.free_only else "research"


def trait_fit(**fit: Any) -> FitPlan:
    """Return the schedule of a trait's net; `fit` overrides it."""
    chosen: dict[str, Any] = {
        "steps": 6000, "batch": 64, "epoch_steps": 250, "peak_rate": 2e-3, "weight_decay": 1e-2, "echo": 1.5,
        "smoothing": 0.02, "average_keep": 0.99, "average_every": 2, "patience": 100, **fit,
    }  # fmt: skip
    return FitPlan(**chosen)


def training_voices(clips: Sequence[Clip], trait: Trait) -> list[Labelled]:
    """Return what is learned from: the training split without the source that is left out to validate on.

    Voices whose pitch contradicts their label teach nothing and choose nothing.
    """
    wanted = [clip for clip in clips if clip.split == "train" and clip.source != LEFT_OUT[0]]
    return labelled([clip for clip in wanted if not is_contradicted(clip)], trait)


def validation_voices(clips: Sequence[Clip], trait: Trait) -> list[Labelled]:
    """Return what chooses the weights and calibrates: a few stretches of each voice of the validation split.

    The source that is left out of training counts whole: its voices are in rooms that the net has not heard.
    """
    unheard = [
        clip
        for clip in clips
        if (clip.split == "val" or (clip.split == "train" and clip.source == LEFT_OUT[0]))
        and not is_contradicted(clip)
    ]
    return first_of_each_voice(labelled(unheard, trait), _MOST_PER_VOICE)


def train_trait(
    manifest: Path,
    out: Path,
    cache: Path,
    plan: TraitTraining,
    *,
    start: Path | None = None,
    resume: bool = False,
    tick: Callable[[], None] = lambda: None,
    report: Callable[[int, dict[str, float]], None] = lambda step, logs: None,
) -> dict[str, Any]:
    """Train a trait's net on a corpus.

    Parameters
    ----------
    manifest
        CSV of clips; test rows stay unread.
    out, cache
        Folder of the results; folder of decoded samples and rooms, reused between runs.
    plan
        What to train and how.
    start
        Weights that the net starts from; none starts at random. Their history, where it lies beside them, becomes part
        of the new one.
    resume, report
        See `voxlite.training.fit.train`.
    tick
        Called after each decoded clip.

    Raises
    ------
    CorpusError
        If the manifest has no labelled voices to learn from or to validate on.
    """
    clips = [
        clip
        for clip in read_manifest(manifest)
        if (clip.split in ("train", "val") or clip.kind == "rir")
        and (clip.use == "free" or not plan.free_only)
    ]
    learned, judged = training_voices(clips, plan.trait), validation_voices(clips, plan.trait)
    if not learned or not judged:
        raise CorpusError(
            f"{manifest}: needs speech labelled with {plan.task}, to learn from and to validate on"
        )
    store = build_store(clips, cache, rate_hz=plan.config.rate_hz, tick=tick)
    around = [clip for clip in clips if clip.split == "train" or clip.kind == "rir"]
    rooms = cached_rooms(cache, plan.fit.seed, plan.config.rate_hz)
    make = TraitMaker(plan.task, learned, around, cache, rooms, plan.mix, plan.config)
    keras.utils.set_random_seed(plan.fit.seed)
    model = whole_net(*trait_net(plan.config, len(plan.trait.outputs), plan.net))
    if start is not None:
        load_weights(model, start)
    out.mkdir(parents=True, exist_ok=True)
    said = {"net_name": "trait", **asdict(plan)}
    (out / "plan.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    trials = trait_trials(judged, plan.trait, store, plan.config, plan.mix.n_samples, plan.mix.seconds)
    pool = ExamplePool(
        make, seed=plan.fit.seed + steps_done(out, resume), workers=plan.workers, echo=plan.fit.echo
    )
    try:
        recipe = TraitRecipe(pool, trials, plan.fit)
        before = history_beside(start)
        return train(model, recipe, plan.fit, out, resume=resume, started_from=before, report=report)
    finally:
        pool.close()
