"""The table of accelerations as a picture: a bar per comparison, curves of silence removal and of the front end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.sections.accelerations import mean_auc

_INK, _FAINT, _GRID = "#2b2f36", "#8a929c", "#e3e6ea"
_FASTER, _SLOWER, _CLAIM = "#1f77b4", "#e69f00", "#d9ead3"
_BAR_INCH = 0.21


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw what `benchmarks.accelerations` measured.

    Parameters
    ----------
    result
        The rows, and the article's claim.
    path
        A .png to write.
    """
    rows = result["rows"]
    n_bars = sum(len(row["parts"]) + 1.4 for row in rows.values())
    figure = Figure(figsize=(12, max(4.5, 1.2 + _BAR_INCH * n_bars)), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(2.1, 1))
    _bars(figure.add_subplot(grid[:, 0]), rows, result["claim"])
    _silence(figure.add_subplot(grid[0, 1]), rows.get("5"))
    _front_ends(figure.add_subplot(grid[1, 1]), rows.get("4"))
    figure.savefig(path, dpi=120, facecolor="white")


def _bars(axes: Any, rows: dict[str, Any], claim: dict[str, Any]) -> None:
    """Draw a bar from 1 to the factor of each part, rows from the top."""
    at, labels, places = 0.0, [], []
    for number, row in rows.items():
        axes.text(0.0, at, f"{number}  {row['title']}", transform=axes.get_yaxis_transform(), va="center",
                  ha="left", fontsize=9.5, fontweight="bold", color=_INK, zorder=4)  # fmt: skip
        first, at = at, at + 1
        for part in row["parts"]:
            factor = part["factor"]
            colour = _FASTER if factor >= 1 else _SLOWER
            axes.barh(at, factor - 1, left=1, height=0.72, color=colour, zorder=3)
            text = f" {factor:.2f} " if factor < 9.95 else f" {factor:.0f} "
            axes.text(max(factor, 1), at, text, va="center", ha="left", fontsize=8, color=_INK, zorder=5)
            labels.append(f"{part['what']}: {part['on']}")
            places.append(at)
            at += 1
        if number == claim["row"]:
            low, high = claim["factors"]
            axes.fill_betweenx((first + 0.5, at - 0.5), low, high, color=_CLAIM, zorder=1)
            axes.text((low * high) ** 0.5, first, f"claimed: {low:g}-{high:g}", ha="center", va="center",
                      fontsize=8, color=_FAINT)  # fmt: skip
        at += 0.4
    axes.set(xscale="log", ylim=(at - 0.4, -0.8), title="Faster by this factor when on (log scale)")
    axes.set_yticks(places, labels, fontsize=8, color=_INK)
    axes.axvline(1, color=_INK, linewidth=0.8, zorder=4)
    ticks = (0.5, 1, 2, 4, 8, 16, 32, 64)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.5), max(high, 10) * 1.5)
    _plain(axes, "x")


def _silence(axes: Any, row: dict[str, Any] | None) -> None:
    """Draw time over the share of silence, with the gate and without."""
    axes.set(
        title="5  silence removal", xlabel="silence in the recording, %", ylabel="ms per second of sound"
    )
    _plain(axes, "both")
    if row is None or not row["parts"]:
        return
    shares = [100 * part["more"]["silence_share"] for part in row["parts"]]
    axes.plot(shares, [part["off_ms"] for part in row["parts"]], "o-", color=_FAINT, label="no gate")
    axes.plot(shares, [part["on_ms"] for part in row["parts"]], "o-", color=_FASTER, label="gate")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _front_ends(axes: Any, row: dict[str, Any] | None) -> None:
    """Draw the probes' ROC-AUC over time: lines join what differs in one setting, the base is in each."""
    axes.set(title="4  window, hop and mel bands", xlabel="ms per second of sound",
             ylabel="ROC-AUC of probes, mean")  # fmt: skip
    _plain(axes, "both")
    parts = [part for part in row["parts"] if part["on_auc"] and part["off_auc"]] if row else []
    if not parts:
        return
    base = (parts[0]["off_ms"], mean_auc(parts[0]["off_auc"]))
    for word, colour in (("window", _FASTER), ("hop", _SLOWER), ("bands", _FAINT)):
        chosen = [part for part in parts if word in part["on"]]
        found = sorted([base, *((part["on_ms"], mean_auc(part["on_auc"])) for part in chosen)])
        axes.plot(*zip(*found, strict=True), "o-", color=colour, linewidth=1, markersize=4, label=word)
        for part in chosen:
            axes.annotate(part["on"].replace(f"{word} ", ""), (part["on_ms"], mean_auc(part["on_auc"])),
                          xytext=(4, 3), textcoords="offset points", fontsize=7, color=_INK)  # fmt: skip
    axes.plot(*base, "o", color=_INK, markersize=6, label="default")
    axes.legend(frameon=False, fontsize=8)


def _plain(axes: Any, axis: str) -> None:
    axes.grid(axis=axis, color=_GRID, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
