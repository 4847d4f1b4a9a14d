"""Recall and false alarms by source, the weakest sources, and the sounds that are reported on their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.sections.markdown import percent, table
from benchmarks.sections.results import OWN, Results

N_WORST = 5
Row = dict[str, Any]


def by_source(results: Results, found: dict[str, Row]) -> list[str]:
    """Return recall and false alarms by source, and where voxlite errs most."""
    thresholds = "; ".join(f"{results.title(name)} {row['threshold']:g}" for name, row in found.items())
    blocks = [
        "### By source",
        f"The share of clips called voice, each detector at its own threshold: {thresholds}. For speech that is the "
        "recall, for other sounds the false alarm rate. Few clips move a source's share in large steps.",
    ]
    conditions = next(iter(found.values()))["conditions"]
    for title, condition, speech in (
        ("Recall, clean", "clean", True),
        ("Recall, 5 dB", "5 dB", True),
        ("Recall, telephone band", "telephone", True),
        ("False alarms, clean", "clean", False),
        ("False alarms, telephone band", "telephone", False),
    ):
        if condition in conditions:
            rows = [row for row in merged(found, condition) if (row["kind"] == "speech") == speech]
            blocks += [f"{title}:", _source_table(results, found, rows)]
    if OWN not in found:
        return blocks
    blocks.append(f"### Weakest sources of {OWN}")
    clean = merged(found, "clean")
    blocks += _worst(results, found, clean, speech=True) + _worst(results, found, clean, speech=False)
    return blocks


def merged(found: dict[str, Row], condition: str) -> list[Row]:
    """Return one row per (kind, source): how many clips, and each detector's share called voice."""
    rows: dict[tuple[str, str], Row] = {}
    for name, detector in found.items():
        for item in detector["by_source"][condition]:
            row = rows.setdefault(
                (item["kind"], item["source"]),
                {"kind": item["kind"], "source": item["source"], "n": item["n"], "shares": {}},
            )
            row["shares"][name] = item["called_voice"]
    return list(rows.values())


def _worst(results: Results, found: dict[str, Row], rows: Sequence[Row], *, speech: bool) -> list[str]:
    """Return the sources with most errors in share, those without any left out."""

    def errors(row: Row) -> float:
        share: float = row["shares"][OWN]
        return 1 - share if speech else share

    mine = [row for row in rows if (row["kind"] == "speech") == speech and OWN in row["shares"]]
    worst = sorted((row for row in mine if errors(row) > 0), key=errors, reverse=True)
    what = "recall" if speech else "false alarms"
    if not worst:
        return [f"Clean, {what}: no error in any of {len(mine)} sources."]
    count = f"Clean, {what}: errors in {len(worst)} of {len(mine)} sources"
    ending = f"; the {N_WORST} worst:" if len(worst) > N_WORST else ":"
    return [count + ending, _source_table(results, found, worst[:N_WORST])]


def _source_table(results: Results, found: dict[str, Row], rows: Sequence[Row]) -> str:
    cells = [
        [row["source"], row["kind"], str(row["n"]), *(percent(row["shares"].get(name)) for name in found)]
        for row in rows
    ]
    return table(["source", "kind", "clips", *map(results.title, found)], cells)


def apart(results: Results, found: dict[str, Row]) -> list[str]:
    """Return how often sounds that are neither right nor wrong are called voice."""
    if not next(iter(found.values()))["apart"]:
        return []
    alone = {name: {**row, "by_source": {"apart": row["apart"]}} for name, row in found.items()}
    return [
        "### Reported on their own",
        "Crying and babble are human sounds without words: called voice or not, neither is an error, and none of the "
        "figures above contains them.",
        _source_table(results, found, merged(alone, "apart")),
    ]
