"""The two-minute call: what sounds when, and its ground truth.

Everything is laid on a time line of 10 ms frames. A voice starts at its own first frame of voice; what lies between
its stretches of voice is faded out, so a pause holds only what is under it. The truth of a frame is voice where a
voice is, else noise where a noise or an audible bed is, else silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

import sample_sound as sound
from sample_sound import FRAME, RATE_HZ, Samples, Spans

CALL_S = 120.0
SILENCE_DB = -60.0
MAX_PEAK = 0.95


@dataclass(frozen=True)
class Item:
    """One sound in the call.

    Parameters
    ----------
    at_s
        Where its first frame lies, a multiple of 10 ms.
    source
        A key of `sample_sources.SOURCES`.
    kind
        "voice", "noise", or "bed" (a steady sound looped under a stretch of the call).
    level_db
        Level over its active frames, dBFS.
    length_s
        Length of a bed or of the part of a noise used; None for all of it.
    from_s
        Where in the source to start, before trimming.
    """

    at_s: float
    source: str
    kind: Literal["voice", "noise", "bed"]
    level_db: float
    length_s: float | None = None
    from_s: float = 0.0


def _typing(start_s: float, gaps: str, level_db: float) -> list[Item]:
    """Return key strokes; each digit of `gaps` is the pause before the next stroke in units of 40 ms."""
    at, items = start_s, []
    for index, digit in enumerate(gaps):
        items.append(Item(round(at, 2), "key-enter" if index % 9 == 8 else "key", "noise", level_db))
        at += 0.04 * int(digit)
    return items


QUIET_DB, LINE_DB, MUSIC_DB = -68.0, -42.0, -31.0

CALL: list[Item] = [
    # Dialling out, in digital silence.
    Item(1.00, "ring-back", "noise", -22.0),
    Item(4.50, "ring-back", "noise", -22.0),
    # The exchange answers: announcements gated to digital silence.
    Item(7.00, "fr-welcome", "voice", -20.0),
    Item(9.60, "fr-room-number", "voice", -21.0),
    *_typing(15.30, "5645746453", -37.0),
    Item(18.60, "fr-thanks", "voice", -21.0, length_s=1.83),
    # On hold: music, an announcement over it 11 dB louder.
    Item(21.20, "music-blues", "noise", MUSIC_DB, length_s=20.1, from_s=40.0),
    Item(28.00, "fr-please-wait", "voice", -20.0),
    # A quiet room far under -60 dBFS; wideband voices, typing, a door.
    Item(42.40, "room-hum", "bed", QUIET_DB, length_s=25.2),
    Item(43.40, "linphone-hello", "voice", -22.0),
    Item(54.00, "en-game-woman", "voice", -25.0),
    *_typing(57.60, "4536454356745364535", -36.0),
    Item(62.20, "en-woman-1", "voice", -21.0),
    Item(65.20, "door", "noise", -24.0),
    # A radio link: a steady hiss, which is noise and not silence.
    Item(69.20, "line-hiss", "bed", LINE_DB, length_s=24.0),
    Item(70.60, "en-radio-man", "voice", -21.0, length_s=9.8),
    Item(81.00, "en-woman-2", "voice", -19.0),
    Item(83.50, "en-man-2", "voice", -23.0),
    Item(86.20, "old-phone", "noise", -24.0),
    Item(89.40, "en-cross", "voice", -20.0),
    # From the street and the waterside: voices 11 dB over the noise.
    Item(95.20, "traffic", "noise", -32.0),
    Item(96.20, "en-man-1", "voice", -21.0),
    Item(99.20, "water", "noise", -33.0),
    Item(100.20, "en-big-dog", "voice", -22.0),
    # The quiet room again: a bird, a machine, two more speakers.
    Item(104.00, "room-hum", "bed", QUIET_DB, length_s=11.2),
    Item(104.60, "crow", "noise", -24.0),
    Item(105.70, "crow", "noise", -27.0),
    Item(106.90, "printer", "noise", -30.0, length_s=3.0),
    Item(110.60, "en-studio", "voice", -20.0),
    Item(112.80, "de-game-man", "voice", -23.0),
    # The exchange says goodbye and the line rings off.
    Item(115.40, "fr-goodbye", "voice", -20.0),
    Item(117.00, "ring-back-8-bit", "noise", -22.0, length_s=1.8),
]


@dataclass(frozen=True)
class TruthRow:
    """A stretch with one label; `what` names every source heard in it."""

    start_s: float
    end_s: float
    label: str
    what: str


def _placed(item: Item, read: Callable[[str], Samples]) -> tuple[Samples, Spans]:
    """Return an item's samples, starting at its place, and its active frames relative to that place."""
    samples = read(item.source)[round(item.from_s * RATE_HZ) :]
    if item.kind == "bed":
        # The files fade in and out: only what lies between is steady.
        samples = samples[RATE_HZ // 2 : -RATE_HZ // 2]
        n_samples = round((item.length_s or 0.0) * RATE_HZ)
        spans = [(0, n_samples // FRAME)]
        return sound.scaled(sound.edges(sound.loop(samples, n_samples)), spans, item.level_db), spans
    if item.length_s is not None:
        samples = samples[: round(item.length_s * RATE_HZ)]
    if item.kind == "voice":
        spans = sound.voice_spans(samples)
        samples = sound.scaled(samples, spans, item.level_db)
    else:
        everything = [(0, len(samples) // FRAME)]
        samples = sound.scaled(sound.edges(samples), everything, item.level_db)
        spans = sound.noise_spans(samples)
        samples = sound.scaled(samples, spans, item.level_db)
        spans = sound.noise_spans(samples)
    first, last = spans[0][0], spans[-1][1]
    samples = sound.gate(samples, spans)[first * FRAME : (last + 1) * FRAME]
    return samples, [(a - first, b - first) for a, b in spans]


def assemble(items: list[Item], read: Callable[[str], Samples]) -> tuple[Samples, list[TruthRow]]:
    """Return the call, float64[n] on the 16-bit grid, and its truth.

    Parameters
    ----------
    items
        What sounds when.
    read
        Gives a source's samples by its key, 16 kHz mono.

    Raises
    ------
    ValueError
        If an item runs past the end or the mix reaches full scale.
    """
    n_frames = round(CALL_S * 100)
    mix = np.zeros(n_frames * FRAME)
    labels = np.full(n_frames, "silence", dtype="<U7")
    what: list[list[str]] = [[] for _ in range(n_frames)]
    order = {"bed": 0, "noise": 1, "voice": 2}
    for item in sorted(items, key=lambda one: order[one.kind]):
        samples, spans = _placed(item, read)
        at = round(item.at_s * 100)
        if at + spans[-1][1] >= n_frames:
            raise ValueError(f"{item.source} at {item.at_s} s runs past the end of the call")
        mix[at * FRAME : at * FRAME + len(samples)] += samples[: len(mix) - at * FRAME]
        label = "silence" if item.kind == "bed" and item.level_db < SILENCE_DB else item.kind
        for start, end in spans:
            labels[at + start : at + end] = "noise" if label == "bed" else label
            for frame in range(at + start, at + end):
                what[frame].insert(0, item.source)
    loudest = int(np.argmax(np.abs(mix)))
    if abs(mix[loudest]) >= MAX_PEAK:
        raise ValueError(
            f"the call peaks at {abs(mix[loudest]):.2f} at {loudest / RATE_HZ:.2f} s: lower a level there"
        )
    return np.round(mix * 32768.0) / 32768.0, _rows(_closed(labels), what)


def _closed(labels: np.ndarray) -> np.ndarray:
    """Return the labels with silences up to `MIN_GAP_S` inside noise counted as noise: between key strokes."""
    closed = labels.copy()
    for start, end in _label_runs(labels):
        inside = start > 0 and end < len(labels) and labels[start - 1] == labels[end] == "noise"
        if labels[start] == "silence" and inside and end - start <= round(sound.MIN_GAP_S * 100):
            closed[start:end] = "noise"
    return closed


def _label_runs(labels: np.ndarray) -> Spans:
    cuts = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    return list(pairwise(cuts))


def _rows(labels: np.ndarray, what: list[list[str]]) -> list[TruthRow]:
    rows = []
    for start, end in _label_runs(labels):
        names = list(dict.fromkeys(name for frame in what[start:end] for name in frame))
        text = " + ".join(names) or "digital silence"
        rows.append(TruthRow(start / 100, end / 100, str(labels[start]), text))
    return rows
