"""An evaluation of a trait as tables, as JSON, and its confusion as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.training.tables import Table, percent

_COLUMNS = ("n", "unsure", "right of decided", "mean recall", "ECE", "children", "of them left open")


def trait_tables(data: Mapping[str, Any]) -> list[Table]:
    """Return the tables of an evaluation, from `TraitEvaluation.to_dict`."""
    tables = [_table("condition", data["conditions"], f"{data['task']}: {data['n_voices']} voices")]
    first = next(iter(data["conditions"]))
    tables += [_table(part, rows, f"by {part}, {first}") for part, rows in data["by"].items()]
    answers = list(next(iter(data["confusion"].values())))
    rows = [[truth, *[row[answer] for answer in answers]] for truth, row in data["confusion"].items()]
    return [*tables, Table.of(f"decisions, {first}", ["voice is", *answers], rows)]


def _table(what: str, rows: Mapping[str, Any], title: str) -> Table:
    cells = [
        [
            name,
            row["n"],
            percent(row["unsure"]),
            percent(row["right_of_decided"]),
            percent(row["uar"]),
            row["ece"],
            row["n_others"] or None,
            percent(row["others_left_open"]),
        ]
        for name, row in rows.items()
    ]
    return Table.of(title, [what, *_COLUMNS], cells)


def write_trait_evaluation(data: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `evaluation.json` and `confusion.png` into a folder, which is made, and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    file, picture = out / "evaluation.json", out / "confusion.png"
    file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    title = f"{data['task']}, {next(iter(data['conditions']))} of speech"
    draw_confusion(data["confusion"], title, picture)
    return [file, picture]


def draw_confusion(confusion: Mapping[str, Mapping[str, int]], title: str, path: Path) -> None:
    """Draw how often each label was answered with each decision, shares of the rows."""
    from matplotlib.figure import Figure

    truths, answers = list(confusion), list(next(iter(confusion.values())))
    counts = np.array([[confusion[truth][answer] for answer in answers] for truth in truths], float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(1.6 + 1.1 * len(answers), 1.4 + 0.7 * len(truths)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*shares.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        text = f"{shares[row, column]:.0%}\n{int(counts[row, column])}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(answers)), answers)
    axes.set_yticks(range(len(truths)), truths)
    axes.set_xlabel("decision")
    axes.set_ylabel("voice is")
    axes.set_title(title)
    figure.savefig(path, dpi=120)
