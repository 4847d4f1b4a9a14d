"""Where reports go: one sink per format, fed report by report, so that many recordings need no more memory than one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING

from voxlite.cli.shell import console, knows_blocks
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.report.report import Report

_FILE_WIDTH = 100  # characters in a line of a text file


class Format(str, Enum):
    """What a report is written as."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    RTTM = "rttm"


class Sink:
    """Takes reports and writes them as bytes; UTF-8, file names byte for byte."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.n_reports = 0

    def add(self, report: Report, place: int) -> None:
        """Write a report; `place` is its recording's number in the list of sources."""
        self.write(self.format(report, place))
        self.n_reports += 1

    def format(self, report: Report, place: int) -> str:
        """Return what the report adds to the output."""
        raise NotImplementedError

    def end(self) -> None:
        """Write what comes after the last report."""

    def write(self, text: str) -> None:
        """Write text right away: a reader downstream sees each report when it is done."""
        self._stream.write(text.encode("utf-8", "surrogateescape"))
        self._stream.flush()


class JsonSink(Sink):
    """One object for one recording, an array for several."""

    def __init__(self, stream: IO[bytes], array: bool) -> None:
        super().__init__(stream)
        self._array = array

    def format(self, report: Report, place: int) -> str:
        """Return the object, with what separates it from the one before."""
        from voxlite.report.jsonio import report_json

        text = report_json(report)
        if not self._array:
            return text + "\n"
        return (",\n" if self.n_reports else "[\n") + text

    def end(self) -> None:
        """Close the array."""
        if self._array:
            self.write("\n]\n" if self.n_reports else "[]\n")


class CsvSink(Sink):
    """One table with one header for all recordings."""

    def format(self, report: Report, place: int) -> str:
        """Return the rows, after a header for the first report."""
        from voxlite.report.tables import report_csv

        return report_csv(report, header=self.n_reports == 0)


class RttmSink(Sink):
    """SPEAKER lines of all recordings, one after the other."""

    def __init__(self, stream: IO[bytes], sources: Sequence[str]) -> None:
        from voxlite.report.rttm import file_ids

        super().__init__(stream)
        self._ids = file_ids(sources)

    def format(self, report: Report, place: int) -> str:
        """Return the lines of a report."""
        from voxlite.report.rttm import report_rttm

        return report_rttm(report, self._ids[place])


class TextSink(Sink):
    """Reports for people in a file."""

    def format(self, report: Report, place: int) -> str:
        """Return plain text."""
        from voxlite.report.text import report_text

        return ("\n" if self.n_reports else "") + report_text(report, _FILE_WIDTH)


class ConsoleSink(Sink):
    """Reports for people on standard output, coloured where it is a terminal that knows colours."""

    def add(self, report: Report, place: int) -> None:
        """Print a report."""
        from voxlite.report.text import render_report

        target = console()
        if self.n_reports:
            target.print()
        target.print(render_report(report, target.width, ascii_only=not knows_blocks(target)))
        self.n_reports += 1


@contextmanager
def open_sink(kind: Format, out: Path | None, sources: Sequence[str]) -> Iterator[Sink]:
    """Open the way out for the reports of `sources`; a file is complete or not there at all."""
    array = len(sources) > 1
    with _open(out) as output:
        stream = output.stream
        if kind is Format.JSON:
            sink: Sink = JsonSink(stream, array)
        elif kind is Format.CSV:
            sink = CsvSink(stream)
        elif kind is Format.RTTM:
            sink = RttmSink(stream, sources)
        else:
            sink = ConsoleSink(stream) if out is None else TextSink(stream)
        yield sink
        sink.end()
        output.wanted = sink.n_reports > 0


@dataclass
class _Output:
    """A way out, and whether what went there is worth keeping."""

    stream: IO[bytes]
    wanted: bool = False


@contextmanager
def _open(out: Path | None) -> Iterator[_Output]:
    if out is None:
        sys.stdout.flush()
        yield _Output(sys.stdout.buffer)
        return
    if out.exists() and not out.is_file():  # a device or a pipe: nothing to replace
        with out.open("wb") as stream:
            yield _Output(stream)
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            output = _Output(stream)
            yield output
        if output.wanted:
            part.replace(out)
    except FileNotFoundError as error:
        raise VoxliteError(f"{out}: cannot be written: its folder does not exist") from error
    finally:
        part.unlink(missing_ok=True)
