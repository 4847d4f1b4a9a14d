"""What an enrollment must have, and what it warns of.

Each recording becomes a reference of its own. Together with what the person has already they must hold five seconds of
speech; below fifteen, decisions get noticeably worse. References are one person's where a chain of pairs with an LLR
above 0 links them: the largest such group is taken for the person, everything outside it is named.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from voxlite.audio import Audio
from voxlite.errors import EnrollmentError
from voxlite.recognition.deciding import NOBODY
from voxlite.recognition.matching import Heard, Matcher, is_narrow
from voxlite.recognition.recognizer import Speech
from voxlite.tasks.speech import ENOUGH_SPEECH_S, Sound
from voxlite.voiceprints.prints import person_name

LEAST_SPEECH_S = 5.0
GOOD_SPEECH_S = 15.0


@dataclass(frozen=True)
class Enrollment:
    """What an enrollment brought.

    Parameters
    ----------
    person
        Name as it is kept.
    n_references
        References that are new.
    speech_s
        Net speech of all the person's references by this model, seconds.
    warnings
        Plain words, the most important first; empty when nothing is wrong.
    """

    person: str
    n_references: int
    speech_s: float
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a report."""
        return {**asdict(self), "speech_s": round(self.speech_s, 3), "warnings": list(self.warnings)}


@dataclass(frozen=True)
class Take:
    """One recording of an enrollment.

    Parameters
    ----------
    name
        What warnings call it.
    speech
        What was heard.
    """

    name: str
    speech: Speech


def free_name(name: str) -> str:
    """Return a person's name in the form that is kept.

    Raises
    ------
    EnrollmentError
        If it is not usable, or an answer that means nobody.
    """
    person = person_name(name)
    if person.casefold() in NOBODY:
        raise EnrollmentError(f"{person!r} is what identify says when it is nobody: choose another name")
    return person


def take_name(sound: Sound | Speech, place: int) -> str:
    """Return what a recording is called: its path, or its place in the list."""
    return f"recording {place + 1}" if isinstance(sound, (Audio, Speech)) else os.fspath(sound)


def usable(person: str, takes: Sequence[Take], earlier: Sequence[Heard]) -> list[Take]:
    """Return the recordings with enough speech to be a reference, each once.

    Parameters
    ----------
    person
        Named in errors.
    takes
        Everything that was recorded.
    earlier
        The references that the person has already.

    Raises
    ------
    EnrollmentError
        If they do not hold enough speech together.
    """
    found: dict[bytes, Heard] = {one.embedding.tobytes(): one for one in earlier}
    kept = []
    for take in takes:
        key = take.speech.embedding.tobytes()
        if take.speech.speech_s >= ENOUGH_SPEECH_S and key not in found:
            found[key] = take.speech
            kept.append(take)
    total_s = sum(one.speech_s for one in found.values())
    if total_s < LEAST_SPEECH_S:
        raise EnrollmentError(
            f"{person}: {total_s:.1f} s of speech in {_count(len(found), 'usable recording')}: enroll with "
            f"{LEAST_SPEECH_S:g} s or more, best {GOOD_SPEECH_S:g} s, in recordings that hold {ENOUGH_SPEECH_S:g} s "
            "or more of speech each"
        )
    return kept


def warnings_about(
    takes: Sequence[Take], kept: Sequence[Take], earlier: Sequence[Heard], matcher: Matcher
) -> list[str]:
    """Return what is wrong with an enrollment, the most important first.

    Parameters
    ----------
    takes, kept
        All recordings, and those that become references.
    earlier
        The person's references from before.
    matcher
        Compares them.
    """
    found = [f"{name}: does not sound like the other recordings: check that it is the same person"
             for name in strangers_among(kept, earlier, matcher)]  # fmt: skip
    total_s = sum(one.speech_s for one in [*(take.speech for take in kept), *earlier])
    if total_s < GOOD_SPEECH_S:
        found.append(f"only {total_s:.1f} s of speech: {GOOD_SPEECH_S:g} s or more make decisions surer")
    found += [_left_out(take) for take in takes if take not in kept]
    if kept and all(is_narrow(one) for one in [*(take.speech for take in kept), *earlier]):
        found.append(
            "every recording has a telephone's band alone: add one at 16 kHz if wideband voices will come"
        )
    found += [
        f"{take.name}: {remark}" for take in kept for remark in take.speech.remarks if "Narrow" not in remark
    ]
    return found


def strangers_among(kept: Sequence[Take], earlier: Sequence[Heard], matcher: Matcher) -> list[str]:
    """Return the names of recordings outside the largest group of references that sound alike."""
    heard: list[Heard] = [*(take.speech for take in kept), *earlier]
    alike = np.eye(len(heard), dtype=bool)
    for at in range(len(heard)):
        alike[at] |= matcher.llrs(heard[at], heard) > 0
    alike |= alike.T
    group = np.arange(len(heard))
    for _ in heard:  # the smallest number spreads along every chain
        group = np.where(alike, group[None], len(heard)).min(axis=1)
    sizes = np.bincount(group)
    if sizes.max() == 1 and len(heard) > 1:  # nobody sounds like anybody: there is no telling who is right
        return [take.name for take in kept]
    # of equals the group with earlier references: they come last
    largest = len(sizes) - 1 - int(np.argmax(sizes[::-1]))
    return [take.name for take, number in zip(kept, group, strict=False) if number != largest]


def _left_out(take: Take) -> str:
    if take.speech.speech_s >= ENOUGH_SPEECH_S:
        return f"{take.name}: enrolled already: left out"
    return f"{take.name}: only {take.speech.speech_s:.1f} s of speech: left out"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
