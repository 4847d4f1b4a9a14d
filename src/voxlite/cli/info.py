"""`voxlite info`: what a sound file is, as measured by decoding it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from voxlite.cli.shell import console, print_bytes

SCHEMA = "voxlite.info/1"


def info(
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show container, codec, rate, channels, length and level of a recording.

    Length and level are measured by decoding all of it: a header may lie.
    """
    facts = measure(file)
    if json:
        from voxlite.report.jsonio import to_json

        print_bytes(to_json(facts) + "\n")
        return
    _print(facts)


def measure(source: str) -> dict[str, Any]:
    """Return the facts of a recording as plain data.

    Raises
    ------
    AudioError
        If it cannot be read.
    """
    from voxlite.audio import open_recording

    peak, power = 0.0, 0.0
    with open_recording(source) as recording:
        for block in recording.blocks():
            peak = max(peak, float(block.max()), -float(block.min()))
            power += float((block.astype("float64") ** 2).sum())
        n_frames = recording.frames_read
        return {
            "schema": SCHEMA,
            "source": source,
            "size_bytes": None if source == "-" else Path(source).stat().st_size,
            "container": recording.format,
            "codec": recording.subtype,
            "rate_hz": recording.rate_hz,
            "channels": recording.channels,
            "frames": n_frames,
            "duration_s": round(n_frames / recording.rate_hz, 6),
            "peak_dbfs": _decibels(peak),
            "rms_dbfs": _decibels(math.sqrt(power / (n_frames * recording.channels))),
            "damage": recording.damage,
        }


def _decibels(amplitude: float) -> float | None:
    return round(20 * math.log10(amplitude), 2) if amplitude > 0 else None


def _print(facts: dict[str, Any]) -> None:
    from rich.table import Table

    from voxlite.report.palette import channel_text, clock, grouped, printable

    def level(key: str) -> str:
        return "digital silence" if facts[key] is None else f"{facts[key]:.1f} dBFS"

    rows = [
        ("container", facts["container"]),
        ("codec", facts["codec"]),
        ("rate", f"{grouped(facts['rate_hz'])} Hz"),
        ("channels", channel_text(facts["channels"])),
        ("length", f"{clock(facts['duration_s'], 3)} ({grouped(facts['frames'])} samples per channel)"),
        ("peak", level("peak_dbfs")),
        ("level (RMS)", level("rms_dbfs")),
    ]
    if facts["size_bytes"] is not None:
        rows.append(("size", f"{grouped(facts['size_bytes'])} bytes"))
    if facts["damage"]:
        rows.append(("damage", facts["damage"]))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(*row)
    target = console()
    name = "standard input" if facts["source"] == "-" else printable(facts["source"])
    target.print(name, style="bold", soft_wrap=True)
    target.print(table)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(info)
