"""Reports as JSON: one object for one recording, an array for several; never NaN or infinity."""

from __future__ import annotations

import json
from typing import Any

from voxlite.report.report import Report


def to_json(data: Any, indent: int | None = 2) -> str:
    """Return plain data as JSON text without a line end.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON cannot hold.
    """
    text = json.dumps(data, indent=indent, allow_nan=False, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a file name with bytes that are not UTF-8: escapes carry it unharmed
        text = json.dumps(data, indent=indent, allow_nan=False, ensure_ascii=True)
    return text


def report_json(report: Report, indent: int | None = 2) -> str:
    """Return one report as a JSON object."""
    return to_json(report.to_dict(), indent)
