"""Parts: written once, taken out of, and put right after a kill at any step; one scan at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from voxlite.archive import VERSIONS, schemas
from voxlite.archive.claims import Claim
from voxlite.archive.places import Place
from voxlite.archive.tables import Tables
from voxlite.errors import VoxliteError


def row(path: str) -> dict[str, object]:
    return {"path": path, "duration_s": 1.0, "recipe": "r"}


@pytest.fixture
def tables(tmp_path):
    return Tables(Place.of(tmp_path))


def add(tables: Tables, *paths: str) -> str:
    parts = [
        tables.segments_table({"path": [path] * 2, "start_s": [0.0, 0.5], "end_s": [0.5, 1.0]})
        for path in paths
    ]
    return tables.write([row(path) for path in paths], parts)


def paths_in(tables: Tables, folder: Path) -> tuple[list[str], list[str]]:
    from pyarrow import parquet

    found = []
    for table in VERSIONS:
        parts = [parquet.read_table(part) for part in sorted((folder / table).glob("*.parquet"))]
        found.append(sorted(path for part in parts for path in part.column("path").to_pylist()))
    return found[0], found[1]


def test_files_say_their_version_and_have_the_columns(tables, tmp_path):
    from pyarrow import parquet

    part = add(tables, "a")
    for table, schema in schemas().items():
        found = parquet.read_schema(tmp_path / table / part)
        assert found.metadata[b"voxlite.schema"].decode() == VERSIONS[table]
        assert found.names == schema.names
        assert found.types == schema.types


def test_what_is_taken_out_is_gone_from_both_tables(tables, tmp_path):
    part = add(tables, "a", "b", "c")
    kept = tables.remove(part, {"b"})
    assert kept != part
    assert tables.parts() == [kept]
    assert paths_in(tables, tmp_path) == (["a", "c"], ["a", "a", "c", "c"])
    assert tables.remove(kept, {"a", "c"}) is None
    assert paths_in(tables, tmp_path) == ([], [])


@pytest.mark.parametrize("killed_at", range(6))
def test_a_kill_at_any_step_of_a_replacement_loses_nothing(tables, tmp_path, monkeypatch, killed_at):
    part = add(tables, "a", "b", "c")
    steps = iter(range(100))

    class Killed(BaseException):
        pass

    def dies(work):
        def step(*args, **more):
            if next(steps) == killed_at:
                raise Killed
            return work(*args, **more)

        return step

    class Dying:
        """The file system of a process that is killed before its n-th change."""

        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            found = getattr(self.inner, name)
            return dies(found) if name in ("move", "delete_file", "open_output_stream") else found

    tables._filesystem = Dying(tables._filesystem)
    with pytest.raises(Killed):
        tables.remove(part, {"b"})
    again = Tables(Place.of(tmp_path))
    recordings, segments = paths_in(again, tmp_path)
    committed = killed_at > 3  # after the second file has its name
    assert recordings == (["a", "c"] if committed else ["a", "b", "c"])
    assert segments == [path for path in recordings for _ in range(2)]
    assert len(again.parts()) == 1
    assert list(tmp_path.rglob("*.tmp")) == []


def test_tables_of_another_version_are_refused(tables, tmp_path):
    from pyarrow import parquet

    part = add(tables, "a")
    path = tmp_path / "recordings" / part
    table = parquet.read_table(path).replace_schema_metadata({"voxlite.schema": "voxlite.recordings/9"})
    parquet.write_table(table, path)
    with pytest.raises(VoxliteError, match=r"its schema is voxlite\.recordings/9.*choose another --out"):
        Tables(Place.of(tmp_path))


def test_a_damaged_part_is_named(tables, tmp_path):
    part = add(tables, "a")
    (tmp_path / "recordings" / part).write_bytes(b"PAR1")
    with pytest.raises(VoxliteError, match=rf"{part}: .*erase it to have"):
        Tables(Place.of(tmp_path))


def test_files_of_others_are_left_alone(tmp_path):
    (tmp_path / "recordings").mkdir()
    other = tmp_path / "recordings" / "mine.parquet"
    other.write_text("not a part")
    assert Tables(Place.of(tmp_path)).parts() == []
    assert other.read_text() == "not a part"


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    for use in (Tables, lambda place: Claim(place).__enter__()):
        with pytest.raises(VoxliteError, match=r"file/out: .*check the path"):
            use(Place.of(tmp_path / "file" / "out"))


def test_a_second_scan_is_refused_and_a_later_one_is_not(tmp_path):
    place = Place.of(tmp_path)
    with Claim(place):
        with pytest.raises(VoxliteError, match=rf"another scan writes there \(process {os.getpid()} on "):
            Claim(place).__enter__()
        assert len(list((tmp_path / "claims").iterdir())) == 1
    with Claim(place):
        pass
    assert list((tmp_path / "claims").iterdir()) == []


def test_of_some_at_the_same_moment_at_most_one_goes_on(tmp_path):
    for _ in range(10):
        begin, decided, all_decided = threading.Barrier(4), threading.Semaphore(0), threading.Event()
        entered: list[int] = []

        def claim(begin=begin, decided=decided, all_decided=all_decided, entered=entered):
            begin.wait()
            try:
                with Claim(Place.of(tmp_path)):
                    entered.append(1)
                    decided.release()
                    all_decided.wait()
            except VoxliteError:
                decided.release()

        threads = [threading.Thread(target=claim) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in threads:
            decided.acquire()
        assert len(entered) <= 1
        all_decided.set()
        for thread in threads:
            thread.join()


def test_the_claim_of_a_dead_process_counts_no_more(tmp_path):
    code = (
        "import os, sys; from voxlite.archive.claims import Claim; from voxlite.archive.places import Place; "
        "Claim(Place.of(sys.argv[1])).__enter__(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == -9
    assert len(list((tmp_path / "claims").iterdir())) == 1
    with Claim(Place.of(tmp_path)):
        assert len(list((tmp_path / "claims").iterdir())) == 1


@pytest.mark.parametrize("content", [json.dumps({"process": 1, "machine": "m", "host": "far"}), "{", "[]"])
def test_a_claim_from_elsewhere_counts_until_it_is_old(tmp_path, content):
    (tmp_path / "claims").mkdir()
    other = tmp_path / "claims" / "other.json"
    other.write_text(content)
    with pytest.raises(VoxliteError, match="another scan writes there"):
        Claim(Place.of(tmp_path)).__enter__()
    old = time.time() - 3_600
    os.utime(other, (old, old))
    with Claim(Place.of(tmp_path)):
        assert not other.exists()


def test_a_claim_is_renewed_and_one_that_was_taken_away_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("voxlite.archive.claims._RENEWED_S", 0.01)
    with Claim(Place.of(tmp_path)) as claim:
        (path,) = (tmp_path / "claims").iterdir()
        os.utime(path, (1, 1))
        until = time.monotonic() + 30
        while path.stat().st_mtime < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert path.stat().st_mtime > 2
        claim.check()
        monkeypatch.setattr(claim, "_write", lambda: None)
        path.unlink()
        claim._renewer.join(30)
        with pytest.raises(VoxliteError, match="another one took its place"):
            claim.check()
