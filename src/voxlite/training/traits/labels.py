"""What a manifest says of a voice, as the labels that a trait's net learns: one visible table for each trait."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from voxlite.tasks.gender import CHILD
from voxlite.tasks.mood import AGAINST_NEUTRAL
from voxlite.training.corpus import Clip

CONTRADICTED = Path(__file__).with_name("contradicted.csv")
GENDER = ("female", "male", CHILD)
"""A child's gender cannot be heard: children are a sort of their own."""
MOOD = ("angry", "fearful", "happy", "neutral", "sad")
MOOD_WORDS = {
    "anger": "angry",
    "angry": "angry",
    "fear": "fearful",
    "fearful": "fearful",
    "happy": "happy",
    "happiness": "happy",
    "neutral": "neutral",
    "calm": "neutral",
    "sad": "sad",
    "sadness": "sad",
}
"""What the corpora call a mood, and what voxlite calls it. Others (boredom, disgust, surprise) have no label."""
AROUSAL = {
    "anger": 1.0,
    "angry": 1.0,
    "fear": 1.0,
    "fearful": 1.0,
    "happy": 1.0,
    "happiness": 1.0,
    "surprised": 1.0,
    "intensity_high": 1.0,
    "intensity_normal": 0.5,
    "disgust": 0.5,
    "neutral": 0.25,
    "calm": 0.25,
    "boredom": 0.0,
    "sad": 0.0,
    "sadness": 0.0,
    "intensity_low": 0.0,
}
"""How excited a mood's voice is taken to be, 0..1, after Russell's circumplex (1980)."""


@dataclass(frozen=True)
class Trait:
    """What a net learns of a voice.

    Parameters
    ----------
    task
        Of the model.
    labels
        Of its logits.
    label_of
        The label of a clip; empty where the manifest does not say.
    figures
        Names of further outputs, each a logit of a number in 0..1.
    against
        Names of still further outputs, to be compared with the same of a person's reference.
    """

    task: str
    labels: tuple[str, ...]
    label_of: Callable[[Clip], str]
    figures: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs of the net."""
        return (*self.labels, *self.figures, *self.against)

    @property
    def decided(self) -> tuple[str, ...]:
        """Labels that a decision may give; a child's voice is left open."""
        return tuple(label for label in self.labels if label != CHILD)


def gender_of(clip: Clip) -> str:
    """Return the label of a clip's voice; empty where gender or age is not known."""
    if clip.age == CHILD:
        return CHILD
    return clip.gender if clip.age and clip.gender in GENDER else ""


@lru_cache(maxsize=1)
def contradicted_voices() -> frozenset[tuple[str, str]]:
    """Return source and speaker of adults whose pitch contradicts the gender that their corpus gives them.

    `scripts/contradicted_voices.py` lists them. Nothing is learned from them, and evaluations tell them apart.
    """
    with CONTRADICTED.open(newline="", encoding="utf-8") as file:
        return frozenset((row["source"], row["speaker"]) for row in csv.DictReader(file))


def is_contradicted(clip: Clip) -> bool:
    """Tell whether a clip's voice is one of `contradicted_voices`."""
    return (clip.source, clip.speaker) in contradicted_voices()


def mood_of(clip: Clip) -> str:
    """Return the label of a clip's mood; empty where it has none of `MOOD`."""
    return MOOD_WORDS.get(clip.mood, "")


TRAITS = {
    "gender": Trait("gender", GENDER, gender_of),
    "mood": Trait("mood", MOOD, mood_of, ("arousal",), tuple(AGAINST_NEUTRAL + mood for mood in MOOD)),
}
