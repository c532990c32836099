"""What people ask of routing and what it shows them, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.ids import derive_lead_id
from events.leads import LeadAssigned, LeadWon
from events.runtime import security
from events.runtime.testing import START, ServiceHarness
from tests.routing.builders import contact, qualified, worked

ADA = derive_lead_id(contact("ada"), 1)


async def post(harness: ServiceHarness, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = await harness.http.post(path, json=body, headers=headers)
    found: dict[str, Any] = answer.json()
    return answer.status_code, found


async def items(harness: ServiceHarness, path: str) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await harness.http.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        cursor = page["next"]
    return found


def code_of(problem: dict[str, Any]) -> tuple[str, str]:
    (fault,) = problem["errors"]
    return fault["field"], fault["code"]


class TestReassigning:
    async def test_a_lead_goes_to_the_rep_who_is_named_and_the_note_is_not_published(
        self, harness: ServiceHarness
    ) -> None:
        """D7: every override carries actor and reason."""
        await harness.deliver(qualified("ada"))
        order = {"rep_id": "ae-2", "reason": "Knows her from school", "by": "boss"}
        status, answer = await post(harness, f"/v1/leads/{ADA}/reassign", order)
        assert status == 200
        assert answer == {
            "lead_id": str(ADA), "rep_id": "ae-2", "previous_rep_id": "inbound-1", "team": "ae",
            "queue": "hand-raisers", "placement": 2, "meeting_at": None, "changed": True,
        }  # fmt: skip
        moved = (await harness.emitted(LeadAssigned))[-1]
        assert (moved.rep_id, moved.role, moved.reason) == ("ae-2", "ae", "reassigned")
        assert "school" not in moved.encode().decode()
        kept = (await items(harness, f"/v1/leads/{ADA}/decisions"))[-1]
        assert (kept["by"], kept["note"]) == ("boss", "Knows her from school")
        status, answer = await post(harness, f"/v1/leads/{ADA}/reassign", order)
        assert (status, answer["changed"]) == (200, False)
        assert len(await harness.emitted(LeadAssigned)) == 2

    async def test_the_same_key_is_the_same_command(self, harness: ServiceHarness) -> None:
        """X31, X32, B69, B70."""
        await harness.deliver(qualified("ada"))
        path, key = f"/v1/leads/{ADA}/pass", {"Idempotency-Key": "k-1"}
        first = await harness.http.post(path, json={"by": "inbound-1", "reason": "busy"}, headers=key)
        again = await harness.http.post(path, json={"by": "inbound-1", "reason": "busy"}, headers=key)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert again.headers["Idempotent-Replayed"] == "true"
        status, problem = await post(harness, path, {"by": "inbound-1", "reason": "else"}, **key)
        assert (status, code_of(problem)[1]) == (422, "idempotency_key_reused")
        assert len(await harness.emitted(LeadAssigned)) == 2
        status, problem = await post(harness, path, {"by": "x", "reason": "y"}, **{"Idempotency-Key": "k" * 256})
        assert (status, code_of(problem)) == (422, ("Idempotency-Key", "idempotency_key_invalid"))

    @pytest.mark.parametrize(
        ("order", "status", "fault"),
        [
            ({"rep_id": "nobody", "reason": "x", "by": "boss"}, 422, ("rep_id", "rep_unknown")),
            ({"rep_id": "ae-1", "reason": "x", "by": "boss"}, 409, ("rep_id", "rep_unavailable")),
            ({"rep_id": "ae-2", "reason": " ", "by": "boss"}, 422, ("reason", "string_too_short")),
            ({"rep_id": "ae-2", "reason": "x"}, 422, ("by", "missing")),
            ({"rep_id": "ae-2", "reason": "a\u001bb", "by": "boss"}, 422, ("reason", "string_pattern_mismatch")),
            ({"rep_id": "ae-2", "reason": "x", "by": "boss", "score": 9}, 422, ("?", "extra_forbidden")),
            ({"rep_id": 2, "reason": "x", "by": "boss"}, 422, ("rep_id", "string_type")),
            ([], 422, ("body", "model_type")),
        ],
    )
    async def test_what_is_wrong_is_named_and_nothing_is_written(
        self, harness: ServiceHarness, order: Any, status: int, fault: tuple[str, str]
    ) -> None:
        await harness.deliver(qualified("ada"))
        await harness.http.put("/v1/reps/ae-1", json={"status": "left"})
        given, problem = await post(harness, f"/v1/leads/{ADA}/reassign", order)
        assert (given, code_of(problem)) == (status, fault)
        assert len(await harness.emitted(LeadAssigned)) == 1
        assert len(await items(harness, f"/v1/leads/{ADA}/decisions")) == 1

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            (b"", "application/json", 400),
            (b"{", "application/json", 400),
            (b'{"rep_id": NaN}', "application/json", 400),
            ('{"by": "x"}'.encode("utf-16"), "application/json", 400),
            (b"{}", "text/plain", 415),
            (b"{}", "application/json; charset=utf-16", 415),
        ],
    )
    async def test_a_body_that_cannot_be_read_is_refused(
        self, harness: ServiceHarness, body: bytes, kind: str, status: int
    ) -> None:
        answer = await harness.http.post(f"/v1/leads/{ADA}/reassign", content=body, headers={"Content-Type": kind})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_lead_that_is_unknown_or_over_is_not_given_away(self, harness: ServiceHarness) -> None:
        order = {"rep_id": "ae-2", "reason": "x", "by": "boss"}
        assert (await post(harness, f"/v1/leads/{uuid4()}/reassign", order))[0] == 404
        assert (await post(harness, f"/v1/leads/{uuid4()}/pass", {"by": "a", "reason": "b"}))[0] == 404
        await harness.deliver(qualified("ada"), worked(LeadWon, "ada"))
        for verb, body in (("reassign", order), ("pass", {"by": "inbound-1", "reason": "b"})):
            status, problem = await post(harness, f"/v1/leads/{ADA}/{verb}", body)
            assert (status, code_of(problem)[1], problem["state"]) == (409, "lead_ended", "closed")


class TestPassing:
    async def test_the_rep_who_has_it_passes_it_to_the_next(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"))
        status, problem = await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-2", "reason": "mine?"})
        assert (status, code_of(problem)) == (409, ("by", "not_their_lead"))
        status, answer = await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-1", "reason": "in a meeting"})
        assert (status, answer["rep_id"], answer["changed"]) == (200, "inbound-2", True)
        for rep_id in ("inbound-1", "inbound-3", "inbound-4", "development-1", "development-2", "development-3"):
            await harness.http.put(f"/v1/reps/{rep_id}", json={"status": "paused"})
        status, answer = await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-2", "reason": "no time"})
        assert (status, answer["rep_id"], answer["changed"]) == (200, "inbound-2", False)

    async def test_a_key_bound_to_a_rep_speaks_for_that_rep_alone(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"))
        key_id, key, digest = security.draw_key()
        await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["leads:work"], rep_id="inbound-3")
        bound = {"Authorization": f"Bearer {key}"}
        status, problem = await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-1", "reason": "x"}, **bound)
        assert (status, code_of(problem)[1]) == (403, "out_of_reach")
        assert (await harness.http.get("/v1/reps", headers=bound)).status_code == 403
        assert (await harness.http.put("/v1/reps/zoe", json={"team": "ae"}, headers=bound)).status_code == 403
        assert (await harness.http.get("/v1/reps", headers={"Authorization": "Bearer no"})).status_code == 401


class TestReps:
    async def test_a_new_rep_needs_a_team_and_joins_its_rotation(self, harness: ServiceHarness) -> None:
        assert code_of((await harness.http.put("/v1/reps/zoe", json={})).json()) == ("team", "missing")
        assert code_of((await harness.http.put("/v1/reps/zoe", json={"team": "gone"})).json()) == (
            "team",
            "team_unknown",
        )
        shown = (await harness.http.put("/v1/reps/zoe", json={"team": "ae"})).json()
        assert shown == {
            "rep_id": "zoe", "team": "ae", "role": "ae", "weight": 1.0,
            "capacity": {"open": None, "per_day": None, "per_week": None}, "works": {}, "zone": "UTC", "hours": [],
            "absences": [], "status": "active", "open": 0, "today": 0, "this_week": 0, "able": True, "why_not": None,
            "able_at": None, "calendar": None,
        }  # fmt: skip
        await harness.deliver(*(qualified(f"lead-{number}", lead_type="product") for number in range(4)))
        assert {assigned.rep_id for assigned in await harness.emitted(LeadAssigned)} == {"ae-1", "ae-2", "ae-3", "zoe"}

    async def test_what_is_left_out_stays_as_it_is(self, harness: ServiceHarness) -> None:
        hours = [{"days": ["mon", "tue"], "from": "09:00", "to": "12:30"}]
        away = [{"from": "2026-03-02", "to": "2026-03-04"}]
        body = {"weight": 2, "capacity": {"open": 5}, "hours": hours, "absences": away}
        assert (await harness.http.put("/v1/reps/inbound-1", json=body)).status_code == 200
        shown = (await harness.http.put("/v1/reps/inbound-1", json={"team": "development"})).json()
        assert (shown["team"], shown["weight"], shown["capacity"]["open"]) == ("development", 2.0, 5)
        assert (shown["hours"], shown["absences"], shown["why_not"]) == (hours, away, "absent until 2026-03-04")

    async def test_a_rep_who_changes_teams_starts_at_the_new_pools_level_with_the_load_they_have(
        self, harness: ServiceHarness
    ) -> None:
        """Trap: a newcomer starts where the pool is, or gets flooded."""
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(40)))
        await harness.http.put("/v1/reps/development-1", json={"team": "inbound"})
        await harness.http.put("/v1/reps/inbound-1", json={"team": "am"})
        await harness.deliver(*(qualified(f"more-{number}") for number in range(8)))
        fresh = (await harness.emitted(LeadAssigned))[40:]
        assert sum(assigned.rep_id == "development-1" for assigned in fresh) == 2
        assert not any(assigned.rep_id == "inbound-1" for assigned in fresh)
        shown = {rep["rep_id"]: rep for rep in await items(harness, "/v1/reps")}
        assert (shown["inbound-1"]["team"], shown["inbound-1"]["open"]) == ("am", 10)

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            ({"weight": 0}, ("weight", "greater_than_equal")),
            ({"weight": "2"}, ("weight", "float_type")),
            ({"status": "asleep"}, ("status", "literal_error")),
            ({"role": "ceo"}, ("role", "literal_error")),
            ({"capacity": {"open": -1}}, ("capacity.open", "greater_than_equal")),
            ({"absences": [{"from": "2026-03-02"}]}, ("absences.0.to", "missing")),
            ({"absences": [{"from": "2026-03-02", "to": "2026-02-02"}]}, ("absences.0", "value_error")),
            ({"hours": [{"days": ["mon"], "from": "9", "to": "12:00"}]}, ("hours.0.from", "string_pattern_mismatch")),
        ],
    )
    async def test_what_is_wrong_with_a_rep_is_named(
        self, harness: ServiceHarness, body: dict[str, Any], fault: tuple[str, str]
    ) -> None:
        answer = await harness.http.put("/v1/reps/inbound-1", json=body)
        assert (answer.status_code, code_of(answer.json())) == (422, fault)
        assert not await harness.raw.fetch("select from reps")

    async def test_a_name_that_is_not_safe_in_an_address_is_refused(self, harness: ServiceHarness) -> None:
        assert (await harness.http.put("/v1/reps/A%20b", json={"team": "ae"})).status_code == 422


class TestLooking:
    async def test_teams_queues_reps_and_leads_are_shown_page_by_page(self, harness: ServiceHarness) -> None:
        """R10: capacity and load are seen, and when a pool is full."""
        for number in (2, 3, 4):
            await harness.http.put(f"/v1/reps/inbound-{number}", json={"status": "paused"})
        await harness.http.put("/v1/reps/inbound-1", json={"capacity": {"open": 3}})
        await harness.deliver(*(qualified(f"lead-{number}", fit="ABCD"[number % 4]) for number in range(9)))
        teams = {team["team"]: team for team in await items(harness, "/v1/teams")}
        inbound = {key: teams["inbound"][key] for key in ("role", "zone", "reps", "able", "full", "open", "waiting")}
        assert inbound == {
            "role": "bdr", "zone": "UTC", "reps": 4, "able": 0, "full": True, "open": 3, "waiting": 6,
        }  # fmt: skip
        assert teams["inbound"]["queues"] == ["hand-raisers", "fast-track", "referrals", "poor-fit"]
        assert (teams["ae"]["full"], teams["ae"]["able"]) == (False, 3)

        queues = {queue["queue"]: queue for queue in await items(harness, "/v1/queues")}
        assert (queues["hand-raisers"]["waiting"], queues["poor-fit"]["waiting"]) == (6, 0)
        assert queues["hand-raisers"]["oldest_at"] == START.isoformat()
        assert (queues["hand-raisers"]["oldest_seconds"], queues["poor-fit"]["oldest_seconds"]) == (0, None)
        standings = [queues["hand-raisers"][name] for name in ("able", "full", "away")]
        assert standings == [0, 1, 3]
        line = await items(harness, "/v1/queues/hand-raisers/leads")
        assert [lead["fit"] for lead in line] == ["A", "A", "B", "C", "D", "D"]
        assert len({lead["lead_id"] for lead in line}) == 6

        pending = await items(harness, "/v1/reps/inbound-1/leads")
        assert {lead["state"] for lead in pending} == {"assigned"}
        assert len({lead["lead_id"] for lead in pending}) == 3
        reps = await items(harness, "/v1/reps")
        assert [rep["rep_id"] for rep in reps] == sorted(rep["rep_id"] for rep in reps)
        assert (reps[-4]["rep_id"], reps[-4]["why_not"]) == ("inbound-1", "3 of 3 leads open")

    async def test_every_decision_says_what_was_tried(self, harness: ServiceHarness) -> None:
        """Why me, why not me."""
        await harness.deliver(qualified("ada"))
        await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-1", "reason": "busy"})
        await harness.advance(timedelta(minutes=1))
        await post(harness, f"/v1/leads/{ADA}/pass", {"by": "inbound-2", "reason": "busy too"})
        kept = await items(harness, f"/v1/leads/{ADA}/decisions")
        assert [(decision["number"], decision["rep_id"], decision["previous_rep_id"]) for decision in kept] == [
            (1, "inbound-1", None), (2, "inbound-2", "inbound-1"), (3, "inbound-3", "inbound-2"),
        ]  # fmt: skip
        assert kept[0]["tried"][0] == {
            "rule": "rule:customers", "outcome": "lost", "why": "lead_type is hand_raiser, not customer",
        }  # fmt: skip
        assert all(decision["playbook_version"] for decision in kept)

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/v1/queues/nowhere/leads", 404),
            ("/v1/reps/nobody/leads", 404),
            (f"/v1/leads/{UUID(int=1)}/decisions", 404),
            ("/v1/leads/not-an-id/decisions", 422),
            ("/v1/reps?limit=0", 422),
            ("/v1/reps?cursor=%21", 422),
            ("/v1/reps?cursor=WyJub2JvZHkiXQ", 422),
            ("/v1/queues/hand-raisers/leads?cursor=WzFd", 422),
            ("/v1/queues/hand-raisers/leads?cursor=WzEsMiwzXQ", 422),
        ],
    )
    async def test_what_is_not_there_and_what_cannot_be_asked(
        self, harness: ServiceHarness, path: str, status: int
    ) -> None:
        answer = await harness.http.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
