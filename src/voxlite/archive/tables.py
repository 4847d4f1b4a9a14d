"""The tables of an archive on their storage: files that are written once, each under a name of its own.

A part is two files of one name, DIR/segments/part-... and DIR/recordings/part-..., written in this order and each under
a temporary name first. What counts is that the second is there: a kill before leaves nothing that counts. A part that
comes in another's place says so in its metadata, so that a kill between writing it and erasing the other is made good
later.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from voxlite.archive.places import Place, arrow_fs, told_in_one_line
from voxlite.archive.rows import path_of
from voxlite.archive.schemas import RECORDINGS, REPLACES_KEY, SCHEMA_KEY, SEGMENTS, VERSIONS, schemas
from voxlite.errors import VoxliteError

PART = re.compile(r"part-(\d{6,})-[0-9a-f]{8}\.parquet")
"""The name of a part."""
_WRITE = "check the path, its permissions and the space left"
_READ = "it is damaged or cannot be reached; erase it to have its recordings analysed again"
_COMPRESSION = "zstd"


class Tables:
    """The parts in a place; whoever writes holds its `Claim`.

    Parameters
    ----------
    place
        Where recordings/ and segments/ lie or come.

    Raises
    ------
    VoxliteError
        If the place cannot be used, or holds tables of another version.
    """

    def __init__(self, place: Place) -> None:
        self._name = place.name
        self._filesystem, self._root = place.tables()
        self._schemas = schemas()
        with told_in_one_line(self._name, _WRITE):
            for table in VERSIONS:
                self._filesystem.create_dir(f"{self._root}/{table}", recursive=True)
            self._recover()
        self._number = max((int(PART.fullmatch(name)[1]) for name in self.parts()), default=0)  # type: ignore[index]

    def parts(self) -> list[str]:
        """Return the names of the parts that count, the oldest first."""
        return self._names(RECORDINGS)

    def read(self, part: str, columns: Sequence[str] | None = None) -> Any:
        """Return a part's rows of recordings as a `pyarrow.Table`."""
        return self._read(RECORDINGS, part, columns)

    def rows_of(self, part: str, paths: Collection[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the rows of some recordings in a part, and their segments as a `pyarrow.Table` by path."""
        rows = self._having(self._read(RECORDINGS, part), paths, True).to_pylist()
        segments = self._having(self._read(SEGMENTS, part), paths, True)
        return rows, {path: self._having(segments, {path}, True) for path in paths}

    def write(self, rows: list[dict[str, Any]], segments: Sequence[Any]) -> str:
        """Write rows of recordings and tables of segments as a new part; return its name."""
        import pyarrow as pa

        recordings = pa.Table.from_pylist(rows, schema=self._schemas[RECORDINGS])
        empty = self._schemas[SEGMENTS].empty_table()
        return self._write_part(recordings, pa.concat_tables([empty, *segments]), None)

    def segments_table(self, columns: dict[str, list[Any]]) -> Any:
        """Return columns of segments as a `pyarrow.Table`; those that are missing are empty."""
        import pyarrow as pa

        schema = self._schemas[SEGMENTS]
        n_rows = len(columns["start_s"]) if columns else 0
        arrays = [pa.array(columns.get(f.name) or [None] * n_rows, f.type) for f in schema]
        return pa.Table.from_arrays(arrays, schema=schema)

    def remove(self, part: str, paths: Collection[str]) -> str | None:
        """Take recordings out of a part; return the name of the part with the others, None if there are none."""
        recordings = self._having(self._read(RECORDINGS, part), paths, False)
        kept = None
        if recordings.num_rows:
            segments = self._having(self._read(SEGMENTS, part), paths, False)
            kept = self._write_part(recordings, segments, part)
        with told_in_one_line(self._name, _WRITE):
            self._erase(part)
        return kept

    def _write_part(self, recordings: Any, segments: Any, replaces: str | None) -> str:
        self._number += 1
        part = f"part-{self._number:06d}-{uuid.uuid4().hex[:8]}.parquet"
        if replaces is not None:
            recordings = recordings.replace_schema_metadata(
                {**self._schemas[RECORDINGS].metadata, REPLACES_KEY: replaces}
            )
        with told_in_one_line(self._name, _WRITE):
            self._write(f"{self._root}/{SEGMENTS}/{part}", segments)
            self._write(f"{self._root}/{RECORDINGS}/{part}", recordings)
        return part

    def _write(self, path: str, table: Any) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        # Made in memory first: a stream to a bucket that breaks off would be closed, and so be taken for whole.
        sink = pa.BufferOutputStream()
        parquet.write_table(table, sink, compression=_COMPRESSION)
        temporary = f"{path}.tmp"
        with self._filesystem.open_output_stream(temporary) as stream:
            stream.write(sink.getvalue())
        self._filesystem.move(temporary, path)

    def _read(self, table: str, part: str, columns: Sequence[str] | None = None) -> Any:
        from pyarrow import parquet

        path = f"{self._root}/{table}/{part}"
        told = told_in_one_line(f"{self._name}/{table}/{part}", _READ)
        with told, self._filesystem.open_input_file(path) as file:
            return parquet.ParquetFile(file).read(columns=columns)

    @staticmethod
    def _having(table: Any, paths: Collection[str], wanted: bool) -> Any:
        """Return the rows whose recording is among the paths, or those whose recording is not."""
        import pyarrow as pa

        names = table.column("path").to_pylist(), table.column("path_bytes").to_pylist()
        mask = [(path_of(*name) in paths) is wanted for name in zip(*names, strict=True)]
        return table.filter(pa.array(mask, pa.bool_()))

    def _names(self, table: str) -> list[str]:
        infos = self._filesystem.get_file_info(arrow_fs().FileSelector(f"{self._root}/{table}"))
        return sorted(info.base_name for info in infos if PART.fullmatch(info.base_name))

    def _metadata(self, part: str) -> dict[bytes, bytes]:
        from pyarrow import parquet

        path = f"{self._root}/{RECORDINGS}/{part}"
        told = told_in_one_line(f"{self._name}/{RECORDINGS}/{part}", _READ)
        with told, self._filesystem.open_input_file(path) as file:
            return dict(parquet.read_metadata(file).metadata or {})

    def _recover(self) -> None:
        """Erase what a killed scan left; refuse tables of another version."""
        for path in self._leftovers():
            self._filesystem.delete_file(path)
        replaced = set()
        for part in self._names(RECORDINGS):
            metadata = self._metadata(part)
            version = metadata.get(SCHEMA_KEY, b"none").decode("utf-8", "replace")
            if version != VERSIONS[RECORDINGS]:
                raise VoxliteError(
                    f"{self._name}/{RECORDINGS}/{part}: its schema is {version}, this voxlite writes "
                    f"{VERSIONS[RECORDINGS]}: choose another --out"
                )
            replaced.add(metadata.get(REPLACES_KEY, b"").decode())
        counted = set(self._names(RECORDINGS)) - replaced
        for part in sorted({*self._names(RECORDINGS), *self._names(SEGMENTS)} - counted):
            self._erase(part)

    def _leftovers(self) -> Iterator[str]:
        for table in VERSIONS:
            for info in self._filesystem.get_file_info(arrow_fs().FileSelector(f"{self._root}/{table}")):
                if info.base_name.endswith(".parquet.tmp"):
                    yield info.path

    def _erase(self, part: str) -> None:
        for table in (
            RECORDINGS,
            SEGMENTS,
        ):  # in this order: segments without their recordings count for nothing
            path = f"{self._root}/{table}/{part}"
            if self._filesystem.get_file_info(path).type != arrow_fs().FileType.NotFound:
                self._filesystem.delete_file(path)
