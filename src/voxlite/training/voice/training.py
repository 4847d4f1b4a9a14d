"""`voxlite train voice`: from a manifest to trained weights, for each of the nets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from voxlite.frontend.config import FrontEndConfig
from voxlite.training import augment
from voxlite.training.corpus import Clip, CorpusError, read_manifest
from voxlite.training.examples import ExamplePool, VoiceMaker
from voxlite.training.fit import FitPlan, Recipe, steps_done, train
from voxlite.training.mixing import MixPlan
from voxlite.training.store import SampleStore, build_store
from voxlite.training.voice.inception import ImageRecipe, InceptionPlan, Stage, inception_net
from voxlite.training.voice.nets import CompactPlan, compact_voice_net
from voxlite.training.voice.recipe import StepRecipe, Validation
from voxlite.training.windows import (
    Windows,
    clean_windows,
    every,
    in_silence,
    protocol_clips,
    telephone,
    with_noise,
)

_SHORT_S = 0.25  # of lone syllables and knocks in silence


@dataclass(frozen=True)
class VoiceTraining:
    """Everything that decides what a training run makes."""

    config: FrontEndConfig
    net: CompactPlan | InceptionPlan
    mix: MixPlan
    fit: FitPlan
    free_only: bool = True
    workers: int = 1

    @property
    def net_name(self) -> str:
        """The net's name, as `--net` takes it."""
        return "inception_v3" if isinstance(self.net, InceptionPlan) else "compact"


def compact_training(free_only: bool = True, workers: int = 1, **fit: Any) -> VoiceTraining:
    """Return the defaults for the compact net; `fit` overrides `FitPlan`."""
    return VoiceTraining(FrontEndConfig(), CompactPlan(), MixPlan(), FitPlan(**fit), free_only, workers)


def inception_training(free_only: bool = True, workers: int = 1, **fit: Any) -> VoiceTraining:
    """Return the defaults for Inception-v3: one-second windows, a schedule in minutes; `fit` overrides `FitPlan`."""
    chosen: dict[str, Any] = {
        "steps": 100_000, "batch": 32, "epoch_steps": 100_000, "epoch_minutes": 7.0, "peak_rate": 1e-3,
        "weight_decay": 1e-2, "patience": 100, "average_keep": 0.96, "average_every": 4, "echo": 6.0, **fit,
    }  # fmt: skip
    return VoiceTraining(
        FrontEndConfig(), InceptionPlan(), MixPlan(seconds=1.0), FitPlan(**chosen), free_only, workers
    )


def build_net(plan: VoiceTraining) -> keras.Model:
    """Build the plan's net with fresh weights."""
    if isinstance(plan.net, InceptionPlan):
        return inception_net(plan.net.dropout)
    return compact_voice_net(plan.config, plan.net)


def save_plan(plan: VoiceTraining, out: Path) -> None:
    """Write `out/plan.json`, from which an export rebuilds the net."""
    data = {"net_name": plan.net_name, **asdict(plan)}
    (out / "plan.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


def load_plan(run: Path) -> VoiceTraining:
    """Read what `save_plan` wrote.

    Raises
    ------
    CorpusError
        If the folder holds no training run.
    """
    path = run / "plan.json"
    if not path.is_file():
        raise CorpusError(
            f"{run}: no training run here (plan.json is missing); train with `voxlite train voice`"
        )
    data = json.loads(path.read_text(encoding="utf-8"))
    return VoiceTraining(
        config=FrontEndConfig.from_dict(data["config"]),
        net=_net_plan(data.get("net_name", "compact"), data["net"]),
        mix=MixPlan(**data["mix"]),
        fit=FitPlan(**data["fit"]),
        free_only=data["free_only"],
        workers=data["workers"],
    )


def _net_plan(name: str, net: dict[str, Any]) -> CompactPlan | InceptionPlan:
    if name == "inception_v3":
        return InceptionPlan(**{**net, "stages": tuple(Stage(**stage) for stage in net["stages"])})
    stages = tuple((channels, stride) for channels, stride in net["stages"])
    return CompactPlan(**{**net, "stages": stages, "context_kernels": tuple(net["context_kernels"])})


def train_voice(
    manifest: Path,
    out: Path,
    cache: Path,
    plan: VoiceTraining,
    *,
    resume: bool = False,
    tick: Callable[[], None] = lambda: None,
    report: Callable[[int, dict[str, float]], None] = lambda step, logs: None,
) -> dict[str, Any]:
    """Train a voice net on a corpus.

    Parameters
    ----------
    manifest
        CSV of clips; `train` rows are learned from, `val` rows choose the best weights, `test` rows stay unread.
    out, cache
        Folder of the results; folder of decoded samples and rooms, reused between runs.
    plan
        What to train and how.
    resume, report
        See `voxlite.training.fit.train`.
    tick
        Called after each decoded clip.

    Raises
    ------
    CorpusError
        If the manifest has no usable training or validation clips.
    """
    clips = [clip for clip in read_manifest(manifest) if clip.use == "free" or not plan.free_only]
    training = [clip for clip in clips if clip.split == "train" or clip.kind == "rir"]
    validating = protocol_clips(clips, "val")
    for name, chosen in (("training", training), ("validation", validating)):
        kinds = {clip.kind == "speech" for clip in chosen}
        if kinds != {True, False}:
            raise CorpusError(f"{manifest}: the {name} split needs clips with speech and clips without")
    store = build_store([*training, *validating], cache, rate_hz=plan.config.rate_hz, tick=tick)
    rooms = augment.cached_rooms(cache, plan.fit.seed, plan.config.rate_hz)
    keras.utils.set_random_seed(plan.fit.seed)
    model = build_net(plan)
    out.mkdir(parents=True, exist_ok=True)
    save_plan(plan, out)
    make = VoiceMaker(training, cache, rooms, plan.mix, plan.config)
    seed = plan.fit.seed + steps_done(out, resume)
    pool = ExamplePool(make, seed=seed, workers=plan.workers, echo=plan.fit.echo)
    try:
        recipe = _recipe(plan, pool, clean_windows(validating, store), validating, store)
        return train(model, recipe, plan.fit, out, resume=resume, report=report)
    finally:
        pool.close()


def _recipe(
    plan: VoiceTraining, pool: ExamplePool, windows: Windows, clips: list[Clip], store: SampleStore
) -> Recipe:
    """Return batches and validation of the plan's net."""
    sets = {"clean": windows, "snr5": with_noise(windows, 5.0)}
    if isinstance(plan.net, InceptionPlan):  # it takes seconds per hundred windows: half of them each
        halves = {name: every(item, 2, k) for k, (name, item) in enumerate(sets.items())}
        return ImageRecipe(pool, halves, plan.config, plan.net, plan.fit)
    sets["phone"] = telephone(windows, plan.config.rate_hz)
    sets["short"] = in_silence(clean_windows(clips, store, _SHORT_S), windows.samples.shape[1])
    geometry = plan.net.geometry()
    validation = Validation(sets, plan.config, geometry, plan.fit.lookahead)
    return StepRecipe(pool, geometry, validation, plan.fit)
