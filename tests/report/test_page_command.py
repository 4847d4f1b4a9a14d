"""`voxlite analyze --html`."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

pytest.importorskip("jinja2", reason="needs the html extra")


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in this process and in an empty folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*args: object, stdin: bytes | None = None):
        from voxlite.cli.main import app

        return CliRunner().invoke(app, ["analyze", *map(str, args)], input=stdin)

    return call


@pytest.fixture
def sounds(tmp_path) -> list[Path]:
    paths = [tmp_path / "one.wav", tmp_path / "two and.wav"]
    for seed, path in enumerate(paths):
        soundfile.write(path, np.random.default_rng(seed).normal(0, 0.1, 8_000), 8_000, "PCM_16")
    return paths


def data_of(path: Path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(encoding="utf-8"))[1])


def test_a_page_beside_the_report(run, sounds):
    done = run(sounds[0], "--html", "out.html", "-f", "json")
    assert done.exit_code == 0, done.stderr
    assert data_of(Path("out.html")) == json.loads(done.stdout)
    assert data_of(Path("out.html"))["source"] == str(sounds[0])
    assert [path.name for path in Path().iterdir()] == ["out.html"]


def test_several_go_into_a_folder(run, sounds):
    assert run(*sounds, "--html", "pages").exit_code == 0
    assert sorted(path.name for path in Path("pages").iterdir()) == ["one.html", "two_and.html"]
    assert data_of(Path("pages", "two_and.html"))["source"] == str(sounds[1])
    assert run(sounds[0], "--html", "pages").exit_code == 0


def test_names_that_do_not_fit(run, sounds):
    one_for_two = run(*sounds, "--html", "out.html")
    assert one_for_two.exit_code == 1
    assert "give --html a folder" in one_for_two.stderr
    other = run(sounds[0], "--html", "out.pdf")
    assert other.exit_code == 1
    assert ".html, .htm" in other.stderr
    Path("file").write_text("")
    under_a_file = run(sounds[0], "--html", "file/pages")
    assert under_a_file.exit_code == 1
    assert "cannot be made" in under_a_file.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["file"]


def test_standard_input(run, sounds):
    done = run("-", "--html", "out.html", stdin=sounds[0].read_bytes())
    assert done.exit_code == 0, done.stderr
    text = Path("out.html").read_text(encoding="utf-8")
    assert "<h1>standard input</h1>" in text
    assert 'src="data:audio/wav;base64,' in text


def test_a_recording_is_never_overwritten(run, sounds):
    odd = Path("call.html")
    content = sounds[0].read_bytes()
    odd.write_bytes(content)
    for target in ("call.html", "."):
        done = run(odd, "--html", target)
        assert done.exit_code == 1
        assert "is one of the recordings: choose another name for --html" in done.stderr
    assert odd.read_bytes() == content


def test_without_jinja_nothing_is_begun(run, sounds, monkeypatch):
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "jinja2" else find_spec(name)
    )
    done = run(sounds[0], "--html", "pages")
    assert done.exit_code == 1
    assert "writing a page needs the 'html' extra: pip install 'voxlite[html]'" in " ".join(
        done.stderr.split()
    )
    assert list(Path().iterdir()) == []
