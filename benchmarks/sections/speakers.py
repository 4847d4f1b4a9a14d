"""Who speaks: each model beside its peers, calibration on test speakers, strangers among enrolled people."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import DASH, missing, number, table
from benchmarks.sections.results import EVALUATE_SPEAKER, SPEAKERS

_QUICK = "Run with `--quick`: not cut short, in noise or by telephone."


def speakers(peers: dict[str, Any] | None, evaluation: dict[str, Any] | None) -> list[str]:
    """Return the section; each argument is a command's JSON, None if it was not run."""
    return ["## Speakers", *_peers(peers), *_calibrated(evaluation)]


def _peers(data: dict[str, Any] | None) -> list[str]:
    if data is None:
        return [f"`{SPEAKERS}`", missing(SPEAKERS)]
    rows = [_row(name, found) for name, found in data["models"].items()]
    measured = {name: found["conditions"] for name, found in data["models"].items() if "conditions" in found}
    first: dict[str, Any] = next(iter(measured.values()), {})
    blocks = [
        f"`{SPEAKERS}`",
        "All pairs of the first eight clips of each test speaker, whole clips: cosines, and AS-norm where the model's "
        "file carries a cohort. Size of the weights' file; time on one thread as a share of the sound's.",
        table(["model", "EER", "EER, AS-norm", "minDCF(0.01)", "size, MB", "real-time factor"], rows),
    ]
    conditions = [[key, *(_percent(found[key]["eer"]) for found in measured.values())] for key in first]
    if len(first) < 2:
        return [*blocks, *([_QUICK] if first else [])]
    return [*blocks, table(["EER", *measured], conditions)]


def _row(name: str, found: dict[str, Any]) -> list[str]:
    if "conditions" not in found:
        return [name, next(iter(found.values())), *[DASH] * 4]
    clean = found["conditions"]["clean"]
    return [
        name,
        _percent(clean["eer"]),
        _percent(found["as_norm"]["clean"]["eer"] if "as_norm" in found else None),
        number(clean["min_dcf"], 3),
        number(found["size_bytes"] / 1e6, 2),
        number(found["rtf"], 4),
    ]


def _calibrated(data: dict[str, Any] | None) -> list[str]:
    blocks = [f"`{EVALUATE_SPEAKER}`"]
    if data is None or "scores" not in data:
        return [*blocks, missing(EVALUATE_SPEAKER)]
    scores = data["scores"]
    rows = [
        [
            name,
            _percent(data["conditions"][name]["eer"]),
            _percent(scores["as_norm"][name]["eer"]),
            number(found["ece"], 3),
            *_rates(found["points"][0]),
        ]
        for name, found in scores["calibration"].items()
    ]
    opened = scores["open_set"]
    strangers = [
        [
            _percent(point["stated_far"]),
            *(_percent(point[key]) for key in ("strangers_named", "enrolled_missed", "enrolled_misnamed")),
        ]
        for point in opened.get("points", ())
    ]
    return [
        *blocks,
        "The shipped model with the voice detector before it, on speakers that it never met: cosines, AS-norm, and the "
        "calibrated score at the default operating point.",
        table(["condition", "EER", "with AS-norm", "ECE", "FAR stated / found", "FRR stated / found"], rows),
        *([_QUICK] if len(rows) < 2 else []),
        f"Open set: {opened.get('n_enrolled')} people enrolled with four clips each, "
        f"{opened.get('n_impostors')} strangers, mean of {opened.get('n_draws')} draws.",
        table(["FAR wanted", "strangers named", "enrolled missed", "enrolled misnamed"], strangers),
    ]


def _rates(point: dict[str, Any]) -> list[str]:
    return [
        f"{_percent(point['stated_far'])} / {_percent(point['far'])}",
        f"{_percent(point['stated_frr'])} / {_percent(point['frr'])}",
    ]


def _percent(share: float | None) -> str:
    return DASH if share is None else f"{number(100 * share, 2)} %"
