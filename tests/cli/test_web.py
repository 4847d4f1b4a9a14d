"""`voxlite web` serves until it is ended; `voxlite vectors` writes what the browser client is held to."""

import pytest

from voxlite.browser import server, vectors


@pytest.fixture
def opened(monkeypatch, tmp_path):
    """Return the addresses that a browser was opened at; serving ends at once."""

    def interrupted(self):
        raise KeyboardInterrupt

    found = []
    monkeypatch.setattr(server, "client_folder", lambda: tmp_path)
    monkeypatch.setattr("webbrowser.open", found.append)
    monkeypatch.setattr(server.Server, "serve_forever", interrupted)
    return found


def test_the_client_is_served_until_it_is_ended(in_process, opened):
    result = in_process("web", "--port", "0")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("http://127.0.0.1:")
    assert result.stdout.endswith("ended\n")
    assert opened == [result.stdout.split()[0]]
    assert in_process("web", "--port", "0", "--no-open").exit_code == 0
    assert len(opened) == 1


def test_a_copy_without_the_client_says_how_to_build_it(in_process, monkeypatch, tmp_path):
    monkeypatch.setattr(server.resources, "files", lambda name: tmp_path)
    result = in_process("web", "--no-open")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "make web-build" in result.stderr


def test_vectors_and_models_are_written(in_process, monkeypatch, tmp_path):
    monkeypatch.setattr(vectors, "write_vectors", lambda out: [out / "one.json"])
    result = in_process("vectors", "--out", tmp_path / "v", "--models", tmp_path / "m")
    assert result.exit_code == 0, result.stderr
    assert "1 files of test vectors" in result.stdout
    assert (tmp_path / "m" / "index.json").is_file()
