"""`embed` and `score TRIALS`: embeddings as files, pairs of recordings; as processes, and with a made-up recognizer."""

from __future__ import annotations

import csv
import gzip
import io
import json

import numpy as np
import pytest
import soundfile

from voxlite.errors import AudioError, ModelError, VoxliteError
from voxlite.recognition import Speech
from voxlite.recognition.trials import read_trials, score_trials
from voxlite.voiceprints.scoring import Cohort

ANGLES = {"a1.wav": 0.0, "a2.wav": 0.3, "b1.wav": 1.5, "b2.wav": 1.6, "c1.wav": 3.0}


@pytest.fixture
def folder(tmp_path):
    """Recordings by two speakers and one more, all of different lengths."""
    path = tmp_path / "sounds"
    path.mkdir()
    rng = np.random.default_rng(0)
    for place, name in enumerate(ANGLES, 1):
        soundfile.write(path / name, 0.1 * rng.standard_normal(4_000 * place), 16_000, "PCM_16")
    return path


class Scorer:
    """Stands for a calibrated model: LLR = slope * cosine, and one less where a side is narrow."""

    cohort = Cohort(np.zeros((0, 2), np.float32), 0)

    def calibrated(self, scores, speech_s, narrow):
        return np.float32(scores * speech_s - narrow)


def speech(name):
    angle = ANGLES[name]
    bandwidth_hz = 3_400.0 if name == "b1.wav" else 8_000.0
    return Speech(np.array([np.cos(angle), np.sin(angle)], np.float32), 2 + angle, bandwidth_hz)


@pytest.fixture
def told(monkeypatch):
    """Take the recognizer's place: a recording's voice follows from its file's name; returns what was heard."""
    heard = []

    class Recognizer:
        dim = 2
        scorer = Scorer()

        def __init__(self, model="compact", threads=4, voice_model="compact"):
            if model == "giant":
                raise ModelError("no speaker model named 'giant'")
            self.model = type("Model", (), {"name": model, "summary": lambda self: {"name": model}})()
            if model == "plain":
                del Recognizer.scorer

        def listen(self, path):
            name = str(path).rpartition("/")[2]
            if name not in ANGLES:
                raise AudioError(f"{path}: not audio")
            heard.append(name)
            return speech(name)

        def __getattr__(self, name):
            raise ModelError("plain.tflite: its scores are not calibrated")

    monkeypatch.setattr("voxlite.recognition.SpeakerRecognizer", Recognizer)
    return heard


def test_npy_holds_file_speech_and_embedding(in_process, told, folder, tmp_path):
    out = tmp_path / "x.npy"
    result = in_process("embed", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    table = np.load(out)
    assert [name.rpartition("/")[2] for name in table["file"]] == list(ANGLES)
    np.testing.assert_allclose(table["embedding"], [speech(name).embedding for name in ANGLES])
    np.testing.assert_allclose(table["speech_s"], [2 + angle for angle in ANGLES.values()])
    assert table["embedding"].dtype == np.float32
    assert "5 x 2 float32, model compact" in result.stderr


def test_parquet_holds_the_same(in_process, told, folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the parquet extra")
    out = tmp_path / "x.parquet"
    assert in_process("embed", folder / "b1.wav", folder / "a2.wav", "-o", out).exit_code == 0
    rows = parquet.read_table(out).to_pylist()
    assert [row["file"].rpartition("/")[2] for row in rows] == ["b1.wav", "a2.wav"]
    assert rows[1]["speech_s"] == pytest.approx(2.3)
    np.testing.assert_allclose(rows[0]["embedding"], speech("b1.wav").embedding)


def test_one_bad_recording_costs_no_other(in_process, told, folder, tmp_path):
    (folder / "bad.wav").write_bytes(b"no sound")
    out = tmp_path / "x.npy"
    result = in_process("embed", folder / "bad.wav", folder / "a1.wav", "-o", out)
    assert result.exit_code == 1
    assert "bad.wav: not audio" in result.stderr
    assert len(np.load(out)) == 1
    out.unlink()
    assert in_process("embed", folder / "bad.wav", "-o", out).exit_code == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("out", "code", "words"), [("x.csv", 2, ".npy or .parquet"), ("no/x.npy", 1, "cannot be written")]
)
def test_out_that_cannot_be(in_process, told, folder, tmp_path, out, code, words):
    result = in_process("embed", folder / "a1.wav", "-o", tmp_path / out)
    assert result.exit_code == code
    assert words in " ".join(result.stderr.replace("│", " ").split())  # a long path wraps it


def test_parquet_without_pyarrow_is_refused_before_the_work(in_process, told, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = in_process("embed", folder, "-o", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert "voxlite[parquet]" in result.stderr
    assert told == []


LABELLED = "1 a1.wav a2.wav\n1 b1.wav b2.wav\n\n0 a1.wav b1.wav\n0 a2.wav c1.wav\n"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_labelled_list(in_process, told, folder):
    (folder / "list.txt").write_text(LABELLED)
    result = in_process("score", folder / "list.txt")
    assert result.exit_code == 0, result.stderr
    rows = rows_of(result.stdout)
    assert [(row["same"], row["first"], row["second"]) for row in rows] == [
        tuple(line.split()) for line in LABELLED.splitlines() if line
    ]
    assert [float(row["cosine"]) for row in rows] == pytest.approx(
        np.cos([0.3, 0.1, 1.5, 2.7]).tolist(), abs=1e-5
    )
    expected = [2 * np.cos(0.3), 3.5 * np.cos(0.1) - 1, 2 * np.cos(1.5) - 1, 2.3 * np.cos(2.7)]
    assert [float(row["llr"]) for row in rows] == pytest.approx(expected, abs=1e-3)
    for row in rows:
        assert float(row["probability"]) == pytest.approx(1 / (1 + np.exp(-float(row["llr"]))), abs=1e-4)
    assert "4 trials of 5 recordings, 2 of one speaker" in result.stderr
    assert "cosine: EER 0.00 %, minDCF(0.01) 0.0000" in result.stderr
    assert sorted(told) == sorted(ANGLES)  # each once


def test_a_list_in_gzip_elsewhere_into_a_file_with_figures_as_json(in_process, told, folder, tmp_path):
    trials, out = tmp_path / "list.gz", tmp_path / "scores.csv"
    trials.write_bytes(gzip.compress(b"1 a1.wav b2.wav\n0 a1.wav a2.wav\n0 a1.wav c1.wav\n", mtime=0))
    result = in_process("score", trials, "--root", folder, "-o", out, "--json", "--model", "mine")
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["schema"] == "voxlite.trials/1"
    assert figures["model"] == {"name": "mine"}
    assert (figures["trials"], figures["recordings"], figures["of_one_speaker"]) == (3, 4, 1)
    assert figures["cosine"]["eer"] == 0.25  # a1 is nearer to a2 than to b2, and farther from c1
    assert figures["llr"]["min_dcf_0.01"] == 1
    assert [row["second"] for row in rows_of(out.read_text())] == ["b2.wav", "a2.wav", "c1.wav"]
    result = in_process("score", trials, "--root", folder, "--json")
    assert json.loads(result.stdout)["trials"] == 3


def test_without_truth_there_are_scores_alone(in_process, told, folder):
    (folder / "list.txt").write_text("a1.wav a2.wav\nb1.wav b1.wav\n")
    result = in_process("score", folder / "list.txt")
    assert "same" not in rows_of(result.stdout)[0]
    assert float(rows_of(result.stdout)[1]["cosine"]) == pytest.approx(1)
    assert "2 trials of 3 recordings\n" in result.stderr
    assert "EER" not in result.stderr


def test_a_model_without_calibration_gives_cosines(in_process, told, folder):
    (folder / "list.txt").write_text("1 a1.wav a2.wav\n0 b1.wav a1.wav\n")
    result = in_process("score", folder / "list.txt", "--model", "plain")
    assert result.exit_code == 0, result.stderr
    assert {(row["llr"], row["probability"]) for row in rows_of(result.stdout)} == {("", "")}
    assert "only cosines" in result.stderr
    assert "llr: EER" not in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no trials in it"),
        (b"1 a b\n0 a\n", "line 2: '0 a'"),
        (b"1 a b\na b\n", "line 2"),
        (b"yes a b\n", "line 1"),
        (b"a\n", "line 1"),
        (b"1 a b c\n", "line 1"),
        (b"\xff\xfe1", "could not be read"),
        (gzip.compress(b"1 a b\n" * 100, mtime=0)[:-9], "could not be read"),
        (b"\x1f\x8bnonsense", "could not be read"),
    ],
)
def test_what_is_no_list(in_process, told, tmp_path, content, words):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(VoxliteError, match=words):
        read_trials(path)
    result = in_process("score", path)
    assert result.exit_code == 1
    assert words in result.stderr


def test_trouble_is_one_line(in_process, told, folder, tmp_path):
    (folder / "list.txt").write_text("a1.wav gone.wav\n")
    result = in_process("score", folder / "list.txt")
    assert result.exit_code == 1
    assert "gone.wav is not in" in result.stderr
    assert told == []
    assert "could not be read" in in_process("score", tmp_path / "no.txt").stderr
    (folder / "list.txt").write_text("a1.wav a2.wav\n")
    assert "giant" in in_process("score", folder / "list.txt", "--model", "giant").stderr
    result = in_process("score", folder / "list.txt", "-o", tmp_path / "no" / "x.csv")
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("t.csv", "f.wav", "--root", "."),
        ("t.csv", "f.wav", "--out", "x.csv"),
        ("t.txt", "--picture", "p.png"),
    ],
)
def test_options_of_the_other_kind_are_wrong_use(in_process, told, arguments):
    assert in_process("score", *arguments).exit_code == 2


def test_trials_of_one_kind_have_no_error_rates(tmp_path):
    (tmp_path / "list.txt").write_text("1 a1.wav a2.wav\n1 b1.wav b2.wav\n")
    result = score_trials(read_trials(tmp_path / "list.txt"), speech, Scorer())
    assert result.figures() == {"recordings": 4, "trials": 2, "of_one_speaker": 2}


def test_the_program_embeds_and_scores(as_process, tiny_speaker, folder, tmp_path):
    out = tmp_path / "x.npy"
    done = as_process("embed", folder / "a1.wav", folder / "c1.wav", "--model", tiny_speaker, "--out", out)
    assert done.returncode == 0, done.stderr
    table = np.load(out)
    np.testing.assert_allclose(np.linalg.norm(table["embedding"], axis=1), 1, atol=1e-5)
    assert (table["speech_s"] < 1).all()  # noise: and still there are embeddings
    (folder / "list.txt").write_text("1 a1.wav c1.wav\n0 a1.wav b1.wav\n")
    done = as_process("score", folder / "list.txt", "--model", tiny_speaker)
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout.decode())
    assert float(rows[0]["cosine"]) == pytest.approx(
        float(table["embedding"][0] @ table["embedding"][1]), abs=1e-4
    )
    assert float(rows[0]["llr"]) == pytest.approx(10 * float(rows[0]["cosine"]) - 5, abs=1e-3)
    assert b"EER" in done.stderr
