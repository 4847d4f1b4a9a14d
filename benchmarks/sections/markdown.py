"""Markdown from plain data: tables, figures with their units, and a dash for what was not measured."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

DASH = "-"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a Markdown table.

    Examples
    --------
    >>> print(table(["what", "ms"], [["a|b", "3"]]))
    | what | ms |
    |---|---|
    | a\|b | 3 |
    """
    lines = [_line(columns), "|" + "---|" * len(columns)]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def number(value: float | None, digits: int) -> str:
    """Return a number with so many decimals, a dash for None.

    Examples
    --------
    >>> number(0.99731, 4), number(None, 4), number(-0.0001, 1)
    ('0.9973', '-', '0.0')
    """
    return DASH if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def percent(share: float | None) -> str:
    """Return a share of 0..1 in percent, a dash for None.

    Examples
    --------
    >>> percent(0.0216)
    '2.2 %'
    """
    return DASH if share is None else f"{number(100 * share, 1)} %"


def best_in_bold(cells: Sequence[str], values: Sequence[float | None], *, high: bool) -> list[str]:
    """Return the cells with the best value in bold, and every cell that shows the same.

    Parameters
    ----------
    cells
        What is shown.
    values
        The figures behind; None is never best.
    high
        Whether more is better.

    Examples
    --------
    >>> best_in_bold(["1.0", "2.0", "-"], [1.0, 2.0, None], high=False)
    ['**1.0**', '2.0', '-']
    """
    known = [(value, cell) for value, cell in zip(values, cells, strict=True) if value is not None]
    if not known:
        return list(cells)
    _, best = (max if high else min)(known, key=lambda pair: pair[0])
    return [f"**{cell}**" if cell == best else cell for cell in cells]


def wrapped(block: str) -> str:
    """Return a paragraph in lines of at most 118 characters; tables, headings and pictures stay as they are.

    A command between backticks is not torn apart.
    """
    if block.startswith(("#", "|", "!")):
        return block
    codes = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", _HELD), block)
    lines = textwrap.fill(codes, 118, break_long_words=False, break_on_hyphens=False)
    return lines.replace(_HELD, " ")


_HELD = "\N{NO-BREAK SPACE}"


def missing(command: str) -> str:
    """Return what a section says whose results are not there.

    Examples
    --------
    >>> missing("make x")
    'Not measured yet: `make x` makes these figures.'
    """
    return f"Not measured yet: `{command}` makes these figures."
