"""What copies of an enrolled voice score."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, number, percent, table
from benchmarks.sections.results import COPIES


def copies(data: dict[str, Any] | None) -> list[str]:
    """Return the shares of copies that are accepted; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## Copies of a voice", f"`{COPIES}`"]
    if data is None:
        return [*blocks, missing(COPIES)]
    rows = [
        [
            kind,
            str(one["asked"]),
            percent(one["accepted"]),
            percent(one["accepted_rarer"]),
            number(one["llr_median"], 1),
        ]
        for kind, one in data["kinds"].items()
    ]
    others = "strangers and espeak-ng's voices" if "espeak-ng" in data["kinds"] else "strangers"
    return [
        *blocks,
        f"Copies are not detected. {data['people']} test speakers are enrolled with four clips each (model "
        f"{data['model']['name']}); other clips of theirs are heard as they are, by a small loudspeaker in a simulated "
        f"room, and remade from 80 mel bands without phases; {others} do not try to be anybody.",
        table(["heard", "times", "accepted", "accepted at a stranger's chance of 0.1 %", "median LLR"], rows),
    ]
