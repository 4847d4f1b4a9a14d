"""The benchmark of detectors: which clips are one recording, and what its section says."""

from __future__ import annotations

from pathlib import Path

from voxlite.training.corpus import Clip


def clip(source: str, original: str) -> Clip:
    empty = dict.fromkeys(("speaker", "gender", "age", "mood", "language"), "")
    return Clip(Path("x.opus"), original, "nonhuman", source, "train", duration_s=3.0, use="free",
                licence="CC-BY-3.0", original=original, **empty)  # fmt: skip


def test_clips_of_one_recording_are_told_by_its_number(bench) -> None:
    module = bench("detectors")
    dog = clip("esc-10", "ESC-10/001 - Dog bark/1-100032-A.ogg")
    pan = clip("kitchen20", "audio/0-101477-A-3.wav")
    other = clip("kitchen20", "audio/4-101477-C-3.wav")
    assert module.kind_of(dog) == "ESC-10 dog bark"
    assert module.kind_of(pan) == module.kind_of(other) == "Kitchen20 3"
    assert module.origin_of(pan) == module.origin_of(other) == "kitchen20/101477"
    assert module.origin_of(dog) == "esc-10/100032"


def test_the_section_says_what_was_measured(bench) -> None:
    section = bench("sections.detectors")
    row = {"recordings": 30, "others": 1200, "roc_auc": 0.9876, "false_alarms_at_90": 0.0321}
    data = {"recordings": 10, "kinds": {"ESC-10 rain": row}, "roc_auc_mean": 0.97, "roc_auc_least": 0.91,
            "false_alarms_at_90_mean": 0.05}  # fmt: skip
    text = "\n".join(section.detectors(data))
    assert "| ESC-10 rain | 30 | 1,200 | 0.988 | 3.2 % |" in text
    assert "from 10 recordings" in text
    assert section.detectors(None)[-1].count(section.DETECTORS) == 1
