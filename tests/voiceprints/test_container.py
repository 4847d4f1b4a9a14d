"""The export: opened by voxlite, by the format's description alone, and by WebCrypto."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voxlite.errors import PassphraseError, StoreError
from voxlite.voiceprints import PrintModel, export_prints, import_prints
from voxlite.voiceprints.container import ITERATIONS, open_container, seal_container

DOCS = Path(__file__).resolve().parents[2] / "docs" / "voiceprints.md"
FILE_PASSPHRASE = "Zu\u0308rich \uff11\uff12\uff13"  # changed by NFKC


@pytest.fixture
def exported(open_vault, make_print, tmp_path):
    """A vault, and the file that it was exported to."""
    vault = open_vault()
    vault.add(
        make_print("Ada", 1, source="headset", bandwidth_hz=7600.0),
        make_print("Ada", 2, model=PrintModel("campplus", "2"), dim=12),
        make_print("J\u00fcrgen \u4e2d", 3),
    )
    path = tmp_path / "voices.json"
    assert export_prints(vault, path, FILE_PASSPHRASE, iterations=1000) == 3
    return vault, path


def plain(prints):
    return [(one.facts(), one.embedding.tolist()) for one in prints]


VECTOR = base64.b64encode(np.eye(4, dtype="<f4")[0].tobytes()).decode()


def sealed_as_described(inside):
    """Make an export from the documentation alone."""
    header = {
        "format": "voxlite.voiceprints/1",
        "kdf": {"name": "PBKDF2-HMAC-SHA-256", "iterations": 10, "salt": "c2FsdHNhbHRzYWx0c2FsdA=="},
        "cipher": {"name": "AES-256-GCM", "nonce": "bm9uY2Vub25jZW5v"},
    }
    key = hashlib.pbkdf2_hmac("sha256", "Z\u00fcrich 123".encode(), b"salt" * 4, 10)
    bound = (
        b"voxlite.voiceprints/1|PBKDF2-HMAC-SHA-256|10|c2FsdHNhbHRzYWx0c2FsdA==|AES-256-GCM|bm9uY2Vub25jZW5v"
    )
    body = AESGCM(key).encrypt(b"noncenonceno", json.dumps(inside).encode(), bound)
    return json.dumps({**header, "body": base64.b64encode(body).decode()})


@pytest.mark.parametrize("inside", [[], {}, {"prints": 3}, {"prints": [3]}, {"prints": [{}]}])
def test_prints_that_cannot_be_read_are_said(inside):
    with pytest.raises(StoreError, match="its prints cannot be read"):
        open_container(sealed_as_described(inside).encode(), FILE_PASSPHRASE, "x")


def test_members_that_nobody_knows_are_ignored(make_print):
    inside = {"prints": [{**make_print().facts(), "embedding": VECTOR, "colour": "red"}], "more": 1}
    (one,) = open_container(sealed_as_described(inside).encode(), FILE_PASSPHRASE, "x")
    assert one.facts() == make_print().facts()


def test_an_import_brings_everything_once(exported, open_vault, make_print):
    vault, path = exported
    other = open_vault("other.vault", passphrase="another passphrase")
    other.add(make_print("Bob", 9), vault.prints("Ada")[0])
    brought = import_prints(other, path, FILE_PASSPHRASE)
    assert (brought.n_prints, brought.n_added, brought.persons) == (3, 2, ("Ada", "J\u00fcrgen \u4e2d"))
    assert import_prints(other, path, FILE_PASSPHRASE).n_added == 0
    assert sorted(plain(other.prints()), key=str) == sorted(
        plain([*vault.prints(), make_print("Bob", 9)]), key=str
    )


def test_the_description_is_enough_to_open_it(exported):
    vault, path = exported
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or sys.platform == "win32"
    outer = json.loads(path.read_text(encoding="ascii"))
    salt, nonce, body = map(base64.b64decode, (outer["kdf"]["salt"], outer["cipher"]["nonce"], outer["body"]))
    key = hashlib.pbkdf2_hmac("sha256", "Z\u00fcrich 123".encode(), salt, outer["kdf"]["iterations"])
    kdf, cipher = (
        f"PBKDF2-HMAC-SHA-256|1000|{outer['kdf']['salt']}",
        f"AES-256-GCM|{outer['cipher']['nonce']}",
    )
    bound = f"voxlite.voiceprints/1|{kdf}|{cipher}"
    prints = json.loads(AESGCM(key).decrypt(nonce, body, bound.encode()))["prints"]
    for found, one in zip(prints, vault.prints(), strict=True):
        embedding = np.frombuffer(base64.b64decode(found.pop("embedding")), "<f4")
        np.testing.assert_array_equal(embedding, one.embedding)
        assert found == one.facts()


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_documented_script_opens_it(exported, tmp_path):
    vault, path = exported
    (snippet,) = re.findall(r"```js\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "open.mjs"
    script.write_text(
        f"import {{ readFileSync }} from 'node:fs';\n{snippet}\n"
        "const [path, passphrase] = process.argv.slice(2);\n"
        "const prints = await openVoiceprints(readFileSync(path, 'utf8'), passphrase);\n"
        "console.log(JSON.stringify(prints.map((p) => ({ ...p, embedding: Array.from(p.embedding) }))));\n"
        "try { await openVoiceprints(readFileSync(path, 'utf8'), 'wrong'); } catch (e) { console.log(e.name); }\n",
        encoding="utf-8",
    )
    command = ["node", str(script), str(path), FILE_PASSPHRASE]
    found, wrong = subprocess.run(
        command, capture_output=True, check=True, encoding="utf-8"
    ).stdout.splitlines()
    wanted = [{**one.facts(), "embedding": one.embedding.tolist()} for one in vault.prints()]
    assert json.loads(found) == wanted
    assert wrong == "OperationError"


def test_an_export_takes_600_000_iterations(make_print):
    assert ITERATIONS >= 600_000
    text = seal_container([make_print()], FILE_PASSPHRASE)
    assert json.loads(text)["kdf"]["iterations"] == ITERATIONS
    assert plain(open_container(text.encode(), FILE_PASSPHRASE, "x")) == plain([make_print()])


def test_nobody_enrolled_is_an_export_too(open_vault):
    vault = open_vault()
    text = seal_container(vault.prints(), FILE_PASSPHRASE, iterations=1)
    assert open_container(text.encode(), FILE_PASSPHRASE, "x") == []


def test_a_file_is_replaced_only_when_forced(exported, monkeypatch, tmp_path):
    vault, path = exported
    before = path.read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        export_prints(vault, path, FILE_PASSPHRASE, iterations=1)
    with pytest.raises(PassphraseError, match="at least 8"):
        export_prints(vault, path, "short", force=True, iterations=1)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            export_prints(vault, path, FILE_PASSPHRASE, force=True, iterations=1)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".voices*"))
    assert export_prints(vault, path, FILE_PASSPHRASE, force=True, iterations=1) == 3
    assert path.read_bytes() != before
    with pytest.raises(StoreError, match="cannot be written"):
        export_prints(vault, tmp_path / "none" / "x.json", FILE_PASSPHRASE, iterations=1)


def test_a_wrong_passphrase_brings_nothing(exported, open_vault):
    _, path = exported
    other = open_vault("other.vault")
    with pytest.raises(
        PassphraseError, match=r"voices\.json: the passphrase is wrong, or the file was changed"
    ):
        import_prints(other, path, "wrong")
    assert other.persons() == ()


CHANGES = {
    "format": [("voxlite.voiceprints/2", "update voxlite"), (7, "update voxlite")],
    "kdf.name": [("scrypt", "header is damaged")],
    "kdf.iterations": [
        (10**9, "header is damaged"),
        (0, "header is damaged"),
        ("x", "header is damaged"),
        (1001, "wrong"),
    ],
    "kdf.salt": [("AAAA", "wrong"), ("?", "header is damaged"), (5, "header is damaged")],
    "cipher.name": [("none", "header is damaged")],
    "cipher.nonce": [("AAAAAAAAAAAAAAAA", "wrong"), ("AAAA", "header is damaged")],
    "body": [("AAAA", "wrong"), ("", "wrong"), ("\u00e4", "header is damaged"), (None, "header is damaged")],
    "kdf": [([], "header is damaged"), (None, "header is damaged")],
}


@pytest.mark.parametrize(
    ("where", "value", "message"), [(k, *v) for k, values in CHANGES.items() for v in values]
)
def test_a_changed_header_is_noticed(exported, where, value, message):
    outer = json.loads(exported[1].read_text())
    *above, name = where.split(".")
    inner = outer
    for part in above:
        inner = inner[part]
    inner[name] = value
    with pytest.raises(StoreError, match=message):
        open_container(json.dumps(outer).encode(), FILE_PASSPHRASE, "x")


def test_no_changed_byte_of_the_body_is_opened(exported):
    outer = json.loads(exported[1].read_text())
    body = base64.b64decode(outer["body"])
    for at in (0, len(body) // 2, len(body) - 1):
        outer["body"] = base64.b64encode(body[:at] + bytes([body[at] ^ 8]) + body[at + 1 :]).decode()
        with pytest.raises(PassphraseError):
            open_container(json.dumps(outer).encode(), FILE_PASSPHRASE, "x")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}']
)
def test_what_is_no_export_is_said(data):
    with pytest.raises(StoreError, match="x: no export of voiceprints"):
        open_container(data, FILE_PASSPHRASE, "x")


def test_a_file_cut_off_anywhere_is_refused(exported, open_vault, tmp_path):
    vault, path = exported
    whole = path.read_bytes()
    cut = tmp_path / "cut.json"
    for n_bytes in range(0, len(whole) - 2, 97):
        cut.write_bytes(whole[:n_bytes])
        with pytest.raises(StoreError, match="no export of voiceprints"):
            import_prints(vault, cut, FILE_PASSPHRASE)
    with pytest.raises(StoreError, match="cannot be read"):
        import_prints(vault, tmp_path, FILE_PASSPHRASE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embedding": "AAAA"}, "cannot be read"),
        ({"embedding": None}, "cannot be read"),
        ({"embedding": ""}, "embedding of shape"),
        ({"speech_s": -1}, "speech_s is -1"),
        ({"consent_at": None}, "consent_at is None"),
        ({"consent_at": "2026-13-01"}, "ISO 8601"),
        ({"model_version": None}, "model_version"),
    ],
)
def test_an_export_with_one_bad_print_brings_none(open_vault, make_print, tmp_path, change, message):
    good = json.loads(json.dumps({**make_print("Good").facts(), "embedding": VECTOR}))
    path = tmp_path / "bad.json"
    path.write_text(sealed_as_described({"prints": [good, {**good, "person": "Bad"} | change]}))
    vault = open_vault()
    with pytest.raises(StoreError, match=message):
        import_prints(vault, path, FILE_PASSPHRASE)
    assert vault.persons() == ()
