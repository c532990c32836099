"""Statements that an event about a lead runs name the contact, so that tables could be spread by contact.

`docs/sizing.md` lists the tables that grow with contacts and how each is keyed; here the list is compared with the
databases, and every statement that the golden examples of all events make a service run is read.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.topics import EVENT_TYPES
from tests.bad_input.conftest import Target
from tests.bad_input.doors import NAMES
from tests.bad_input.test_every_example import bodies

SIZING = (Path(__file__).parents[2] / "docs" / "sizing.md").read_text(encoding="utf-8")
TABLE = re.compile(r"\b(?:from|join|into|update|using)\s+(?:only\s+)?\"?(\w+)\"?", re.IGNORECASE)
MACHINERY = {
    "alembic_version", "api_keys", "audit_log", "clock", "contacts", "gaps", "idempotency", "inbox", "journal",
    "merges", "outbox", "parked", "playbooks", "positions", "published", "recovered", "sent", "stopped_partitions",
    "streams", "timers",
}  # fmt: skip
"""Tables that every service has; the page says of them what holds for all."""
COLUMNS = """
select table_name as name, array_agg(column_name::text) as columns from information_schema.columns
where table_schema = 'public' group by 1
"""


def by_contact(service: str) -> dict[str, str]:
    """The tables that the page says are keyed by contact, with the column."""
    return dict(_rows("### By contact", service))


def others(service: str) -> dict[str, str]:
    """The tables that the page says are small or keyed otherwise."""
    return dict(_rows("### Not by contact", service))


def asked_across(service: str) -> list[tuple[str, str]]:
    """The tables that the page says are asked across contacts too, with the columns by which they are."""
    return list(_rows("### Asked across contacts", service))


def _rows(heading: str, service: str) -> Iterator[tuple[str, str]]:
    part = SIZING.partition(heading)[2].partition("\n#")[0]
    for line in part.splitlines():
        name, tables, *_ = [cell.strip() for cell in line.strip("|").split("|")] + ["", ""]
        if name == service:
            for text in re.findall(r"`([\w.]+)`", tables):
                table, _, column = text.partition(".")
                yield table, column or "contact_id"


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_the_page_lists_every_table_and_its_key(target: Target) -> None:
    service = target.harness.service.name
    found = {row["name"]: row["columns"] for row in await target.harness.raw.fetch(COLUMNS)}
    own = {name for name in found if name not in MACHINERY and not re.search(r"_(\d{8}|default)$", name)}
    keyed, rest = by_contact(service), others(service)
    assert not keyed.keys() & rest.keys()
    assert keyed.keys() | rest.keys() == own
    assert {table: column for table, column in keyed.items() if column not in found[table]} == {}


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_a_statement_about_a_lead_names_its_contact(target: Target) -> None:
    service = target.harness.service.name
    keys = [*by_contact(service).items(), *asked_across(service)]
    asked: set[str] = set()
    raw: Any = target.harness.raw
    with raw.query_logger(lambda query: asked.add(" ".join(query.query.split()))):
        for name, value in bodies(target):
            await target.harness.deliver(EVENT_TYPES[name].decode(json.dumps(value).encode()))
            await target.harness.raw.execute("rollback to savepoint attack")
    assert any("business_now()" in text for text in asked)
    assert [text for text in sorted(asked) if is_astray(text, keys)] == []


def is_astray(text: str, keys: Iterable[tuple[str, str]]) -> bool:
    """Whether a statement reads or writes tables keyed by contact and names the key of none: the rest is joined."""
    named = set(TABLE.findall(text))
    columns = [column for table, column in keys if table in named]
    return bool(columns) and not any(re.search(rf"\b{column}\b", text) for column in columns)


def test_a_statement_without_the_key_is_seen() -> None:
    keys = [("leads", "contact_id")]
    assert is_astray("select state from leads where rep_id = $1", keys)
    assert not is_astray("select state from leads where contact_id = any($1)", keys)
    assert not is_astray("select name from reps where rep_id = $1", keys)
