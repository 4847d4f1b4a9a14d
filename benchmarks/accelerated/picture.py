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
    grid = figure.add_gridspec(3, 2, width_ratios=(2.1, 1))
    _bars(figure.add_subplot(grid[:, 0]), rows, result["claim"])
    curves = {"3": _rates, "4": _front_ends, "5": _silence}
    for place, (number, draw_curve) in enumerate((n, curves[n]) for n in curves if _parts(rows, n)):
        draw_curve(figure.add_subplot(grid[place, 1]), _parts(rows, number))
    figure.savefig(path, dpi=120, facecolor="white")


def _bars(axes: Any, rows: dict[str, Any], claim: dict[str, Any]) -> None:
    """Draw a bar from 1 to the factor of each part, rows from the top."""
    at, labels, places, headings = 0.0, [], [], []
    for number, row in rows.items():
        headings.append(len(labels))
        labels.append(f"{number}  {row['title']}")
        places.append(at)
        first = at
        for part in row["parts"]:
            at += 1
            _bar(axes, at, part["factor"])
            labels.append(f"{part['what']}: {part['on']}")
            places.append(at)
        if number == claim["row"]:
            _claim(axes, first, at, claim["factors"])
        at += 1.5
    axes.set(xscale="log", ylim=(at - 1, -0.8), title="Faster by this factor when on (log scale)")
    axes.set_yticks(places, labels, fontsize=8, color=_INK)
    axes.tick_params(axis="y", length=0)
    for index in headings:
        axes.get_yticklabels()[index].set(fontsize=9, fontweight="bold")
    axes.axvline(1, color=_INK, linewidth=0.8, zorder=4)
    factors = [part["factor"] for row in rows.values() for part in row["parts"]]
    low, high = min([0.7, *factors]) / 1.2, max([10.0, *factors]) * 1.6
    ticks = [2.0**k for k in range(-4, 14) if low <= 2.0**k <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(low, high)
    _plain(axes, "x")


def _bar(axes: Any, at: float, factor: float) -> None:
    axes.barh(at, factor - 1, left=1, height=0.72, color=_FASTER if factor >= 1 else _SLOWER, zorder=3)
    text = f" {factor:.2f}" if factor < 9.95 else f" {factor:.0f}"
    axes.text(max(factor, 1), at, text, va="center", ha="left", fontsize=8, color=_INK, zorder=5)


def _claim(axes: Any, first: float, last: float, factors: tuple[float, float]) -> None:
    """Mark what the article claims: behind the bars in full, before them by its edges."""
    low, high = factors
    axes.fill_betweenx((first + 0.5, last + 0.5), low, high, color=_CLAIM, zorder=1)
    for edge in factors:
        axes.plot((edge, edge), (first + 0.5, last + 0.5), color=_CLAIM, linewidth=1.5, zorder=4)
    axes.text((low * high) ** 0.5, first, f"claimed: {low:g} to {high:g}", ha="center", va="center",
              fontsize=8, color=_INK)  # fmt: skip


def _parts(rows: dict[str, Any], number: str) -> list[dict[str, Any]]:
    return rows[number]["parts"] if number in rows else []


def _rates(axes: Any, parts: list[dict[str, Any]]) -> None:
    """Draw the detector's ROC-AUC on sound of each rate."""
    axes.set(title="3  sound of a lower rate", xlabel="sampling rate, kHz", ylabel="ROC-AUC, mean")
    _plain(axes, "both")
    parts = [part for part in parts if part["off"].endswith(" kHz") and part["on_auc"]]
    if not parts:
        return
    found = {part["off"]: part["off_auc"] for part in parts} | {part["on"]: part["on_auc"] for part in parts}
    rates = [float(name.removesuffix(" kHz")) for name in found]
    axes.plot(rates, [mean_auc(aucs) for aucs in found.values()], "o-", color=_FASTER)
    axes.set_xticks(rates)


def _silence(axes: Any, parts: list[dict[str, Any]]) -> None:
    """Draw time over the share of silence, with the gate and without."""
    axes.set(
        title="5  silence removal", xlabel="silence in the recording, %", ylabel="ms per second of sound"
    )
    _plain(axes, "both")
    if not parts:
        return
    shares = [100 * part["more"]["silence_share"] for part in parts]
    axes.plot(shares, [part["off_ms"] for part in parts], "o-", color=_FAINT, label="no gate")
    axes.plot(shares, [part["on_ms"] for part in parts], "o-", color=_FASTER, label="gate")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _front_ends(axes: Any, parts: list[dict[str, Any]]) -> None:
    """Draw the probes' ROC-AUC over time: lines join what differs in one setting, the base is in each."""
    axes.set(title="4  window, hop and mel bands", xlabel="ms per second of sound",
             ylabel="ROC-AUC of probes, mean")  # fmt: skip
    _plain(axes, "both")
    parts = [part for part in parts if part["on_auc"] and part["off_auc"]]
    if not parts:
        return
    base = (parts[0]["off_ms"], mean_auc(parts[0]["off_auc"]))
    if "spread" in parts[0]["more"]:
        half = parts[0]["more"]["spread"] / 2
        axes.axhspan(base[1] - half, base[1] + half, color=_GRID, zorder=0, label="seeds of the default")
    for what, default, label, colour, offset, align in (
        ("window * ms", 25, "window, ms", _FASTER, (6, 2), "left"),
        ("hop * ms", 10, "hop, ms", _SLOWER, (0, 6), "center"),
        ("* bands", 64, "mel bands", _FAINT, (0, -11), "center"),
    ):
        points = {_only_number(part["on"], what): (part["on_ms"], mean_auc(part["on_auc"])) for part in parts}
        points.pop(None, None)
        for value, point in points.items():
            axes.annotate(f"{value:g}", point, xytext=offset, textcoords="offset points", ha=align,
                          fontsize=7, color=_INK)  # fmt: skip
        line = [point for _, point in sorted({**points, default: base}.items())]
        axes.plot(*zip(*line, strict=True), "o-", color=colour, linewidth=1, markersize=4, label=label)
    axes.plot(*base, "o", color=_INK, markersize=6, label="default")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    axes.margins(0.12)


def _only_number(name: str, pattern: str) -> float | None:
    """Return the number that stands for the star, None where the name is of another kind."""
    before, after = pattern.split("*")
    middle = name.removeprefix(before).removesuffix(after)
    return float(middle) if middle.isdigit() and name == f"{before}{middle}{after}" else None


def _plain(axes: Any, axis: str) -> None:
    axes.title.set_fontsize(10.5)
    axes.grid(axis=axis, color=_GRID, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
