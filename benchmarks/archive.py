"""Archives: how fast a scan goes, what it would cost, what its workers need: `python -m benchmarks.archive`.

Files of 3 s and of 1 h, cut from the sample call, through the pool of `voxlite scan` into its tables, at one worker and
at two; the start of the workers is not counted, because an archive pays it once. From the processor time that they took
comes the cost of a million hours of sound. Then the resident memory of each worker over 20 000 short files. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile

from benchmarks.common import RATE_HZ, publish
from benchmarks.sounds import call, write_wav
from voxlite.archive.batches import Batch
from voxlite.archive.entries import Entry, list_entries
from voxlite.archive.ledger import Ledger
from voxlite.archive.places import Place
from voxlite.archive.plans import Plan, make_plan
from voxlite.archive.pool import Pool
from voxlite.archive.tables import Tables
from voxlite.training.tables import Cell, Table

TASKS = ("voice", "quality")
ARCHIVE_H = 1_000_000
PARTS = ("throughput", "memory")
_WORKERS = (1, 2)
_WARM = 8  # files before the clock starts: every worker has met every length of call
_DISTINCT = 2_000  # short files of different content; the others are links to them
_SAMPLES = 200  # looks at the workers' memory


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = parse(arguments)
    result = read(options.out)
    result |= {"benchmark": "archive", "price_per_core_hour": options.price}
    with tempfile.TemporaryDirectory(prefix="voxlite-archive-") as folder:
        if "throughput" in options.parts:
            result["throughput"] = throughput(
                Path(folder), {"3 s": (3.0, options.short_files), "1 h": (3600.0, options.long_files)}
            )
        if "memory" in options.parts:
            result["memory"] = memory(Path(folder), options.memory_files)
    if "throughput" in result:
        result["cost"] = cost(result["throughput"], options.price)
    result.pop("machine", None)
    publish(result, options.out, tables(result))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="others stay as they were")
    parser.add_argument("--short-files", type=int, default=2_000, help="of 3 s")
    parser.add_argument("--long-files", type=int, default=4, help="of 1 h")
    parser.add_argument("--memory-files", type=int, default=20_000, help="of 0.5 to 3 s")
    parser.add_argument(
        "--price", type=float, default=0.04, help="of a core-hour, in any currency: an assumption"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/archive.json"))
    return parser.parse_args(arguments)


def read(path: Path) -> dict[str, Any]:
    """Return an earlier result, nothing if there is none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def throughput(folder: Path, kinds: dict[str, tuple[float, int]]) -> dict[str, Any]:
    """Time the analysis and the writing of tables by length of file and number of workers.

    Parameters
    ----------
    folder
        For the sound.
    kinds
        Name -> seconds, number of files.
    """
    result: dict[str, Any] = {"tasks": list(TASKS), "load_at_start": load(), "files": {}}
    for name, (seconds, n_files) in kinds.items():
        place = folder / name.replace(" ", "")
        make_files(place, seconds, n_files)
        plan, entries = make_plan(str(place), TASKS, {}), list_entries(Place.of(place))
        rows = {}
        for n_workers in _WORKERS:
            taken_s, busy_s = timed(plan, entries, n_workers, folder / f"{place.name}-{n_workers}")
            rows[str(n_workers)] = {
                "s": taken_s,
                "processor_s": busy_s,
                "files_per_s": n_files / taken_s,
                "x_real_time": seconds * n_files / taken_s,
                "sound_s_per_processor_s": seconds * n_files / busy_s,
            }
        result["files"][name] = {"file_s": seconds, "n_files": n_files, "workers": rows}
    return result


def make_files(folder: Path, seconds: float, n_files: int) -> None:
    """Write files of one length: short ones from different places of the call, long ones the call again and again."""
    folder.mkdir()
    if seconds > 600:
        write_wav(folder / "0.wav", seconds, busy=False)
        for k in range(1, n_files):
            os.link(folder / "0.wav", folder / f"{k}.wav")
        return
    sound, n = call(600, busy=False), int(seconds * RATE_HZ)
    for k in range(n_files):
        first = k * 7_919 % (len(sound) - n)
        soundfile.write(folder / f"{k}.wav", sound[first : first + n], RATE_HZ, "PCM_16")


def timed(plan: Plan, entries: Sequence[Entry], n_workers: int, out: Path) -> tuple[float, float]:
    """Return the seconds that recordings take from a warm pool into tables, and the processor's seconds for it."""
    tables = Tables(Place.of(out))
    batch = Batch(tables, Ledger(tables), plan)
    with Pool(plan, n_workers) as pool:
        for _ in pool.run(warm_up(plan, n_workers)):
            pass
        processes = [*pool.process_ids, os.getpid()]
        started, busy_s = time.perf_counter(), processor_s(processes)
        for outcome in pool.run(entries):
            batch.add(outcome)
        batch.flush()
        return time.perf_counter() - started, processor_s(processes) - busy_s


def processor_s(processes: Sequence[int]) -> float:
    """Return the processor's seconds that some processes have used so far, their threads included."""
    ticks = 0
    for process in processes:
        after_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def warm_up(plan: Plan, n_workers: int) -> list[Entry]:
    """Return some short files, and one that fills the longest call of the model, for each worker."""
    folder = Path(plan.source) / ".warm"  # hidden: no listing finds it
    folder.mkdir(exist_ok=True)
    entries = []
    for name, seconds in (("short", 3.0), ("long", 30.0)):
        path = folder / f"{name}.wav"
        write_wav(path, seconds, busy=False)
        entries += [Entry(str(path))] * (_WARM * n_workers // 2)
    return entries


def cost(measured: dict[str, Any], price: float) -> dict[str, Any]:
    """Return the processor hours and the price of a million hours of sound, by length of file, at one worker."""
    found = {}
    for name, kind in measured["files"].items():
        core_hours = ARCHIVE_H / kind["workers"]["1"]["sound_s_per_processor_s"]
        found[name] = {"core_hours": core_hours, "price": core_hours * price}
    return found


def memory(folder: Path, n_files: int) -> dict[str, Any]:
    """Look at the resident memory of two workers and of their parent over many short files, voice task only."""
    place = folder / "many"
    make_short(place, n_files)
    plan, entries = make_plan(str(place), ("voice",), {}), list_entries(Place.of(place))
    tables = Tables(Place.of(folder / "many-tables"))
    batch = Batch(tables, Ledger(tables), plan)
    every = max(1, n_files // _SAMPLES)
    started, looks = time.perf_counter(), []
    with Pool(plan, 2) as pool:
        workers = pool.process_ids
        for n_done, outcome in enumerate(pool.run(entries), 1):
            batch.add(outcome)
            if n_done % every == 0:
                looks.append([n_done, *(resident_mib(process) for process in (*workers, os.getpid()))])
        batch.flush()
        stayed = pool.process_ids == workers
    rows = np.array(looks)
    tenth = max(1, len(rows) // 10)
    early, late = rows[tenth : 2 * tenth, 1:3], rows[-tenth:, 1:3]
    return {
        "n_files": n_files,
        "s": time.perf_counter() - started,
        "load_at_end": load(),
        "same_processes_throughout": stayed,
        "worker_mib_second_tenth": [float(median(column)) for column in early.T],
        "worker_mib_last_tenth": [float(median(column)) for column in late.T],
        "columns": ["files", "worker 1, MiB", "worker 2, MiB", "parent, MiB"],
        "looks": looks,
    }


def make_short(folder: Path, n_files: int) -> None:
    """Write files of 0.5 to 3 s."""
    folder.mkdir()
    sound, rng = call(600, busy=False), np.random.default_rng(0)
    for k in range(n_files):
        path = folder / f"{k % 100:02d}" / f"{k}.wav"
        path.parent.mkdir(exist_ok=True)
        if k >= _DISTINCT:
            twin = k % _DISTINCT
            os.link(folder / f"{twin % 100:02d}" / f"{twin}.wav", path)
            continue
        n = int(rng.uniform(0.5, 3.0) * RATE_HZ)
        first = int(rng.integers(len(sound) - n))
        soundfile.write(path, sound[first : first + n], RATE_HZ, "PCM_16")


def resident_mib(process: int) -> float:
    """Return the resident memory of a process, MiB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def load() -> float:
    """Return how many processes wanted a processor in the last minute: above the cores, times are too long."""
    return os.getloadavg()[0]


def tables(result: dict[str, Any]) -> list[Table]:
    """Return what was measured, for people."""
    made = []
    if "throughput" in result:
        made.append(Table.of("Throughput", _COLUMNS, list(_speeds(result))))
    if "memory" in result:
        found = result["memory"]
        rows: list[list[Cell]] = [
            [k + 1, round(early, 1), round(late, 1)]
            for k, (early, late) in enumerate(
                zip(found["worker_mib_second_tenth"], found["worker_mib_last_tenth"], strict=True)
            )
        ]
        title = f"Resident memory over {found['n_files']} files, MiB, {found['s']:.0f} s"
        made.append(Table.of(title, ["worker", "second tenth", "last tenth"], rows))
    return made


_COLUMNS = ["file", "workers", "files/s", "x real time", "processor ms/file", "core-hours of a million hours"]


def _speeds(result: dict[str, Any]) -> Iterator[list[Cell]]:
    for name, kind in result["throughput"]["files"].items():
        for n_workers, row in kind["workers"].items():
            busy_ms = round(1000 * row["processor_s"] / kind["n_files"], 1)
            hours = round(ARCHIVE_H / row["sound_s_per_processor_s"])
            yield [name, n_workers, round(row["files_per_s"], 2), round(row["x_real_time"]), busy_ms, hours]


if __name__ == "__main__":
    main()
