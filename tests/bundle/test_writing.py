"""Bundles: what is in them, that nothing is lost or half written, and that they are always the same."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxlite.bundle import write_bundle, writing
from voxlite.bundle.sounds import synthetic_sounds
from voxlite.errors import AudioError, ModelError, VoxliteError
from voxlite.runtime import find_model


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_model_and_its_card_are_copies(bundle_dir: Path) -> None:
    model = find_model("voice", "compact").path
    assert (bundle_dir / "voice-compact.tflite").read_bytes() == model.read_bytes()
    assert (bundle_dir / "voice-compact.md").read_bytes() == model.with_suffix(".md").read_bytes()
    entry = load(bundle_dir / "config.json")["model"]
    assert entry["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert (entry["file"], entry["card"]) == ("voice-compact.tflite", "voice-compact.md")


def test_every_file_is_listed_and_whole(bundle_dir: Path) -> None:
    config = load(bundle_dir / "config.json")
    index = load(bundle_dir / config["vectors"])
    names = [entry["name"] for entry in index["vectors"]]
    assert names == [*(sound.name for sound in synthetic_sounds()), "voice-en-radio"]
    listed = {"index.json", index["segmenter"]}
    for entry in index["vectors"]:
        data = load(bundle_dir / "vectors" / entry["file"])
        listed.add(entry["file"])
        for part in ("input", "conformed"):
            listed.add(data[part]["file"])
            size = (bundle_dir / "vectors" / data[part]["file"]).stat().st_size
            assert size == 4 * data[part]["n_samples"]
    assert {path.name for path in (bundle_dir / "vectors").iterdir()} == listed


def test_a_second_bundle_is_equal_byte_for_byte(bundle_dir: Path, samples_dir: Path, tmp_path: Path) -> None:
    made = write_bundle("compact", tmp_path / "again", [samples_dir / "voice-en-radio.flac"])
    assert contents(made.folder) == contents(bundle_dir)


def test_a_recording_is_kept_as_it_is(tmp_path: Path) -> None:
    stereo = np.random.default_rng(0).uniform(-0.2, 0.2, (22_050, 2)).astype(np.float32)
    soundfile.write(tmp_path / "My Voice.wav", stereo, 44_100, "FLOAT")
    (tmp_path / "other").mkdir()
    shutil.copy(tmp_path / "My Voice.wav", tmp_path / "other" / "my_voice.wav")
    shutil.copy(tmp_path / "My Voice.wav", tmp_path / "index.wav")
    paths = [tmp_path / "My Voice.wav", tmp_path / "other" / "my_voice.wav", tmp_path / "index.wav"]
    made = write_bundle("compact", tmp_path / "out", paths)
    assert made.vectors[-3:] == ("my-voice", "my-voice-2", "index-2")
    data = load(tmp_path / "out" / "vectors" / "my-voice.json")
    assert data["input"]["rate_hz"] == 44_100
    samples = np.fromfile(tmp_path / "out" / "vectors" / data["input"]["file"], "<f4")
    np.testing.assert_allclose(samples, stereo.mean(axis=1), atol=1e-7)
    assert data["conformed"]["n_samples"] == 8_000


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(VoxliteError, match="not empty: pass --force"):
        write_bundle("compact", tmp_path)
    assert contents(tmp_path) == {"precious.txt": b"mine"}
    with pytest.raises(VoxliteError, match="a file has this name"):
        write_bundle("compact", tmp_path / "precious.txt", force=True)


def test_force_removes_old_vectors_and_nothing_else(
    bundle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "synthetic_sounds", lambda: synthetic_sounds()[:1])
    out = tmp_path / "out"
    shutil.copytree(bundle_dir, out)
    (out / "vectors" / "notes.txt").write_text("mine")
    write_bundle("compact", out, force=True)
    assert sorted(path.name for path in (out / "vectors").iterdir()) == [
        "index.json", "notes.txt", "segmenter.json", "silence.conformed.f32", "silence.input.f32", "silence.json",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "other/1", "vectors": [{"name": "a"}]}'])
def test_force_takes_no_foreign_index_for_its_own(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "synthetic_sounds", lambda: synthetic_sounds()[:1])
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "index.json").write_text(text)
    (tmp_path / "vectors" / "a.json").write_text("mine")
    write_bundle("compact", tmp_path, force=True)
    assert (tmp_path / "vectors" / "a.json").read_text() == "mine"


def test_what_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "synthetic_sounds", lambda: synthetic_sounds()[:1])
    monkeypatch.setattr(writing, "MAX_RECORDING_S", 1.0)
    soundfile.write(tmp_path / "long.wav", np.zeros(16_001), 16_000)
    out = tmp_path / "out"
    with pytest.raises(AudioError, match=r"long\.wav: longer than 1 s"):
        write_bundle("compact", out, [tmp_path / "long.wav"])
    with pytest.raises(AudioError, match=r"gone\.wav"):
        write_bundle("compact", out, [tmp_path / "gone.wav"])
    with pytest.raises(ModelError, match="shipped are compact"):
        write_bundle("enormous", out)
    assert not out.exists()


def test_a_model_without_a_card_beside_it_tells_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "synthetic_sounds", lambda: synthetic_sounds()[:1])
    shutil.copy(find_model("voice", "compact").path, tmp_path / "mine.tflite")
    write_bundle(str(tmp_path / "mine.tflite"), tmp_path / "out")
    card = (tmp_path / "out" / "mine.md").read_text(encoding="utf-8")
    assert card.startswith("# voice-compact, version 1\n")
    assert json.loads(card.split("```json\n")[1].split("```")[0])["licence"] == "CC-BY-SA-4.0"


def test_the_configuration_speaks_in_samples_and_steps(bundle_dir: Path) -> None:
    config = load(bundle_dir / "config.json")
    assert config["schema"] == "voxlite.bundle/1"
    assert config["input"]["shape"] == [1, 16_000]
    assert config["output"]["shape"] == [1, 7]
    assert config["input"]["type"] == config["output"]["type"] == "float32"
    steps = config["steps"]
    assert steps["window_samples"] == steps["before_samples"] + steps["step_samples"] + steps["after_samples"]
    assert steps["step_samples"] % config["gate"]["frame_samples"] == 0
    assert config["segmenter"]["min_gap_steps"] * steps["step_s"] == pytest.approx(0.2)
    assert 0 < config["segmenter"]["off_threshold"] < config["segmenter"]["threshold"] < 1


def test_a_model_with_several_outputs_is_no_voice_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from ai_edge_litert.interpreter import Interpreter

    from voxlite.runtime import tensors

    model = find_model("voice", "compact")
    entry = Interpreter(model_path=str(model.path)).get_output_details()
    monkeypatch.setattr(Interpreter, "get_output_details", lambda _: entry * 2)
    with pytest.raises(ModelError, match="1 inputs and 2 outputs"):
        tensors.model_tensors(model)


def test_a_model_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from ai_edge_litert import interpreter

    from voxlite.runtime import tensors

    def refuse(**_: object) -> None:  # some versions crash on damaged files, so none is tried
        raise ValueError("Model provided has model identifier 'xxxx'\nand more")

    monkeypatch.setattr(interpreter, "Interpreter", refuse)
    with pytest.raises(
        ModelError, match=r"voice-compact\.tflite: LiteRT cannot run the model \(Model provided"
    ):
        tensors.model_tensors(find_model("voice", "compact"))
