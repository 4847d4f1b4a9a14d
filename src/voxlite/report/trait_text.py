"""What voices sound like, for people: one line for each trait, its doubts below it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from voxlite.report.report import Report
from voxlite.values import Trait

_LIMITED = "LicenseRef-"
"""How SPDX begins the name of a licence that is none of the free ones: a report that used such a model says so."""


def trait_lines(report: Report) -> list[Text]:
    """Return a line for each trait of a report, with its likeliest labels, further figures, and reasons for doubt."""
    models = {model["task"]: model for model in report.models}
    return [trait_line(trait, models.get(trait.task)) for trait in report.traits]


def trait_words(trait: Trait) -> str:
    """Return a trait's decision in few words: "gender: male (0.98)"."""
    return f"{trait.task}: {trait.decision.label} ({trait.decision.score:.2f})"


def trait_line(trait: Trait, model: Mapping[str, str] | None = None) -> Text:
    """Return a line for a trait, and below it reasons for doubt and the licence of its model where that is not free."""
    line = Text(f"{trait.task.capitalize()}: ", style="bold")
    line.append(trait.decision.label, style="bold")
    ranked = sorted(trait.scores.items(), key=lambda item: -item[1])
    facts = [f"{label} {score:.2f}" for label, score in ranked]
    facts += [f"{name} {value:.2f}" for name, value in trait.figures.items()]
    facts.append(f"from {trait.decision.evidence_s:.1f} s of speech")
    line.append(f"  ({', '.join(facts)})", style="dim")
    for reason in trait.decision.reasons:
        line.append(f"\n  - {reason}", style="not bold")
    if model and model["licence"].startswith(_LIMITED):
        line.append(f"\n  - model {model['name']}: licence {model['licence']}", style="not bold")
    return line


def labels_of(report: Report, start_s: float) -> list[str]:
    """Return what each trait says of the voice segment that holds a moment; empty where none does."""
    return [
        next(
            (
                part.label
                for part in trait.segments
                if part.start_s <= start_s + 1e-6 and start_s < part.end_s
            ),
            "",
        )
        for trait in report.traits
    ]
