"""`voxlite export`: a training run becomes model files that say what they are, with a card and a parity report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np

from voxlite._version import __version__
from voxlite.runtime.metadata import ModelMetadata
from voxlite.tasks.pooling import pool
from voxlite.training.calibrate import fit_platt, operating_point, sigmoid, spread
from voxlite.training.corpus import SOUND_KINDS, Clip, read_manifest
from voxlite.training.examples import step_targets
from voxlite.training.export import VARIANTS, Parity, export, step_geometry
from voxlite.training.fit import POOL_STEPS, padded_features
from voxlite.training.mixing import VoiceExamples, excluded
from voxlite.training.nets import compact_voice_net
from voxlite.training.store import build_store
from voxlite.training.voice import VoiceTraining, load_plan, simulated_rooms
from voxlite.training.windows import Windows, clean_windows, protocol_clips, telephone, with_noise

_CLIP_SPAN_S = 1.0
_MIX_EXAMPLES = 800
_DESCRIPTION = "Human voice against everything else: one probability per 40 ms, verdicts for clips."


@dataclass(frozen=True)
class Published:
    """What an export made."""

    metadata: ModelMetadata
    parity: list[Parity]
    card: Path


def export_voice(
    run: Path,
    out: Path,
    manifest: Path,
    cache: Path,
    *,
    name: str = "compact",
    model_version: str = "1",
    variants: Sequence[str] = VARIANTS,
    blend: Sequence[Path] = (),
    tick: Callable[[], None] = lambda: None,
) -> Published:
    """Calibrate and export the best weights of a training run.

    Parameters
    ----------
    run
        Folder written by `train_voice`.
    out
        Folder of the model files, the SavedModel, `card.md` and `parity.json`.
    manifest, cache
        The corpus: validation clips calibrate the scores and measure parity; no test clip is read.
    name, model_version
        Of the model.
    variants
        Storages to write.
    blend
        Further runs of the same net, stages of one training: the mean of all best weights is exported
        (Wortsman et al. 2022).
    tick
        Called after each decoded clip.
    """
    plan = load_plan(run)
    clips = [clip for clip in read_manifest(manifest) if clip.use == "free" or not plan.free_only]
    validating = protocol_clips(clips, "val")
    mixing = [clip for clip in clips if clip.split == "val" or clip.kind == "rir"]
    store = build_store(mixing, cache, rate_hz=plan.config.rate_hz, tick=tick)
    model = compact_voice_net(plan.config, plan.net)
    _load_mean(model, [run, *blend])
    windows = clean_windows(validating, store)
    geometry = step_geometry(plan.config, plan.net.geometry(), plan.fit.lookahead)
    span = round(_CLIP_SPAN_S * plan.config.rate_hz / geometry.step)
    calibration = {"pool_steps": float(POOL_STEPS), "pool_span_steps": float(span)}
    clip_point = _calibrate_clips(model, plan, windows, span, calibration)
    step_point = _calibrate_steps(
        model, plan, VoiceExamples(mixing, store, simulated_rooms(cache, plan), plan.mix), calibration
    )
    metadata = ModelMetadata(
        name=name,
        version=model_version,
        task="voice",
        labels=("voice", "no voice"),
        frontend=plan.config,
        geometry=geometry,
        calibration=calibration,
        thresholds={"clip": clip_point, "step": step_point},
        licence="CC-BY-SA-4.0" if plan.free_only else "LicenseRef-research-only",
        description=_DESCRIPTION,
        weights="",
        training=_provenance(run, plan, clips, model),
        figures={"parameters": float(model.count_params())},
    )
    parity = export(model, metadata, out, list(windows.samples[::4]), variants=variants)
    (out / "parity.json").write_text(json.dumps([asdict(row) for row in parity], indent=1), encoding="utf-8")
    card = out / f"voice-{name}.md"
    card.write_text(model_card(metadata, parity), encoding="utf-8")
    return Published(metadata, parity, card)


def _load_mean(model: keras.Model, runs: Sequence[Path]) -> None:
    weights = []
    for run in runs:
        model.load_weights(run / "best.weights.h5")
        weights.append(model.get_weights())
    model.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])


def _logits(model: keras.Model, features: Any) -> Any:
    parts = [model.predict_on_batch(features[at : at + 128]) for at in range(0, len(features), 128)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


def _calibrate_clips(
    model: keras.Model, plan: VoiceTraining, windows: Windows, span: int, calibration: dict[str, float]
) -> dict[str, Any]:
    """Fit the clip calibration on clean, noisy and telephone windows together; return the threshold."""
    frames, logits = plan.net.geometry(), []
    sets = [windows, *(with_noise(windows, snr_db) for snr_db in (20.0, 10.0, 5.0))]
    sets.append(telephone(windows, plan.config.rate_hz))
    for item in sets:
        features = padded_features(item.samples, plan.config, frames, plan.fit.lookahead)
        logits += [pool(row, POOL_STEPS, span) for row in _logits(model, features)]
    truth = np.tile(windows.is_voice, len(sets))
    values = np.array(logits)
    slope, offset = fit_platt(values, truth, spread(windows.sources * len(sets), truth))
    calibration.update(clip_slope=slope, clip_offset=offset)
    return operating_point(
        sigmoid(values, slope, offset),
        truth,
        0.5,
        "validation split, 1 s: clean, 20, 10, 5 dB SNR, telephone",
    )


def _calibrate_steps(
    model: keras.Model, plan: VoiceTraining, examples: VoiceExamples, calibration: dict[str, float]
) -> dict[str, Any]:
    """Fit the step calibration on mixtures of validation clips; return the threshold."""
    from voxlite.frontend.spectrum import log_mel

    rng = np.random.default_rng(plan.fit.seed)
    features, targets = [], []
    for _ in range(_MIX_EXAMPLES):
        samples, active, certain = examples.draw(rng)
        mel = log_mel(samples, plan.config)
        features.append(mel)
        labels = (active[: len(mel)], certain[: len(mel)])
        targets.append(step_targets(*labels, plan.net.geometry(), plan.fit.lookahead))
    sure = np.stack(targets)[..., 1] > 0
    values = _logits(model, np.stack(features))[sure].astype(np.float64)
    truth = np.stack(targets)[..., 0][sure] > 0.5
    slope, offset = fit_platt(values, truth)
    calibration.update(step_slope=slope, step_offset=offset)
    return operating_point(
        sigmoid(values, slope, offset), truth, 0.5, "mixtures of validation clips, -5..30 dB SNR, 40 ms steps"
    )


def _provenance(run: Path, plan: VoiceTraining, clips: Sequence[Clip], model: keras.Model) -> dict[str, Any]:
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    banned = excluded(clips)
    training = [
        clip
        for clip in clips
        if clip.split == "train"
        and clip.kind in ("speech", *SOUND_KINDS, "babble")
        and clip.name not in banned
    ]
    return {
        "clips": dict(Counter(clip.kind for clip in training)),
        "hours": round(sum(clip.duration_s for clip in training) / 3600, 2),
        "licences": dict(Counter(clip.licence for clip in training)),
        "sources": sorted({clip.source for clip in training}),
        "free_only": plan.free_only,
        "steps": history["step"],
        "minutes": history["minutes"],
        "seed": plan.fit.seed,
        "versions": {"keras": version("keras"), "numpy": version("numpy"), "voxlite": __version__},
        "parameters": int(model.count_params()),
    }


def model_card(metadata: ModelMetadata, parity: Sequence[Parity]) -> str:
    """Return the model card, Markdown, from what the model file says and what was measured."""
    training, geometry = metadata.training, metadata.geometry
    ms = 1000 / metadata.frontend.rate_hz
    points = "\n".join(
        f"| {name} | {point['value']} | {point['far']:.2%} | {point['frr']:.2%} | {point['data']} |"
        for name, point in metadata.thresholds.items()
    )
    rows = "\n".join(
        f"| {row.variant} | {row.size_bytes / 1000:.0f} kB | {row.largest:.2g} | {row.mean:.2g} |"
        for row in parity
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(training["clips"].items()))
    freedom = "freely licensed ones alone" if training["free_only"] else "research-only ones included"
    licences = "\n".join(f"- {name}: {count} clips" for name, count in sorted(training["licences"].items()))
    versions = ", ".join(f"{name} {number}" for name, number in training["versions"].items())
    return f"""# voice-{metadata.name}, version {metadata.version}

{metadata.description}

- Input: float32 [1, n], a waveform at {metadata.frontend.rate_hz} Hz, full scale -1..1; the front end is inside.
- Output: float32 [1, steps], one logit per {ms * geometry.step:.0f} ms. A step depends on the
  {ms * geometry.before:.0f} ms before it and the {ms * geometry.after:.0f} ms after it, on nothing else.
- {training["parameters"]:,} parameters. Built-in operators alone.
- Licence of the weights: {metadata.licence}.

## Intended use

Voice activity and voice / no-voice verdicts on devices. *Voice* is speech, whisper, shout and unaccompanied song.
Not for identifying people, and not evidence of anything on its own. docs/numbers.md has the quality by source,
noise level and bandwidth, the bad figures included.

## Thresholds

| decision | threshold | false alarms | false rejects | measured on |
|---|---|---|---|---|
{points}

## Exported files against the Keras model, logits on validation clips

| weights | size | largest difference | mean difference |
|---|---|---|---|
{rows}

## Training data

{training["hours"]} hours in {kinds} clips, {freedom}; rooms are measured and simulated impulse responses.
From {len(training["sources"])} sources: {", ".join(training["sources"])}.

Clips by licence:

{licences}

Trained for {training["steps"]} steps ({training["minutes"]:.0f} minutes on two CPU cores), seed {training["seed"]},
with {versions}.
"""
