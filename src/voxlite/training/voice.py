"""`voxlite train voice`: from a manifest to trained weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from voxlite.frontend.config import FrontEndConfig
from voxlite.training import augment
from voxlite.training.corpus import CorpusError, read_manifest
from voxlite.training.examples import ExamplePool
from voxlite.training.fit import FitPlan, Validation, train
from voxlite.training.mixing import MixPlan
from voxlite.training.nets import CompactPlan, compact_voice_net
from voxlite.training.store import build_store
from voxlite.training.windows import clean_windows, in_silence, protocol_clips, telephone, with_noise

_N_ROOMS = 160
_SHORT_S = 0.25  # of lone syllables and knocks in silence


@dataclass(frozen=True)
class VoiceTraining:
    """Everything that decides what a training run makes."""

    config: FrontEndConfig
    net: CompactPlan
    mix: MixPlan
    fit: FitPlan
    free_only: bool = True
    workers: int = 1


def save_plan(plan: VoiceTraining, out: Path) -> None:
    """Write `out/plan.json`, from which an export rebuilds the net."""
    (out / "plan.json").write_text(json.dumps(asdict(plan), indent=1), encoding="utf-8")


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
    net = data["net"]
    return VoiceTraining(
        config=FrontEndConfig.from_dict(data["config"]),
        net=CompactPlan(
            stem=net["stem"],
            stages=tuple((channels, stride) for channels, stride in net["stages"]),
            width=net["width"],
            context_kernels=tuple(net["context_kernels"]),
        ),
        mix=MixPlan(**data["mix"]),
        fit=FitPlan(**data["fit"]),
        free_only=data["free_only"],
        workers=data["workers"],
    )


def simulated_rooms(cache: Path, plan: VoiceTraining) -> Path:
    """Return the file of impulse responses in the cache, made first where it is missing."""
    rooms = cache / "rooms.npz"
    if not rooms.is_file():
        augment.save_rooms(rooms, augment.simulate_rooms(plan.fit.seed, _N_ROOMS, plan.config.rate_hz))
    return rooms


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
    """Train the compact voice net on a corpus.

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
    rooms = simulated_rooms(cache, plan)
    geometry = plan.net.geometry()
    windows = clean_windows(validating, store)
    sets = {
        "clean": windows,
        "snr5": with_noise(windows, 5.0),
        "phone": telephone(windows, plan.config.rate_hz),
        "short": in_silence(clean_windows(validating, store, _SHORT_S), windows.samples.shape[1]),
    }
    validation = Validation(sets, plan.config, geometry, plan.fit.lookahead)
    keras.utils.set_random_seed(plan.fit.seed)
    model = compact_voice_net(plan.config, plan.net)
    out.mkdir(parents=True, exist_ok=True)
    save_plan(plan, out)
    pool = ExamplePool(
        training, cache, rooms, plan.mix, plan.config, seed=plan.fit.seed, workers=plan.workers
    )
    try:
        return train(model, pool, geometry, validation, plan.fit, out, resume=resume, report=report)
    finally:
        pool.close()
