"""Write what Baton says of people into a CRM: `python to_crm.py hubspot.yaml`, or with `--once` each night.

An event whose `ce_id` was written before changes nothing, so redelivery and `baton republish` do no harm. An offset is
committed when the CRM has the record.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from crm import Crm, Refused
from memory import Memory

TOPICS = ("contacts.profiles.v1", "leads.assigned.v1", "leads.lifecycle.v1", "contacts.erased.v1")
OF_A_LEAD = {"lead.assigned.v1": ("opener", "queue", "handed_over_at"), "lead.lifecycle.v1": ()}


def write(crm: Crm, memory: Memory, record: Any) -> None:
    """Write one event; what the CRM refuses is printed, and the next goes on."""
    headers = {name: value.decode() for name, value in record.headers}
    if record.value is None or not {"ce_id", "ce_type"} <= headers.keys():
        return
    contact_id, ce_id = record.key.decode(), headers["ce_id"]
    if memory.seen(ce_id) or memory.seen(contact_id):  # the latter: erased
        return
    crm_id, known = memory.person(contact_id)
    if headers["ce_type"] == "contact.erased.v1":
        if crm_id is not None:
            crm.erase(crm_id)
        memory.forget(contact_id)
        return
    known |= {"contact_id": contact_id, "ce_id": ce_id} | facts_of(headers["ce_type"], json.loads(record.value))
    if known.get("email") or known.get("phone"):  # a lead may be here before its profile
        try:
            crm_id = crm.upsert(crm_id, known)
        except Refused as refused:
            sys.stderr.write(f"refused: {ce_id} of {contact_id}: {refused}\n")
    memory.keep(ce_id, contact_id, crm_id, known)


def facts_of(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return what an event says of a person: a profile all, an assignment its own, a lifecycle its last cycle."""
    if kind == "lead.lifecycle.v1":
        value = (value["cycles"] or [{}])[-1]
    names = OF_A_LEAD.get(kind) or value
    return {name: value.get(name) for name in names if not isinstance(value.get(name), dict | list)}


async def main(mapping: Path, path: Path, *, once: bool) -> None:
    """Write what comes; `once`: what is there now, and end."""
    crm, memory = Crm(mapping), Memory(path)
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], group_id=f"crm-{path.stem}",
        auto_offset_reset="earliest", enable_auto_commit=False,
    )  # fmt: skip
    await consumer.start()
    try:
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=500)
        ends = await consumer.end_offsets(consumer.assignment())
        while not once or [each for each in ends if await consumer.position(each) < ends[each]]:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    await asyncio.to_thread(write, crm, memory, record)
            await consumer.commit()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mapping", type=Path, help="such as hubspot.yaml")
    parser.add_argument("--memory", type=Path, default=Path("crm.db"), help="what was written; also names the consumer")
    parser.add_argument("--once", action="store_true", help="end when all that is there now was written")
    asked = parser.parse_args()
    asyncio.run(main(asked.mapping, asked.memory, once=asked.once))
