"""What an attacker sends. Each class is a table; `MARK` is in whatever must not come back."""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.bad_input.doors import JSON, Schema, kinds

MARK = "Zq7mark"
LIMIT = 65_536


class Sent(NamedTuple):
    """A body as bytes, how it is announced, and the status that it deserves."""

    name: str
    content: bytes
    headers: dict[str, str]
    status: int


def _json(name: str, content: bytes, status: int, **headers: str) -> Sent:
    return Sent(
        name, content, {"Content-Type": JSON} | {key.replace("_", "-"): v for key, v in headers.items()}, status
    )


UNREADABLE = [
    _json("B1 nothing", b"", 400),
    _json("B2 a brace", b"{", 400),
    _json("B4 two documents", b'{"%b":1} {}' % MARK.encode(), 400),
    _json("B6 UTF-16", f'{{"{MARK}":1}}'.encode("utf-16"), 400),
    _json("a byte order mark", b"\xef\xbb\xbf{}", 400),
    _json("B7 Latin-1", f'{{"{MARK}":"\xe9"}}'.encode("latin-1"), 400),
    _json("B9 NaN", b'{"%b":NaN}' % MARK.encode(), 400),
    _json("B9 infinity", b'{"a":-Infinity}', 400),
    _json("B10 1e400", b'{"a":1e400}', 400),
    _json("B12 half a surrogate pair", b'{"a":"\\ud800%b"}' % MARK.encode(), 400),
    _json("a raw NUL", b'{"a":"\0"}', 400),
    _json("B16 deeply nested", b"[" * 30_000 + b"]" * 30_000, 400),
    _json("B16 deeply nested objects", b'{"a":' * 8_000 + b"1" + b"}" * 8_000, 400),
    _json("B18 5,000 digits", b'{"a":' + b"9" * 5_000 + b"}", 400),
]
WRONG_KIND = [
    Sent("B8 charset", b"{}", {"Content-Type": f"{JSON}; charset=utf-16"}, 415),
    _json("B23 gzip", b"\x1f\x8b" + MARK.encode(), 415, Content_Encoding="gzip"),
    _json("B23 brotli of an empty body", b"", 415, Content_Encoding="br"),
    Sent("B25 no type", b"{}", {}, 415),
    Sent("B26 text", MARK.encode(), {"Content-Type": "text/plain"}, 415),
    Sent("B27 multipart", MARK.encode(), {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    Sent("B28 a form", b"a=" + MARK.encode(), {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    Sent("a type that only begins like ours", b"{}", {"Content-Type": f"{JSON}-seq"}, 415),
    Sent("no type at all", b"{}", {"Content-Type": ";;;=\x01" + MARK}, 415),
]
A_DOCUMENT = _json("a document where a form belongs", b"{}", 415)
NOT_OBJECTS = [_json(f"B3 {text.decode()}", text, 422) for text in (b"null", b'"%b"' % MARK.encode(), b"1", b"true")]

WRONG: dict[str, list[Any]] = {
    "string": ["\0", f"a\0{MARK}", {MARK: MARK}, [[MARK]], True, 1, 2**63, -1.5],
    "integer": [MARK, "1", 2**31, 2**63, -(2**63) - 1, 2**64, 1.5, True, [MARK], {MARK: 1}],
    "number": [MARK, "1", True, [MARK], {MARK: 1}],
    "boolean": [MARK, "true", "yes", 1, 0, [MARK], {MARK: 1}],
    "array": [MARK, 1, {MARK: 1}, [MARK + "\0"] * 3, [[MARK]] * 1001],
    "object": [MARK, 1, [MARK], [[MARK]], {MARK: {MARK: MARK}}, {MARK: [MARK]}],
}
"""Values that no field of the kind takes."""
FREE: list[Any] = [
    {"a": f"\0{MARK}"},
    {"a\0": MARK},
    {f"{MARK}\0": 1},
    {"a": {"b": MARK}},
    {"a": [MARK]},
    {f"a{n}": MARK for n in range(51)},
    {MARK * 20: 1},
    {"": MARK},
    {"a": MARK * 2000},
]
"""Objects that no field of free names takes."""
TIMES = [
    MARK, "", 1_772_442_000, "1772442000", "1e400", "9" * 30, "2026-03-02", "2026-03-02T09:00:00",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T09:00:00Z",
    "2026-03-02T09:00:60Z", "2026-03-02T25:00:00Z", "2026-03-02T09:00:00Z\0",
    "\u0662\u0660\u0662\u0666-03-02T09:00:00Z",
]  # fmt: skip
"""B53: what is no time, has no zone, or does not exist on a sane calendar."""
DAYS = [MARK, "", 0, 1_772_409_600, "1772409600", 20_260_302, "2026-02-30", "2026-13-01"]
DAYS += ["0000-01-01", "2026-03-02T09:00:00Z", "-1", "--"]

DOUBTFUL: dict[str, list[Any]] = {
    "string": [
        "", MARK, "\u0660\u0661:\u0662\u0663", "0\u0663:00", "\u202e" + MARK, "\x1b[31m", "\ufffe", "x" * 20_000,
        "e\u0301" * 200,
    ],
    "integer": [0, -1, 2**15, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63), 1.0, -0.0, 1e308],
    "number": [0, -1, 2**53, 2**63, -(2**63) - 1, 2**64, 10**300, 1e308, -1e308, 5e-324, -0.0, 0.1 + 0.2],
    "boolean": [],
    "date-time": ["2099-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2000-01-01T00:00:00+14:00", "9999-12-31T00:00:00Z"],
    "date": ["0001-01-01", "9999-12-31", "1969-12-31"],
    "array": [[], [None], [[]], [{}], [""], ["\ufffe"], [{"from": "0001-01-01", "to": "9999-12-31"}]],
    "object": [{}, {"": ""}],
    "free": [
        {}, {MARK: 1}, {MARK: "\x1b"}, {"a": None}, {"a": True}, {"a": 2**63}, {"a": -(2**63)}, {"a": 2**64},
        {"a": 1e308}, {"a": 5e-324}, {"a": "\ufffe"}, {"a": "x" * 999},
    ],
}  # fmt: skip
"""Values that one field takes and another does not; taken or refused, nothing may break."""


def doubtful_for(schema: Schema) -> Iterator[Any]:
    """Values at the edge of the kinds that a place in a body takes; null is at the edge of every one."""
    yield None
    for kind in kinds(schema):
        yield from DOUBTFUL[_kind(kind)]


def wrong_for(schema: Schema) -> Iterator[Any]:
    """Values that a place in a body must refuse: wrong for each kind of value that it takes."""
    found = kinds(schema)
    names = {_kind(each) for each in found}
    tables: dict[str, list[Any]] = WRONG | {"date-time": TIMES, "date": DAYS, "free": FREE}
    for value in tables.get(min(names), []):
        if all(_unlike(value, name) for name in names - {min(names)}):
            yield value


def _kind(schema: Schema) -> str:
    kind = str(schema.get("type", "string"))
    if kind == "object" and "properties" not in schema:
        return "free"
    return str(schema["format"]) if schema.get("format") in {"date-time", "date"} else kind


def _unlike(value: Any, kind: str) -> bool:
    """Whether a value cannot be of a further kind that the place takes too."""
    like = {"array": list, "object": dict, "free": dict, "string": str, "boolean": bool}.get(kind, int | float | str)
    return not isinstance(value, like)


PATHS = [
    "%00", f"{MARK}%00", f"%00{MARK}", MARK * 1000, f"%2F{MARK}", f"..%2F..%2F{MARK}", "%ff", f"%C0%80{MARK}",
    f"%0d%0a{MARK}:1", "%ED%A0%80", f"{MARK}%20", f"'%20or%201=1--{MARK}", "9" * 5000,
    "%D9%A3", f"%7B{MARK}%7D",
]  # fmt: skip


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


NOBODY = "00000000-0000-4000-8000-000000000000"
UUID_TEXT = "5eed5eed-5eed-4eed-8eed-5eed5eed5eed"
NOW_TEXT = "2026-03-02T09:00:00+00:00"
POSITIONS: list[list[Any]] = [
    ["a"], [1], ["a", "b"], ["a", NOW_TEXT, UUID_TEXT], [NOW_TEXT, UUID_TEXT], [None, UUID_TEXT],
]  # fmt: skip
"""What a cursor may hold: whichever of them an endpoint takes, is spoilt part by part."""
_SPOILT: list[Any] = [
    2**63, -(2**63) - 1, 2**64, 1e300, True, None, {}, [MARK], "0001-01-01T00:00:00+14:00", "9" * 300,
    "9999-12-31T23:59:59-14:00", "2026-03-02T09:00:00", f"2026-03-02T09:00:00Z{MARK}",
]  # fmt: skip
CURSORS = [
    MARK, "!", "=", "%FF", "W10", "W1td", "%D9%A3", "bnVsbA", f"{NOW_TEXT}_{MARK}", f"_{UUID_TEXT}",
    f"0001-01-01T00:00:00%2B14:00_{UUID_TEXT}", f"9999-12-31T23:59:59-14:00_{UUID_TEXT}",
    f"2026-03-02T09:00:00_{UUID_TEXT}", MARK * 100, "Ww" * 150,
]  # fmt: skip


def cursor_of(position: list[Any]) -> str:
    """Write a position as the services do."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def spoilt(position: list[Any]) -> Iterator[str]:
    """Spoil each part of a position in turn."""
    for place in range(len(position)):
        for value in _SPOILT:
            yield cursor_of([*position[:place], value, *position[place + 1 :]])


def with_nul(position: list[Any]) -> Iterator[str]:
    """Hide a NUL in each part of a position in turn."""
    for place in range(len(position)):
        yield cursor_of([*position[:place], f"a\0{MARK}", *position[place + 1 :]])


QUERIES: dict[str, list[str]] = {
    "integer": ["-1", "0", MARK, "1.5", "1e3", str(2**63), str(-(2**63) - 1), "9" * 4000, "", "%00", "NaN", "%D9%A3x",
                "1.0", "0.0", "-0", "01", "1_0", "%2B1", "%201", "1%0A", "%D9%A3", "0x1"],
    "boolean": [MARK, "2", "%00", "nul", "", "1", "0", "yes", "on", "t", "True", "TRUE", "%20true"],
    "uuid": [MARK, "%00", "1", UUID_TEXT + "0", f"{UUID_TEXT}%00"],
    "date-time": [MARK, "%00", "2026-03-02T09:00:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00",
                  "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "1e400", "9" * 30, "1772442000", "NaN",
                  "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"],
    "enum": [MARK, "%00", ""],
    "string": ["%00", f"{MARK}%00", f"%00{MARK}"],
}  # fmt: skip
"""Values that a query parameter of the kind must refuse."""
EMPTY = ["", "%20", "%09%20%C2%A0"]
"""Texts without a letter: whoever filters by one has lost what was meant."""
NOWHERE = [
    "/", f"/{MARK}", f"/v1/{MARK}", "/v1/", "//v1/contacts", "/v1/%2e%2e/status", "/livez/", f"/%00{MARK}",
    f"/%0a{MARK}",
]  # fmt: skip
KEYS = ["", " ", "x" * 256, "\xe9" + MARK, f"a\0{MARK}", f"\x7f{MARK}", '""']
"""Idempotency keys that are none."""
STRANGERS = [
    "", "Bearer", "Bearer ", "Basic YTph", MARK, f"Bearer {MARK}", f"Bearer bk_{MARK}_x", f"Bearer bk_\0{MARK}_x",
    "Bearer bk__", f"Bearer \xe9{MARK}", f"Bearer bk_{MARK * 500}_x", f"bearer bk_abcdef123456_{MARK}",
    f"Bearer, Bearer {MARK}",
]  # fmt: skip
ODD_QUERIES = [
    MARK, "", " ", "%0A", "%ff", "%ED%A0%80", "%F0%9F%92%A9", "%25%27%5C", "x" * 2000, "9" * 2000,
    "1_0", "%2B1", "2099-01-01T00:00:00Z", "2099-01-01T00:00:00+14:00", "null", "[]", "[$ne]", "*", "0x10",
]  # fmt: skip


def queries_for(name: str, schema: Schema) -> list[str]:
    """Values that a query parameter must refuse."""
    if name == "cursor":
        return ["%00", f"{MARK}%00", *EMPTY]
    (kind,) = kinds(schema)
    if "enum" in kind or "const" in kind:
        return QUERIES["enum"]
    found = QUERIES[kind["format"] if kind.get("format") in QUERIES else kind["type"]]
    found = found + (EMPTY if kind.get("minLength") else [])
    return [text for text in found if text != "0" or kind.get("minimum", 1) > 0]
