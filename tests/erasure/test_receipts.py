"""Every service's receipt says how many rows its own contact had, however many were erased with it."""

import importlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from events.contacts import ContactErased, ErasureReceipt
from events.ids import derive_id
from events.runtime import Service
from events.runtime.testing import START, ServiceHarness
from events.topics import SERVICES
from tests.capture.conftest import PLAYBOOKS
from tests.conftest import Databases

KNOWN, STRANGER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


async def _keep(harness: ServiceHarness, contact_id: UUID, timers: int, parked: int) -> None:
    """Save rows that the runtime of every service may keep about a contact."""
    for _ in range(timers):
        await harness.raw.execute(
            "insert into timers (kind, key, contact_id, due_at) values ('x', $1, $2, $3)",
            uuid4(), contact_id, START + timedelta(days=400),
        )  # fmt: skip
    for _ in range(parked):
        await harness.raw.execute(
            "insert into parked (id, topic, headers, contact_id, reason, detail, attempts)"
            " values ($1, 't', '[]', $2, 'undecodable', '', 1)",
            uuid4(), contact_id,
        )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "capture"])
async def test_each_receipt_of_a_batch_counts_its_own_contact(name: str, databases: Databases) -> None:
    service: Service = importlib.import_module(f"{name.replace('-', '_')}.app").service
    async with ServiceHarness.open(service, await databases(name)) as harness:
        async with harness.transaction() as tx:
            if not tx.playbook_version:
                source = service.playbooks.read(PLAYBOOKS)
                await service.playbooks.activate(tx, source, by="tests", approvals=[])
        await _keep(harness, KNOWN, 3, 2)
        await _keep(harness, OTHER, 1, 0)
        await harness.deliver(
            *(
                ContactErased(contact_id=contact_id, occurred_at=START, erasure_id=derive_id("erasure", contact_id))
                for contact_id in (KNOWN, STRANGER, OTHER)
            )
        )
        receipts = await harness.emitted(ErasureReceipt)
    assert {receipt.contact_id: receipt.rows for receipt in receipts} == {KNOWN: 5, STRANGER: 0, OTHER: 1}
