"""Write who has each lead, and how it stands, into HubSpot, in forty lines to copy: `python consumer.py [--once]`.

It reads the topics from their beginning at each start and keeps nothing; a person is written as the last event says,
whose `ce_id` is `baton_event_id`. Where HubSpot says no it ends: start it anew, and the same is written again.
"""

import asyncio
import json
import os
import sys

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord

TOPICS = ("contacts.profiles.v1", "leads.lifecycle.v1", "contacts.erased.v1")
OURS = {"email": "email", "state": "baton_state", "rep_id": "baton_rep", "ce_id": "baton_event_id"}
people, erased = dict[str, dict[str, str]](), set[str]()


def note(record: ConsumerRecord[bytes, bytes]) -> set[str]:
    """Keep what an event says; return whom it is about: nobody, where it is none of Baton's."""
    headers = {name: text.decode(errors="replace") for name, text in record.headers}
    try:
        contact, value = (record.key or b"").decode(), json.loads(record.value or b"{}")
        value |= {"ce_id": headers.get("ce_id")} | (value.get("cycles") or [{}])[-1]
    except (ValueError, TypeError, AttributeError, LookupError):
        return set()
    person = people.setdefault(contact, {"baton_contact_id": contact})
    person.update({theirs: value[ours] for ours, theirs in OURS.items() if isinstance(value.get(ours), str)})
    erased.update({contact} if headers.get("ce_type") == "contact.erased.v1" else ())
    return {contact}


async def write(crm: httpx.AsyncClient, changed: set[str]) -> None:
    """Upsert those who have an e-mail by it, a hundred at a time, and delete who was erased."""
    known = {mail.lower(): people[each] for each in sorted(changed - erased) if (mail := people[each].get("email"))}
    inputs = [{"idProperty": "email", "id": email, "properties": person} for email, person in known.items()]
    sent = [("batch/upsert", {"inputs": inputs[at : at + 100]}) for at in range(0, len(inputs), 100)]
    gone = [people[each]["email"] for each in changed & erased if "email" in people[each]]
    for path, body in [*sent, *(("gdpr-delete", {"idProperty": "email", "objectId": email}) for email in gone)]:
        (await crm.post(f"/crm/v3/objects/contacts/{path}", json=body)).raise_for_status()


async def main(*, once: bool) -> None:
    """Write all that is there, then what comes."""
    kafka, key = os.environ["KAFKA_BOOTSTRAP_SERVERS"], {"Authorization": f"Bearer {os.environ['CRM_TOKEN']}"}
    consumer = AIOKafkaConsumer(*TOPICS, bootstrap_servers=kafka, auto_offset_reset="earliest")
    async with consumer, httpx.AsyncClient(base_url=os.environ["CRM_URL"], headers=key, timeout=30) as crm:
        changed, ends, is_done = set[str](), await consumer.end_offsets(consumer.assignment()), False
        while not is_done:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                changed.update(*map(note, records))
            if not [each for each in ends if await consumer.position(each) < ends[each]]:
                await write(crm, changed)
                changed, is_done = set(), once


if __name__ == "__main__":
    asyncio.run(main(once="--once" in sys.argv))
