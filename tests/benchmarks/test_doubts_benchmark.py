"""Doubted claims: who claims to be whom, what is counted, and what the section says."""

from __future__ import annotations

import numpy as np
import pytest

from voxlite.errors import EnrollmentError
from voxlite.recognition import Speech
from voxlite.values import Decision, Trait


def heard(person, gender, speech_s=5.0):
    decision = Decision(gender, 0.9, 0.8, speech_s)
    row = np.eye(4, dtype=np.float32)[person]
    return Speech(row, speech_s, 8000.0, (), (Trait("gender", decision, {}, {}, ()),))


class Store:
    """Knows person 0 from all others, and these not from each other."""

    def __init__(self):
        self.enrolled = {}

    def enroll(self, name, recordings, **consent):
        if name == "mute":
            raise EnrollmentError("mute: no speech")
        self.enrolled[name] = recordings

    def verify(self, name, speech):
        if speech.speech_s < 1:
            return Decision("not enough speech", 0.0, 0.5, speech.speech_s)
        person = int(self.enrolled[name][0].embedding.argmax())
        accepted = min(person, 1) == min(int(speech.embedding.argmax()), 1)
        doubted = speech.gender != self.enrolled[name][0].gender
        reasons = ("doubt: the voice sounds other",) if doubted else ("LLR 3.0",)
        return Decision("accepted" if accepted else "rejected", 0.9, 0.5, speech.speech_s, reasons)


def test_accepted_claims_that_are_doubted_are_counted(bench):
    module = bench("doubts")
    people = {
        "a": [heard(0, "female")] * 4 + [heard(0, "female"), heard(0, "male")],
        "b": [heard(1, "male")] * 4 + [heard(1, "male"), heard(1, "male", 0.3)],
        "mute": [heard(2, "male")] * 4 + [heard(2, "male")],
    }
    ticks = []
    claims = module.measure(Store(), people, lambda: ticks.append(1))
    assert len(ticks) == 3
    assert claims["own"] == {
        "made": 3, "accepted": 3, "doubted": 1,
        "accepted_rate": 1.0, "accepted_rate_with_veto": pytest.approx(2 / 3),
    }  # fmt: skip
    assert (claims["strangers"]["made"], claims["strangers"]["accepted"]) == (5, 1)
    section = bench("sections.doubts")
    data = {"people": 3, "model": {"name": "compact"}, "claims": claims}
    text = "\n".join(section.doubts(data))
    assert "| one's own | 3 | 100.00 % | 1 | 66.67 % |" in text
    assert section.doubts(None)[-1].count(section.DOUBTS) == 1
    assert module.table(claims).rows[0][3] == 1
