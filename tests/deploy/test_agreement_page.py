"""The page that both sides sign says what the services do, and nothing that the playbook does not say (L12, D4)."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton import agreement, playbook
from baton.agreement import SignedRules, render_agreement, spell_out_duration
from baton.playbook import RulesInForce
from events.business_time import parse_duration
from tests.sla_monitor.domain_harness import FOLDER


class Text(HTMLParser):
    """The words of a page; unbalanced tags are an error."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own name
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def text_of(signed: SignedRules) -> str:
    reader = Text()
    reader.feed(render_agreement(signed))
    assert reader.open == []
    return " ".join(" ".join(reader.texts).split())


def files() -> SignedRules:
    sources, faults = playbook.check_folder(FOLDER)
    assert not faults
    return agreement.rules_from_files(sources)


def changed(**chapters: Any) -> SignedRules:
    signed = files()
    sla = yaml.safe_load(signed.texts["sla-monitor"]) | chapters
    return SignedRules(signed.definitions, {**signed.texts, "sla-monitor": yaml.safe_dump(sla)}, signed.versions)


def test_the_page_has_all_that_is_signed() -> None:
    """Definitions, promises of both sides, calendars, reasons, approvers, version, review date."""
    shown = text_of(files())
    for expected in (
        "One qualification episode of a contact",
        "hand raiser 5 business minutes 15 business minutes 7 days",
        "every other lead 8 business hours 48 hours 30 days",
        "80 % of all leads come with company, job title and country",
        "90 % of all leads: first touch in the time below",
        "the manager is told",
        "a free slot of 30 minutes, at least 1 hour and at most 30 days ahead",
        "run while whoever has the lead is at work",
        "wait for somebody who is absent, 3 days at most",
        "the working day of whoever should have the lead, such as the owner of the account, 3 days later at most",
        "without giving it to anybody",
        "tried on the past first",
        "opens the list of exactly the leads that it counts",
        "by its title, and up to 3 more that they have not seen",
        "why the last time ended, what was learned and who had them",
        "in the contact's language where that is known and is en or de or fr or es or pt, else in en",
        "One number has one name and one definition",
        "an SQL was an SAL",
        "is told which one it is, what may stand there and what was probably meant",
        "what one names and another does not define is refused",
        "What is defined and used nowhere is reported",
        "they list no campaigns yet",
        "tries within 1 hour of each other are one attempt",
        "Nothing is decided about a lead before it is qualified",
        "unreachable after 6 attempts",
        "On day 60 after the hand-over",
        "office UTC 9:00",
        "Uses a competitor's product, under contract back to nurture competitive 120 days before the renewal",
        "Head of demand generation , for marketing",
        "Head of sales development , for sales",
        "Review due by 30 June 2027",
        "In force since not yet",
        files().versions["sla-monitor"],
    ):
        assert expected in shown, expected


def test_what_is_in_force_shows_since_when_and_who_approved() -> None:
    signed = files()
    rows = {
        name: RulesInForce(
            version=signed.versions[name],
            definitions=signed.definitions,
            body=body,
            activated_at=datetime(2026, 3, 2, tzinfo=UTC),
            activated_by="ola",
            approvals='["marketing:head_of_demand_generation"]',
        )
        for name, body in signed.texts.items()
    }
    shown = text_of(agreement.load_rules_in_force(rows))
    assert "In force since 2 March 2026" in shown
    assert shown.count("approved when it was put in force") == 1


def test_what_a_company_adds_is_on_its_page() -> None:
    week = {"mon": ["09:00-12:00", "13:00-17:30"], "fri": ["09:00-12:00"]}
    shown = text_of(
        changed(
            calendars={
                "office": {
                    "zone": "Europe/Berlin", **week, "public_holidays": "DE-BY", "holidays": ["2026-05-04"],
                    "half_days": {"12-24": ["09:00-12:00"]}, "special_days": {"2026-09-19": ["10:00-16:00"]},
                },
                "sun": {"shifts": [{"zone": "Asia/Tokyo", **week}, {"zone": "America/New_York", **week}]},
            },
            team_calendars={"inbound": "sun"},
            clocks={"demo_held": {"starts": "meeting_booked", "met_by": ["meeting_held"]}},
            marketing={"volume": [{"name": "hand-raisers", "per_month": 40}], "grades": {"A": 0.2, "B": 0.5}},
            policies=[
                {
                    "name": "mine", "when": {"team": ["inbound"], "fit": ["A"]}, "own": {"demo_held": "2w"},
                    "first_touch": {"target": "90b", "calendar": "always"},
                },
                {"name": "rest", "first_touch": "1w"},
            ],
        )
    )  # fmt: skip
    for expected in (
        "public holidays of DE-BY",
        "4 May 2026",
        "12-24 only 9:00",
        "19 September 2026 10:00",
        "Asia/Tokyo",
        "America/New_York",
        "inbound by",
        "demo held within 2 working days",
        "runs from meeting booked to meeting held",
        "40 hand-raisers a month",
        "At least 50 % are of grade B or better",
        "fit A, team inbound",
        "90 business minutes (always)",
        "1 working day",
    ):
        assert expected in shown, expected


def test_a_playbook_without_first_sentences_and_suggestions_promises_none() -> None:
    signed = files()
    routing = yaml.safe_load(signed.texts["routing"]) | {"first_sentences": {}, "suggested_content": 0}
    shown = text_of(SignedRules(signed.definitions, {**signed.texts, "routing": yaml.safe_dump(routing)}, {
        **signed.versions
    }))  # fmt: skip
    assert "by its title." in shown
    assert "What the rep may say first" not in shown


def test_a_playbook_that_lists_campaigns_does_not_say_that_it_lists_none() -> None:
    signed = files()
    listed = yaml.safe_dump(yaml.safe_load(signed.definitions) | {"campaigns": {"spring": "The fair"}})
    assert "they list no campaigns yet" not in text_of(SignedRules(listed, signed.texts, signed.versions))


def test_a_name_from_a_playbook_stays_text() -> None:
    assert "<script>" not in render_agreement(changed(marketing={"volume": [{"name": "<script>", "per_month": 1}]}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5b", "5 business minutes"),
        ("1b", "1 business minute"),
        ("60b", "1 business hour"),
        ("90b", "90 business minutes"),
        ("480b", "8 business hours"),
        ("2w", "2 working days"),
        ("48h", "48 hours"),
        ("1d", "1 day"),
    ],
)
def test_durations_read_as_people_say_them(text: str, expected: str) -> None:
    assert spell_out_duration(parse_duration(text)) == expected


def test_check_warns_of_what_is_probably_not_meant(tmp_path: Path) -> None:
    """48 business hours are about six days."""
    for file in FOLDER.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text().replace("first_touch: 48h", "first_touch: 2880b"))
    sources, faults = playbook.check_folder(tmp_path)
    assert not faults
    assert any("sla.yaml" in warning and "about 6 days" in warning for warning in playbook.list_warnings(sources))
    assert not any("sla.yaml" in warning for warning in playbook.list_warnings(playbook.check_folder(FOLDER)[0]))
