"""The browser client's server: the headers that a browser asks for, this machine alone, nothing but the folder."""

import http.client
import threading

import pytest

from voxlite.browser import server as module
from voxlite.errors import VoxliteError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "static" / "assets").mkdir(parents=True)
    for name, text in {
        "index.html": "<!doctype html>",
        "sw.js": "//",
        "assets/main-Ab3dE6_x.js": "//",
        "assets/litert-0123456789.wasm": "\0asm",
        "voice-compact-0123456789.tflite": "TFL3",
        "app.webmanifest": "{}",
    }.items():
        (tmp_path / "static" / name).write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "static"


@pytest.fixture
def get(folder):
    """Return a function that asks a server of the folder."""
    with module.open_server(0, folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        def ask(path, method="GET", **headers):
            connection = http.client.HTTPConnection(*server.server_address, timeout=10)
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            return answer, body

        yield ask
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "kind", "cached"),
    [
        ("/", "text/html", "no-cache"),
        ("/sw.js", "text/javascript", "no-cache"),
        ("/app.webmanifest", "application/manifest+json", "no-cache"),
        ("/assets/main-Ab3dE6_x.js", "text/javascript", "immutable"),
        ("/assets/litert-0123456789.wasm", "application/wasm", "immutable"),
        ("/voice-compact-0123456789.tflite", "application/octet-stream", "immutable"),
    ],
)
def test_files_come_with_their_kind_their_cache_and_the_headers_that_threads_need(get, path, kind, cached):
    answer, body = get(path)
    assert answer.status == 200
    assert body
    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert cached in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    head, nothing = get(path, "HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == str(len(body))


def test_what_has_not_changed_is_not_sent_again(get):
    first, _ = get("/")
    again, body = get("/", **{"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status, body) == (304, b"")


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/", "/none.js"])
def test_nothing_else_is_told(get, path):
    answer, body = get(path)
    assert answer.status == 404
    assert b"secret" not in body.replace(b"secret.txt", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_under_another_name_gets_nothing(get, method):
    answer, _ = get("/", method, Host="rebound.example:8800")
    assert answer.status == 403
    assert get("/", Host="localhost:8800")[0].status == 200


def test_a_taken_port_is_told(folder):
    with module.open_server(0, folder) as server:
        assert server.server_address[0] == "127.0.0.1"
        with pytest.raises(VoxliteError, match=r"cannot listen on port \d+ .*--port"):
            module.open_server(server.server_address[1], folder)


def test_a_copy_without_the_client_says_how_to_build_it(monkeypatch, tmp_path, folder):
    monkeypatch.setattr(module.resources, "files", lambda name: tmp_path)
    assert module.client_folder() == folder
    (folder / "index.html").unlink()
    with pytest.raises(VoxliteError, match="make web-build"):
        module.client_folder()


@pytest.mark.parametrize(
    ("error", "told"),
    [(ConnectionResetError(), ""), (ValueError("odd"), "a request failed: ValueError('odd')")],
)
def test_a_browser_that_hangs_up_is_no_news(folder, capsys, error, told):
    with module.open_server(0, folder) as server:
        try:
            raise error
        except Exception:
            server.handle_error(None, None)
    heard = capsys.readouterr().err
    assert told in heard
    assert bool(heard) == bool(told)
    assert "Traceback" not in heard
