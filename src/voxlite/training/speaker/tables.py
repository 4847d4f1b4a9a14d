"""A speaker evaluation as tables, files and a DET picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.training import metrics
from voxlite.training.protocol import CLEAN
from voxlite.training.speaker.evaluate import TELEPHONE, SpeakerEvaluation
from voxlite.training.tables import Cell, Table

_SHOWN = (CLEAN, "3 s", "1 s", "10 dB", "0 dB", TELEPHONE)


def speaker_tables(data: dict[str, Any]) -> list[Table]:
    """Return the tables that a person reads, of what `SpeakerEvaluation.to_dict` and `score_figures` hold."""
    made = [_errors(data), _genders(data)]
    if "scores" in data:
        made += [_calibration(data), *_references(data), _open_set(data)]
    return [table for table in made if table.rows]


def _errors(data: dict[str, Any]) -> Table:
    normed = data.get("scores", {}).get("as_norm", {})
    rows: list[list[Cell]] = []
    for name, row in data["conditions"].items():
        after = normed.get(name, {})
        rows.append([name, _fine(row["eer"]), row["min_dcf"], _fine(after.get("eer")), after.get("min_dcf")])
    clean = data["conditions"][CLEAN]
    title = (
        f"Speakers, {data['protocol']['split']} split: {data['n_speakers']} speakers, {data['n_clips']} clips, "
        f"{clean['n_target']} pairs of one and {clean['n_impostor']} of two"
    )
    return Table.of(title, ["condition", "EER", "minDCF", "EER, AS-norm", "minDCF, AS-norm"], rows)


def _genders(data: dict[str, Any]) -> Table:
    rows = [
        [name, _fine(row["eer"]), row["min_dcf"], row["n_impostor"]] for name, row in data["gender"].items()
    ]
    return Table.of("Clean, by gender", ["pairs of two", "EER", "minDCF", "pairs"], rows)


def _calibration(data: dict[str, Any]) -> Table:
    rows: list[list[Cell]] = [
        [
            name, row["ece"], round(point["llr"], 2), _fine(point["stated_far"]), _fine(point["far"]),
            _fine(point["stated_frr"]), _fine(point["frr"]),
        ]
        for name, row in data["scores"]["calibration"].items()
        for point in row["points"]
    ]  # fmt: skip
    columns = ["condition", "ECE", "LLR", "FAR stated", "found", "FRR stated", "found"]
    return Table.of("Calibrated scores on these speakers", columns, rows)


def _references(data: dict[str, Any]) -> list[Table]:
    rows = [
        [
            row["n_references"],
            *(_fine(row[key]) for key in ("eer", "far", "frr")),
            round(row["llr_at_far_0.01"], 2),
        ]
        for row in data["scores"].get("references", ())
    ]
    columns = ["references", "EER", "FAR found", "FRR found", "LLR of one stranger in 100"]
    return [Table.of("Several references of a person, clean", columns, rows)] if rows else []


def _open_set(data: dict[str, Any]) -> Table:
    found = data["scores"]["open_set"]
    rows = [
        [
            _fine(point["stated_far"]),
            round(point["llr"], 2),
            *(_fine(point[key]) for key in ("strangers_named", "enrolled_missed", "enrolled_misnamed")),
        ]
        for point in found.get("points", ())
    ]
    title = f"Open set: {found.get('n_enrolled')} enrolled, {found.get('n_impostors')} strangers"
    columns = ["FAR wanted", "LLR", "strangers named", "enrolled missed", "enrolled misnamed"]
    return Table.of(title, columns, rows)


def _fine(share: float | None) -> str | None:
    """Return a share as a percentage with two decimals."""
    return None if share is None else f"{100 * share:.2f} %"


def write_speaker_evaluation(evaluation: SpeakerEvaluation, data: dict[str, Any], folder: Path) -> list[Path]:
    """Write `evaluation.json`, the trial list, and `scores.npz` with the cosines; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("evaluation.json", "trials.txt.gz", "scores.npz")]
    paths[0].write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    evaluation.trials.write(paths[1])
    np.savez_compressed(paths[2], **evaluation.conditions)  # type: ignore[arg-type]
    return paths


def draw_speaker_evaluation(evaluation: SpeakerEvaluation, folder: Path) -> list[Path]:
    """Draw `det.png` into a folder and return its path.

    Raises
    ------
    MissingExtraError
        If matplotlib or SciPy is missing.
    """
    from voxlite.training.pictures import draw_det_curves

    curves = {}
    for name in _SHOWN:
        if name in evaluation.conditions:
            _, alarms, misses = metrics.error_rates(evaluation.conditions[name], evaluation.trials.same)
            curves[name] = np.append(alarms, 0.0), np.append(misses, 1.0)
    path = folder / "det.png"
    draw_det_curves(curves, "DET, one speaker or two (cosines)", path)
    return [path]
