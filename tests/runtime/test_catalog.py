"""Models that the user imported lie beside the shipped ones; what is missing or damaged says what to do."""

from __future__ import annotations

import shutil

import pytest

from voxlite.errors import ModelError
from voxlite.runtime import find_model, imported_models, shipped_models
from voxlite.runtime.catalog import user_folder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / name)
    return user_folder()


@pytest.fixture
def imported(folder, monkeypatch):
    """The shipped voice model as if it were imported and nothing shipped."""
    folder.mkdir(parents=True)
    copy = folder / "voice-mine.tflite"
    shutil.copyfile(find_model("voice", "compact").path, copy)
    monkeypatch.setattr("voxlite.runtime.catalog.shipped_models", list)
    return copy


def test_without_a_folder_nothing_is_imported(folder):
    assert not folder.exists()
    assert imported_models() == []


def test_an_imported_model_is_found_by_name(imported):
    assert [model.path for model in imported_models()] == [imported]
    assert find_model("voice", "compact").path == imported
    with pytest.raises(ModelError, match="shipped are none, imported are compact; or give a path"):
        find_model("voice", "other")


def test_where_nothing_is_shipped_what_can_be_imported_is_named(folder, monkeypatch):
    monkeypatch.setattr("voxlite.runtime.catalog.shipped_models", list)
    with pytest.raises(ModelError, match="run `voxlite models import campplus`, then pass --model campplus"):
        find_model("speaker", "compact")
    with pytest.raises(ModelError, match="shipped are none; or give a path"):
        find_model("mood", "compact")


def test_a_shipped_model_goes_first(folder):
    shipped = shipped_models()[0]
    folder.mkdir(parents=True)
    shutil.copyfile(shipped.path, folder / "same.tflite")
    assert find_model(shipped.metadata.task, shipped.name).path == shipped.path


def test_a_damaged_file_hides_no_other(imported):
    imported.with_name("a.tflite").write_bytes(b"no model")
    told = []
    assert [model.path for model in imported_models(told.append)] == [imported]
    assert "not a .tflite model" in str(told[0])
    assert find_model("voice", "compact").path == imported


@pytest.mark.parametrize(
    ("name", "command"), [("campplus", "campplus"), ("campplus-int8", "campplus --weights int8")]
)
def test_what_can_be_imported_says_how(folder, name, command):
    with pytest.raises(ModelError, match=f"run `voxlite models import {command}`"):
        find_model("speaker", name)
    folder.mkdir(parents=True)
    (folder / "speaker-campplus.tflite").write_bytes(b"cut off")
    with pytest.raises(ModelError, match=rf"not a \.tflite model\): run `voxlite models import {command}`"):
        find_model("speaker", name)
