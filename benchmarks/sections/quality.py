"""Voice or not: conditions, lengths, calibration, sounds that never hold a voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.sections.markdown import best_in_bold, missing, number, percent, table
from benchmarks.sections.results import EVALUATE, OWN, VOICE, Results
from benchmarks.sections.sources import apart, by_source

N_NAMED = 10
_FIGURES: tuple[tuple[str, str, bool], ...] = (
    ("roc_auc", "ROC-AUC", True),
    ("far_at_99_recall", "false alarms at 99 % recall", False),
    ("far_at_95_recall", "false alarms at 95 % recall", False),
)
_SHOWN_DIGITS = {True: 4, False: 3}
"""Of a ROC-AUC, and of a share that is shown in percent."""
Row = dict[str, Any]


def voice(results: Results) -> list[str]:
    """Return the comparison with the peers, over all conditions and by source."""
    blocks = ["## Voice or not", f"`{VOICE}`"]
    if results.voice is None:
        return [*blocks, missing(VOICE)]
    found = results.voice["detectors"]
    first = next(iter(found.values()))
    protocol = first["protocol"]
    blocks.append(
        f"The {protocol['split']} split; at most {protocol['per_group']} clips per source and kind in path order, "
        f"short ones left out: {first['n_speech']} of speech, {first['n_other']} of other sounds (nonhuman, music, "
        f"silence). Of each the loudest {protocol['window_s']:g} s. SNR: other clips of nonhuman sounds and music are "
        "mixed into the speech; the other sounds are left as they are. The best of a row is bold."
    )
    blocks.append(_conditions(results, found))
    blocks.append(
        "ROC-AUC: the share of pairs of a voice and another sound that a detector puts in the right order. False "
        "alarms at 99 % recall: the share of other sounds called voice by a threshold that finds 99 % of the voices, "
        "set for each condition anew. Largest and mean: of the probabilities of the chunks in the window."
    )
    blocks.append(_behind(results, found))
    return [*blocks, *by_source(results, found), *apart(results, found)]


def _conditions(results: Results, found: dict[str, Row]) -> str:
    rows = []
    for key, title, high in _FIGURES:
        for condition in next(iter(found.values()))["conditions"]:
            values = [detector["conditions"][condition][key] for detector in found.values()]
            cells = [number(value, 4) if high else percent(value) for value in values]
            rows.append([f"{title}, {condition}", *best_in_bold(cells, values, high=high)])
    return table(["condition", *map(results.title, found)], rows)


def _behind(results: Results, found: dict[str, Row]) -> str:
    """Name every row of the table in which a peer is ahead."""
    own, lost = found.get(OWN), []
    if own is None:
        return f"The run left {OWN} out."
    for key, title, high in _FIGURES:
        for condition in own["conditions"]:
            shown = {
                name: round(row["conditions"][condition][key], _SHOWN_DIGITS[high])
                for name, row in found.items()
            }
            ahead = [
                results.title(name)
                for name, value in shown.items()
                if (value > shown[OWN] if high else value < shown[OWN])
            ]
            if ahead:
                lost.append(f"{title}, {condition} ({' and '.join(ahead)})")
    if not lost:
        return f"No peer is ahead of {OWN} in any row."
    return f"A peer is ahead of {OWN} in: {'; '.join(lost)}."


def evaluation(results: Results, pictures: Mapping[str, str]) -> list[str]:
    """Return lengths, calibration and never-voice of the shipped model.

    Parameters
    ----------
    results
        What was measured.
    pictures
        Caption -> link of the pictures that exist.
    """
    blocks = ["## Verdicts, clip length, calibration", f"`{EVALUATE}`"]
    data = results.evaluation
    if data is None:
        return [*blocks, missing(EVALUATE), "## Never voice", missing(EVALUATE)]
    blocks.append(
        f"The shipped model at its threshold of {data['threshold']:g}, {data['n_speech']} clips of speech and "
        f"{data['n_other']} of other sounds. Lengths: the loudest part of each clip, that long, zero-padded if the "
        f"clip is shorter; all other rows use {data['protocol']['window_s']:g} s."
    )
    if not same_run(results):
        blocks.append(
            "These figures and those above come from different models or protocols: run both commands again."
        )
    rates: tuple[tuple[str, Callable[[float | None], str]], ...] = (
        ("roc_auc", lambda value: number(value, 4)),
        *((key, percent) for key in ("eer", "far_at_99_recall", "accuracy", "recall", "false_alarm_rate")),
        ("ece", lambda value: number(value, 3)),
    )
    rows = [[name, *(show(row[key]) for key, show in rates)] for name, row in data["conditions"].items()]
    columns = [
        "condition",
        "ROC-AUC",
        "EER",
        "false alarms at 99 % recall",
        "accuracy",
        "recall",
        "false alarms",
    ]
    blocks.append(table([*columns, "ECE"], rows))
    blocks.append(
        "Accuracy, recall and false alarms are those of the threshold. ECE, the expected calibration error: the mean "
        f"distance between probability and the share of voices that truly have it, over {data['protocol']['bins']} "
        "groups of clips; 0 is best."
    )
    blocks += [f"![{caption}]({link})" for caption, link in pictures.items()]
    return [*blocks, *_never(data)]


def same_run(results: Results) -> bool:
    """Tell whether the comparison and the evaluation agree on the clean clips, as the same model does."""
    if results.evaluation is None or results.voice is None or OWN not in results.voice["detectors"]:
        return True
    own: Row = results.voice["detectors"][OWN]
    values = [item["conditions"]["clean"]["roc_auc"] for item in (own, results.evaluation)]
    sizes = [(item["n_speech"], item["n_other"]) for item in (own, results.evaluation)]
    return abs(values[0] - values[1]) < 1e-6 and sizes[0] == sizes[1]


def _never(data: Row) -> list[str]:
    never = data["never_voice"]
    if not never:
        return ["## Never voice", missing(EVALUATE)]
    n_sounds = sum(row["n"] for row in never["families"].values())
    top = max(never["families"].values(), key=lambda row: row["worst_score"])
    called = [f"{row['sound']} ({number(row['score'], 3)})" for row in never["called_voice"]]
    rows = [
        [name, str(row["n"]), number(row["worst_score"], 3), row["worst"]]
        for name, row in never["families"].items()
    ]
    seconds = data["protocol"]["never_voice_s"]
    return [
        "## Never voice",
        f"`{EVALUATE}`",
        f"{n_sounds} synthetic sounds of {seconds:g} s that hold no voice: silence, noises, tones, hum, dialled digits "
        f"and exchange tones at many levels. The highest score is {number(top['worst_score'], 3)}, of {top['worst']}; "
        f"a score of {data['threshold']:g} or more means voice.",
        table(["family", "sounds", "highest score", "of"], rows),
        f"{len(called)} of {n_sounds} are called voice{_named(called)}. In {len(never['voice_found'])} of {n_sounds} "
        f"the detector finds a segment of voice{_named(never['voice_found'])}.",
    ]


def _named(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    return f": {'; '.join(names[:N_NAMED])}{more}"
