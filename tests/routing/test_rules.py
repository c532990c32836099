"""Rules, openers, the roster and the playbook they are written in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from events.ids import derive_id
from events.leads import (
    LeadAssigned,
    TimelineEntry,
)
from routing.domain import (
    Account,
    AccountDirectory,
    Campaign,
    LastCycle,
    Rep,
    Seat,
    choose_queue_by_rules,
    merge_roster,
    place_lead,
    with_account_kind,
)
from routing.domain.rules import ROUTES_CACHED
from routing.playbook import Absence, RoutingPlaybook
from tests.routing.builders import (
    DEFAULT,
    MONDAY,
    contact,
    context,
    event_of,
    fresh,
    placed,
    playbook,
    qualified,
    rep,
)


class TestRules:
    @pytest.mark.parametrize(
        ("facts", "queue", "team"),
        [
            ({"lead_type": "hand_raiser"}, "hand-raisers", "inbound"),
            ({"lead_type": "hand_raiser", "outcome": "poor_fit", "fit": "D"}, "poor-fit", "inbound"),
            ({"lead_type": "fast_track", "outcome": "mql"}, "fast-track", "inbound"),
            ({"lead_type": "referral", "outcome": "mql"}, "referrals", "inbound"),
            ({"lead_type": "event_qualified", "outcome": "mql"}, "event-qualified", "ae"),
            ({"lead_type": "product", "outcome": "mql"}, "product", "ae"),
            ({"lead_type": "event", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "webinar", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "content", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "customer", "outcome": "customer"}, "customers", "am"),
        ],
    )
    def test_the_default_playbook_sends_each_lead_type_to_its_team(
        self, facts: dict[str, Any], queue: str, team: str
    ) -> None:
        """R3, R5, R6: specialised teams by lead type; event-qualified leads pass the BDR by."""
        route = choose_queue_by_rules(qualified(**facts), playbook())
        assert (route.name, route.queue.team) == (queue, team)

    @pytest.mark.parametrize(
        ("facts", "rule", "why"),
        [
            ({"country": "DE", "email_domain": "key.example"}, "key-accounts", None),
            ({"country": "AT", "employees": 500}, "paid", "country is AT"),
            ({"country": "DE", "postal_code": "80331"}, "paid", "postal_code is 80331"),
            ({"country": "DE", "employees": 5}, "paid", "employees is 5"),
            ({"country": "DE", "facts": {"student": True}}, "paid", "fact.student is True"),
            ({"country": "DE"}, "not-austria", None),
            ({"country": "FR", "facts": {"utm.medium": "cpc", "budget": "yes"}}, "paid", None),
            ({"country": "FR", "facts": {"utm.medium": "mail"}}, "rest", "fact.utm.medium is mail, not cpc"),
        ],
    )
    def test_rules_know_not_any_fact_and_named_accounts(
        self, facts: dict[str, Any], rule: str, why: str | None
    ) -> None:
        """Issue 14, point 7."""
        never = {
            "country": ["AT"], "postal_prefix": ["80"], "employees": {"below": 10}, "fact": {"student": [True]},
        }  # fmt: skip
        rules = playbook(
            rules=[
                {"name": "key-accounts", "when": {"email_domain": ["key.example"]}, "queue": "product"},
                {"name": "not-austria", "when": {"country": ["DE", "AT"], "not": never}, "queue": "referrals"},
                {"name": "paid", "when": {"fact": {"utm.medium": ["cpc"]}}, "queue": "fast-track"},
                {"name": "rest", "queue": "development"},
            ]
        )
        paid = {"facts": {"utm.medium": "cpc"}} if rule == "paid" else {}
        given = {**facts, "facts": {**paid.get("facts", {}), **facts.get("facts", {})}}
        tried = choose_queue_by_rules(qualified(**given), rules).tried
        assert tried[-1].rule == f"rule:{rule}"
        assert why is None or why in [line.why for line in tried]

    def test_what_a_rule_leaves_out_is_a_gap_that_the_next_may_take(self) -> None:
        rules = [
            {"name": "all-but-german", "when": {"not": {"country": ["DE"]}}, "queue": "product"},
            {"name": "german", "when": {"country": ["DE"]}, "queue": "referrals"},
            {"name": "french", "when": {"country": ["FR"]}, "queue": "fast-track"},
            {"name": "rest", "queue": "development"},
        ]
        never = [line for line in playbook(rules=rules).mistakes() if line.startswith("rule")]
        assert never == [
            "rule french can never match: all-but-german take everything before it",
            "rule rest can never match: all-but-german, german, french take everything before it",
        ]

    def test_the_first_rule_that_takes_a_lead_decides_and_the_others_say_why_not(self) -> None:
        rules = playbook(
            rules=[
                {
                    "name": "big-dach",
                    "when": {"country": ["DE", "AT"], "employees": {"at_least": 500}},
                    "queue": "product",
                },
                {"name": "small", "when": {"employees": {"below": 50}}, "queue": "referrals"},
                {"name": "rest", "queue": "development"},
            ]
        )
        tried = choose_queue_by_rules(qualified(country="DE", employees=300), rules).tried
        assert [(line.rule, line.outcome, line.why) for line in tried] == [
            ("rule:big-dach", "lost", "employees is 300, not 500 or more"),
            ("rule:small", "lost", "employees is 300, not fewer than 50"),
            ("rule:rest", "matched", "goes to development"),
        ]
        unknown = choose_queue_by_rules(qualified(), rules).tried
        assert [line.why for line in unknown[:2]] == [
            "country is unknown, not DE or AT",
            "employees is unknown, not fewer than 50",
        ]
        assert choose_queue_by_rules(qualified(country="DE", employees=500), rules).name == "product"
        assert choose_queue_by_rules(qualified(employees=49), rules).name == "referrals"

    def test_a_span_says_what_it_holds(self) -> None:
        rules = playbook(
            rules=[
                {"name": "middle", "when": {"employees": {"at_least": 50, "below": 1000}}, "queue": "product"},
                {"name": "known", "when": {"employees": {}}, "queue": "referrals"},
                {"name": "rest", "queue": "development"},
            ]
        )
        assert [line.why for line in choose_queue_by_rules(qualified(), rules).tried[:2]] == [
            "employees is unknown, not 50 or more and fewer than 1000",
            "employees is unknown, not any number",
        ]


class TestOpeners:
    def test_who_asked_is_met_with_what_they_asked_and_how_they_want_it(self) -> None:
        """R15: the wish to be called or to book travels with the lead."""
        wish = datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
        event = event_of(placed(qualified(preference="call_me", preferred_at=wish)), LeadAssigned)
        assert event.opener == "They asked for a demo on 2 March 2026. They want to be called (2026-03-04 13:30 UTC)."
        booked = placed(qualified(preference="book"), context(rep("ae-1", team="ae")))
        assert event_of(booked, LeadAssigned).opener.endswith("They want to book a time.")

    def test_who_only_read_is_met_with_the_last_thing_they_read(self) -> None:
        """C9: which content it was gives the rep an opener."""
        seen = [
            TimelineEntry(
                engagement_id=derive_id(1),
                engagement="content_download",
                occurred_at=MONDAY - timedelta(days=9),
                content="guide",
            ),
            TimelineEntry(
                engagement_id=derive_id(2),
                engagement="webinar_attended",
                occurred_at=MONDAY - timedelta(days=3),
                content="pricing-webinar",
            ),
            TimelineEntry(engagement_id=derive_id(3), engagement="pricing_view", occurred_at=MONDAY),
        ]
        facts = qualified(lead_type="content", outcome="mql", engagement="pricing_view", timeline=seen)
        on = context(rep("development-1", team="development"), campaigns={"x": Campaign(content=("guide", "next"))})
        event = event_of(placed(facts.changed(campaign="x"), on), LeadAssigned)
        assert event.opener == "They attended pricing-webinar on 27 February 2026."
        assert event.suggested_content == ["next"]

    def test_a_request_brings_the_paper_that_was_read_before_it(self) -> None:
        read = TimelineEntry(
            engagement_id=derive_id(1), engagement="content_download", occurred_at=MONDAY, content="guide"
        )
        asked = qualified(timeline=[read])
        assert event_of(placed(asked), LeadAssigned).opener == (
            "They asked for a demo on 2 March 2026. Before that they downloaded guide."
        )
        ticked = qualified(lead_type="fast_track", outcome="mql", engagement="content_download", content="guide")
        assert event_of(placed(ticked.changed(timeline=[read])), LeadAssigned).opener == (
            "They downloaded guide on 2 March 2026. They asked to talk to sales."
        )

    def test_titles_and_names_of_the_registers_stand_in_the_place_of_codes(self) -> None:
        read = TimelineEntry(
            engagement_id=derive_id(1),
            engagement="content_download",
            occurred_at=MONDAY,
            content="pumps-7",
            content_title="How to choose a pump",
        )
        met = TimelineEntry(
            engagement_id=derive_id(2),
            engagement="event_scan",
            occurred_at=MONDAY - timedelta(days=9),
            campaign="expo-26",
        )
        titles = {"pumps-8": "What a pump costs"}
        known = {
            "spring": Campaign(content=("pumps-7", "pumps-8", "pumps-9"), titles=titles),
            "expo-26": Campaign(name="Expo 2026"),
        }
        on = context(rep("inbound-1"), rep("development-1", team="development"), campaigns=known)
        asked = event_of(placed(qualified(timeline=[met, read], campaign="spring"), on), LeadAssigned)
        assert asked.opener == (
            "They asked for a demo on 2 March 2026. Before that they downloaded \u201cHow to choose a pump\u201d."
        )
        assert asked.suggested_content == ["pumps-8", "pumps-9"]
        assert asked.suggested_titles == titles
        met_there = qualified(
            lead_type="event", outcome="mql", engagement="event_scan", campaign="expo-26",
            engagement_id=derive_id(2), timeline=[met],
        )  # fmt: skip
        assert event_of(placed(met_there, on), LeadAssigned).opener == "They met us at Expo 2026 on 21 February 2026."

    def test_who_returns_is_met_with_what_came_of_the_last_time(self) -> None:
        last = LastCycle("nora", "competitor", datetime(2025, 9, 1, 8, tzinfo=UTC))

        def opener(last: LastCycle | None, **facts: Any) -> str:
            cycles = {} if last is None else {contact("ada"): last}
            there = AccountDirectory({}, {}, {}, {}, cycles, {})
            on = context(rep("inbound-1"), directory=there)
            shown = event_of(placed(qualified(cycle=2, facts=facts), on), LeadAssigned).opener or ""
            return shown.removeprefix("They asked for a demo on 2 March 2026.").strip()

        learned = {"competitor": "Rival", "renewal_at": "2026-06-30T00:00:00Z"}
        assert opener(last, **learned) == (
            "Last time (nora, 1 September 2025) they used a competitor's product (Rival, contract until 30 June 2026)."
        )
        assert opener(last, renewal_at="next spring").endswith("a competitor's product.")
        assert opener(LastCycle("nora", "lost_the_key")) == "Last time (nora) it ended with lost the key."
        assert opener(LastCycle("nora")) == ""
        assert opener(None) == ""

    def test_nobody_came_through_a_wake_up(self) -> None:
        """A date of ours is no opener where they did something themselves."""
        seen = TimelineEntry(
            engagement_id=derive_id(1), engagement="pricing_view", occurred_at=MONDAY - timedelta(days=9)
        )
        on = context(rep("development-1", team="development"))
        woken = qualified(lead_type="content", outcome="mql", engagement="wake_up", timeline=[seen])
        assert event_of(placed(woken, on), LeadAssigned).opener == "They looked at the prices on 21 February 2026."
        alone = woken.changed(timeline=[])
        assert event_of(placed(alone, on), LeadAssigned).opener == (
            "They were in touch with us before; their date came on 2 March 2026."
        )

    def test_without_material_of_its_own_a_campaign_leaves_it_to_those_with_what_was_read(self) -> None:
        """14.5: what was read last first; what was read already never, and nothing where nothing was read."""
        seen = [
            TimelineEntry(
                engagement_id=derive_id(n),
                engagement="content_download",
                occurred_at=MONDAY + timedelta(hours=n),
                content=what,
            )
            for n, what in ((2, "pump"), (1, "valve"))
        ]
        known = {
            "bare": Campaign(),
            "valves": Campaign(content=("valve", "seal", "pump")),
            "pumps": Campaign(content=("pump", "motor"), titles={"motor": "All about motors"}),
            "other": Campaign(content=("paint",)),
        }
        on = context(rep("inbound-1"), campaigns=known)
        event = event_of(placed(qualified(timeline=seen, campaign="bare"), on), LeadAssigned)
        assert event.suggested_content == ["motor", "seal"]
        assert event.suggested_titles == {"motor": "All about motors"}
        assert event_of(placed(qualified(timeline=seen), on), LeadAssigned).suggested_content == ["motor", "seal"]
        read_all = qualified(timeline=seen, campaign="other")
        assert event_of(placed(read_all, on), LeadAssigned).suggested_content == ["paint"]
        assert event_of(placed(qualified(), on), LeadAssigned).suggested_content == []

    def test_an_engagement_without_a_phrase_is_still_named(self) -> None:
        facts = qualified(engagement="bike_ride", engagement_id=derive_id("elsewhere"))
        assert event_of(placed(facts), LeadAssigned).opener == "They came to us through bike ride on 2 March 2026."


class TestRoster:
    def test_the_api_overrides_the_playbook_and_a_team_that_is_gone_takes_its_reps_along(self) -> None:
        put = {"inbound-1": Rep("inbound-1", "ae", "ae", 2.0), "zoe": Rep("zoe", "gone", "bdr")}
        all_reps = merge_roster(playbook(), put)
        assert all_reps["inbound-1"].team == "ae"
        assert all_reps["inbound-2"] == Rep("inbound-2", "inbound", "bdr")
        assert "zoe" not in all_reps
        assert list(all_reps) == sorted(all_reps)

    def test_an_absence_holds_on_its_first_and_last_day(self) -> None:
        away = rep("a", absences=(Absence.model_validate({"from": "2026-03-02", "to": "2026-03-03"}),))
        able = [Seat(away).at_instant(MONDAY.replace(day=day)).why_not is None for day in (1, 2, 3, 4)]
        assert able == [True, False, False, True]


@pytest.mark.parametrize(("preference", "queue"), [("book", "booked"), ("call_me", "hand-raisers")])
def test_what_the_contact_chose_overrides_the_computed_path(preference: str, queue: str) -> None:
    """R15."""
    assert (
        choose_queue_by_rules(qualified(lead_type="fast_track", outcome="mql", preference=preference), playbook()).name
        == queue
    )
    customer = qualified(lead_type="customer", outcome="customer", preference=preference)
    assert choose_queue_by_rules(customer, playbook()).name == "customers"


def test_ways_are_remembered_but_never_more_than_so_many() -> None:
    rules = playbook(
        reps={},
        rules=[{"name": "c", "when": {"campaign": ["one"]}, "queue": "product"}, {"name": "r", "queue": "booked"}],
    )
    for number in range(ROUTES_CACHED + 2):
        assert choose_queue_by_rules(qualified(campaign=f"c{number}"), rules).name == "booked"
    assert len(rules.routes_by_facts) == 2
    assert choose_queue_by_rules(qualified(campaign="one"), rules).name == "product"


def test_a_territory_is_recognised_by_the_beginning_of_a_postal_code() -> None:
    south = playbook(
        reps={},
        rules=[
            {"name": "south", "when": {"country": ["DE"], "postal_prefix": ["8", "97"]}, "queue": "product"},
            {"name": "rest", "queue": "hand-raisers"},
        ],
    )
    found = {
        code: choose_queue_by_rules(qualified(country="DE", postal_code=code), south)
        for code in ("80331", "97070", "10115", None)
    }
    assert [route.name for route in found.values()] == ["product", "product", "hand-raisers", "hand-raisers"]
    assert found[None].tried[0].why == "postal_code is unknown, not 8 or 97…"
    assert not south.rules[0].when.takes_everything


class TestPlaybook:
    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"rules": []}, "must take everything"),
            ({"rules": [{"name": "a", "when": {"country": ["DE"]}, "queue": "product"}]}, "must take everything"),
            ({"rules": [{"name": "a", "queue": "nowhere"}]}, "rule's queue is not in the playbook: nowhere"),
            ({"rules": [{"name": "a", "queue": "product"}] * 2}, "same name"),
            ({"queues": {"product": {"team": "nobody", "priority": 1}}}, "queue's team is not in the playbook: nobody"),
            ({"reps": {"a": {"team": "nobody"}}}, "rep's team is not in the playbook: nobody"),
            ({"teams": {"ae": {"role": "ae", "zone": "Mars/Olympus"}}}, "not a time zone"),
            ({"openers": {"engagements": {"demo": "asked {who.__class__}"}}}, "an opener may name"),
            ({"openers": {"engagements": {}, "last_time": {"x": "{content}"}}}, "words about the last time"),
            ({"suppress": {"e-mail": True}}, "Extra inputs"),
            (
                {"reps": {"a": {"team": "ae", "absences": [{"from": "2026-03-02", "to": "2026-03-01"}]}}},
                "ends on or after",
            ),
        ],
    )
    def test_a_mistake_is_found_before_it_decides_anything(self, change: dict[str, Any], fault: str) -> None:
        with pytest.raises(ValidationError, match=fault):
            RoutingPlaybook.model_validate({**DEFAULT, **change})


NIGHT = {"zone": "Europe/Berlin", "mon": ["00:00-08:00", "18:00-24:00"]}
BY_HOURS: list[dict[str, Any]] = [
    {"name": "by-night", "when": {"hours": NIGHT, "not": {"account_kind": ["customer"]}}, "queue": "development"},
    {"name": "partners", "when": {"account_kind": ["partner"]}, "queue": "referrals"},
    {"name": "but-by-night", "when": {"not": {"hours": NIGHT}}, "queue": "hand-raisers"},
    {"name": "rest", "queue": "poor-fit"},
]


@pytest.mark.parametrize(
    ("hour", "kind", "queue", "lost"),
    [
        (18, None, "development", []),
        (7, None, "hand-raisers", ["they asked outside its hours", "account_kind is unknown, not partner"]),
        (7, "partner", "referrals", ["they asked outside its hours"]),
        (17, "customer", "poor-fit", ["account_kind is customer", "account_kind is customer, not partner",
                                       "they asked within the hours that it leaves out"]),
    ],
)  # fmt: skip
def test_rules_ask_when_a_lead_came_and_what_its_account_is(
    hour: int, kind: str | None, queue: str, lost: list[str]
) -> None:
    """17 UTC is 18 o'clock in Berlin, in winter."""
    rules = playbook(rules=BY_HOURS)
    at = MONDAY.replace(hour=hour)
    facts = with_account_kind(qualified(at=at, captured_at=at), kind)
    route = choose_queue_by_rules(facts, rules)
    assert (route.name, [line.why for line in route.tried[:-1]]) == (queue, lost)
    assert with_account_kind(facts, kind) is facts


def test_hours_that_never_come_take_nobody() -> None:
    """Every Monday is a holiday for years."""
    mondays = [(MONDAY + timedelta(weeks=week)).date().isoformat() for week in range(-60, 900)]
    hours = {"zone": "UTC", "mon": ["09:00-10:00"], "holidays": mondays}
    never = playbook(rules=[{"name": "never", "when": {"hours": hours}, "queue": "poor-fit"}, BY_HOURS[-1]])
    assert choose_queue_by_rules(qualified(), never).tried[0].why == "they asked outside its hours"


def test_a_rule_for_some_hours_leaves_the_others_to_those_after_it() -> None:
    found = list(playbook(rules=[*BY_HOURS[:1], *BY_HOURS[2:]]).mistakes())
    assert not any("never match" in each for each in found)
    twice = [{**BY_HOURS[0], "name": "first", "when": {"hours": NIGHT}}, {**BY_HOURS[0], "name": "again"}, BY_HOURS[-1]]
    assert any("again can never match" in each for each in playbook(rules=twice).mistakes())


def test_a_lead_keeps_what_its_account_was_when_it_was_routed() -> None:
    """The register says partner; the lead goes where the rules send partners, and its record says why."""
    rules = playbook(rules=BY_HOURS, reps={"in": {"team": "inbound"}})
    known = AccountDirectory({"example.org": Account("example.org", kind="partner")}, {}, {}, {}, {}, {})
    facts = qualified(email_domain="example.org", email_kind="corporate", captured_at=MONDAY.replace(hour=12))
    decision = place_lead(fresh(facts), facts, context(rep("in"), rules=rules, directory=known), MONDAY)
    assert (decision.lead.queue, decision.lead.known_facts.facts["account.kind"]) == ("referrals", "partner")
