"""Colours, marks and number formats that every output for people shares.

The three colours come from the blue - orange - grey family, which stays apart under every common kind of colour
blindness and in print; the marks stay apart without colour.
"""

from __future__ import annotations

from pathlib import Path

from voxlite.values import Label

COLOURS: dict[Label, str] = {"voice": "#1f77b4", "silence": "#b8bec6", "noise": "#e69f00"}
"""Hex colour per label, the same in the terminal and in pictures."""

MARKS: dict[Label, str] = {"voice": "█", "silence": "·", "noise": "▒"}
"""One character per label for terminals."""

ASCII_MARKS: dict[Label, str] = {"voice": "#", "silence": ".", "noise": "~"}
"""The same for outputs that hold plain ASCII alone."""


SPEAKER_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d31", "#56b4e9", "#6b5b95", "#444c56")
"""Hex colours of speakers in order of appearance, from the first again when there are more: each stays apart from its
neighbours under the common kinds of colour blindness (most are Okabe and Ito's)."""

INK, FAINT, GRID = "#2b2f36", "#8a929c", "#e3e6ea"
"""Hex colours of text and lines, of what matters less, and of grids."""


def clock(seconds: float, decimals: int = 2, hours: bool = False) -> str:
    """Return a time as m:ss.cc, or h:mm:ss.cc from one hour on (or when `hours` asks for it).

    Examples
    --------
    >>> clock(75.5), clock(3661.25), clock(59.999)
    ('1:15.50', '1:01:01.25', '1:00.00')
    """
    scale = 10**decimals
    ticks = round(max(0.0, seconds) * scale)  # rounded first, so that 59.999 s never becomes 0:60.00
    whole, part = divmod(ticks, scale)
    tail = f".{part:0{decimals}d}" if decimals else ""
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02d}:{second:02d}{tail}" if hour or hours else f"{minute}:{second:02d}{tail}"


def grouped(number: int) -> str:
    """Return an integer in groups of three digits parted by spaces: 48 000."""
    return f"{number:,}".replace(",", " ")


def channel_text(channels: int) -> str:
    """Return the number of channels in words: mono, stereo, 6 channels."""
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


def printable(text: str) -> str:
    """Return text that is safe on a terminal: control characters and undecodable bytes become U+FFFD."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def recording_name(source: str | None, longest: int = 64) -> str:
    """Return what a picture calls a recording: its file's name, shortened in the middle to `longest` characters."""
    name = printable(Path(source).name) if source else "sound in memory"
    if name == "-":
        return "standard input"
    if len(name) > longest:
        name = f"{name[: longest // 2 - 2]} ... {name[-longest // 2 + 3 :]}"
    return name
