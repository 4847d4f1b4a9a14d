"""Detectors of a user's own sounds, from few recordings: `python -m benchmarks.detectors`.

For each kind of sound in ESC-10 and Kitchen20 (those of the corpus) a detector learns from ten recordings of it and
from half of all others, and is judged on the rest: recordings of other sources, for both collections cut several clips
from one. A recording's score is the highest probability of its windows.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.common import publish
from voxlite.runtime import find_model
from voxlite.training.corpus import Clip, read_manifest
from voxlite.training.detector.fit import fit_detector
from voxlite.training.detector.graph import POOLED_STEPS, step_geometry, trunk
from voxlite.training.detector.sounds import Recording, windows_of_sound
from voxlite.training.detector.training import Describer, examples_of
from voxlite.training.metrics import roc_auc, threshold_at_recall
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.store import build_store
from voxlite.training.tables import Table

_COLLECTIONS = ("esc-10", "kitchen20")
_LEARNED = 10
_LEAST = 2 * _LEARNED


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--recordings", type=int, default=_LEARNED, help="of the sound, to learn from")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/detectors.json"))
    options = parser.parse_args()
    manifest, console = find_manifest(options.manifest), Console()
    clips = [clip for clip in read_manifest(manifest) if clip.source in _COLLECTIONS and clip.kind != "rir"]
    info = find_model("voice", "compact")
    config = info.metadata.frontend
    store = build_store(clips, find_cache(options.cache, manifest, "detectors"), rate_hz=config.rate_hz)
    n_samples = step_geometry(config, POOLED_STEPS).window
    describe = Describer(trunk(info.path.read_bytes(), str(info.path)), n_samples)
    kinds = [kind_of(clip) for clip in clips]
    windows = [windows_of_sound(store.samples(clip), n_samples, config.rate_hz // 2) for clip in clips]
    rows = {}
    for kind in track(sorted(set(kinds)), "kinds of sound", console=console):
        found = _judge(kind, clips, kinds, windows, describe, options.recordings)
        if found:
            rows[kind] = found
    aucs = [row["roc_auc"] for row in rows.values()]
    result = {
        "benchmark": "detectors",
        "recordings": options.recordings,
        "kinds": rows,
        "roc_auc_mean": round(float(np.mean(aucs)), 4),
        "roc_auc_least": round(float(np.min(aucs)), 4),
        "false_alarms_at_90_mean": round(
            float(np.mean([row["false_alarms_at_90"] for row in rows.values()])), 4
        ),
    }
    cells = [
        [kind, row["recordings"], row["roc_auc"], row["false_alarms_at_90"]] for kind, row in rows.items()
    ]
    columns = ["kind", "recordings judged", "ROC-AUC", "false alarms at 90 % found"]
    title = f"Detectors from {options.recordings} recordings, ROC-AUC {result['roc_auc_mean']:.3f} on average"
    publish(result, options.out, [Table.of(title, columns, cells)])


def kind_of(clip: Clip) -> str:
    """Return what a clip of one of the collections is called there: its folder, or the number at its name's end."""
    if clip.source == "esc-10":
        return "ESC-10 " + clip.original.split("/")[-2].partition(" - ")[2].lower()
    return f"Kitchen20 {re.findall(r'-([0-9]+)[.]', clip.original)[-1]}"


def origin_of(clip: Clip) -> str:
    """Return the recording that a clip was cut from."""
    name = clip.original.split("/")[-1].partition("-")[2]  # without the number of a fold
    return f"{clip.source}/{re.sub(r'-[A-Z](-[0-9]+)?[.][a-z0-9]+$', '', name)}"


def _judge(
    kind: str,
    clips: Sequence[Clip],
    kinds: Sequence[str],
    windows: Sequence[Any],
    describe: Describer,
    n_learned: int,
) -> dict[str, float]:
    """Return the figures of one kind's detector; none where there are too few recordings of it."""
    rng = np.random.default_rng(1)
    own = rng.permutation(
        sorted({origin_of(clip) for clip, one in zip(clips, kinds, strict=True) if one == kind})
    )
    rest = rng.permutation(sorted({origin_of(clip) for clip in clips} - set(own)))
    if len(own) < _LEAST:
        return {}
    learned = {*own[:n_learned], *rest[: len(rest) // 2]}
    judged = {*own[n_learned:], *rest[len(rest) // 2 :]}
    recordings = defaultdict(list)
    for clip, one, part in zip(clips, kinds, windows, strict=True):
        if origin_of(clip) in learned and len(part):
            recordings["learned"].append(Recording(Path(clip.name), one == kind, part))
        elif origin_of(clip) in judged and len(part):
            recordings["judged"].append(Recording(Path(clip.name), one == kind, part))
    fitted = fit_detector(examples_of(recordings["learned"], describe, 1), 1)
    scores = np.array(
        [
            max(fitted.head(np.stack([describe(w) for w in item.windows]))[:, 0])
            for item in recordings["judged"]
        ]
    )
    truth = np.array([item.wanted for item in recordings["judged"]])
    limit = threshold_at_recall(scores, truth, 0.9)
    return {
        "recordings": int(truth.sum()),
        "others": int((~truth).sum()),
        "roc_auc": round(roc_auc(scores, truth), 4),
        "false_alarms_at_90": round(float(np.mean(scores[~truth] >= limit)), 4),
    }


if __name__ == "__main__":
    main()
