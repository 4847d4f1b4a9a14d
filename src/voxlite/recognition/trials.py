"""Trial lists: pairs of recordings to be compared, and what a speaker model says of each pair.

A line is "1 FIRST SECOND" for a pair of one speaker, "0 FIRST SECOND" for a pair of two, or "FIRST SECOND" where the
truth is not known; the words are parted by blanks. Lists in gzip are read as they are. This is what VoxCeleb's lists
look like, and what `voxlite evaluate speaker` writes.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import VoxliteError
from voxlite.recognition.recognizer import Speech
from voxlite.values import FloatArray
from voxlite.voiceprints.error_rates import equal_error_rate, min_detection_cost
from voxlite.voiceprints.scoring import PairScorer, probability

TARGET_PRIOR = 0.01
_GZIP = b"\x1f\x8b"
_MAX_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class TrialList:
    """Pairs of recordings.

    Parameters
    ----------
    names
        Of the recordings, each once, as the list writes them.
    first, second
        int64[n], indices into `names`.
    same
        bool[n], whether a pair is of one speaker; None where the list does not say.
    """

    names: tuple[str, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    same: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class TrialScores:
    """What a model says of each trial.

    Parameters
    ----------
    cosine
        float32[n], of the two embeddings.
    llr
        float32[n], calibrated log-likelihood ratio; None where the model's file holds no calibration.
    """

    trials: TrialList
    cosine: FloatArray
    llr: FloatArray | None

    @property
    def probability(self) -> FloatArray | None:
        """The LLR as a probability, float32[n]."""
        return None if self.llr is None else probability(self.llr)

    def figures(self) -> dict[str, Any]:
        """Return number of trials, and EER and minimal detection cost of cosine and LLR where the truth is known."""
        same = self.trials.same
        found: dict[str, Any] = {"recordings": len(self.trials.names), "trials": len(self.cosine)}
        if same is None:
            return found
        found["of_one_speaker"] = int(same.sum())
        for name, values in (("cosine", self.cosine), ("llr", self.llr)):
            if values is not None and same.any() and not same.all():
                found[name] = {
                    "eer": round(equal_error_rate(values, same), 6),
                    f"min_dcf_{TARGET_PRIOR:g}": round(min_detection_cost(values, same, TARGET_PRIOR), 6),
                }
        return found


def read_trials(path: Path) -> TrialList:
    """Read a trial list.

    Raises
    ------
    VoxliteError
        If the file cannot be read, holds no trials, or a line is none: the message names it.
    """
    names: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    labels: list[str] = []
    n_columns = 0
    for number, line in enumerate(_text(path).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        n_columns = n_columns or len(words)
        if (
            len(words) != n_columns
            or n_columns not in (2, 3)
            or (n_columns == 3 and words[0] not in ("0", "1"))
        ):
            raise VoxliteError(
                f"{path}: line {number}: {line.strip()[:60]!r} is no trial like the lines before: write "
                "`1 FIRST SECOND`, `0 FIRST SECOND`, or `FIRST SECOND` on every line"
            )
        one, other = (names.setdefault(word, len(names)) for word in words[-2:])
        pairs.append((one, other))
        labels += words[:-2]
    if not pairs:
        raise VoxliteError(
            f"{path}: no trials in it: write `1 FIRST SECOND`, `0 FIRST SECOND` or `FIRST SECOND`"
        )
    first, second = np.array(pairs, np.int64).T
    return TrialList(tuple(names), first, second, np.array(labels) == "1" if labels else None)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            with gzip.open(path) as packed:
                content = packed.read(
                    _MAX_BYTES + 1
                )  # a small file may unpack into more than there is memory
        if len(content) > _MAX_BYTES:
            raise VoxliteError(f"{path}: a trial list of more than {_MAX_BYTES >> 20} MiB: split it")
        return content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise VoxliteError(
            f"{path}: the trial list could not be read ({error}): give UTF-8 text, plain or in gzip"
        ) from error


def score_trials(
    trials: TrialList, listen: Callable[[str], Speech], scorer: PairScorer | None
) -> TrialScores:
    """Score every trial; each recording is heard once.

    Parameters
    ----------
    trials
        Pairs of recordings.
    listen
        Name -> its speech, as `SpeakerRecognizer.listen` gives it.
    scorer
        The model's; None leaves out the LLR.
    """
    heard = [listen(name) for name in trials.names]
    rows = np.stack([speech.embedding for speech in heard])
    first, second = trials.first, trials.second
    cosine = np.asarray(np.einsum("nd,nd->n", rows[first], rows[second]), np.float32)
    if scorer is None:
        return TrialScores(trials, cosine, None)
    scores = scorer.cohort.of_pairs(cosine, (rows, first), (rows, second))
    speech_s = np.array([speech.speech_s for speech in heard])
    narrow = np.array([speech.narrow for speech in heard])
    shorter_s = np.minimum(speech_s[first], speech_s[second])
    either = narrow[first] | narrow[second]
    llr = [
        scorer.calibrated(score, s, n)
        for score, s, n in zip(scores, shorter_s.tolist(), either.tolist(), strict=True)
    ]
    return TrialScores(trials, cosine, np.array(llr, np.float32))
