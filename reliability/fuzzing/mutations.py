"""What is done to a file: a list of edits drawn by seed, which can be taken away one by one.

An edit is plain data: ["put", at, hex], ["insert", at, hex], ["delete", at, n], ["cut", n]. Places beyond the end do
nothing, so that any part of a list is a list.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

Edit = list[Any]
_LIES = (0, 1, -1, 2, 117, 0x7F, 0x80, 0xFFFF, 800_000_000, 2**31 - 1, -(2**31), 10**12, 2**63 - 1, -(2**63))
_HEADER_BYTES = 128


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the file after its edits."""
    made = bytearray(data)
    for kind, at, *more in edits:
        if kind == "cut":
            del made[at:]
        elif kind == "delete":
            del made[at : at + more[0]]
        elif at <= len(made):
            new = bytes.fromhex(more[0])
            made[at : at + (len(new) if kind == "put" else 0)] = new
    return bytes(made)


def draw(data: bytes, rng: random.Random) -> list[Edit]:
    """Return one to four edits of a file."""
    kinds = (_flip, _flip, _lie, _lie, _lie, _cut, _fill, _garbage, _insert, _delete)
    return [rng.choice(kinds)(data, rng) for _ in range(rng.choice((1, 1, 2, 4)))]


def _place(data: bytes, rng: random.Random) -> int:
    """Return a place in the file, in its header half of the time."""
    return rng.randrange(max(1, min(len(data), _HEADER_BYTES) if rng.random() < 0.5 else len(data)))


def _flip(data: bytes, rng: random.Random) -> Edit:
    at = _place(data, rng)
    old = data[at] if at < len(data) else 0
    return ["put", at, bytes([old ^ (1 << rng.randrange(8))]).hex()]


def _lie(data: bytes, rng: random.Random) -> Edit:
    """Overwrite a whole number in the header."""
    size = rng.choice((2, 4, 4, 8))
    order: Any = rng.choice(("little", "big"))
    number = (rng.choice(_LIES) % (1 << 8 * size)).to_bytes(size, order)
    return ["put", 2 * rng.randrange(_HEADER_BYTES // 2), number.hex()]


def _cut(data: bytes, rng: random.Random) -> Edit:
    return ["cut", _place(data, rng)]


def _fill(data: bytes, rng: random.Random) -> Edit:
    return ["put", _place(data, rng), (rng.choice((b"\x00", b"\xff")) * rng.randrange(1, 2000)).hex()]


def _garbage(data: bytes, rng: random.Random) -> Edit:
    return ["put", _place(data, rng), rng.randbytes(rng.randrange(1, 2000)).hex()]


def _insert(data: bytes, rng: random.Random) -> Edit:
    return ["insert", _place(data, rng), rng.randbytes(rng.randrange(1, 64)).hex()]


def _delete(data: bytes, rng: random.Random) -> Edit:
    return ["delete", _place(data, rng), rng.randrange(1, 200)]


def smallest(edits: list[Edit], still: Callable[[list[Edit]], bool]) -> list[Edit]:
    """Return a part of `edits` of which none can go without `still` ceasing to hold."""
    at = 0
    while at < len(edits):
        fewer = edits[:at] + edits[at + 1 :]
        if fewer and still(fewer):
            edits = fewer
        else:
            at += 1
    return edits


def put(at: int, form: str, value: int) -> list[Edit]:
    """Return the edit that writes a number (a `struct` format) at a place."""
    return [["put", at, struct.pack(form, value).hex()]]


_ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**30, float("nan"), float("inf"), "", "a" * 300, "../../etc/passwd", [], {}, [[]],
    "\u0000", "-0", 2**63,
)  # fmt: skip


def draw_json(text: str, rng: random.Random) -> str:
    """Return a JSON document with one to three values replaced, renamed or taken away."""
    data = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []
        _collect(data, places)
        if not places:
            break
        holder, key = rng.choice(places)
        act = rng.randrange(5)
        if act == 0 and isinstance(holder, dict):
            del holder[key]
        elif act == 1 and isinstance(holder, dict):
            holder[f"{key}_"] = holder.pop(key)
        else:
            holder[key] = rng.choice(_ODD_VALUES)
    return json.dumps(data, separators=(",", ":"))


def _collect(data: Any, places: list[tuple[Any, Any]]) -> None:
    if len(places) < 10_000 and isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            places.append((data, key))
            _collect(data[key], places)
