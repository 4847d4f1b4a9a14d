"""What the browser client loads: every shipped model as it is, and an index that says what the files say."""

import hashlib
import json

import numpy as np

from voxlite.browser.assets import write_assets
from voxlite.runtime import shipped_models


def test_every_shipped_model_is_there_byte_for_byte(tmp_path):
    written = write_assets(tmp_path / "models")
    index = json.loads(written.index.read_text())
    assert index["schema"] == "voxlite.models/1"
    shipped = {(model.metadata.task, model.name): model for model in shipped_models()}
    assert {(entry["task"], entry["name"]) for entry in index["models"]} == set(shipped)
    for entry in index["models"]:
        model = shipped[entry["task"], entry["name"]]
        content = (written.index.parent / entry["file"]["path"]).read_bytes()
        assert content == model.path.read_bytes()
        assert entry["file"]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["file"]["bytes"] == len(content)
        assert entry["file"]["sha256"][:10] in entry["file"]["path"]
        assert entry["metadata"] == json.loads(model.metadata.to_json())
        assert (written.index.parent / entry["card"]["path"]).read_text() == model.path.with_suffix(
            ".md"
        ).read_text()


def test_a_speaker_models_cohort_lies_beside_it(tmp_path):
    written = write_assets(tmp_path)
    index = json.loads(written.index.read_text())
    (entry,) = [entry for entry in index["models"] if "cohort" in entry]
    assert entry["task"] == "speaker"
    (model,) = [model for model in shipped_models() if model.metadata.task == "speaker"]
    rows = np.fromfile(tmp_path / entry["cohort"]["path"], np.int8).astype(np.float32)
    rows = rows.reshape(entry["cohort"]["rows"], model.metadata.embedding_size)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_array_equal(rows, model.cohort())


def test_earlier_versions_go_and_nothing_else_does(tmp_path):
    (tmp_path / "mood-mood-0123456789.tflite").write_bytes(b"old")
    (tmp_path / "notes.md").write_text("mine")
    written = {path.name for path in write_assets(tmp_path).files}
    assert {path.name for path in tmp_path.iterdir()} == written | {"notes.md"}


def test_writing_again_gives_the_same(tmp_path):
    first = {path.name: path.read_bytes() for path in write_assets(tmp_path).files}
    assert {path.name: path.read_bytes() for path in write_assets(tmp_path).files} == first
    assert {path.name for path in tmp_path.iterdir()} == set(first)
