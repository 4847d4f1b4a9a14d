"""All embeddings of one model in one matrix, so that a probe meets a hundred thousand references in one product.

Rows lie person by person: the best reference of each person is one `maximum.reduceat` over the scores. Embeddings and
probes have unit norm, so the product is the cosine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import EnrollmentError
from voxlite.values import FloatArray
from voxlite.voiceprints.prints import NORM_TOLERANCE


@dataclass(frozen=True)
class Match:
    """One person, scored.

    Parameters
    ----------
    person
        Name.
    cosine
        Of the person's best reference, -1..1.
    row
        Which reference that was: a row of the index's `matrix`, a place in its `keys`.
    """

    person: str
    cosine: float
    row: int


class VoiceprintIndex:
    """References of many people, ready to be compared.

    Parameters
    ----------
    people
        Names, each once.
    owners
        int[n], for each reference the place of its person in `people`.
    matrix
        float32[n, dim], unit norm.
    keys
        For each reference whatever finds its facts again; a vault puts the ids of its prints here.

    Raises
    ------
    EnrollmentError
        If the parts do not fit each other.

    Attributes
    ----------
    people : tuple of str
        Names, each once; `best_by_person` answers in this order.
    matrix : float32[n, dim]
        References, those of one person side by side.
    """

    def __init__(
        self,
        people: Sequence[str],
        owners: NDArray[np.integer] | Sequence[int],
        matrix: FloatArray,
        keys: Sequence[bytes] = (),
    ) -> None:
        owner = np.asarray(owners, dtype=np.int64)
        rows = np.asarray(matrix, dtype=np.float32)
        if rows.ndim != 2 or owner.shape != (len(rows),) or (keys and len(keys) != len(rows)):
            raise EnrollmentError(
                f"index: {owner.size} owners and {len(keys)} keys for a matrix of shape {rows.shape}"
            )
        if len(set(people)) != len(people) or not np.array_equal(np.unique(owner), np.arange(len(people))):
            raise EnrollmentError(
                f"index: {len(people)} names: give each name once, with a reference or more"
            )
        if np.any(owner[1:] < owner[:-1]):
            order = np.argsort(owner, kind="stable")
            owner, rows = owner[order], rows[order]
            keys = [keys[at] for at in order] if keys else ()
        self.people = tuple(people)
        self.matrix = rows
        self.owners = owner
        self.keys = tuple(keys)
        self._places = {name: at for at, name in enumerate(self.people)}
        self._starts: list[int] = np.searchsorted(owner, np.arange(len(self.people) + 1)).tolist()

    @classmethod
    def of(cls, references: Iterable[tuple[str, FloatArray]]) -> VoiceprintIndex:
        """Build an index from names and embeddings, in any order.

        Raises
        ------
        EnrollmentError
            If embeddings differ in length.

        Examples
        --------
        >>> index = VoiceprintIndex.of([("Ada", np.float32([1, 0])), ("Bob", np.float32([0, 1]))])
        >>> [(match.person, round(match.cosine, 1)) for match in index.top(np.float32([0.6, 0.8]))]
        [('Bob', 0.8), ('Ada', 0.6)]
        """
        pairs = list(references)
        people = list(dict.fromkeys(name for name, _ in pairs))
        place = {name: at for at, name in enumerate(people)}
        dims = {len(embedding) for _, embedding in pairs}
        if len(dims) > 1:
            raise EnrollmentError(f"index: embeddings of {sorted(dims)} numbers: compare those of one model")
        rows = np.array([embedding for _, embedding in pairs], np.float32).reshape(
            len(pairs), -1 if pairs else 0
        )
        return cls(people, [place[name] for name, _ in pairs], rows)

    def __len__(self) -> int:
        return len(self.matrix)

    def cosines(self, probe: FloatArray) -> FloatArray:
        """Return the cosine of a probe to every reference.

        Parameters
        ----------
        probe
            float32[dim] of unit norm, or float32[m, dim] for m probes at once.

        Returns
        -------
        float32[n] or float32[m, n], in the order of `matrix`.

        Raises
        ------
        EnrollmentError
            If the probe's length is not the references', or its norm is not 1.
        """
        vector = np.asarray(probe, dtype=np.float32)
        if not np.all(np.abs(np.linalg.norm(vector, axis=-1) - 1) < NORM_TOLERANCE):
            raise EnrollmentError("a probe that is not of unit norm: divide it by its norm")
        if not len(self):
            return np.zeros((*vector.shape[:-1], 0), np.float32)
        if vector.ndim not in (1, 2) or vector.shape[-1] != self.matrix.shape[1]:
            raise EnrollmentError(
                f"a probe of shape {vector.shape} against references of {self.matrix.shape[1]} numbers: "
                "use the model that they were enrolled with"
            )
        return np.asarray(vector @ self.matrix.T, np.float32)

    def best_by_person(self, probe: FloatArray) -> FloatArray:
        """Return the cosine of each person's best reference, float32[people] or float32[m, people]."""
        cosines = self.cosines(probe)
        return np.asarray(np.maximum.reduceat(cosines, self._starts[:-1], axis=-1)) if len(self) else cosines

    def rows(self, person: str) -> range:
        """Return the rows of a person's references.

        Raises
        ------
        EnrollmentError
            If the index has none.
        """
        at = self._places.get(person)
        if at is None:
            raise EnrollmentError(
                f"index: no references of {person!r}: enroll first, or make the index again"
            )
        return range(self._starts[at], self._starts[at + 1])

    def top(self, probe: FloatArray, k: int = 5) -> list[Match]:
        """Return the k most similar people, best first; of equals, who comes first in `people`.

        Parameters
        ----------
        probe
            float32[dim] of unit norm.
        k
            At most so many.

        Raises
        ------
        EnrollmentError
            If the probe is not one vector of the references' length.
        """
        if np.ndim(probe) != 1:
            raise EnrollmentError(f"a probe of shape {np.shape(probe)}: give one vector")
        cosines = self.cosines(probe)
        if not len(self) or k < 1:
            return []
        best = np.maximum.reduceat(cosines, self._starts[:-1])
        k = min(k, len(best))
        # everyone as good as the k-th, so that equals are ordered by place and not by the partition's whim
        found = np.flatnonzero(best >= np.partition(best, -k)[-k])
        found = found[np.argsort(-best[found], kind="stable")][:k]
        return [Match(self.people[at], float(best[at]), self._row(at, cosines)) for at in found.tolist()]

    def _row(self, at: int, cosines: FloatArray) -> int:
        start, stop = self._starts[at], self._starts[at + 1]
        return start + int(np.argmax(cosines[start:stop]))
