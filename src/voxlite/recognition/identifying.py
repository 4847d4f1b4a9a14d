"""A voice against everybody enrolled, in milliseconds: cosines first, likelihood ratios for the best few only.

One matrix product gives the cosine to every reference; score normalisation and calibration can change the order among
the nearest, but hardly lift somebody from beyond the fiftieth place. References' facts are decrypted when they are
first needed. All of it is a picture of the store at one moment: `Directory.of` gives a fresh one once the vault's
version has moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from voxlite.recognition.matching import REFERENCES, Heard, Matcher, Together
from voxlite.voiceprints.index import VoiceprintIndex
from voxlite.voiceprints.prints import PrintModel, Voiceprint
from voxlite.voiceprints.vault import Vault

CANDIDATES = 50
"""People, the nearest by cosine, whose likelihood ratios are computed."""


class Candidate(NamedTuple):
    """One person who may be speaking.

    Parameters
    ----------
    person
        Name.
    llr
        Of all references together.
    reference
        The nearest.
    n_references
        How many there are; of more than `REFERENCES` the nearest ones count.
    genders
        What the references sounded like, where that was noted.
    """

    person: str
    llr: float
    reference: Voiceprint
    n_references: int
    genders: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, people: Mapping[str, Sequence[Voiceprint]], probe: Heard, matcher: Matcher
    ) -> list[Candidate]:
        """Return people with their references, each one or more, as candidates, best first."""
        together = [Together.of(probe, references) for references in people.values()]
        found = [
            cls(
                person,
                llr,
                references[blend.nearest],
                len(references),
                frozenset(one.gender for one in references if one.gender),
            )
            for (person, references), blend, llr in zip(
                people.items(), together, matcher.together(probe, together).tolist(), strict=True
            )
        ]
        return sorted(found, key=lambda candidate: (-candidate.llr, candidate.person))


@dataclass
class Directory:
    """Everybody enrolled with one model, at one moment.

    Parameters
    ----------
    version
        Of the vault then.
    index
        References.
    prints
        Facts of those that were needed so far, by row.
    """

    version: tuple[int, int]
    index: VoiceprintIndex
    prints: dict[int, Voiceprint] = field(default_factory=dict)

    @classmethod
    def of(cls, vault: Vault, model: PrintModel) -> Directory:
        """Read a vault; errors as `Vault.index`."""
        version = vault.version()  # before reading: what is written meanwhile makes it out of date
        return cls(version, vault.index(model))

    @property
    def n_people(self) -> int:
        """How many people there are."""
        return len(self.index.people)

    def candidates(self, probe: Heard, matcher: Matcher, vault: Vault) -> list[Candidate]:
        """Return the likeliest people, best first.

        Raises
        ------
        EnrollmentError
            If somebody was erased meanwhile: a fresh directory is needed.
        StoreError
            If a print was changed.
        """
        people = {
            match.person: [self._print(row, vault) for row in self._nearest(match.person, probe)]
            for match in self.index.top(probe.embedding, CANDIDATES)
        }
        return Candidate.of(people, probe, matcher)

    def _nearest(self, person: str, probe: Heard) -> list[int]:
        rows = self.index.rows(person)
        if len(rows) <= REFERENCES:
            return list(rows)
        cosines = self.index.matrix[rows.start : rows.stop] @ probe.embedding
        return [rows.start + int(at) for at in np.argsort(-cosines, kind="stable")[:REFERENCES]]

    def _print(self, row: int, vault: Vault) -> Voiceprint:
        if row not in self.prints:
            self.prints[row] = vault.get(self.index.keys[row])
        return self.prints[row]
