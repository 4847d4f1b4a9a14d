"""Diarization error rate on assembled conversations of the corpus's test speakers: `python -m benchmarks.diarization`.

Conversations of 2, 3 and 4 speakers, who speaks when by the program's own way from sound to turns, with the number of
speakers given and estimated. Collar 0.25 s, overlapped speech counted; pauses shorter than 0.3 s are bridged in what is
found as in the truth. `--split val` is for choosing settings.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.common import publish
from benchmarks.conversations import Conversation, Plan, assemble, bridged, by_speaker, overlap_share
from voxlite.analysis import analyze
from voxlite.audio import Audio
from voxlite.cli.training_tools import progress_bar
from voxlite.errors import ModelError
from voxlite.recognition.diarization import SpeakerOptions
from voxlite.recognition.speakers import Diarizer
from voxlite.report.diarization_error import DiarizationScore, score_turns
from voxlite.report.report import Report
from voxlite.training.corpus import read_manifest, select
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.store import build_store
from voxlite.training.tables import Cell, Table, percent

COLLAR_S = 0.25
NUMBERS = (2, 3, 4)
WAYS = ("given", "estimated")
SHARES = ("error_rate", "missed", "second_voice", "false_alarm", "confusion")
Analyzed = Callable[[Audio, SpeakerOptions], Report]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--model", default="compact", help="a speaker model's name or a .tflite file")
    parser.add_argument("--voice-model", default="compact")
    parser.add_argument("--split", default="test")
    parser.add_argument(
        "--source", default="speechocean762", help="of the corpus: where the speakers are from"
    )
    parser.add_argument("--conversations", type=int, default=12, help="for each number of speakers")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/diarization.json"))
    options = parser.parse_args(arguments)
    manifest, console = find_manifest(options.manifest), Console()
    clips = select(read_manifest(manifest), split=options.split, kinds=["speech"], free_only=True)
    chosen = [clip for clip in clips if clip.source == options.source]
    with progress_bar(console, "decoding", len(chosen)) as tick:
        purpose = f"diarization-{options.split}-{options.source}"
        store = build_store(chosen, find_cache(options.cache, manifest, purpose), tick=tick)
    plan = Plan()
    speakers = by_speaker(chosen, plan)[options.source]
    made = [
        assemble(speakers, n, store, seed, plan, options.source)
        for n in NUMBERS
        for seed in range(options.conversations)
    ]
    ways = usable_ways(options.model)
    models = {"speaker": options.model, "voice": options.voice_model}

    def ask(audio: Audio, bounds: SpeakerOptions) -> Report:
        return analyze(audio, ("speaker",), options.threads, models=models, speakers=bounds)

    with progress_bar(console, "listening", len(made) * len(ways)) as tick:
        rows = measure(made, store.rate_hz, ask, ways, plan.short_pause_s, tick)
    result = {
        "benchmark": "diarization",
        "model": Diarizer(options.model, 1, SpeakerOptions(1)).model.summary(),
        "corpus": {"split": options.split, "source": options.source, "speakers": len(speakers)},
        "plan": asdict(plan),
        "collar_s": COLLAR_S,
        "rows": rows,
    }
    publish(result, options.out, [table(rows, result["model"]["name"])])


def usable_ways(model: str) -> tuple[str, ...]:
    """Return `WAYS`, without the estimate for a model whose file holds no calibration."""
    try:
        Diarizer(model, 1)
    except ModelError:
        Diarizer(model, 1, SpeakerOptions(1))
        return WAYS[:1]
    return WAYS


def measure(
    conversations: Sequence[Conversation],
    rate_hz: int,
    ask: Analyzed,
    ways: Sequence[str],
    short_pause_s: float,
    tick: Callable[[], None] = lambda: None,
) -> list[dict[str, Any]]:
    """Return one row per way and number of speakers, then one over all.

    Returns
    -------
    list of dict
        "way", "speakers" (None for all), "conversations", "seconds", "overlap" (share of the time with speech),
        "error_rate", "missed", "second_voice" (the part of it that is the second of two at once), "false_alarm",
        "confusion" (shares of the speech), "counted_right" (conversations).
    """
    found: dict[str, list[tuple[Conversation, DiarizationScore]]] = {way: [] for way in ways}
    for conversation in conversations:
        audio = Audio(conversation.samples, rate_hz)
        for way in ways:
            n = len(conversation.speakers)
            turns = ask(audio, SpeakerOptions(n if way == "given" else None)).speakers or ()
            score = score_turns(conversation.turns, bridged(turns, short_pause_s), COLLAR_S)
            found[way].append((conversation, score))
            tick()
    rows = []
    for way, scored in found.items():
        numbers = sorted({len(conversation.speakers) for conversation, _ in scored})
        for n in (*numbers, None):
            part = [pair for pair in scored if n is None or len(pair[0].speakers) == n]
            rows.append({"way": way, "speakers": n, **summed(part, rate_hz)})
    return rows


def summed(scored: Sequence[tuple[Conversation, DiarizationScore]], rate_hz: int) -> dict[str, Any]:
    """Return the figures of several conversations; rates are weighted by the seconds of speech."""
    parts = np.array([(s.missed_s, s.false_alarm_s, s.confusion_s) for _, s in scored]).sum(axis=0)
    second_s = sum(
        score_turns(c.turns, [replace(turn, speaker="anyone") for turn in c.turns], COLLAR_S).missed_s
        for c, _ in scored
    )
    speech_s = sum(score.speech_s for _, score in scored)
    missed, false_alarm, confusion = (round(float(part / speech_s), 5) for part in parts)
    return {
        "conversations": len(scored),
        "seconds": round(sum(len(c.samples) for c, _ in scored) / rate_hz, 1),
        "overlap": round(float(np.mean([overlap_share(c.turns) for c, _ in scored])), 4),
        "error_rate": round(float(parts.sum() / speech_s), 5),
        "missed": missed,
        "second_voice": round(second_s / speech_s, 5),
        "false_alarm": false_alarm,
        "confusion": confusion,
        "counted_right": sum(score.n_found == score.n_true for _, score in scored),
    }


def table(rows: Sequence[dict[str, Any]], model: str) -> Table:
    """Return what to print."""
    columns = [
        "number",
        "speakers",
        "DER",
        "missed",
        "second voice",
        "false alarm",
        "confusion",
        "counted right",
    ]
    cells: list[list[Cell]] = [
        [
            row["way"],
            "all" if row["speakers"] is None else str(row["speakers"]),
            *(percent(row[key]) for key in SHARES),
            f"{row['counted_right']} of {row['conversations']}",
        ]
        for row in rows
    ]
    return Table.of(f"Who speaks when, model {model}", columns, cells)


if __name__ == "__main__":
    main()
