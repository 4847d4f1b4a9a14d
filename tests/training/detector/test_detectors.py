"""A detector of chirps among hisses and tones: learned from a few clips made by formula, judged on others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite import Audio, VoxliteError, analyze
from voxlite.errors import AudioError, ModelError
from voxlite.report.text import report_text
from voxlite.runtime import find_model, load_model
from voxlite.tasks.detector import DetectorStream, SoundDetector
from voxlite.training import tflite_file
from voxlite.training.detector.fit import Example, fit_detector
from voxlite.training.detector.graph import (
    POOLED_STEPS,
    STATISTICS,
    channels,
    pooled_statistics,
    step_geometry,
    trunk,
    with_layer,
)
from voxlite.training.detector.sounds import heard, read_folders
from voxlite.training.detector.training import TrainedDetector, train_detector

RATE_HZ = 16_000


def chirp(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A tone that sweeps upwards six times a second."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    low, high = rng.uniform(900, 1100), rng.uniform(2500, 3000)
    phase = 2 * np.pi * np.cumsum(low + (high - low) * ((6 * t) % 1)) / RATE_HZ
    return rng.uniform(0.05, 0.3) * np.sin(phase) + 0.002 * rng.standard_normal(len(t))


def other(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Hiss, or a steady tone."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    if rng.random() < 0.5:
        return rng.uniform(0.01, 0.1) * rng.standard_normal(len(t))
    return 0.1 * np.sin(2 * np.pi * rng.uniform(200, 4000) * t) + 0.002 * rng.standard_normal(len(t))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Twelve recordings with chirps and fourteen without; some short, one at another rate, one silent."""
    root, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(3)
    for side, make, n in (("chirps", chirp, 12), ("others", other, 14)):
        (root / side).mkdir()
        for number in range(n):
            seconds = 0.4 if number == 0 else rng.uniform(1.0, 3.0)
            soundfile.write(root / side / f"{number}.wav", make(rng, seconds), RATE_HZ)
    soundfile.write(root / "others" / "stereo.flac", np.stack([other(rng, 3)] * 2, axis=1), 44_100)
    soundfile.write(root / "others" / "silent.wav", np.zeros(RATE_HZ), RATE_HZ)
    return root / "chirps", root / "others"


@pytest.fixture(scope="module")
def trained(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> TrainedDetector:
    ticks: list[None] = []
    out = tmp_path_factory.mktemp("made") / "deep" / "chirp.tflite"
    found = train_detector("chirp", [folders[0]], [folders[1]], out, tick=lambda: ticks.append(None))
    assert len(ticks) == 28 + 27  # each is read, and all but the silent one are described
    return found


@pytest.fixture(scope="module")
def scene() -> tuple[Audio, tuple[float, float]]:
    """Ten seconds of hiss and silence with chirps from 4 to 6 s, none of which was learned from."""
    rng = np.random.default_rng(99)
    samples = 0.01 * rng.standard_normal(10 * RATE_HZ)
    samples[8 * RATE_HZ :] = 0
    samples[4 * RATE_HZ : 6 * RATE_HZ] += chirp(rng, 2.0)
    return Audio(samples.astype(np.float32), RATE_HZ), (4.0, 6.0)


def test_it_finds_the_sound_where_it_is_and_nowhere_else(trained, scene) -> None:
    audio, (start_s, end_s) = scene
    found = SoundDetector(str(trained.model.path)).detect(audio)
    assert [event.label for event in found.events] == ["chirp"]
    assert abs(found.events[0].start_s - start_s) < 0.6
    assert abs(found.events[0].end_s - end_s) < 0.6
    assert found.score >= found.threshold
    rng = np.random.default_rng(123)
    quiet = SoundDetector(str(trained.model.path)).detect(Audio(other(rng, 5).astype(np.float32), RATE_HZ))
    assert quiet.events == ()
    assert quiet.score < quiet.threshold


def test_it_says_what_it_learned_from_and_what_it_is_worth(trained) -> None:
    assert trained.recordings == (12, 15)
    assert trained.roc_auc > 0.95
    metadata = trained.model.metadata
    assert (metadata.task, metadata.labels) == ("detector", ("chirp", "other"))
    assert metadata.training["base"].startswith("voice compact ")
    assert 0.5 <= trained.threshold["value"] <= 0.99
    assert "12 recordings of the sound" in trained.threshold["data"]
    assert find_model("voice", "compact").metadata.licence in metadata.licence


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_streamed_in_any_portions_it_says_the_same(trained, scene, seed, threads) -> None:
    audio, _ = scene
    whole = SoundDetector(str(trained.model.path), threads=threads).detect(audio)
    stream = DetectorStream(SoundDetector(str(trained.model.path), threads=1), audio.rate_hz)
    rng, at, events = np.random.default_rng(seed), 0, []
    while at < len(audio.samples):
        size = int(rng.choice([1, 77, 4_000, 50_000]))
        events += stream.push(audio.samples[at : at + size])
        at += size
    events += stream.flush()
    assert tuple(events) == whole.events == stream.detection().events
    assert stream.detection().score == pytest.approx(whole.score)
    stream.reset()
    stream.push(np.zeros(RATE_HZ, np.float32))
    stream.flush()
    assert stream.detection().events == ()


def test_the_graph_takes_the_statistics_that_numpy_takes(rng) -> None:
    """Parity: built-in operators on one side, NumPy on the other, on the same trunk."""
    info = find_model("voice", "compact")
    lower = trunk(info.path.read_bytes(), "here")
    kernel = rng.standard_normal(STATISTICS * channels(lower)).astype(np.float32)
    model = with_layer(lower, kernel, 0.25)
    config = info.metadata.frontend
    samples = (0.1 * rng.standard_normal(step_geometry(config, POOLED_STEPS).input_length(9))).astype(
        np.float32
    )
    steps = _run(lower, samples)[0, :, 0]
    expected = pooled_statistics(steps) @ kernel + 0.25
    np.testing.assert_allclose(_run(model, samples)[0], expected, atol=2e-4)
    assert len(steps) == step_geometry(config).steps_in(len(samples))
    assert {"CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D"} <= set(tflite_file.operators(model))


def _run(model: object, samples: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=tflite_file.pack(model), num_threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(entry, [1, len(samples)])
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry, samples[None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_pooled_statistics_are_means_deviations_and_maxima(rng) -> None:
    steps = rng.standard_normal((POOLED_STEPS + 2, 3)).astype(np.float32)
    rows = pooled_statistics(steps)
    part = steps[2 : 2 + POOLED_STEPS]
    assert rows.shape == (3, 9)
    np.testing.assert_allclose(rows[2], np.concatenate([part.mean(0), part.std(0), part.max(0)]), atol=1e-4)


def test_what_cannot_be_told_apart_is_said_to_be_so(rng) -> None:
    """Labels by chance: recordings left out are guessed, whatever a layer remembers of those it learned from."""
    n, per = 60, 4
    rows = np.repeat(rng.standard_normal((n, 50)), per, axis=0).astype(np.float32)
    wanted = np.repeat(rng.permutation(np.arange(n) % 2 == 0), per)
    recording = np.repeat(np.arange(n), per)
    found = fit_detector(Example(rows, recording, wanted, np.ones(n * per, np.bool_)), seed=1)
    assert 0.25 < found.figures["roc_auc"] < 0.75


def test_copies_are_beside_other_sounds_and_never_beyond_full_scale(folders, rng) -> None:
    recordings = read_folders([folders[0]], [folders[1]], RATE_HZ, RATE_HZ)
    around = [item for item in recordings if not item.wanted]
    assert len(around) == 15  # the silent one is left out
    windows = list(heard(recordings[0], around, 4, rng))
    assert len(windows) == 5 * len(recordings[0].windows)
    np.testing.assert_array_equal(windows[0], recordings[0].windows[0])
    assert all(np.abs(window).max() <= 1 and window.shape == (RATE_HZ,) for window in windows)
    alone = heard(replace(around[0]), around[:1], 3, rng)  # no other to be beside: its own sound will do
    assert len(list(alone)) == 4 * len(around[0].windows)


def test_a_report_tells_of_it(trained, scene) -> None:
    audio, _ = scene
    report = analyze(audio, ("quality",), detectors=[str(trained.model.path)])
    data = json.loads(json.dumps(report.to_dict()))
    assert data["detections"][0]["label"] == "chirp"
    assert data["detections"][0]["events"][0]["end_s"] > 5
    assert [model["task"] for model in data["models"]] == ["detector"]
    text = report_text(report)
    assert "chirp: heard once" in text
    nothing = analyze(Audio(np.zeros(RATE_HZ, np.float32), RATE_HZ), detectors=[str(trained.model.path)])
    assert "chirp: not heard" in report_text(nothing)


def test_too_few_recordings_are_refused(folders, tmp_path) -> None:
    few = [folders[0] / f"{number}.wav" for number in range(4)]
    with pytest.raises(VoxliteError, match="4 recordings with the sound that are not silent"):
        train_detector("chirp", few, [folders[1]], tmp_path / "x.tflite")
    with pytest.raises(VoxliteError, match="on both sides"):
        train_detector("chirp", [folders[0]], [folders[0] / "1.wav"], tmp_path / "x.tflite")
    with pytest.raises(VoxliteError, match=r"ends in \.tflite"):
        train_detector("chirp", [folders[0]], [folders[1]], tmp_path / "x.bin")
    with pytest.raises(VoxliteError, match="name of its own"):
        train_detector("other", [folders[0]], [folders[1]], tmp_path / "x.tflite")
    empty = tmp_path / "empty.wav"
    soundfile.write(empty, np.zeros(0), RATE_HZ)
    with pytest.raises(AudioError, match=r"empty\.wav"):
        train_detector("chirp", [empty], [folders[1]], tmp_path / "x.tflite")
    assert not (tmp_path / "x.tflite").exists()


def test_other_models_are_no_detectors_and_detectors_no_other_models(trained) -> None:
    with pytest.raises(ModelError, match="not a detector"):
        SoundDetector(str(find_model("voice", "compact").path))
    with pytest.raises(ModelError, match="a model for 'detector'"):
        find_model("voice", str(trained.model.path))
    with pytest.raises(ModelError, match="not built as the compact voice net is"):
        trunk(find_model("speaker", "compact").path.read_bytes(), "here")


def test_the_command_teaches_and_the_analysis_uses_it(folders, scene, tmp_path, as_program) -> None:
    made = as_program(
        "train",
        "detector",
        "--positive",
        folders[0],
        "--negative",
        folders[1],
        "--out",
        tmp_path / "up.tflite",
    )
    assert made.exit_code == 0, made.output
    assert "learned from 12 recordings of up and 15 others" in made.output
    assert load_model(tmp_path / "up.tflite").metadata.labels[0] == "up"
    soundfile.write(tmp_path / "scene.wav", scene[0].samples, RATE_HZ)
    told = as_program(
        "analyze", tmp_path / "scene.wav", "--detector", tmp_path / "up.tflite", "--format", "json"
    )
    assert json.loads(told.stdout)["detections"][0]["events"]
    refused = as_program("analyze", tmp_path / "scene.wav", "--detector", tmp_path / "nowhere.tflite")
    assert refused.exit_code != 0


def test_an_archive_is_searched_for_the_sound(trained, scene, tmp_path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from voxlite.archive import scan

    audio, (start_s, _) = scene
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "scene.wav", audio.samples, audio.rate_hz)
    soundfile.write(tmp_path / "sounds" / "nothing.wav", np.zeros(RATE_HZ), RATE_HZ)
    scan(tmp_path / "sounds", tmp_path / "out", tasks=("quality",), detectors=[trained.model.path], workers=1)
    (part,) = (tmp_path / "out" / "recordings").glob("*.parquet")
    found = {row["path"].rpartition("/")[2]: row for row in parquet.read_table(part).to_pylist()}
    (detection,) = found["scene.wav"]["detections"]
    assert detection["label"] == "chirp"
    assert detection["score"] >= detection["threshold"]
    (event,) = detection["events"]
    assert abs(event["start_s"] - start_s) < 0.6
    assert found["nothing.wav"]["detections"][0]["events"] == []
    assert "detector chirp" in found["scene.wav"]["recipe"]
