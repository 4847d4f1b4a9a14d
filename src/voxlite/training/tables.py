"""A table as plain data: what a check or an evaluation found, for whoever prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Parameters
    ----------
    title
        One line above the table.
    columns
        Names, units included.
    rows
        One cell per column: texts and whole numbers are shown as they are, floats with four decimals, None as "-".
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
        """Build a table from any sequences.

        Examples
        --------
        >>> Table.of("clips", ["split", "n"], [["train", 2]]).texts()
        [('train', '2')]
        """
        return cls(title, tuple(columns), tuple(tuple(row) for row in rows))

    def texts(self) -> list[tuple[str, ...]]:
        """Return the rows as text."""
        return [tuple(_text(cell) for cell in row) for row in self.rows]


def _text(cell: Cell) -> str:
    if cell is None or cell != cell:
        return "-"
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def percent(share: float | None) -> str | None:
    """Return a share of 0..1 as a percentage; None stays None."""
    return None if share is None or share != share else f"{100 * share:.1f} %"
