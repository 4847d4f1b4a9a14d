"""What restricted clips would add to the speaker net."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, table
from benchmarks.sections.results import RESTRICTED

LEARNED_FROM = {"free": "free clips alone", "research": "restricted clips too"}
"""Kind of a training to what it is called."""


def restricted(data: dict[str, Any] | None) -> list[str]:
    """Return two equal trainings side by side; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## What restricted clips would add", f"`{RESTRICTED}`"]
    if data is None:
        return [*blocks, missing(RESTRICTED)]
    trainings = data["trainings"]
    sets = list(trainings["free"]["eer"])
    rows = [
        [
            name,
            str(trainings[kind]["classes"]),
            *(f"{100 * trainings[kind]['eer'][one]:.2f} %" for one in sets),
        ]
        for kind, name in LEARNED_FROM.items()
    ]
    return [
        *blocks,
        f"Two trainings of {data['steps']} steps each go on from the shipped speaker net's weights, one on free clips, "
        "as the shipped model, one on all of the corpus. EER by cosines on free voices that neither learned from, "
        "before what differs within a voice is made to count less.",
        table(("learned from", "known voices", *sets), rows),
    ]
