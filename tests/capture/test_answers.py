"""Consent by purpose and channel, the suppression list, who is out of audience, and who uses the product."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from capture.domain import arrival as arriving
from capture.domain.audience import find_out_of_audience_facts
from capture.domain.profile import merge_consents
from capture.domain.submission import ConsentBody, Submission
from capture.playbook import AudienceRules
from events.contacts import Consent, ConsentChanged, ContactCaptured, ContactProfile
from events.names import normalize_company_name
from events.runtime.testing import ServiceHarness
from tests.capture.builders import NOW, RULES, arrival, submission_body, take


class TestConsent:
    @staticmethod
    def answer(purpose: str = "newsletter", granted: bool = True, confirmed: bool = False) -> Consent:
        given = ConsentBody(purpose=purpose, granted=granted, wording_version="1", confirmed=confirmed)
        (found,) = arriving.date_consents([given], NOW, ["newsletter"])
        return found

    def test_a_ticked_box_waits_where_it_must_be_confirmed(self) -> None:
        """C4: double opt-in."""
        assert (self.answer().state, self.answer().granted) == ("pending", False)
        assert (self.answer(confirmed=True).state, self.answer(confirmed=True).granted) == ("granted", True)
        assert (self.answer("calls").state, self.answer(granted=False).state) == ("granted", "withdrawn")

    def test_ticking_again_takes_no_confirmed_answer_away_in_whatever_order(self) -> None:
        yes = self.answer(confirmed=True)
        from_body = self.answer().changed(at=NOW + timedelta(days=1))
        no = self.answer(granted=False).changed(at=NOW + timedelta(days=2))
        for order in permutations([yes, from_body]):
            assert merge_consents(merge_consents((), order[:1]), order[1:]) == (yes,)
        for answers in permutations([yes, from_body, no]):
            assert merge_consents((), answers) == (no,)

    def test_each_channel_has_its_own_answer(self) -> None:
        mail = self.answer("news", confirmed=True).changed(channel="email")
        phone = self.answer("news", granted=False).changed(channel="phone")
        assert merge_consents((), [phone, mail]) == (mail, phone)


class TestAudience:
    @pytest.mark.parametrize(
        ("changes", "kind", "found"),
        [
            ({"country": "GB"}, "corporate", []),
            ({"country": "FR"}, "disposable", ["country", "email_kind"]),
            ({"job_title": "PhD Student, physics"}, "free", ["job_title"]),
            ({"job_title": "International Sales"}, None, []),
            ({"country": None}, None, []),
        ],
    )
    def test_who_is_out_of_audience_is_flagged(self, changes: dict[str, Any], kind: Any, found: list[str]) -> None:
        """C13."""
        read = Submission.model_validate(submission_body(**{"job_title": "Head"} | changes))
        assert find_out_of_audience_facts(read, kind, AudienceRules(countries=["GB"])) == found

    def test_and_kept(self) -> None:
        taken = take(arrival(job_title="Student", email="ada@mailinator.com"))
        assert taken.engagements[0].event.out_of_audience == ["email_kind", "job_title"]
        assert taken.answers[0].status == "accepted"

    def test_the_default_playbook_means_to_reach_every_country(self) -> None:
        assert RULES.audience.countries == []


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("MULLER SOHNE", "muller sohne"),
        ("The Acme Corp.", "acme"),
        ("acme, Inc", "acme"),
        ("A.B.C. S.A.", "abc"),
        ("Ltd", "ltd"),
        ("日本電気", "日本電気"),
        ("!!", None),
        (None, None),
    ],
)
def test_a_company_has_one_key_however_it_is_written(written: str | None, key: str | None) -> None:
    assert normalize_company_name(written) == key


class TestSuppression:
    async def test_whom_nobody_may_reach_is_marked_before_and_after_we_know_them(self, harness: ServiceHarness) -> None:
        body = {"email": "Ada@x.example", "channels": ["email", "ads"], "reason": "complaint"}
        assert (await harness.http.post("/v1/suppressions", json=body)).json() == {"closed": ["ads", "email"]}
        assert await harness.raw.fetch("select from identities") == []
        await harness.http.post("/v1/contacts", json={"email": "ada@x.example", "phone": "+442079460958"})
        (captured,) = await harness.emitted(ContactCaptured)
        assert (captured.suppressed, captured.facts) == (["ads", "email"], {"suppressed": True})
        phone = {"phone": "+442079460958", "channels": ["phone"], "reason": "asked"}
        assert (await harness.http.post("/v1/suppressions", json=phone)).json() == {"closed": ["phone"]}
        assert (await harness.emitted(ContactProfile))[-1].suppressed == ["ads", "email", "phone"]
        lifted = {"email": "ada@x.example", "channels": ["ads", "email"]}
        assert (await harness.http.post("/v1/suppressions/lift", json=lifted)).json() == {"closed": []}
        last = (await harness.emitted(ContactProfile))[-1]
        assert (last.suppressed, last.revision) == (["phone"], 3)
        events = [(each.suppressed, each.revision) for each in await harness.emitted(ConsentChanged)]
        assert events == [(["ads", "email", "phone"], 2), (["phone"], 3)]

    async def test_the_list_outlives_an_erasure_as_a_keyed_name(self, harness: ServiceHarness) -> None:
        """Whoever comes back is a new person, and is still not written to."""
        first = (await harness.http.post("/v1/contacts", json={"email": "ada@x.example"})).json()["contact_id"]
        await harness.http.delete(f"/v1/contacts/{first}", params={"suppress": "true"})
        from_body = (await harness.http.post("/v1/contacts", json={"email": "ada@x.example"})).json()["contact_id"]
        assert from_body != first
        assert (await harness.emitted(ContactProfile))[-1].suppressed == ["all"]
        shown = (await harness.http.get(f"/v1/contacts/{from_body}")).json()
        assert [(each["channel"], each["reason"]) for each in shown["suppressed"]] == [("all", "erased")]

    async def test_the_same_wish_again_says_nothing_new(self, harness: ServiceHarness) -> None:
        await harness.http.post("/v1/contacts", json={"email": "ada@x.example"})
        for _ in range(2):
            await harness.http.post("/v1/suppressions", json={"email": "ada@x.example", "reason": "asked"})
        assert [profile.suppressed for profile in await harness.emitted(ContactProfile)] == [[], ["all"]]

    async def test_consent_says_by_which_channel_and_form(self, harness: ServiceHarness) -> None:
        consent = {"purpose": "calls", "granted": True, "wording_version": "2", "channel": "phone", "form_version": "7"}
        answer = await harness.http.post("/v1/contacts", json={"email": "ada@x.example", "consent": consent})
        shown = (await harness.http.get(f"/v1/contacts/{answer.json()['contact_id']}")).json()
        (kept,) = shown["consents"]
        assert (kept["channel"], kept["form_version"], kept["state"], kept["granted"]) == (
            "phone",
            "7",
            "granted",
            True,
        )


async def test_users_are_counted_per_account_and_month(harness: ServiceHarness) -> None:
    """C11, C12: subsidiaries and aliases belong to the account; a person who comes twice counts once."""
    await harness.http.put("/v1/accounts/big.com", json={"name": "Big", "kind": "customer", "aliases": ["big.io"]})
    await harness.http.put("/v1/accounts/small.com", json={"parent": "big.com"})
    for number, (domain, engagement) in enumerate(
        [("big.com", "trial_started"), ("big.io", "product_used"), ("small.com", "seats_added"), ("big.com", "social")]
    ):
        for at in ("2026-01-10T09:00:00Z", "2026-02-10T09:00:00Z")[: 1 + (number == 0)]:
            body = {"email": f"p{number}@{domain}", "engagement": engagement, "source": "product", "occurred_at": at}
            await harness.http.post("/v1/contacts", json=body)
    for name in ("big.com", "www.big.io"):
        found = (await harness.http.get(f"/v1/accounts/{name}")).json()
        assert (found["domain"], found["subsidiaries"]) == ("big.com", ["small.com"])
        assert found["users"] == [
            {"month": "2026-01", "active": 3, "new": 3, "total": 3},
            {"month": "2026-02", "active": 1, "new": 0, "total": 3},
        ]
    assert (await harness.http.get("/v1/accounts/unheard.com")).status_code == 404
    assert (await harness.http.get("/v1/accounts/x")).status_code == 422


async def test_content_brings_its_buying_stage_and_a_campaign_its_end(harness: ServiceHarness) -> None:
    """C3, C9, C14: what the registers know travels with the engagement."""
    await harness.http.put("/v1/content/guide", json={"title": "A guide", "stage": "decision"})
    await harness.http.put("/v1/campaigns/webinar-7", json={"name": "Webinar", "ends_at": "2026-03-05T10:00:00Z"})
    body = {"email": "ada@x.example", "content": "guide", "campaign": "webinar-7", "talk_to_sales": True}
    await harness.http.post("/v1/contacts", json=body | {"talk_to_sales_when": "after_event"})
    (captured,) = await harness.emitted(ContactCaptured)
    assert captured.content_stage == "decision"
    assert captured.talk_to_sales_at is not None
    assert captured.talk_to_sales_at.isoformat() == "2026-03-05T10:00:00+00:00"


async def test_to_register_for_a_webinar_and_to_attend_it_are_two_facts(harness: ServiceHarness) -> None:
    """C2, C7."""
    for engagement in ("webinar_registered", "webinar_attended"):
        body = {"email": "ada@x.example", "source": "webinar", "engagement": engagement, "campaign": "webinar-7"}
        assert (await harness.http.post("/v1/contacts", json=body)).json()["status"] == "accepted"
    events = await harness.emitted(ContactCaptured)
    assert [event.engagement for event in events] == ["webinar_registered", "webinar_attended"]
    assert len({event.contact_id for event in events}) == 1
