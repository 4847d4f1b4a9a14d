"""Parts that model cards share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voxlite.training.export import Parity


def parity_rows(parity: Sequence[Parity]) -> str:
    """Return one table row per exported file."""
    return "\n".join(
        f"| {row.variant} | {row.size_bytes / 1000:.0f} kB | {row.largest:.2g} | {row.mean:.2g} |"
        for row in parity
    )


def licence_rows(training: dict[str, Any]) -> str:
    """Return a list of licences with their numbers of clips."""
    return "\n".join(f"- {name}: {count} clips" for name, count in sorted(training["licences"].items()))


def versions(training: dict[str, Any]) -> str:
    """Return what a model was made with."""
    return ", ".join(f"{name} {number}" for name, number in training["versions"].items())


def went_on(training: dict[str, Any]) -> str:
    """Return the training of the weights that a training went on from, in words; nothing where it started anew."""
    before = training.get("started_from")
    return f", from weights of {before['steps']} steps ({before['minutes']:.0f} minutes)" if before else ""


def within(training: dict[str, Any]) -> str:
    """Return what a speaker net's last layer makes count less, in words; nothing where it does not."""
    found = training.get("within_voices")
    if not found or not found["utterances"]:
        return ""
    return (
        "Its last layer lets count less what differs within a voice: by the covariance of "
        f"{found['utterances']} utterances,\neach as it is, by telephone and in noise, {found['shrinkage']:.0%} of it "
        "replaced by its mean.\n"
    )
