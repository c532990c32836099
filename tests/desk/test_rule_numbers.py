"""Numbers of the rules on the page: tried on last month's people, proposed, signed, saved as the same file."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.orders import FormFault
from desk.domain.rule_numbers import find_rule_numbers, with_changed_numbers
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import EVA, MAX, MIA, OLA, PLAYBOOKS, SAM, Browser, Neighbours, signed_in
from tests.scoring.builders import IDEAL, captured

SCORING = (PLAYBOOKS / "scoring.yaml").read_text()
FILE = """\
# agreed in spring
levels: {1: 55, 2: 30} # of A
worth:
  - {name: pricing_view, points: 15, days: &d 1.5}
  - {from: 10, points: -3, again: *d}
  - 7
  - {steps: [4]}
hours: "09:00"
clock: 12:30
hex: 0x1F
on: true
"""


def terms(text: str) -> dict[str, str]:
    return {each.name: each.text for each in find_rule_numbers(text)}


def test_each_number_says_what_it_is_of() -> None:
    assert terms(FILE) == {
        "levels \u203a 1": "55", "levels \u203a 2": "30", "worth \u203a pricing view \u203a points": "15",
        "worth \u203a from 10 \u203a from": "10",
        "worth \u203a from 10 \u203a points": "-3", "worth \u203a 3": "7", "worth \u203a 4 \u203a steps \u203a 1": "4",
    }  # fmt: skip
    assert find_rule_numbers("") == []
    assert terms("7") == {"": "7"}
    assert terms("timeline: 7") == {"timeline": "7"}
    assert find_rule_numbers("&a [*a, x]") == []


def test_a_number_is_changed_where_it_stands_and_nothing_else_is() -> None:
    (points,) = [each.field for each in find_rule_numbers(FILE) if each.name.endswith("pricing view \u203a points")]
    assert with_changed_numbers(FILE, {points: " 20 ", "n99": "1"}) == FILE.replace("points: 15", "points: 20")
    assert with_changed_numbers(FILE, {}) == FILE
    assert with_changed_numbers(FILE, {each.field: "8" for each in find_rule_numbers(FILE)}).count("8") == len(
        find_rule_numbers(FILE)
    )


@pytest.mark.parametrize(
    "text", ["", "x", "1e9", "0x10", "12:30", "1,5", "\u0661", "1 2", "[1]", ".5", "08", "-007.5", "1234567890"]
)
def test_what_is_no_number_is_refused_with_its_term(text: str) -> None:
    with pytest.raises(FormFault, match="levels \u203a 1: write a number, such as 55"):
        with_changed_numbers(FILE, {"n0": text})


@settings(max_examples=20)  # each reads the whole file five times
@given(st.dictionaries(st.integers(0, 144), st.decimals(-999, 999, places=2), max_size=20))
def test_any_numbers_leave_all_other_lines_of_the_rules_as_they_were(changed: dict[int, object]) -> None:
    before = find_rule_numbers(SCORING)
    fields = {before[place % len(before)].field: str(value) for place, value in changed.items()}
    text = with_changed_numbers(SCORING, fields)
    after = find_rule_numbers(text)
    assert [(each.section, each.field) for each in after] == [(each.section, each.field) for each in before]
    assert [each.text for each in after] == [fields.get(each.field, each.text) for each in before]
    assert re.sub(r"-?[0-9.]+", "", text) == re.sub(r"-?[0-9.]+", "", SCORING)


def field_of(page: str, term: str) -> str:
    """Return the name of a number's field by its group and its term."""
    group, _, name = term.rpartition(" \u203a ")
    within = page.partition(f"<legend>{group}</legend>")[2] if group else page
    (found, *_) = re.findall(rf"<span>{re.escape(name)}</span><input name=\"(n[0-9]+)\"", within)
    return str(found)


def sent(page: str) -> dict[str, str]:
    """Return the form of a page as a browser sends it."""
    fields = dict(re.findall(r'<input name="(n[0-9]+)" value="([^"]*)"', page))
    (fingerprint,) = re.findall(r'name="fingerprint" value="([0-9a-f]+)"', page)
    return fields | {"fingerprint": fingerprint}


async def tries(browser: Browser, term: str, value: str, verb: str = "try") -> str:
    """Change one number of scoring's rules on the page; returns the page that answers, or the cookie it leads with."""
    page = (await browser.get("/rules/change/scoring")).text
    answer = await browser.post("/rules/change/scoring", **sent(page) | {field_of(page, term): value, "verb": verb})
    return answer.text or answer.headers["set-cookie"]


async def test_a_head_lowers_a_threshold_sees_what_comes_of_it_and_both_sign(stack: dict[str, ServiceHarness]) -> None:
    scoring, pages = stack["scoring"], stack["desk"]
    await scoring.deliver(captured("webinar_attended", 0, **IDEAL))
    eva, sam = [await signed_in(pages, each) for each in (EVA, SAM)]
    page = await tries(eva, "levels \u203a 2", "18")
    assert "<span>readiness \u203a levels \u203a 2</span> <del>30</del> <ins>18</ins>" in page
    assert "Of 1 people who did something, 1 would become a lead, and 0 would be none." in page
    assert 'value="18"' in page
    proposed = await eva.post("/rules/change/scoring", **sent(page), verb="propose")
    assert "Proposed" in proposed.headers["set-cookie"]
    shown = (await sam.get("/rules")).text
    assert "<del>30</del> <ins>18</ins>" in shown
    assert "proposed by eva" in shown
    candidate = await sam.get("/rules/files/candidate/scoring.yaml")
    assert candidate.text == SCORING.replace("2: 30, 3: 15", "2: 18, 3: 15")
    assert candidate.headers["content-disposition"] == 'attachment; filename="scoring.yaml"'
    assert candidate.headers["x-content-type-options"] == "nosniff"
    assert (await sam.get("/rules/files/in-force/scoring.yaml")).text == SCORING
    (candidate_id,) = set(re.findall(r"/rules/([0-9a-f-]{36})/sign", shown))
    for browser in (eva, sam):
        await browser.post(f"/rules/{candidate_id}/sign")
    await eva.post(f"/rules/{candidate_id}/activate")
    assert (await scoring.http.get("/v1/playbook")).json()["body"] == candidate.text
    assert (await sam.get("/rules/files/candidate/scoring.yaml")).status_code == 404
    logged = await pages.raw.fetch("select by, action, subject from audit_log where action = 'rules.proposed'")
    assert [tuple(row) for row in logged] == [("eva", "rules.proposed", candidate_id)]


async def test_a_second_change_joins_the_candidate_that_is_being_signed(stack: dict[str, ServiceHarness]) -> None:
    eva = await signed_in(stack["desk"], EVA)
    await tries(eva, "levels \u203a 2", "18", "propose")
    page = (await eva.get("/rules/change/desk")).text
    assert "12" in sent(page).values()
    await eva.post("/rules/change/desk", **sent(page) | {field_of(page, "session hours"): "8"}, verb="propose")
    shown = (await eva.get("/rules")).text
    assert "<del>30</del> <ins>18</ins>" in shown
    assert "<del>12</del> <ins>8</ins>" in shown
    assert "Not signed" in shown
    assert (await eva.get("/rules/files/candidate/definitions.yaml")).text.startswith("#")


@pytest.mark.parametrize(
    ("term", "value", "sentence"),
    [
        ("levels \u203a 2", "much", "readiness \u203a levels \u203a 2: write a number, such as 30."),
        ("levels \u203a 2", "90", "not valid"),  # above the level before it
        ("unknown share", "40", "not valid: fit.unknown_share"),
        ("grades \u203a A", "-75", "not valid"),
    ],
)
async def test_why_scoring_refuses_is_shown_beside_the_value(
    stack: dict[str, ServiceHarness], term: str, value: str, sentence: str
) -> None:
    eva = await signed_in(stack["desk"], EVA)
    for verb in ("try", "propose"):
        page = await tries(eva, term, value, verb)
        assert sentence in page
        assert f'value="{value}"' in page
        assert "Propose to both teams" not in page
    assert "Candidate" not in (await eva.get("/rules")).text


async def test_what_scoring_cannot_compare_in_time_can_be_proposed_all_the_same(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    eva = await signed_in(stack["desk"], EVA)
    neighbours.silent.add("/v1/comparisons")
    page = await tries(eva, "levels \u203a 2", "18")
    assert "How many leads that would make cannot be said just now." in page
    assert "Propose to both teams" in page


async def test_numbers_of_a_page_that_is_older_than_the_rules_are_not_taken(stack: dict[str, ServiceHarness]) -> None:
    eva, sam = [await signed_in(stack["desk"], each) for each in (EVA, SAM)]
    old = sent((await sam.get("/rules/change/scoring")).text)
    await tries(eva, "levels \u203a 2", "18", "propose")
    answer = await sam.post("/rules/change/scoring", **old | {"n0": "0.9"}, verb="propose")
    assert answer.status_code == 409
    assert "These rules were changed meanwhile" in answer.text
    assert 'value="0.9"' not in answer.text


async def test_a_page_that_changes_nothing_proposes_nothing(stack: dict[str, ServiceHarness]) -> None:
    eva = await signed_in(stack["desk"], EVA)
    assert "No number was changed." in await tries(eva, "levels \u203a 2", "30", "propose")
    assert "Nothing: these numbers are in force." in await tries(eva, "levels \u203a 2", "30")


async def test_only_who_signs_or_operates_changes_numbers_and_everybody_may_save_the_files(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    pages = stack["desk"]
    for viewer in (MIA, MAX):
        browser = await signed_in(pages, viewer)
        assert "Change numbers" not in (await browser.get("/rules")).text
        assert (await browser.get("/rules/change/scoring")).status_code == 403
        assert (await browser.post("/rules/change/scoring", verb="propose")).status_code == 403
        found = yaml.safe_load((await browser.get("/rules/files/in-force/sla.yaml")).text)
        assert found == yaml.safe_load((PLAYBOOKS / "sla.yaml").read_text())
    ola = await signed_in(pages, OLA)
    assert "Change numbers" in (await ola.get("/rules")).text
    assert "No number was changed" in await tries(ola, "levels \u203a 2", "30", "propose")
    assert (await ola.get("/rules/change/nothing")).status_code == 422
    assert (await ola.get("/rules/files/in-force/nothing.yaml")).status_code == 422
    neighbours.harnesses.pop("scoring.test")
    assert "scoring%20does%20not%20answer" in (await ola.get("/rules/change/scoring")).headers["set-cookie"]
    assert (await ola.get("/rules/files/in-force/scoring.yaml")).status_code == 404
