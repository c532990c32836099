"""Bodies that were in order once: bent in bytes, in words and in structure, the same for the same seed."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

HOSTILE: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**400, -0.0, 1e308, 5e-324, "", " ", "\0", "\ud800", "\ufffe",
    "\u202e", "e\u0301" * 300, "x" * 70_000, "{}", "[]", "null", "1e400", "NaN", "2026-02-30T25:61:61Z",
    "0001-01-01T00:00:00+14:00", "a@b", "@", "=1+1", "' or 1=1--", "%00", "../..", "${jndi:ldap://x}",
    [], {}, [[]], [{}],
    {"": ""}, {"a": {"a": {"a": {}}}},
]  # fmt: skip
TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"\0", b"\n", b"\r\n", b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf", b"null", b"NaN", b"-Infinity", b"1e999", b"0x1", b"&", b"=", b"%", b"%00", b"%ff", b"+", b"//",
    b"/*",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"9" * 400, b"[" * 2_000, b'{"a":' * 500,
]  # fmt: skip
LARGEST = 60_000


def mutants(seeds: Sequence[bytes], dice: random.Random) -> Iterator[bytes]:
    """Bend bodies without end."""
    while True:
        body = dice.choice(seeds)
        for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
            body = dice.choice(_WAYS)(body, dice)
        yield body[:LARGEST]


def _flip(body: bytes, dice: random.Random) -> bytes:
    bent = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        if bent:
            bent[dice.randrange(len(bent))] ^= 1 << dice.randrange(8)
    return bytes(bent)


def _insert(body: bytes, dice: random.Random) -> bytes:
    place = dice.randint(0, len(body))
    return body[:place] + dice.choice(TOKENS) + body[place:]


def _cut(body: bytes, dice: random.Random) -> bytes:
    start, end = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
    return body[:start] + body[end:]


def _repeat(body: bytes, dice: random.Random) -> bytes:
    start, end = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
    return body[:end] + body[start:end] * dice.randint(1, 20) + body[end:]


def _truncate(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randint(0, len(body))]


def _restructure(body: bytes, dice: random.Random) -> bytes:
    """Put a hostile value in the place of some value, give some name another, or take something away."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _insert(body, dice)
    spots: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        part = pending.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        spots += [(part, key) for key in keys]
        pending += [part[key] for key in keys]
    if not spots:
        return json.dumps(dice.choice(HOSTILE)).encode()
    part, key = dice.choice(spots)
    deed = dice.randrange(4)
    if deed == 0:
        del part[key]
    elif deed == 1 and isinstance(part, dict):
        part[dice.choice([str(each) for each in HOSTILE])] = part.pop(key)
    else:
        part[key] = dice.choice(HOSTILE)
    return json.dumps(value, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")


_WAYS: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _flip, _insert, _cut, _repeat, _truncate, _restructure, _restructure, _restructure,
)  # fmt: skip
