"""Assembled conversations: the same again, true to their plan; what the benchmark and its section say of them."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from voxlite.training.corpus import COLUMNS
from voxlite.values import Turn

pytest.importorskip("scipy", reason="needs the diarize extra")

RATE_HZ = 16_000
SPEAKERS = [f"s{k}" for k in range(5)]


class Store:
    """Stands for decoded clips: a speaker is a pitch, a clip five seconds of it between half seconds of silence."""

    rate_hz = RATE_HZ

    def samples(self, clip):
        t = np.arange(5 * RATE_HZ) / RATE_HZ
        tone = 0.3 * np.sin(2 * np.pi * 100 * (int(clip.speaker[1:]) + 1) * t)
        return np.pad(tone, RATE_HZ // 2).astype(np.float32)


@pytest.fixture
def conversations(bench):
    return bench("conversations")


@pytest.fixture
def speakers(conversations):
    def clip(speaker, at, seconds=6.0):
        return SimpleNamespace(
            kind="speech", source="talk", speaker=speaker, name=f"{speaker}-{at}", duration_s=seconds
        )

    clips = [clip(speaker, at) for speaker in SPEAKERS for at in range(5)] + [clip("s9", 0)]
    found = conversations.by_speaker(clips, conversations.Plan())
    assert list(found) == ["talk"]
    assert list(found["talk"]) == SPEAKERS  # s9 says too little
    return found["talk"]


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_conversation_is_what_its_plan_says(conversations, speakers, n):
    plan = conversations.Plan()
    made = conversations.assemble(speakers, n, Store(), 7, plan, "talk")
    again = conversations.assemble(speakers, n, Store(), 7, plan, "talk")
    np.testing.assert_array_equal(made.samples, again.samples)
    assert made.turns == again.turns
    other = conversations.assemble(speakers, n, Store(), 8, plan, "talk")
    assert made.turns != other.turns
    assert len(made.speakers) == n
    assert len(made.turns) == 6 * n
    for turn in made.turns:
        assert 1.4 < turn.duration_s < 8.1
        if not any(o is not turn and o.start_s < turn.end_s and turn.start_s < o.end_s for o in made.turns):
            heard = made.samples[round(turn.start_s * RATE_HZ) : round(turn.end_s * RATE_HZ)]
            spectrum = np.abs(np.fft.rfft(heard))
            pitch_hz = np.argmax(spectrum) * RATE_HZ / len(heard)
            assert pitch_hz == pytest.approx(100 * (int(turn.speaker[1:]) + 1), abs=5)
    for one, following in zip(made.turns, made.turns[1:], strict=False):
        assert one.speaker != following.speaker
        assert following.start_s - one.end_s < 1.2
    assert np.abs(made.samples).max() <= 1


def test_about_a_twentieth_is_overlapped(conversations, speakers):
    made = [
        conversations.assemble(speakers, 3, Store(), seed, conversations.Plan(), "talk") for seed in range(8)
    ]
    shares = [conversations.overlap_share(one.turns) for one in made]
    assert 0.02 < np.mean(shares) < 0.09


def test_pauses_are_bridged_for_each_speaker(conversations):
    turns = [Turn(0, 1, "a", 1), Turn(1.2, 2, "a", 1), Turn(0.5, 1.1, "b", 1), Turn(1.5, 2, "b", 1)]
    assert conversations.bridged(turns, 0.3) == (
        Turn(0, 2, "a", 1),
        Turn(0.5, 1.1, "b", 1),
        Turn(1.5, 2, "b", 1),
    )
    assert conversations.overlap_share(turns) == pytest.approx((0.5 + 0.5) / 1.9)
    assert conversations.overlap_share([]) == 0


def test_rows_of_a_perfect_and_of_a_lazy_listener(bench, conversations, speakers):
    module = bench("diarization")
    made = [conversations.assemble(speakers, n, Store(), 0, conversations.Plan(), "talk") for n in (2, 3)]
    by_length = {len(one.samples): one for one in made}

    def perfect(audio, options):
        return SimpleNamespace(speakers=by_length[len(audio.samples)].turns)

    def lazy(audio, options):
        turns = by_length[len(audio.samples)].turns
        return SimpleNamespace(
            speakers=[replace(t, speaker="one") for t in turns] if options.n_speakers else None
        )

    rows = module.measure(made, RATE_HZ, perfect, module.WAYS, 0.3)
    assert [(row["way"], row["speakers"], row["conversations"], row["counted_right"]) for row in rows] == [
        (way, n, count, count) for way in module.WAYS for n, count in ((2, 1), (3, 1), (None, 2))
    ]
    assert all(row["error_rate"] == 0 for row in rows)
    rows = module.measure(made, RATE_HZ, lazy, module.WAYS, 0.3)
    assert rows[0]["missed"] == pytest.approx(rows[0]["second_voice"], abs=1e-4)
    assert rows[0]["confusion"] > 0.2
    assert rows[-1]["error_rate"] == rows[-1]["missed"] == 1
    assert rows[-1]["counted_right"] == 0
    text = [" ".join(map(str, row)) for row in module.table(rows, "x").rows]
    assert text[-1].startswith("estimated all 100.0 %")


@pytest.fixture
def corpus(tmp_path):
    """Three speakers, whose voices the voice detector need not believe in."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for speaker in SPEAKERS[:4]:
            for at in range(4):
                name = f"{speaker}-{at}.wav"
                samples = Store().samples(SimpleNamespace(speaker=speaker))
                soundfile.write(folder / name, samples, RATE_HZ, subtype="PCM_16")
                row = dict.fromkeys(COLUMNS, "") | {
                    "path": name,
                    "kind": "speech",
                    "source": "talk",
                    "use": "free",
                }
                writer.writerow(row | {"split": "test", "speaker": speaker, "duration_s": "6.0"})
    return folder / "manifest.csv"


def test_the_command_writes_what_the_section_shows(bench, corpus, tiny_speaker, tmp_path, capsys):
    out = tmp_path / "diarization.json"
    bench("diarization").main(
        ["--manifest", str(corpus), "--model", str(tiny_speaker), "--source", "talk", "--conversations", "1",
         "--cache", str(tmp_path / "cache"), "--out", str(out)]
    )  # fmt: skip
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["model"]["name"] == "tiny"
    assert result["corpus"] == {"split": "test", "source": "talk", "speakers": 4}
    assert [row["speakers"] for row in result["rows"]] == [2, 3, 4, None] * 2
    assert "Who speaks when, model tiny" in capsys.readouterr().out
    section = bench("sections.diarization")
    text = "\n".join(section.diarization(result))
    assert "4 speakers of talk (test split): turns of 2 to 8 s" in text
    assert text.count("\n| given |") == 4
    assert section.DIARIZATION in "\n".join(section.diarization(None))


def test_a_model_without_calibration_is_told_the_number(bench, monkeypatch):
    from voxlite.errors import ModelError

    module = bench("diarization")

    def diarizer(model, threads, options=None):
        if options is None:
            raise ModelError("not calibrated")

    monkeypatch.setattr(module, "Diarizer", diarizer)
    assert module.usable_ways("x") == ("given",)
