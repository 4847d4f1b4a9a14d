"""The vectors of voices say what this package computes, and the browser's export opens here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voxlite.browser.vectors import voices
from voxlite.recognition.demonstration import find_samples
from voxlite.recognition.matching import Calibration, Matcher, Together
from voxlite.recognition.recognizer import SpeakerRecognizer, Speech
from voxlite.runtime import find_model
from voxlite.voiceprints import Voiceprint
from voxlite.voiceprints.container import open_container
from voxlite.voiceprints.scoring import PairScorer

FROM_WEB = Path(__file__).parents[2] / "web" / "vectors" / "voices" / "from-web.json"
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("vectors")
    files = voices.write(out)
    assert {path.parent for path in files} == {out / "voices"}
    return {path.name: path for path in files}


@pytest.fixture(scope="module")
def texts(written: dict[str, Path]) -> Any:
    return json.loads(written["voices.json"].read_text())


@pytest.fixture(scope="module")
def scorer() -> PairScorer:
    return PairScorer(find_model("speaker", "compact"))


def rows(written: dict[str, Path], name: str, dim: int) -> Any:
    return np.fromfile(written[f"{name}.f32"], "<f4").reshape(-1, dim)


@pytest.fixture(scope="module")
def speeches(written: dict[str, Path], texts: Any) -> list[Speech]:
    embeddings = rows(written, "embeddings", texts["model"]["embedding_size"])
    return [
        Speech(embedding, one["speech_s"], one["bandwidth_hz"], tuple(one["remarks"]))
        for embedding, one in zip(embeddings, texts["heard"], strict=True)
    ]


def test_they_are_small_and_the_same_each_time_but_for_the_exports_salt(
    written: dict[str, Path], tmp_path: Path
) -> None:
    assert sum(path.stat().st_size for path in written.values()) < 6 * MEBIBYTE
    again = {path.name: path.read_bytes() for path in voices.write(tmp_path)}
    assert set(again) == set(written)
    for name, content in again.items():
        assert (content == written[name].read_bytes()) == (name != "from-python.json"), name


def test_llrs_and_blends_are_those_of_the_shipped_model(
    written: dict[str, Path], texts: Any, speeches: list[Speech], scorer: PairScorer
) -> None:
    matcher = Matcher(scorer, Calibration(**texts["own_calibration"]))
    found = np.stack([matcher.llrs(one, speeches) for one in speeches])
    np.testing.assert_array_equal(rows(written, "llrs", len(speeches)), found)
    blends = rows(written, "blends", texts["model"]["embedding_size"])
    for row, plain in zip(blends, texts["blends"], strict=True):
        blend = Together.of(speeches[plain["probe"]], [speeches[at] for at in plain["references"]])
        np.testing.assert_array_equal(row, blend.embedding)
        assert (blend.nearest, blend.cost) == (plain["nearest"], plain["cost"])


def test_a_recording_is_heard_as_it_says(
    written: dict[str, Path], texts: Any, speeches: list[Speech]
) -> None:
    names = [one["name"] for one in texts["heard"]]
    speech = SpeakerRecognizer(threads=1).listen(find_samples(None) / "speaker-man-2.flac")
    told = speeches[names.index("speaker-man-2")]
    np.testing.assert_allclose(told.embedding, speech.embedding, atol=1e-6)
    assert (told.speech_s, told.bandwidth_hz) == (speech.speech_s, speech.bandwidth_hz)


def test_means_of_windows_are_the_embeddings_of_the_sounds(written: dict[str, Path], texts: Any) -> None:
    dim, first = texts["model"]["embedding_size"], 0
    windows, means = rows(written, "windows", dim), rows(written, "means", dim)
    for sound, mean in zip(texts["sounds"], means, strict=True):
        own = windows[first : first + len(sound["starts"])].mean(axis=0)
        np.testing.assert_allclose(mean, own / np.linalg.norm(own), atol=1e-6)
        first += len(sound["starts"])
    assert first == len(windows)
    assert len({len(sound["starts"]) for sound in texts["sounds"]}) > 1


def test_answers_and_enrollments_are_of_every_kind(texts: Any) -> None:
    answers = [one for store in texts["answers"] for one in (*store["verify"], *store["identify"]) if one]
    labels = {one["label"] for one in answers}
    assert {"accepted", "rejected", "unknown", "not enough speech", "O'Hara"} <= labels
    reasons = " ".join(reason for one in answers for reason in one["reasons"])
    for part in ("doubt: ", "narrow band (telephone)", "nobody is enrolled", "10 references", "among 66"):
        assert part in reasons
    assert any("error" in one for one in texts["enrollments"])
    assert any("does not sound" in str(one.get("warnings")) for one in texts["enrollments"])
    kinds = {(next(iter(one["change"])), "error" in one) for one in texts["checks"]}
    assert {("person", True), ("person", False), ("embedding", True), ("consent_at", False)} <= kinds


def test_the_export_holds_the_prints(written: dict[str, Path], texts: Any) -> None:
    prints = open_container(written["from-python.json"].read_bytes(), texts["passphrase"], "export")
    _same(prints, written, texts)


def test_the_browsers_export_opens(written: dict[str, Path], texts: Any) -> None:
    if not FROM_WEB.exists():
        pytest.skip(
            f"{FROM_WEB}: not there: `voxlite vectors --out web/vectors`, then `npx vitest run` in web/"
        )
    if (FROM_WEB.parent / "voices.json").read_bytes() != written["voices.json"].read_bytes():
        pytest.skip(f"{FROM_WEB}: of older vectors: make them again, then `npx vitest run` in web/")
    _same(open_container(FROM_WEB.read_bytes(), texts["passphrase"], str(FROM_WEB)), written, texts)


def _same(prints: list[Voiceprint], written: dict[str, Path], texts: Any) -> None:
    assert [one.facts() for one in prints] == texts["prints"]
    expected = rows(written, "prints", texts["model"]["embedding_size"])
    np.testing.assert_array_equal(np.stack([one.embedding for one in prints]), expected)
