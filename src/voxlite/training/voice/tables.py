"""An evaluation as tables and files: figures per condition and source, one JSON, one CSV with every score."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from voxlite.training.protocol import CLEAN
from voxlite.training.tables import Cell, Table, percent
from voxlite.training.voice.evaluate import Evaluation

_BESIDE = ("5 dB", "telephone")


def evaluation_tables(evaluation: Evaluation) -> list[Table]:
    """Return the tables that a person reads, the summary first."""
    data = evaluation.to_dict()
    tables = [_ranking(data), _verdicts(data), _sources(data, "speech"), _sources(data, "other")]
    if data["apart"]:
        rows = [[row["kind"], row["source"], row["n"], percent(row["called_voice"])] for row in data["apart"]]
        title = "Crying and babble, neither right nor wrong"
        tables.append(Table.of(title, ["kind", "source", "clips", "called voice"], rows))
    if data["never_voice"]:
        tables.append(_never(data))
    return tables


def _ranking(data: dict[str, Any]) -> Table:
    keys = ("eer", "far_at_99_recall", "far_at_95_recall")
    rows: list[list[Cell]] = [
        [name, row["roc_auc"], *(percent(row[key]) for key in keys)]
        for name, row in data["conditions"].items()
    ]
    title = f"Voice, {data['protocol']['split']} split: {data['n_speech']} speech, {data['n_other']} other"
    return Table.of(title, ["condition", "ROC-AUC", "EER", "FAR at 99 %", "FAR at 95 %"], rows)


def _verdicts(data: dict[str, Any]) -> Table:
    keys = ("accuracy", "recall", "false_alarm_rate")
    rows: list[list[Cell]] = [
        [name, *(percent(row[key]) for key in keys), row["ece"]] for name, row in data["conditions"].items()
    ]
    columns = ["condition", "accuracy", "recall", "false alarms", "ECE"]
    return Table.of(f"Verdicts at threshold {data['threshold']:g}", columns, rows)


def _sources(data: dict[str, Any], what: str) -> Table:
    names = [CLEAN, *(name for name in _BESIDE if name in data["conditions"])]
    if what != "speech":  # their windows do not change with the SNR
        names = [name for name in names if not name.endswith("dB")]
    by_name = {
        name: {(row["kind"], row["source"]): row["called_voice"] for row in data["by_source"][name]}
        for name in names
    }
    rows: list[list[Cell]] = []
    for row in data["by_source"][CLEAN]:
        if (row["kind"] == "speech") == (what == "speech"):
            key = row["kind"], row["source"]
            rows.append(
                [row["source"], row["kind"], row["n"], *(percent(by_name[name][key]) for name in names)]
            )
    title = "Recall by source" if what == "speech" else "False alarms by source"
    return Table.of(f"{title} at threshold {data['threshold']:g}", ["source", "kind", "clips", *names], rows)


def _never(data: dict[str, Any]) -> Table:
    wrong, found = len(data["never_voice"]["called_voice"]), len(data["never_voice"]["voice_found"])
    rows = [
        [family, row["n"], row["worst_score"], row["worst"]]
        for family, row in data["never_voice"]["families"].items()
    ]
    title = f"Sounds that never hold a voice: {wrong} called voice, {found} with a voice segment"
    return Table.of(title, ["family", "sounds", "highest score", "of"], rows)


def write_evaluation(evaluation: Evaluation, folder: Path, about: dict[str, Any]) -> list[Path]:
    """Write `evaluation.json` (with `about`, e.g. model and versions) and `scores.csv`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "evaluation.json"
    data = {"about": about, **evaluation.to_dict()}
    report.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    table = folder / "scores.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["clip", "kind", "source", *evaluation.conditions])
        columns = list(evaluation.conditions.values())
        for index, clip in enumerate(evaluation.clips):
            writer.writerow(
                [clip.name, clip.kind, clip.source, *(f"{values[index]:.5f}" for values in columns)]
            )
        for clip, value in zip(evaluation.apart, evaluation.apart_scores, strict=True):
            writer.writerow([clip.name, clip.kind, clip.source, f"{value:.5f}", *[""] * (len(columns) - 1)])
    return [report, table]
