"""A store of voiceprints whose writers are killed: `python -m reliability.kill --kills 1000`.

Eight processes add and forget people in one store. Again and again one of them is killed (SIGKILL) at a random moment
and replaced. Before and after each step a writer says so through a pipe, so it is known what the store acknowledged.
After every kill the store is opened beside the writers and read as it was at one moment: whoever was acknowledged is
there, whoever was forgotten is not, and nobody is there in part. At the end all writers are killed at once, and the
store must hold exactly what was acknowledged, with nothing left to erase. POSIX only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reliability.writers import BATCH, Ledger, Writer, opened

WRITERS = 8


class TornStoreError(Exception):
    """The store does not hold what was acknowledged; the text says what is off."""


def look(path: Path, ledger: Ledger, writers: Sequence[Writer]) -> int:
    """Read the store beside its writers and return how many people it holds.

    Raises
    ------
    TornStoreError
        If somebody acknowledged is missing, somebody forgotten is there, or a batch is there in part.
    """
    ledger.hear(writers)
    must, gone = set(ledger.there), set(ledger.gone)
    with opened(path) as vault:
        found = Counter(one.person for one in vault.prints())
    ledger.hear(writers)
    missing = (must & ledger.there) - found.keys()  # whoever is being forgotten meanwhile may be gone
    risen = gone & found.keys()
    torn = {name: n for name, n in found.items() if n != BATCH}
    if missing or risen or torn:
        raise TornStoreError(f"missing {sorted(missing)}, came back {sorted(risen)}, in part {torn}")
    return len(found)


def settle(path: Path, ledger: Ledger) -> int:
    """Read a store whose writers are all dead, and return how many people it holds.

    Raises
    ------
    TornStoreError
        If it differs from what was acknowledged by more than the steps that were under way, or was not erased.
    """
    held = look(path, ledger, [])
    with opened(path) as vault:
        extra = set(vault.persons()) - ledger.there - ledger.doubtful
        with vault._database.transaction() as connection:
            (unscrubbed,) = connection.execute("SELECT unscrubbed FROM vault").fetchone()
    if extra or unscrubbed:
        raise TornStoreError(
            f"there but never acknowledged {sorted(extra)}; {unscrubbed} erasures not finished"
        )
    return held


def run(kills: int, seed: int, path: Path, minutes: float = float("inf")) -> dict[str, Any]:
    """Kill writers until there were `kills` of them or the time is over.

    Parameters
    ----------
    kills
        How many writers die.
    seed
        Of the moments and of who dies; what the system does in between is its own.
    path
        The store, made anew.
    minutes
        No kill begins after so long.

    Returns
    -------
    dict
        Plain data: kills, what the killed were doing, acknowledged steps, looks, seconds.

    Raises
    ------
    TornStoreError
        If the store broke.
    RuntimeError
        If a writer ended by itself.
    """
    rng, ledger, started = random.Random(seed), Ledger(), time.monotonic()
    during: Counter[str] = Counter()
    most = 0
    writers = [Writer.start(path, n) for n in range(WRITERS)]
    serial = WRITERS
    try:
        while sum(during.values()) < kills and time.monotonic() - started < 60 * minutes:
            time.sleep(rng.uniform(0.0, 0.15))
            place = rng.randrange(len(writers))
            victim = writers[place]
            victim.kill()
            ledger.hear([victim])
            during[ledger.bury(victim)] += 1
            writers[place] = Writer.start(path, serial)
            serial += 1
            most = max(most, look(path, ledger, writers))
    finally:
        for writer in writers:
            writer.kill()
    ledger.hear(writers)
    for writer in writers:
        ledger.bury(writer)
    return {
        "kills": sum(during.values()),
        "during": dict(sorted(during.items())),
        "acknowledged": dict(sorted(ledger.acknowledged.items())),
        "people_at_most": most,
        "people_at_the_end": settle(path, ledger),
        "seconds": round(time.monotonic() - started, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    if not hasattr(os, "fork") or not hasattr(signal, "SIGKILL"):
        print("reliability.kill: needs fork and SIGKILL: run it on Linux or macOS", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="voxlite-kill-") as folder:
        try:
            figures = run(options.kills, options.seed, Path(folder, "voices.vault"), options.minutes)
        except (TornStoreError, RuntimeError) as error:
            print(f"reliability.kill: seed {options.seed}: {error}", file=sys.stderr)
            return 1
    text = json.dumps({"seed": options.seed, "writers": WRITERS, **figures}, indent=1)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
