"""The model card of a trait, gender or mood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voxlite.runtime.metadata import ModelMetadata
from voxlite.tasks.mood import AGAINST_NEUTRAL
from voxlite.training.card_parts import licence_rows, parity_rows, versions, went_on
from voxlite.training.export import Parity


def trait_card(models: Sequence[ModelMetadata], parity: Sequence[Parity]) -> str:
    """Return the model card, Markdown, of a trait's net."""
    metadata = models[0]
    training, geometry = metadata.training, metadata.geometry
    window_s = geometry.window / metadata.frontend.rate_hz
    points = "\n".join(
        f"| {model.weights} | {name} | {point['value']:.2f} | {point['unsure']:.1%} | "
        f"{_share(point.get('wrong'))} | {point['data']} |"
        for model in models
        for name, point in model.thresholds.items()
    )
    labels = ", ".join(f"{label} {count}" for label, count in sorted(training["by_label"].items()))
    freedom = "freely licensed ones alone" if training["free_only"] else "research-only ones included"
    further = metadata.outputs[len(metadata.labels) :]
    figures = [name for name in further if not name.startswith(AGAINST_NEUTRAL)]
    return f"""# {metadata.task}-{metadata.name}, version {metadata.version}

{metadata.description}

- Input: float32 [1, {geometry.window}], a waveform at {
        metadata.frontend.rate_hz
    } Hz, full scale -1..1; the front end is
  inside. Longer sound is cut into windows of {
        window_s:g} s whose outputs are averaged; shorter sound is repeated.
- Output: float32 [1, {len(metadata.outputs)}], logits of {", ".join(metadata.labels)}{
        f"; then the logit of {', '.join(figures)}, 0..1" if figures else ""
    }{_AGAINST if len(figures) < len(further) else ""}.
- {training["parameters"]:,} parameters. Built-in operators alone.
- Licence of the weights: {metadata.licence}.

## Intended use

{_TRAIT_USES[metadata.task]}
docs/traits.md has the quality by source, length, noise and bandwidth, the bad figures included.

## Operating point

Probability from which a label is given ("decide"; of a gender, given that the voice is an adult's), and from which a
voice counts as a child's ("child"); every source with every label counts alike.

| weights | point | threshold | left open | wrong among decided | measured on |
|---|---|---|---|---|---|
{points}

## Exported files against the Keras model, logits on validation clips

| weights | size | largest difference | mean difference |
|---|---|---|---|
{parity_rows(parity)}

## Training data

{training["hours"]} hours in {training["clips"]} clips of {training["voices"]} voices,
{freedom}: stretches of {labels}.
{_heard_as(training)}From {_sources(training)}.

Clips by licence:

{licence_rows(training)}

{_how_it_was_trained(training)}
"""


_AGAINST = """;
  then what tells the labels apart once the same of the person's neutral recordings is taken away"""
_TRAIT_USES = {
    "gender": """Saying what an adult's voice sounds like, as one hint among others. It is not a person's gender, and
not evidence of anything on its own. Children's gender cannot be heard: they come out as unsure, or as either.""",
    "mood": """Saying what a voice sounds like, where the person knows of it. Learned from actors: what somebody feels
cannot be heard. Inferring emotions at work and at school is forbidden in the European Union (AI Act, Article 5).""",
}


def _heard_as(training: dict[str, Any]) -> str:
    return "Noises and rooms as for the voice model.\n" if "steps" in training else "Clips as they are.\n"


def _sources(training: dict[str, Any]) -> str:
    names = training["sources"]
    return f"{len(names)} sources: {', '.join(names)}" if len(names) > 1 else f"one source, {names[0]}"


def _how_it_was_trained(training: dict[str, Any]) -> str:
    if "steps" not in training:
        return f"""One linear layer was fitted, behind layers of the speaker model, whose card says more,
with {versions(training)}."""
    minutes = f"{training['minutes']:.0f} minutes on two CPU cores"
    return f"""Trained for {training["steps"]} steps ({minutes}), seed {training["seed"]},
with {versions(training)}{went_on(training)}."""


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
