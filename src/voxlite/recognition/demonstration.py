"""A round through a store with the repository's own recordings: enroll three people, ask, meet a stranger, forget one.

Everything happens in a temporary store that is gone afterwards. Two of the four people are women on the telephone, one
of them the stranger: the band alone must not make them one.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.errors import AudioError
from voxlite.recognition.matching import Matcher
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.recognition.store import VoiceprintStore
from voxlite.values import Decision, FloatArray
from voxlite.voiceprints import Erasure, ScryptCost

ENROLLED, STRANGER = ("armelle", "man", "woman"), "july"
RECORDINGS = 3
_PLAN = "speaker-{}-{}.flac"


@dataclass(frozen=True)
class Answer:
    """One question and what came of it.

    Parameters
    ----------
    recording
        What was heard: person and number.
    question
        In words.
    expected
        The label that is right.
    decision
        What the store said.
    """

    recording: str
    question: str
    expected: str
    decision: Decision

    @property
    def right(self) -> bool:
        """Whether that is what it said."""
        return self.decision.label == self.expected


@dataclass(frozen=True)
class Demonstration:
    """Everything that the round showed.

    Parameters
    ----------
    answers
        In the order they were asked.
    erasure
        Receipt for the person who was forgotten.
    names
        Of the recordings, person by person.
    llrs
        float32[n, n], of each pair of them.
    model
        Name and version of the speaker model.
    """

    answers: tuple[Answer, ...]
    erasure: Erasure
    names: tuple[str, ...]
    llrs: FloatArray
    model: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        asked = [
            {
                "recording": one.recording,
                "question": one.question,
                "expected": one.expected,
                **one.decision.to_dict(),
            }
            for one in self.answers
        ]
        llrs = np.round(self.llrs.astype(float), 2).tolist()
        return {
            "model": self.model,
            "answers": asked,
            "erasure": self.erasure.to_dict(),
            "names": list(self.names),
            "llrs": llrs,
        }


def find_samples(folder: Path | None = None) -> Path:
    """Return the folder of the repository's recordings: the one that is named, the working one's, the package's.

    Raises
    ------
    AudioError
        If the recordings are in none of them.
    """
    places = [folder] if folder else [Path("samples"), Path(__file__).resolve().parents[3] / "samples"]
    for place in places:
        if (place / _PLAN.format(STRANGER, 1)).is_file():
            return place
    raise AudioError(
        f"{places[0]}: the recordings of the demo are not there: run it in a copy of the repository, or name its "
        "samples folder with --samples"
    )


def demonstrate(
    folder: Path,
    *,
    model: str = "compact",
    voice_model: str = "compact",
    threads: int = 4,
    far: float | None = None,
) -> Demonstration:
    """Run the round.

    Parameters
    ----------
    folder
        From `find_samples`.
    model, voice_model, threads, far
        As `VoiceprintStore`.

    Raises
    ------
    AudioError, ModelError, VoxliteError
        If a recording, a model or the rate cannot be used.
    """
    recognizer = SpeakerRecognizer(model, threads, voice_model)
    people = (*ENROLLED, STRANGER)
    takes = {
        person: [folder / _PLAN.format(person, number) for number in range(1, RECORDINGS + 1)]
        for person in people
    }
    with tempfile.TemporaryDirectory(prefix="voxlite-demo-") as temporary:
        cost = ScryptCost(1 << 10)  # nobody guesses a passphrase that is random and used for seconds
        path, passphrase = Path(temporary, "voices.vault"), secrets.token_urlsafe()
        with VoiceprintStore(path, passphrase, recognizer=recognizer, far=far, cost=cost) as store:
            answers, erasure = _ask(store, takes)
    heard = [recognizer.listen(path) for person in people for path in takes[person]]
    names = [_name(path) for person in people for path in takes[person]]
    llrs, name = pair_llrs(recognizer, heard), str(recognizer.print_model)
    return Demonstration(tuple(answers), erasure, tuple(names), llrs, name)


def pair_llrs(recognizer: SpeakerRecognizer, heard: Sequence[Speech]) -> FloatArray:
    """Return the LLR of each pair, float32[n, n]."""
    matcher = Matcher(recognizer.scorer)
    return np.stack([matcher.llrs(one, heard) for one in heard])


def _ask(store: VoiceprintStore, takes: dict[str, list[Path]]) -> tuple[list[Answer], Erasure]:
    agreed = datetime.now(timezone.utc)
    for person in ENROLLED:
        store.enroll(
            person, takes[person][:-1], consent_at=agreed, purpose="a demonstration with free recordings"
        )
    answers: list[Answer] = []

    def ask(path: Path, expected: str, claimed: str | None = None, question: str = "who is it?") -> None:
        decision = store.identify(path) if claimed is None else store.verify(claimed, path)
        question = question if claimed is None else f"is it {claimed}?"
        answers.append(Answer(_name(path), question, expected, decision))

    for person in ENROLLED:
        fresh = takes[person][-1]
        for claimed in ENROLLED:
            ask(fresh, "accepted" if claimed == person else "rejected", claimed)
        ask(fresh, person)
    for path in takes[STRANGER]:
        ask(path, "unknown")
    gone = ENROLLED[0]
    erasure = store.forget(gone)
    ask(takes[gone][-1], "unknown", question="who is it now?")
    return answers, erasure


def _name(path: Path) -> str:
    return path.stem.removeprefix("speaker-")
