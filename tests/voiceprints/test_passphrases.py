import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import PassphraseError, StoreError
from voxlite.voiceprints.crypto import (
    ScryptCost,
    Sealer,
    passphrase_bytes,
    unb64,
    unwrap_key,
    wrap_key,
)

CHEAP = ScryptCost(n=16, r=8, p=1)
KEY = bytes(range(32))


def test_the_default_cost_is_owasps_strongest():
    cost = ScryptCost()
    assert (cost.n, cost.r, cost.p) == (131_072, 8, 1)
    assert cost.memory_bytes == 128 << 20
    assert cost.is_sane


@given(st.text(min_size=8, max_size=40).filter(lambda text: len(passphrase_bytes(text)) >= 8))
def test_a_key_comes_back_with_its_passphrase_alone(passphrase):
    try:
        header = wrap_key(KEY, passphrase, CHEAP)
    except PassphraseError:  # NFKC made it shorter
        return
    assert unwrap_key(header, passphrase, "x") == KEY
    with pytest.raises(PassphraseError, match="x: the passphrase is wrong"):
        unwrap_key(header, passphrase + "?", "x")


def test_the_wrapping_key_is_scrypts_of_the_standard_library():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = json.loads(wrap_key(KEY, "Ångström 2026", CHEAP))
    key = hashlib.scrypt("Ångström 2026".encode(), salt=unb64(header["salt"]), n=16, r=8, p=1, dklen=32)
    bound = {name: header[name] for name in ("schema", "kdf", "n", "r", "p", "salt")}
    data = json.dumps(bound, sort_keys=True).encode()
    assert AESGCM(key).decrypt(unb64(header["nonce"]), unb64(header["wrapped_key"]), data) == KEY


def test_every_keyboard_types_the_same_passphrase():
    composed, decomposed, wide = "Z\u00fcrich 12", "Zu\u0308rich 12", "\uff3a\u00fcrich 12"
    assert passphrase_bytes(composed) == passphrase_bytes(decomposed) == passphrase_bytes(wide)


@pytest.mark.parametrize(("passphrase", "new"), [("", False), ("", True), ("seven 7", True)])
def test_short_passphrases_are_refused_when_they_are_chosen(passphrase, new):
    with pytest.raises(PassphraseError, match="characters"):
        passphrase_bytes(passphrase, new=new)
    assert passphrase_bytes("short") == b"short"


@pytest.mark.parametrize("field", ["schema", "kdf", "n", "r", "p", "salt", "nonce", "wrapped_key", "check"])
def test_a_changed_header_is_no_wrong_passphrase(field):
    header = json.loads(wrap_key(KEY, "passphrase", CHEAP))
    for value in (None, "AAAA", 3, [], header["check"] if field != "check" else "0"):
        with pytest.raises(StoreError, match="header is damaged") as caught:
            unwrap_key(json.dumps(header | {field: value}), "passphrase", "x")
        assert not isinstance(caught.value, PassphraseError)
    del header[field]
    with pytest.raises(StoreError, match="header is damaged"):
        unwrap_key(json.dumps(header), "passphrase", "x")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '"x"', "[" * 5000])
def test_what_is_no_header_is_refused(text):
    with pytest.raises(StoreError, match="header is damaged"):
        unwrap_key(text, "passphrase", "x")


@pytest.mark.parametrize(
    "cost", [(3, 8, 1), (0, 8, 1), (1 << 30, 8, 1), (16, 0, 1), (16, 8, 17), (1 << 20, 64, 1)]
)
def test_costs_that_nobody_can_pay_are_not_sane(cost):
    assert not ScryptCost(*cost).is_sane


def test_too_little_memory_is_said(monkeypatch):
    from voxlite.voiceprints import crypto

    class NoMemory:
        def __init__(self, **_):
            pass

        def derive(self, _):
            raise MemoryError

    monkeypatch.setattr(crypto, "Scrypt", NoMemory)
    with pytest.raises(StoreError, match="128 MiB"):
        wrap_key(KEY, "passphrase", ScryptCost())


@given(st.binary(max_size=200), st.binary(max_size=50), st.data())
def test_no_changed_bit_is_opened(plain, context, data):
    sealer = Sealer(KEY)
    sealed = sealer.seal(plain, context)
    assert sealer.open(sealed, context) == plain
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    for wrong, bound in ((bytes(changed), context), (sealed, context + b"x"), (sealed[:at], context)):
        with pytest.raises(StoreError):
            sealer.open(wrong, bound)
    with pytest.raises(StoreError):
        Sealer(bytes(32)).open(sealed, context)


@given(st.lists(st.binary(max_size=10), max_size=4), st.lists(st.binary(max_size=10), max_size=4))
def test_tokens_are_equal_for_equal_parts_only(one, other):
    sealer = Sealer(KEY)
    assert (sealer.token(*one) == sealer.token(*other)) == (one == other)
    assert sealer.token(*one) != Sealer(bytes(32)).token(*one)
    assert len(sealer.token(*one)) == 16
