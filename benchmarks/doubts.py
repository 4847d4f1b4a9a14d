"""What doubting a contradicting gender would do to verification: `python -m benchmarks.doubts`.

The test speakers of the published protocol are enrolled with half of their clips each, gender noted, and everybody's
other clips claim to be everybody. Told is how many of the accepted claims are doubted: of strangers' claims these are
what a veto would stop, of a person's own claims what it would refuse. voxlite names the doubt and leaves the verdict.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.common import publish
from voxlite.audio import Audio
from voxlite.cli.training_tools import progress_bar
from voxlite.errors import EnrollmentError
from voxlite.recognition import Speech, VoiceprintStore
from voxlite.recognition.deciding import ACCEPTED, NOT_ENOUGH
from voxlite.training.corpus import Clip, read_manifest
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.speaker.protocol import SpeakerProtocol, make_trials
from voxlite.training.store import build_store
from voxlite.training.tables import Cell, Table, percent
from voxlite.voiceprints import ScryptCost

_ENROLLED = 4
_CHEAP = ScryptCost(16, 8, 1)
"""The passphrase is random and the file gone in minutes."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--model", default="compact", help="a speaker model's name or a .tflite file")
    parser.add_argument("--people", type=int, help="test speakers; all if left out")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/doubts.json"))
    options = parser.parse_args(arguments)
    manifest, console = find_manifest(options.manifest), Console()
    people: dict[str, list[Clip]] = {}
    for clip in make_trials(read_manifest(manifest), SpeakerProtocol()).clips:
        people.setdefault(clip.speaker, []).append(clip)
    chosen = dict(list(people.items())[: options.people])
    clips = [clip for own in chosen.values() for clip in own]
    with progress_bar(console, "decoding", len(clips)) as tick:
        samples = build_store(clips, find_cache(options.cache, manifest, "speaker-test"), tick=tick)
    with tempfile.TemporaryDirectory() as folder:
        store = VoiceprintStore(
            Path(folder, "v.vault"),
            secrets.token_urlsafe(),
            model=options.model,
            threads=1,
            traits=("gender",),
            cost=_CHEAP,
        )
        with store:
            heard: dict[str, list[Speech]] = {}
            with progress_bar(console, "listening", len(clips)) as tick:
                for name, own in chosen.items():
                    heard[name] = []
                    for clip in own:
                        sound = Audio(samples.samples(clip), samples.rate_hz)
                        heard[name].append(store.recognizer.listen(sound))
                        tick()
            with progress_bar(console, "claiming", len(chosen)) as tick:
                claims = measure(store, heard, tick)
            summary = store.recognizer.model.summary()
    result = {"benchmark": "doubts", "model": summary, "people": len(heard), "claims": claims}
    publish(result, options.out, [table(claims)])


def measure(
    store: VoiceprintStore, heard: Mapping[str, Sequence[Speech]], tick: Callable[[], None] = lambda: None
) -> dict[str, dict[str, Any]]:
    """Enroll everybody and let everybody claim to be everybody.

    Returns
    -------
    dict
        "own" and "strangers": how many claims were made, accepted, and doubted although accepted.
    """
    names = []
    for name, own in heard.items():
        with suppress(EnrollmentError):
            store.enroll(name, own[:_ENROLLED], consent_at=datetime.now(timezone.utc), purpose="benchmark")
            names.append(name)
    claims = {kind: {"made": 0, "accepted": 0, "doubted": 0} for kind in ("own", "strangers")}
    for name, own in heard.items():
        for speech in own[_ENROLLED:]:
            for claimed in names:
                decision = store.verify(claimed, speech)
                if decision.label != NOT_ENOUGH:
                    row = claims["own" if claimed == name else "strangers"]
                    row["made"] += 1
                    if decision.label == ACCEPTED:
                        row["accepted"] += 1
                        row["doubted"] += any(reason.startswith("doubt: ") for reason in decision.reasons)
        tick()
    return {kind: {**row, **_rates(row)} for kind, row in claims.items()}


def _rates(row: Mapping[str, int]) -> dict[str, float]:
    made = max(row["made"], 1)
    return {
        "accepted_rate": row["accepted"] / made,
        "accepted_rate_with_veto": (row["accepted"] - row["doubted"]) / made,
    }


def table(claims: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what to print."""
    rows: list[list[Cell]] = [
        [
            kind,
            row["made"],
            percent(row["accepted_rate"]),
            row["doubted"],
            percent(row["accepted_rate_with_veto"]),
        ]
        for kind, row in claims.items()
    ]
    columns = ["claims", "made", "accepted", "doubted although accepted", "accepted, were a doubt a veto"]
    return Table.of("A gender that contradicts", columns, rows)


if __name__ == "__main__":
    main()
