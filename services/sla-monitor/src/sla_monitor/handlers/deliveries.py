"""Send messages to webhooks: at least once each, with an id that never changes, never in the way of a clock.

A message is a row that was committed with its event. A worker claims what is due for a minute, sends it outside any
transaction, and records the result; if it dies in between, another worker sends again after that minute.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
from prometheus_client import Counter

from events.runtime.loops import run_rounds
from events.runtime.outgoing import parse_allowed_targets
from sla_monitor import store
from sla_monitor.domain import webhook_messages
from sla_monitor.handlers import sending
from sla_monitor.handlers.commands import derive_secret
from sla_monitor.store.deliveries import ClaimedMessage

if TYPE_CHECKING:
    from events.runtime import Service
    from sla_monitor.settings import SlaSettings

AT_ONCE = 50
PAUSE_SECONDS = 1.0
SUCCESS, REDIRECT, GONE = 200, 300, 410

DELIVERIES = Counter(
    "baton_webhook_deliveries_total", "Messages to webhooks: sent, failed (and tried again) or given up.", ["outcome"]
)
for outcome in ("sent", "failed", "given_up"):
    DELIVERIES.labels(outcome)  # from 0 on, so that the first one is an increase


async def send_messages_forever(service: "Service[SlaSettings]") -> None:
    """Send what is due until cancelled."""
    async with sending.make_client() as client:
        await run_rounds("deliveries", partial(send_due_messages, service, client), pause_seconds=PAUSE_SECONDS)


async def send_due_messages(service: "Service[SlaSettings]", client: httpx.AsyncClient) -> int:
    """Plan, claim, send and record one round; return how many messages were tried."""
    async with service.transaction() as tx:
        webhooks = await store.lock_webhooks(tx)
        for name, each_hour in webhooks.items():
            if waiting := await store.load_excess_messages(tx, name):
                folded = webhook_messages.make_digest(name, waiting[0].due_at, waiting, tx.now)
                await store.replace_messages_by_digest(tx, folded, [row.delivery_id for row in waiting])
            await store.release_messages(tx, name, each_hour)
        await store.delete_old_messages(tx)
    if not webhooks:
        return 0
    async with service.transaction() as tx:
        claimed = await store.claim_messages(tx, AT_ONCE)
    if not claimed:
        return 0
    faults = await asyncio.gather(*(_send_claimed_message(service, client, row) for row in claimed))
    await _record_results(service, claimed, faults)
    return len(claimed)


async def _send_claimed_message(
    service: "Service[SlaSettings]", client: httpx.AsyncClient, row: ClaimedMessage
) -> BaseException | int:
    secret = derive_secret(service, row.webhook, row.generation)
    allowed = parse_allowed_targets(service.settings.webhook_networks)
    try:
        async with asyncio.timeout(sending.SECONDS):
            return await sending.send_signed(client, row.url, secret, (row.delivery_id, row.body), allowed)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one receiver must not stop the others
        return error


async def _record_results(
    service: "Service[SlaSettings]", claimed: list[ClaimedMessage], faults: list[BaseException | int]
) -> None:
    sent: list[UUID] = []
    failed, gone = [], []
    for row, fault in zip(claimed, faults, strict=True):
        if isinstance(fault, int) and SUCCESS <= fault < REDIRECT:
            sent.append(row.delivery_id)
            continue
        wait = webhook_messages.compute_retry_wait(row.attempts)
        failed.append((row.delivery_id, _describe_fault(fault), wait))
        if fault == GONE:
            gone.append(row.webhook)
        DELIVERIES.labels("failed" if wait else "given_up").inc()
    DELIVERIES.labels("sent").inc(len(sent))
    async with service.transaction() as tx:
        await store.save_send_results(tx, sent, failed)
        await store.disable_webhooks(tx, gone)


def _describe_fault(fault: BaseException | int) -> str:
    return f"answered {fault}" if isinstance(fault, int) else type(fault).__name__
