"""What operators see and do of every service: the flow, parked records, the quarantine, keys, imports, the audit."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, get_args
from uuid import UUID

from desk.domain import Viewer, orders
from desk.domain.facts import Fact
from desk.domain.orders import ServiceCommand, Target
from desk.handlers.errors import ActionRefused, NotForYou, ServiceAway
from desk.handlers.upstream import UPSTREAM
from events.runtime.audit_log import record_action
from events.runtime.security import parse_key_id

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

TARGETS: tuple[Target, ...] = get_args(Target)
"""Each service whose address the settings have."""
MOST = 50
"""Of each list; `baton dead-letters` and the other commands show them all."""
PARKED, KEYS = "/v1/dead-letters?limit=1000", "/v1/keys"


class FlowLine(NamedTuple):
    """How a service stands by its own status, None where it does not answer; `lag_seconds` is of its oldest record."""

    name: Target
    status: Fact | None
    lag: int
    lag_seconds: float


class KnownKey(NamedTuple):
    """A key, and whether it is the one of these pages."""

    key: Fact
    is_own: bool
    last_used_at: str | None
    revoked_at: str | None


class OperatorOverview(NamedTuple):
    """What an operator looks at first; a list is None where its service does not answer."""

    flow: list[FlowLine]
    parked: list[tuple[Target, Fact]]
    silent: list[Target]
    """Services whose parked records cannot be read just now."""
    keys: list[KnownKey]
    quarantine: list[Fact] | None
    imports: list[Fact] | None
    now: datetime


class _Look(NamedTuple):
    """What a service answers about itself; None where it does not."""

    status: Fact | None
    parked: list[Fact] | None
    keys: list[Fact] | None


async def load_overview(service: "Service[PageSettings]") -> OperatorOverview:
    """Return what an operator looks at first; of a service that does not answer, that it does not."""
    looks = dict(zip(TARGETS, await asyncio.gather(*(_look(service, name) for name in TARGETS)), strict=True))
    parked = [(name, item) for name, look in looks.items() for item in look.parked or () if item["state"] == "parked"]
    quarantine = await UPSTREAM.fetch_list_or_none(service, "capture", f"/v1/quarantine?limit={MOST}")
    imports = await UPSTREAM.fetch_list_or_none(service, "capture", "/v1/imports?limit=20")
    async with service.transaction() as tx:
        now = tx.now
    return OperatorOverview(
        [make_flow_line(name, look.status) for name, look in looks.items()],
        parked[:MOST],
        [name for name, look in looks.items() if look.parked is None],
        merge_key_lists((look.keys for look in looks.values()), service.settings.api_key.get_secret_value()),
        quarantine,
        imports,
        now,
    )


async def _look(service: "Service[PageSettings]", name: Target) -> _Look:
    """Ask a service about itself, one question after the other, so that the page does not load it."""
    return _Look(
        await UPSTREAM.fetch(service, name, "/status"),
        await UPSTREAM.fetch_list_or_none(service, name, PARKED),
        await UPSTREAM.fetch_list_or_none(service, name, KEYS),
    )


def make_flow_line(name: Target, status: Fact | None) -> FlowLine:
    """Return a service's line of the flow."""
    if status is None:
        return FlowLine(name, None, 0, 0.0)
    return FlowLine(name, status, sum(status["lag"].values()), max(status["lag_seconds"].values(), default=0.0))


def merge_key_lists(lists: Iterable[Sequence[Fact] | None], own: str) -> list[KnownKey]:
    """Return each key once, whichever services know it: those in force first, the latest used first."""
    by_id: dict[str, list[Fact]] = {}
    for items in lists:
        for key in items or ():
            by_id.setdefault(key["key_id"], []).append(key)
    found = [_known(keys, parse_key_id(own)) for keys in by_id.values()]
    found.sort(key=lambda each: (each.last_used_at or "", each.key["created_at"]), reverse=True)
    return sorted(found, key=lambda each: each.revoked_at is not None)


def _known(keys: Sequence[Fact], own: str | None) -> KnownKey:
    """Return a key as several services know it: revoked where all have revoked it, used when any saw it last."""
    used = max((key["last_used_at"] for key in keys if key["last_used_at"]), default=None)
    revoked = [key["revoked_at"] for key in keys]
    return KnownKey(keys[0], keys[0]["key_id"] == own, used, max(revoked) if all(revoked) else None)


async def audit_all_services(service: "Service[PageSettings]") -> Mapping[Target, Fact | None]:
    """Return what breaks an invariant, service by service; None for one that does not answer in time."""
    found = await asyncio.gather(*(UPSTREAM.fetch(service, name, "/audit") for name in TARGETS))
    return dict(zip(TARGETS, found, strict=True))


async def carry_out_operator_decision(
    service: "Service[PageSettings]", viewer: Viewer, order: ServiceCommand, action: str, subject: object
) -> None:
    """Have a service do what an operator decided, and write down who that was.

    Raises:
        NotForYou: The viewer is no operator.
        ActionRefused: The service refused it or does not answer.
    """
    if not viewer.may("operate"):
        raise NotForYou
    await UPSTREAM.send_command(service, order, "")
    async with service.transaction() as tx:
        await record_action(tx.raw, None, action, subject, by=viewer.user_id)


async def revoke_key_everywhere(service: "Service[PageSettings]", viewer: Viewer, key_id: str) -> None:
    """Revoke a key in every service that knows it.

    Raises:
        NotForYou: The viewer is no operator.
        ActionRefused: It is the key of these pages, or a service does not answer.
    """
    if not viewer.may("operate"):
        raise NotForYou
    if key_id == parse_key_id(service.settings.api_key.get_secret_value()):
        raise ActionRefused("These pages work with this key. Set another as BATON_API_KEY first.")
    for name in TARGETS:
        known = await UPSTREAM.fetch_list_or_none(service, name, KEYS)
        if known is None:
            raise ActionRefused(f"{name} does not answer just now, so the key is still in force there. Try again.")
        if any(key["key_id"] == key_id and key["revoked_at"] is None for key in known):
            order = orders.build_revoke_key_command(name, key_id)
            try:
                await carry_out_operator_decision(service, viewer, order, "key.revoked", key_id)
            except ServiceAway:
                raise ActionRefused(f"{name} did not answer, so the key may be in force there. Try again.") from None


async def fetch_rejected_rows(service: "Service[PageSettings]", import_id: UUID) -> bytes | None:
    """Return the rejected rows of an import as CSV; None where capture does not answer."""
    return await UPSTREAM.download(service, "capture", f"/v1/imports/{import_id}/rejects")
