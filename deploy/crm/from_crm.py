"""Take what reps did in a CRM as touches: `python from_crm.py hubspot.yaml`, every five minutes by cron.

A record that is sent twice counts once, so each run begins some minutes before the last one did.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from crm import Crm, picked
from memory import Memory

OVERLAP = timedelta(minutes=10)
AT_ONCE = 1000


def pages(crm: Crm, poll: dict[str, Any], since: datetime) -> Iterator[list[dict[str, Any]]]:
    """Return the records that changed since an instant, page by page."""
    values: dict[str, Any] = {
        "since": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "since_plain": since.strftime("%Y-%m-%d %H:%M:%S"),
        "since_ms": str(round(since.timestamp() * 1000)), "offset": 0,
    }  # fmt: skip
    step = {**poll, "answer": ""}
    while (page := crm.ask(step, values)) is not None:
        records = picked(page, poll["records"]) or []
        yield records
        after, following = (picked(page, poll[each]) if each in poll else None for each in ("after", "next_url"))
        if following:
            step = {"url": "{next_url}"}
        elif not (after or (poll.get("by_offset") and records)):
            return
        values |= {"after": after, "next_url": following, "offset": values["offset"] + len(records)}


def prepared(record: dict[str, Any], poll: dict[str, Any], memory: Memory) -> dict[str, Any]:
    """Return a record with what the mapping puts into it, its times in UTC, and the e-mail of whom it was about."""
    for name in poll.get("utc", ()):
        if record.get(name) and not str(record[name]).endswith("Z"):
            record[name] = f"{record[name]}Z"
    person = picked(record, poll.get("person", "-"))
    email = None if person is None else memory.email_of(person)
    for path, value in poll.get("put", {}).items():
        put(record, path, picked(record, value["at"]) if isinstance(value, dict) else value)
    return record | ({"email": email} if email else {})


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path."""
    *above, last = path.split(".")
    for step in above:
        record = record.setdefault(step, {})
    record[last] = value


def main(mapping: Path, path: Path) -> None:
    """Ask each poll of the mapping, and post what it brings to feedback."""
    crm, memory, counted = Crm(mapping), Memory(path), Counter[str]()
    url, key = os.environ["BATON_FEEDBACK_URL"], os.environ["BATON_API_KEY"]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as baton:
        for name, poll in crm.rules["activities"].items():
            started = datetime.now(UTC)
            since = datetime.fromisoformat(memory.since(name, (started - timedelta(days=1)).isoformat()))
            for records in pages(crm, poll, since):
                whole = [prepared(each, poll, memory) for each in records]
                for at in range(0, len(whole), AT_ONCE):
                    sent = {"source": crm.rules["source"], "records": whole[at : at + AT_ONCE]}
                    answer = baton.post("/v1/activities", json=sent).raise_for_status().json()
                    counted.update({each: answer[each] for each in ("done", "replayed", "unresolved", "refused")})
            memory.came_to(name, (started - OVERLAP).isoformat())
    sys.stdout.write((", ".join(f"{count} {what}" for what, count in counted.items()) or "nothing new") + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mapping", type=Path, help="such as hubspot.yaml")
    parser.add_argument("--memory", type=Path, default=Path("crm.db"), help="that of to_crm.py: whose record is whose")
    asked = parser.parse_args()
    main(asked.mapping, asked.memory)
