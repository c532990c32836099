"""Lists of other services are read to their end, and as an older release writes them."""

from typing import Any

import pytest

from desk.app import service
from desk.handlers import upstream
from desk.handlers.upstream import UPSTREAM
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import LEA, MIA, Neighbours, signed_in

ANN: dict[str, Any] = {
    "rep_id": "ann", "team": "inbound", "status": "active", "open": 1, "able": True, "why_not": None,
}  # fmt: skip


async def test_more_reps_than_a_page_has_are_all_there(
    stack: dict[str, ServiceHarness], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Routing gives a thousand at once: whoever came after them could be given no lead, and not be paused."""
    everybody = {rep.rep_id for rep in await UPSTREAM.fetch_reps(service)}
    monkeypatch.setattr(upstream, "PAGE", 2)
    assert {rep.rep_id for rep in await UPSTREAM.fetch_reps(service)} == everybody
    assert len(everybody) > 2
    page = (await (await signed_in(stack["desk"], LEA)).get("/today")).text
    assert all(rep in page for rep in everybody if rep.startswith("inbound"))


async def test_a_list_that_never_ends_is_none(
    harness: ServiceHarness, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    del harness
    monkeypatch.setattr(upstream, "MOST_PAGES", 3)
    neighbours.answers["routing.test/v1/reps"] = {"items": [ANN], "next": "again"}
    assert await UPSTREAM.fetch_whole_list(service, "routing", "/v1/reps") is None


async def test_all_pages_of_a_list_have_one_deadline(
    stack: dict[str, ServiceHarness], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty pages that each come in time would keep the page that shows them for minutes."""
    assert "routing" in stack
    monkeypatch.setattr(upstream, "LIST_SECONDS", 0.0)
    assert await UPSTREAM.fetch_whole_list(service, "routing", "/v1/reps") is None


async def test_settings_are_shown_beside_a_routing_that_knows_no_calendars(
    harness: ServiceHarness, neighbours: Neighbours
) -> None:
    """While an installation is upgraded, the release before still answers."""
    neighbours.answers["routing.test/v1/reps"] = {"items": [ANN], "next": None}
    page = await (await signed_in(harness, MIA)).get("/settings")
    assert (page.status_code, "Read this calendar" in page.text) == (200, True)
