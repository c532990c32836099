"""Whatever somebody who is signed in sends in a form of ours: a page that says what is wrong, never a failure."""

from collections.abc import AsyncIterator, Mapping

import pytest

from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from feedback.app import service as feedback
from tests.conftest import Databases
from tests.desk.conftest import MAX, MIA, OLA, Neighbours, signed_in
from tests.desk.test_pages import ADA, profile
from tests.feedback.domain_harness import FOLDER
from tests.sla_monitor.lead_story import Story

BACK = Story(name="back")
HOSTILE = [
    "", " ", "\u00b2", "\u0661\u0662", "\u00e9", "a\r\nX-Header: b", "\u202e", "\U0001f600", "\ufffe", "x" * 10_000,
    "9" * 5_000, "1e400", "-1", "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-02T10:00+23:59", "2026-02-30",
    "//evil.example", "..",
]  # fmt: skip
"""Texts that no field expects: digits that are none, the calendar's ends, line breaks, other sites."""
ADAS, BACKS = f"/leads/{ADA.lead_id}", BACK.lead_id
FORMS: list[tuple[Viewer, str, Mapping[str, str]]] = [
    (MIA, f"{ADAS}/accept", {}),
    (MIA, f"{ADAS}/touch", {"kind": "call", "outcome": "welcomed"}),
    (MIA, f"{ADAS}/book", {"starts_at": "2026-03-04T10:00"}),
    (MIA, f"{ADAS}/pass", {"reason": "on leave"}),
    (MIA, f"{ADAS}/confirm", dict.fromkeys(("budget", "authority", "need", "timing"), "yes")),
    (MIA, f"{ADAS}/return", {"reason": "not_ready", "note": "x", "renewal_on": "2027-01-31"}),
    (MIA, f"{ADAS}/return", {"reason": "competitor", "context_competitor": "x", "renewal_on": "2027-01-31"}),
    (MIA, f"{ADAS}/return", {"reason": "wrong_size", "context_employees": "12"}),
    (OLA, f"{ADAS}/reassign", {"rep_id": "bob", "reason": "away"}),
    (OLA, "/reps/ann/status", {"status": "paused"}),
    (MAX, f"/returned/{BACKS}/reply", {"note": "x"}),
    (MAX, f"/reviews/{BACKS}", {"note": "x"}),
    (MAX, f"/reviews/{BACKS}", {"note": "x", "reason": "not_ready"}),
    (OLA, "/operator/scanners", {"event": "expo", "label": "Booth"}),
    (MAX, "/forms/contact", {"origins": "https://a.example", "label": "x", "language": "de", "campaign": "c"}),
    (MAX, "/forms/contact", {"verb": "test", "origins": "https://a.example", "key": f"bk_{'a' * 12}_{'b' * 43}"}),
    (MIA, "/settings", {"email": "mia@works.example", "chat_url": "", "zone": "UTC", "language": "de"}),
    (MIA, "/settings/calendar", {"calendar_url": "https://calendar.example/mine.ics"}),
]


@pytest.fixture
async def pages(harness: ServiceHarness, neighbours: Neighbours, databases: Databases) -> AsyncIterator[ServiceHarness]:
    """Pages with a lead at work and one that is back; feedback has the reasons, and no lead."""
    async with ServiceHarness.open(feedback, await databases("feedback")) as reasons:
        async with reasons.transaction() as tx:
            await feedback.playbooks.activate(tx, feedback.playbooks.read(FOLDER), by="default", approvals=[])
        neighbours.harnesses["feedback.test"] = reasons
        await harness.deliver(
            profile(ADA), profile(BACK), ADA.qualified(), BACK.qualified(), ADA.assigned("ann"), BACK.assigned("ann")
        )
        yield harness


async def test_no_text_in_any_field_is_answered_with_a_failure(pages: ServiceHarness) -> None:
    browsers = {viewer: await signed_in(pages, viewer) for viewer in (MIA, MAX, OLA)}
    wrong = []
    for viewer, path, fields in FORMS:
        for name in (*fields, "once", "back"):
            for text in HOSTILE:
                answer = await browsers[viewer].post(path, **{**fields, name: text})
                if answer.status_code >= 500 or "evil.example" in answer.headers.get("location", ""):
                    wrong.append((path, name, text[:30], answer.status_code))
    assert wrong == []
