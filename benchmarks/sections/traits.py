"""Gender and mood: quality, beside openSMILE where there is a peer, and speed."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, number, percent, table
from benchmarks.sections.results import EVALUATE_GENDER, MOODS, TRAITS


def traits(
    gender: dict[str, Any] | None, moods: dict[str, Any] | None, speed: dict[str, Any] | None
) -> list[str]:
    """Return the figures of both tasks from the JSON of their commands, None for what was not run."""
    blocks = ["## Gender", f"`{EVALUATE_GENDER}`"]
    blocks += [missing(EVALUATE_GENDER)] if gender is None else _gender(gender)
    blocks += ["## Mood", f"`{MOODS}`"]
    blocks += [missing(MOODS)] if moods is None else _moods(moods)
    blocks += ["## Gender and mood: speed and size", f"`{TRAITS}`"]
    return blocks + ([missing(TRAITS)] if speed is None else _speed(speed))


def _gender(data: dict[str, Any]) -> list[str]:
    rows = [[name, *_shares(row)] for name, row in data["conditions"].items()]
    parts = [
        [f"{part}: {name}", *_shares(row)] for part, by in data["by"].items() for name, row in by.items()
    ]
    columns = ("unsure", "right of decided", "mean recall", "ECE", "children left open")
    answers = list(next(iter(data["confusion"].values())))
    return [
        f"{data['n_voices']} voices of the {data['protocol']['split']} split, at most {data['protocol']['per_voice']} "
        f"stretches of each; model {data['about']['model']['name']}, the voice detector before it. Adults are decided "
        'on; "mean recall" is that of the likeliest of female and male, however unsure. A stretch of one second holds '
        "less than a second of speech, of which nothing is decided.",
        table(("condition", "adults' stretches", *columns), rows),
        f"In parts, {next(iter(data['conditions']))} in quiet:",
        table(("part", "adults' stretches", *columns), parts),
        table(
            ("voice is", *answers),
            [[name, *map(str, row.values())] for name, row in data["confusion"].items()],
        ),
    ]


def _shares(row: dict[str, Any]) -> list[str]:
    def share(name: str) -> str:
        return "-" if row[name] is None else percent(row[name])

    error = "-" if row["ece"] is None else f"{row['ece']:.3f}"
    return [
        str(row["n"]), share("unsure"), share("right_of_decided"), share("uar"), error, share("others_left_open"),
    ]  # fmt: skip


def _moods(data: dict[str, Any]) -> list[str]:
    blocks = [
        "UAR, the mean of the moods' recalls, with its 95 % interval over speakers. Every layer is fitted anew on what "
        "may be learned from; no statistics of a judged speaker or corpus are used. Within a corpus its own moods are "
        "told apart, across corpora those that are shared (angry, fearful, happy, neutral, sad)."
    ]
    for protocol, by_corpus in data["protocols"].items():
        judges = list(next(iter(by_corpus.values())))
        rows = [
            [
                corpus,
                str(data["corpora"][corpus]["speakers"]),
                *[
                    f"{by_judge[name]['uar']:.3f} ({by_judge[name]['low']:.2f} .. {by_judge[name]['high']:.2f})"
                    for name in judges
                ],
            ]
            for corpus, by_judge in by_corpus.items()
        ]
        rows.append(["mean", "", *[f"{data['means'][protocol][name]:.3f}" for name in judges]])
        blocks += [f"**{protocol.capitalize()}**", table(("corpus", "speakers", *judges), rows)]
    arousal = data["arousal"]
    within = {**arousal.get("within", {}), "mean": arousal.get("within_mean")}
    rows = [
        [name, f"{value:.2f}", number(within.get(name), 2)]
        for name, value in [*arousal["by_corpus"].items(), ("mean", arousal["mean"])]
    ]
    return [
        *blocks,
        "Correlation of arousal with the moods' own, by layers that have not heard the corpus, and by layers that have "
        "heard its other speakers alone:",
        table(("corpus", f"{arousal['left_out']} left out", "speaker left out, within the corpus"), rows),
    ]


def _speed(data: dict[str, Any]) -> list[str]:
    rows = [
        [row["task"], row["name"], f"{row['size_bytes'] / 1e6:.2f} MB", f"{row['rtf']:.4f}"]
        for row in data["models"]
    ]
    together = data["all_tasks"]
    return [
        table(("task", "model", "size", "real-time factor, one thread"), rows),
        f"`analyze` with the tasks {', '.join(together['tasks'])} on the sample call of {together['seconds']:.0f} s, "
        f"one thread: {together['median_s']:.2f} s, {together['times_real_time']:.0f} times real time.",
    ]
