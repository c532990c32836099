"""A marketer's list of 100,000 rows in which three cells of a hundred are foreign to their field, taken in whole.

Every kind of foreign cell, row and line that `docs/bring-a-list.md` names occurs. The figures say whether everybody
with an e-mail or a phone was kept, whether the answer's counts are the file's lines, and what memory it took.
"""

import asyncio
import csv
import io
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import asyncpg

from tests.bench.ndjson import memory_of, most_memory, new_key
from tests.bench.parts import Parts
from tests.bench.processes import service
from tests.bench.streaming import stream

ROWS = 100_000
WARM = 5_000
SHARE = 0.03
AT_ONCE = 65_536
BUSY_SECONDS = 2.0
"""What a busy service asks a sender to wait."""
HEADER = ["E-Mail", "Phone", "Mobile", "First name", "Last name", "Company", "Job title", "Country", "Company size",
          "Created at", "Source", "talk_to_sales", "facts.budget", "Remarks"]  # fmt: skip
FOREIGN: dict[str, list[str]] = {
    "Country": ["United States", "UK", "Allemagne", "Deutschland", "N/A", "EMEA", "Ländle"],
    "Company size": ["51-200 employees", "1,200", "10000+", "11 - 50", "many", "1.000 Mitarbeiter"],
    "Created at": ["28.02.2026 10:00", "2026-02-28T10:00:00Z", "28 Feb 2026", "yesterday", "45716", "31.02.2026"],
    "Source": ["Trade Show", "Google Ads", "LinkedIn", "Web Site"],
    "talk_to_sales": ["TRUE", "WAHR", "yes", "vielleicht", "1"],
    "facts.budget": ["10.000 €", "1e400", "'=SUM(A1)", "-", "k. A."],
    "Job title": ["x" * 5_000, 'VP "Sales"', "=HYPERLINK(1)", "Director\u200b of Ops"],
    "Company": ['24" screens', '"Acme", Inc.', "Müller & Söhne; GmbH", "a\nb", "#REF!", 'The "Best" Co', "\tTab AG"],
    "First name": ["Zoë", "王", "J\u0308urgen", "Ada\u00a0Maria", "\u202eadA"],
    "Last name": ["O'Brien", "", "Lovelace\r\nKing", "von der Leyen"],
    "Remarks": ["see; below", '5" x 7"', "line 1\nline 2", "NULL", "#N/A"],
}
"""Cells that do not fit their field as they stand, by column."""
PHONES = ["p:{0}", "{0} x204", "tel:{0}", "{0} Durchwahl 12", "\u202a{0}\u202c", "Phone: {0}"]


@dataclass
class MadeList:
    """A list as bytes, and what is known of it."""

    data: bytes
    people: set[str] = field(default_factory=set)
    """The e-mail or else the phone of each person who can be reached."""
    counts: Counter[str] = field(default_factory=Counter)


def make(rows: int, run: str, seed: int = 16) -> MadeList:
    """Return a list of `rows` rows, in semicolons and UTF-8 with some lines in Windows-1252."""
    chance = random.Random(seed)  # noqa: S311 - a list, no secret
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    made = MadeList(b"")
    writer.writerow(["Export of the fair"] + [""] * (len(HEADER) - 1))
    writer.writerow(HEADER)
    parts: list[bytes] = []
    last: list[str] = []
    for number in range(rows):
        cells, person = _row(number, run, chance)
        if last and chance.random() < SHARE / 10:
            cells, person = last, None
            made.counts["duplicates"] += 1
        elif chance.random() < SHARE / 10:
            cells, person = [*cells, "one more"], None
            made.counts["rejected"] += 1
        elif person is None:
            made.counts["rejected"] += 1
        else:
            made.people.add(person)
            last = cells
        writer.writerow(cells)
        if chance.random() < SHARE / 10:
            text.write(";" * (len(HEADER) - 1) + "\r\n")
            made.counts["blank"] += 1
        parts.append(_encoded(text.getvalue(), chance))
        text.seek(0)
        text.truncate()
    made.data = b"".join(parts)
    made.counts["lines"] = made.data.count(b"\r\n") + made.data.replace(b"\r\n", b"").count(b"\n")
    return made


def _row(number: int, run: str, chance: random.Random) -> tuple[list[str], str | None]:
    """Return a row's cells, and its e-mail or else its phone where it has one."""
    row = {
        "First name": "Ada", "Last name": f"Falk {number}", "Company": f"Firm {number % 5_000}", "Job title": "Buyer",
        "Country": "DE", "Company size": "300", "Created at": "27.02.2026 10:00", "Source": "import",
        "talk_to_sales": "false", "facts.budget": "5000", "Remarks": "",
    }  # fmt: skip
    for column, foreign in FOREIGN.items():
        if chance.random() < SHARE:
            row[column] = chance.choice(foreign)
    phone, email = f"+49151{number:08d}", f"{run}-{number}@firm-{number % 5_000}.com"
    shown_phone = chance.choice(PHONES).format(phone) if chance.random() < SHARE else phone
    shown_email = chance.choice(["Ada Falk <{0}>", "mailto:{0}", " {0} "]).format(email)
    email_cell = shown_email if chance.random() < SHARE else email
    person: str | None = email
    if chance.random() < SHARE:
        email_cell, person = chance.choice(["", "n/a", "ada at firm", "@twitter"]), phone
    elif chance.random() < SHARE:
        shown_phone = chance.choice(["n/a", "12", "call me", "-", "0"])
    if person == phone and chance.random() < SHARE:
        shown_phone, person = chance.choice(["", "n/a"]), None
    mobile = chance.random() < SHARE
    row |= {"E-Mail": email_cell, "Phone": "" if mobile else shown_phone, "Mobile": shown_phone if mobile else ""}
    return [row[column] for column in HEADER], person


def _encoded(text: str, chance: random.Random) -> bytes:
    """Return some lines in Windows-1252, those alone that lose no letter by it: a repeated row is the same then."""
    if not text.isascii() and chance.random() < SHARE:
        with suppress(UnicodeEncodeError):
            return text.encode("cp1252")
    return text.encode()


def _pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), AT_ONCE):
        yield data[at : at + AT_ONCE]


async def _send(base: str, key: str, data: bytes) -> tuple[dict[str, Any], float, int]:
    """Send a list, again where the service says that it has too much to do.

    Returns:
        The last answer, how long it took, and how often the list was sent: what was taken before is a duplicate then.
    """
    for times in itertools.count(1):
        found: dict[str, Any] = dict(
            await stream(int(base.rsplit(":", 1)[-1]), key, "/v1/imports", "text/csv", _pieces(data))
        )
        if found["answer"].get("status") != HTTPStatus.SERVICE_UNAVAILABLE:
            return found["answer"], found["seconds"], times
        await asyncio.sleep(BUSY_SECONDS)
    raise AssertionError


async def measure(up: Parts) -> dict[str, float]:
    """Take the list in; raises `RuntimeError` where somebody is missing or a line is not accounted for."""
    await up.new_topics()
    made, warm = make(ROWS, "main"), make(WARM, "warm", seed=17)
    async with service(up, "capture", database="lists") as (base, url):
        key, done = await new_key(url), asyncio.Event()
        await _send(base, key, warm.data)
        before = memory_of(base)
        watching = asyncio.create_task(most_memory(base, done))
        answer, seconds, times = await _send(base, key, made.data)
        done.set()
        missing = made.people - await _known(url)
        _check(answer, made.counts, missing, sent_once=times == 1)
        return {
            "lists_rows": ROWS,
            "lists_megabytes": len(made.data) / 1e6,
            "lists_rows_per_second": ROWS / seconds,
            "lists_people": len(made.people),
            "lists_people_kept_share": 1 - len(missing) / len(made.people),
            "lists_accepted": answer["accepted"],
            "lists_duplicates": answer["duplicates"],
            "lists_rejected": answer["rejected"],
            "lists_cells_put_aside": sum(each["cells"] for each in answer["put_aside"]),
            "lists_times_sent": times,
            "lists_lines": answer["file"]["lines"],
            "lists_memory_before_megabytes": before,
            "lists_memory_most_megabytes": await watching,
        }


async def _known(url: str) -> set[str]:
    """Return each e-mail and each phone of the profiles."""
    raw = await asyncpg.connect(url)
    try:
        rows = await raw.fetch("select email, phone from profiles")
    finally:
        await raw.close()
    return {value for row in rows for value in row if value}


def _check(answer: dict[str, Any], counts: Counter[str], missing: set[str], *, sent_once: bool) -> None:
    file = answer["file"]
    rows = answer["accepted"] + answer["duplicates"] + answer["rejected"] + answer["waiting"]
    lines = file["lines_above"] + file["lines_blank"] + file["lines_joined"] + answer["rows"]
    expected = {
        "rows": (answer["rows"], ROWS), "sum": (rows, ROWS), "lines": (file["lines"], counts["lines"]),
        "parts": (lines, counts["lines"]), "blank": (file["lines_blank"], counts["blank"]),
        "rejected": (answer["rejected"], counts["rejected"]),
        "taken": (answer["accepted"] + answer["duplicates"], ROWS - counts["rejected"]), "missing": (len(missing), 0),
    }  # fmt: skip
    if sent_once:
        expected["duplicates"] = (answer["duplicates"], counts["duplicates"])
    wrong = {name: pair for name, pair in expected.items() if pair[0] != pair[1]}
    if wrong:
        message = f"found and expected differ: {wrong}, such as {sorted(missing)[:5]}"
        raise RuntimeError(message)
