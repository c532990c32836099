"""A receipt says how many rows its own contact had, however many were erased with it."""

from uuid import UUID

from events.contacts import ContactErased, ErasureReceipt
from events.ids import derive_id
from events.runtime.testing import ServiceHarness
from tests.scoring.builders import ANN, IDEAL, captured, day

BOB = UUID("0b0b0b0b-0000-4000-8000-000000000002")
CYD = UUID("0c0c0c0c-0000-4000-8000-000000000003")


async def test_each_receipt_of_a_batch_counts_its_own_contact(harness: ServiceHarness) -> None:
    await harness.deliver(captured("demo_request", **IDEAL), captured("social", 1, contact=BOB))
    await harness.deliver(
        *(
            ContactErased(contact_id=each, occurred_at=day(2), erasure_id=derive_id("erasure", each))
            for each in (ANN, BOB, CYD)
        )
    )
    rows = {receipt.contact_id: receipt.rows for receipt in await harness.emitted(ErasureReceipt)}
    assert rows[ANN] > rows[BOB] > rows[CYD] == 0
