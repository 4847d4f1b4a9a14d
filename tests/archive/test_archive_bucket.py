"""A bucket behind a real S3 server on loopback: recordings read from it, tables written to it."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

import pytest

from voxlite.archive import scan
from voxlite.archive.claims import Claim
from voxlite.archive.entries import list_entries
from voxlite.archive.places import Place
from voxlite.errors import VoxliteError

moto_server = pytest.importorskip("moto.server", reason="needs moto's server")


@pytest.fixture(scope="module")
def server():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, calls, request):
    """Return a function from a path in a fresh bucket to its URL; calls/ in it holds the archive `calls`."""
    from pyarrow import fs

    name = f"b{abs(hash(request.node.name))}"
    tail = f"?scheme=http&endpoint_override={server}&region=us-east-1&allow_bucket_creation=true"

    def url(path: str) -> str:
        return f"s3://testing:secret@{name}/{path}{tail}"

    filesystem, root = fs.FileSystem.from_uri(url(""))
    filesystem.create_dir(root.rstrip("/"))
    fs.copy_files(str(calls), f"{name}/calls", source_filesystem=fs.LocalFileSystem(),
                  destination_filesystem=filesystem)  # fmt: skip
    return url


def download(url: str, folder: Path) -> Path:
    from pyarrow import fs

    filesystem, root = fs.FileSystem.from_uri(url)
    folder.mkdir()
    fs.copy_files(root.rstrip("/"), str(folder), source_filesystem=filesystem,
                  destination_filesystem=fs.LocalFileSystem())  # fmt: skip
    return folder


def test_a_bucket_lists_what_a_folder_lists(bucket, calls):
    in_bucket = list_entries(Place.of(bucket("calls")))
    in_folder = list_entries(Place.of(calls))
    prefix = in_bucket[0].path.split("/calls/")[0] + "/calls/"
    assert [entry.path.removeprefix(prefix) for entry in in_bucket] == [
        str(Path(entry.path).relative_to(calls)) for entry in in_folder
    ]
    assert [entry.size_bytes for entry in in_bucket] == [entry.size_bytes for entry in in_folder]
    assert all(entry.modified_us for entry in in_bucket)
    assert "secret" not in prefix
    (one,) = list_entries(Place.of(bucket("calls/voice-en-radio.flac")))
    assert one.path == f"{prefix}voice-en-radio.flac"
    with pytest.raises(VoxliteError, match=r"s3://b\d+/nowhere: no such bucket, folder or file"):
        list_entries(Place.of(bucket("nowhere")))


def test_from_a_bucket_into_a_bucket_and_on_again(bucket, calls, tmp_path, rows, segments, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    summary = scan(bucket("calls"), bucket("out"), workers=2)
    assert (summary.n_analyzed, summary.n_failed) == (4, 0)
    assert list((tmp_path / "temporary").iterdir()) == []  # nothing of what was fetched is left
    scan(calls, tmp_path / "local", workers=1)
    found, local = rows(download(bucket("out"), tmp_path / "out")), rows(tmp_path / "local")
    assert all(path.startswith("s3://b") for path in found)

    def by_content(table):
        dropped = ("path", "elapsed_s", "modified_at")
        return {
            row["content_sha256"]: {key: value for key, value in row.items() if key not in dropped}
            for row in table.values()
        }

    assert by_content(found) == by_content(local)
    assert len(segments(tmp_path / "out")) == len(segments(tmp_path / "local"))
    text = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"secret" not in text

    assert scan(bucket("calls"), bucket("out")).n_before == 4
    shutil.copy(calls / "voice-en-radio.flac", calls / "copy.flac")
    assert scan(bucket("calls"), tmp_path / "elsewhere", workers=1).n_analyzed == 4
    assert scan(calls, tmp_path / "elsewhere").n_known == 5  # the same contents under other names


def test_tables_in_a_bucket_are_one_scans_at_a_time(bucket):
    with Claim(Place.of(bucket("out"))), pytest.raises(VoxliteError, match="another scan writes there"):
        Claim(Place.of(bucket("out"))).__enter__()
    with Claim(Place.of(bucket("out"))):
        pass


def test_a_server_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    url = "s3://k:secret@bucket/calls?scheme=http&endpoint_override=127.0.0.1:9&region=us-east-1"
    with pytest.raises(VoxliteError, match=r"^s3://bucket/calls: .*check the path") as told:
        list_entries(Place.of(url))
    assert "\n" not in str(told.value)
