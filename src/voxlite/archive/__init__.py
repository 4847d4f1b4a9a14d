"""Archives: every recording of a folder or bucket as a row of Parquet, on one machine or many (extra `archive`)."""

from voxlite.archive.overview import recording_rows, write_overview
from voxlite.archive.people import People
from voxlite.archive.scanning import scan
from voxlite.archive.schemas import VERSIONS, schemas
from voxlite.archive.summaries import Summary

__all__ = ["VERSIONS", "People", "Summary", "recording_rows", "scan", "schemas", "write_overview"]
