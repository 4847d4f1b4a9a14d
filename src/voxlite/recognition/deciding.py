"""Decisions about who speaks, with their reasons in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from voxlite.recognition.identifying import Candidate
from voxlite.recognition.matching import OperatingPoint, is_narrow
from voxlite.recognition.recognizer import Speech
from voxlite.tasks.speech import ENOUGH_SPEECH_S
from voxlite.values import Decision
from voxlite.voiceprints.prints import Voiceprint
from voxlite.voiceprints.scoring import probability

ACCEPTED, REJECTED, UNKNOWN, NOT_ENOUGH = "accepted", "rejected", "unknown", "not enough speech"
NOBODY = (UNKNOWN, NOT_ENOUGH)
"""Answers of `identify` that are no name."""


def verified(best: Candidate, speech: Speech, point: OperatingPoint) -> Decision:
    """Return "accepted" or "rejected", by the references of the person who is claimed."""
    passed = best.llr >= point.llr
    reasons = [f"LLR {best.llr:.1f} against {_all_of(best)}; {_needed(point)}"]
    reasons += _doubt(best, speech)
    return _decision(ACCEPTED if passed else REJECTED, best, speech, point, reasons)


def identified(candidates: Sequence[Candidate], speech: Speech, point: OperatingPoint) -> Decision:
    """Return the name of the likeliest person, or "unknown"."""
    if not candidates:
        return Decision(
            UNKNOWN, 0.0, _score(point.llr), speech.speech_s, ("nobody is enrolled", *speech.remarks)
        )
    best = candidates[0]
    reasons = [f"{best.person}: LLR {best.llr:.1f} against {_all_of(best)}; {_needed(point)}"]
    if len(candidates) > 1:
        reasons.append(f"next is {candidates[1].person}, LLR {candidates[1].llr:.1f}")
    if not best.llr >= point.llr:  # so that a score which is no number names nobody
        return _decision(UNKNOWN, best, speech, point, reasons)
    return _decision(best.person, best, speech, point, [*reasons, *_doubt(best, speech)])


def not_enough(speech: Speech, point: OperatingPoint) -> Decision:
    """Return the answer to a recording with too little speech."""
    reason = f"only {speech.speech_s:.1f} s of speech: {ENOUGH_SPEECH_S:g} s is needed"
    return Decision(NOT_ENOUGH, 0.0, _score(point.llr), speech.speech_s, (reason, *speech.remarks))


def described(reference: Voiceprint) -> str:
    """Return a reference in words."""
    source = f"{reference.source!r} of " if reference.source else ""
    return f"the reference {source}{reference.enrolled_at:%Y-%m-%d} ({reference.speech_s:.1f} s)"


def _doubt(best: Candidate, speech: Speech) -> list[str]:
    """Return what a voice's gender says against the person; it moves neither score nor verdict."""
    if speech.gender is None or len(best.genders) != 1 or speech.gender in best.genders:
        return []
    (enrolled,) = best.genders
    return [f"doubt: the voice sounds {speech.gender}, {best.person}'s enrolled voice {enrolled}"]


def _all_of(best: Candidate) -> str:
    nearest = described(best.reference)
    return nearest if best.n_references == 1 else f"{best.n_references} references, the nearest {nearest}"


def _needed(point: OperatingPoint) -> str:
    among = "" if point.n_people == 1 else f" among {point.n_people} people"
    return f"{point.llr:.1f} is needed for a stranger's chance of {share(point.far)}{among}"


def share(rate: float) -> str:
    """Return a rate as people read it."""
    return f"{100 * rate:.2g} %"


def _decision(
    label: str, best: Candidate, speech: Speech, point: OperatingPoint, reasons: list[str]
) -> Decision:
    if speech.narrow and not is_narrow(best.reference):
        reasons.append(
            "narrow band (telephone) against a wideband enrollment: enroll a recording of this line too, "
            "or record as at enrollment"
        )
    return Decision(label, _score(best.llr), _score(point.llr), speech.speech_s, (*reasons, *speech.remarks))


def _score(llr: float) -> float:
    return float(probability(llr))
