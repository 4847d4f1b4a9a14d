"""Files that lie: `python -m reliability.fuzz` (short), `python -m reliability.fuzz --minutes 30` (long).

Every kind of file that voxlite reads is mutated by seed and handed to the interface, and some to the program. Each
case runs in a process of its own (`reliability.fuzzing.child`): only one line of `VoxliteError`, no signal, an end
within 20 s, at most 250 MiB more memory, nothing on standard error, no file outside the output. What breaks a rule is
reduced to the fewest edits that still do and kept under --out as a file with its seed and edits beside it. Linux only.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.fuzzing.child import Outcome, run_case
from reliability.fuzzing.mutations import Edit, apply, smallest
from reliability.fuzzing.program import run_program
from reliability.fuzzing.seeds import SAMPLES, Seed, seeds
from reliability.fuzzing.subjects import COMMANDS, SUBJECTS

SHORT_CASES = 150
_PROGRAM_SHARE = 0.06  # of the random cases: a process with its imports takes ten times as long
_RARE = ("model", "metadata", "store", "export", "truth", "trials")
_RARE_WEIGHT = 5  # there are thirty containers of sound, and one store
_READY = (
    "ai_edge_litert.interpreter",
    "ai_edge_litert.schema_py_generated",
    "voxlite.tasks.mood",
    "voxlite.recognition",
)


@dataclass(frozen=True)
class Case:
    """A seed, what is done to it, and who gets it.

    Parameters
    ----------
    name
        Of the case: with the command's seed it says how the edits were drawn.
    seed
        The whole file.
    edits
        What is done to it.
    place
        Number of the function in `SUBJECTS`, or of the command in `COMMANDS`.
    as_program
        Whether a command gets the file.
    """

    name: str
    seed: Seed
    edits: list[Edit]
    place: int
    as_program: bool


def cases(made: Sequence[Seed], seed: int) -> Iterator[Case]:
    """Yield every lie made by hand once, then random cases without end."""
    for one in made:
        for name, edits in one.lies:
            yield Case(f"{one.name}: {name}", one, edits, 0, as_program=False)
    number = 0
    while True:
        rng = random.Random(f"{seed}/{number}")
        kind = rng.choice([one.kind for one in made if one.kind not in _RARE] + [*_RARE] * _RARE_WEIGHT)
        one = rng.choice([one for one in made if one.kind == kind] or list(made))
        as_program = rng.random() < _PROGRAM_SHARE and one.kind in COMMANDS
        ways: Sequence[Any] = COMMANDS[one.kind] if as_program else SUBJECTS[one.kind]
        yield Case(f"{one.name}: {seed}/{number}", one, one.edits(rng), rng.randrange(len(ways)), as_program)
        number += 1


def run(case: Case, edits: list[Edit], root: Path) -> Outcome:
    """Run a case with other edits, in a folder that is made and removed."""
    folder = Path(tempfile.mkdtemp(prefix="case-", dir=root))
    path = folder / case.seed.name
    path.write_bytes(apply(case.seed.data, edits))
    (folder / "out").mkdir()
    try:
        if not case.as_program:
            work = SUBJECTS[case.seed.kind][case.place]
            return run_case(lambda: work(path), folder)
        words = {"file": str(path), "voice": str(SAMPLES / "voice-en-radio.flac")}
        return run_program([word.format(**words) for word in COMMANDS[case.seed.kind][case.place]], folder)
    finally:
        shutil.rmtree(folder)


def keep(case: Case, outcome: Outcome, root: Path, out: Path) -> Path:
    """Reduce a finding, write it under `out`, and return its file."""
    edits = smallest(case.edits, lambda fewer: run(case, fewer, root).fault == outcome.fault)
    out.mkdir(parents=True, exist_ok=True)
    stem = "".join(sign if sign.isalnum() else "-" for sign in f"{outcome.fault}-{case.name}")
    path = out / f"{stem}{Path(case.seed.name).suffix}"
    path.write_bytes(apply(case.seed.data, edits))
    told = {
        "case": case.name,
        "given_to": ["program", *COMMANDS[case.seed.kind][case.place]]
        if case.as_program
        else SUBJECTS[case.seed.kind][case.place].__name__,
        "fault": outcome.fault,
        "detail": outcome.detail,
        "edits": edits,
    }
    path.with_name(path.name + ".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 1 where something broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--cases", type=int, help=f"random cases; {SHORT_CASES} unless --minutes says otherwise"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--kinds", default="", help="only these, parted by commas: sound, model, store, ...")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"), help="folder for what was found")
    options = parser.parse_args(arguments)
    if not Path("/proc/self/clear_refs").exists():
        print("reliability.fuzz: needs /proc: run it on Linux", file=sys.stderr)
        return 2
    limit = options.cases or (SHORT_CASES if options.minutes == float("inf") else 10**9)
    for module in _READY:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory(prefix="voxlite-fuzz-") as name:
        root = Path(name).resolve()
        made = [one for one in seeds(root) if not options.kinds or one.kind in options.kinds.split(",")]
        counts, findings = _go(made, options, limit, root)
    print(json.dumps({"seed": options.seed, **counts}, indent=1))
    for path in findings:
        print(path)
    return 1 if findings else 0


def _go(made: Sequence[Seed], options: Any, limit: int, root: Path) -> tuple[dict[str, Any], list[Path]]:
    started, n_lies = time.monotonic(), sum(len(one.lies) for one in made)
    kinds: Counter[str] = Counter()
    findings: list[Path] = []
    seen: Counter[str] = Counter()
    n_refused = n_programs = 0
    most_mib = longest_s = 0.0
    for number, case in enumerate(cases(made, options.seed)):
        if number >= n_lies + limit or time.monotonic() - started > 60 * options.minutes:
            break
        outcome = run(case, case.edits, root)
        kinds[case.seed.kind] += 1
        n_refused += outcome.refused
        n_programs += case.as_program
        most_mib, longest_s = max(most_mib, outcome.memory_mib), max(longest_s, outcome.took_s)
        if outcome.fault:
            print(f"{case.name}: {outcome.fault}: {' '.join(outcome.detail.split())[:300]}", flush=True)
            seen[f"{outcome.fault} {outcome.detail[-30:]}"] += 1
            if seen[f"{outcome.fault} {outcome.detail[-30:]}"] <= 3:  # more of the same teach nothing
                findings.append(keep(case, outcome, root, options.out))
    return {
        "cases": sum(kinds.values()),
        "kinds": dict(sorted(kinds.items())),
        "through_the_program": n_programs,
        "refused": n_refused,
        "findings": sum(seen.values()),
        "most_memory_mib": round(most_mib, 1),
        "longest_s": round(longest_s, 1),
        "took_s": round(time.monotonic() - started, 1),
    }, findings


if __name__ == "__main__":
    sys.exit(main())
