"""Who is whom, what was said before, and what goes out: pure rules, no database."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from capture.domain import arrival as arriving
from capture.domain import identity
from capture.domain.arrival import SubmissionFault
from capture.domain.identity import IdentityHasher, classify_email, read_domain, read_email
from capture.domain.intake import KnownForBatch
from capture.domain.key_owners import KeyOwner, possible_contacts
from capture.domain.profile import merge_consents, new_profile, with_engagement
from capture.domain.submission import Submission
from capture.domain.to_events import CatalogueEntry
from capture.playbook import CapturePlaybook
from events.contacts import Consent
from tests.capture.builders import KEYRING, NOW, RULES, arrival, known_after, submission_body, take

MINUTE = timedelta(minutes=1)


def read(**changes: Any) -> Submission:
    return Submission.model_validate(submission_body(**changes))


def fault(**changes: Any) -> SubmissionFault | None:
    return arriving.find_submission_fault(read(**changes), RULES, NOW)


class TestRefusals:
    def test_a_source_and_an_engagement_must_be_in_the_playbook(self) -> None:
        """B55: scoring never meets an engagement nobody gave points to."""
        assert fault(source="carrier_pigeon") == ("source", "unknown_source")
        assert fault(engagement="telepathy") == ("engagement", "unknown_engagement")
        assert fault() is None

    def test_nothing_has_happened_in_the_future(self) -> None:
        """B52, B53: a scanner's clock may be a little ahead."""
        late, ahead = (NOW + timedelta(days=1)).isoformat(), (NOW + 5 * MINUTE).isoformat()
        consent = {"purpose": "calls", "granted": True, "wording_version": "1", "at": late}
        assert fault(occurred_at=late) == ("occurred_at", "in_the_future")
        assert fault(consent=consent) == ("consent.at", "in_the_future")
        assert fault(occurred_at=ahead) is None
        assert arrival(occurred_at=ahead).occurred_at == NOW


class TestEmails:
    @pytest.mark.parametrize(
        ("address", "kind"),
        [
            ("ada@lovelace.example", "corporate"),
            ("ada@gmail.com", "free"),
            ("ada@yahoo.co.uk", "free"),
            ("Info@lovelace.example", "role"),
            ("ada@mailinator.com", "disposable"),
            ("info@mailinator.com", "disposable"),
        ],
    )
    def test_kinds_of_address_are_distinguished(self, address: str, kind: str) -> None:
        """B42, C13: flagged, never dropped."""
        email = read_email(address)
        assert email is not None
        assert classify_email(email, RULES.email) == kind

    @pytest.mark.parametrize("written", ["lovelace.co.uk", " WWW.Lovelace.CO.UK ", "a.b.lovelace.co.uk"])
    def test_a_company_has_one_registrable_domain(self, written: str) -> None:
        assert read_domain(written) == "lovelace.co.uk"

    def test_the_public_suffix_list_is_the_one_that_ships(self) -> None:
        """No request to anywhere while somebody submits a form, and nothing cached on disk."""
        assert identity._SUFFIXES.suffix_list_urls == ()
        assert not identity._SUFFIXES._cache.enabled

    def test_a_domain_of_no_public_suffix_keeps_two_labels(self) -> None:
        assert read_domain("mail.firm-17.example") == "firm-17.example"


class TestIdentity:
    def test_one_person_has_one_contact_however_the_address_is_spelt(self) -> None:
        taken = take(arrival(engagement="pricing_view"), arrival(email=" ADA@Lovelace.EXAMPLE "))
        assert len({answer.contact_id for answer in taken.answers}) == 1
        assert [profile.engagements for profile in taken.profiles] == [2]
        assert [profile.revision for profile in taken.profiles] == [1]

    def test_the_phone_finds_who_left_no_mail(self) -> None:
        by_phone = take(arrival(email=None, phone="+442079460958"))
        known = known_after(by_phone)
        with_mail = take(arrival(phone="+442079460958", engagement="contact_sales"), known=known)
        assert with_mail.answers[0].contact_id == by_phone.answers[0].contact_id
        assert with_mail.profiles[0].email == "ada@lovelace.example"

    def test_two_people_may_share_the_phone_of_an_office(self) -> None:
        ada = take(arrival(phone="+442079460958"))
        bob = take(arrival(email="bob@lovelace.example", phone="+442079460958"), known=known_after(ada))
        assert bob.answers[0].contact_id != ada.answers[0].contact_id
        assert KEYRING.phone_key("+442079460958") in bob.owners
        assert bob.owners[KEYRING.phone_key("+442079460958")] == ada.answers[0].contact_id

    def test_who_was_forgotten_comes_back_as_somebody_new(self) -> None:
        before = take(arrival(event_id="1"))
        (key,) = before.owners
        known = KnownForBatch({key: KeyOwner(None, incarnation=1)}, {}, {})
        after = take(arrival(event_id="1"), known=known)
        assert after.answers[0].contact_id != before.answers[0].contact_id
        assert after.answers[0].engagement_id != before.answers[0].engagement_id

    def test_nobody_can_compute_a_contact_without_the_secret(self) -> None:
        mine, other = arrival(), arriving.make_arrival(read(), IdentityHasher(b"another"), RULES, NOW)
        assert mine.keys != other.keys

    def test_every_contact_that_may_be_meant_is_named_for_the_lock(self) -> None:
        phone_only = take(arrival(email=None, phone="+442079460958"))
        arrivals = [arrival(phone="+442079460958"), arrival(email="bob@x.example")]
        rows = {key: KeyOwner() for each in arrivals for key in each.keys} | dict(known_after(phone_only).identities)
        known = replace(known_after(phone_only), identities=rows)
        taken = take(*arrivals, known=known)
        assert {answer.contact_id for answer in taken.answers} <= possible_contacts(arrivals, rows, KEYRING)


class TestRepeats:
    def test_the_same_event_of_a_source_is_one_engagement(self) -> None:
        """C10, B66: for ever, and whatever else the second says about the same person."""
        first = take(arrival(event_id="f-1"))
        from_body = take(arrival(event_id="f-1", job_title="Director"), known=known_after(first))
        assert from_body.answers == [replace(first.answers[0], status="duplicate")]
        assert (from_body.engagements, from_body.profiles, from_body.owners) == ([], [], {})

    def test_another_sources_event_of_the_same_name_is_another(self) -> None:
        taken = take(arrival(event_id="1"), arrival(event_id="1", source="webinar"))
        assert [answer.status for answer in taken.answers] == ["accepted", "accepted"]

    def test_the_same_words_are_one_engagement(self) -> None:
        consent = {"purpose": "calls", "granted": True, "wording_version": "1"}
        first = arrival(consent=consent | {"at": "2026-03-01T09:00:00Z"})
        from_body = arrival(email="ADA@lovelace.example", consent=consent | {"at": "2026-03-01T09:00:07Z"})
        assert [answer.status for answer in take(first, from_body).answers] == ["accepted", "duplicate"]

    @pytest.mark.parametrize(
        "change",
        [
            {"engagement": "pricing_view"},
            {"email": "bob@lovelace.example"},
            {"content": "whitepaper-7"},
            {"facts": {"seats": 5}},
            {"occurred_at": "2026-03-01T09:00:00Z"},
            {"event_id": "1"},
        ],
    )
    def test_other_words_are_another_engagement(self, change: dict[str, Any]) -> None:
        assert [answer.status for answer in take(arrival(), arrival(**change)).answers] == ["accepted"] * 2

    def test_a_window_of_nothing_lets_every_word_count(self) -> None:
        rules = RULES.model_copy(update={"repeat_minutes": 0})
        assert arrival(rules=rules).repeat_key is None
        assert [answer.status for answer in take(arrival(rules=rules), arrival(rules=rules)).answers] == [
            "accepted"
        ] * 2


class TestProfiles:
    def test_the_later_value_wins_and_what_comes_late_fills_the_blanks(self) -> None:
        """C10."""
        day = timedelta(days=1)
        profile = new_profile(KEYRING.phone_key("1"), NOW)
        profile = with_engagement(profile, read(region="Kent", job_title=None), NOW, "corporate", revision=1)
        profile = with_engagement(
            profile, read(region="Surrey", job_title="Analyst"), NOW - day, "corporate", revision=1
        )
        assert (profile.region, profile.job_title, profile.first_seen_at) == ("Kent", "Analyst", NOW - day)
        assert with_engagement(profile, read(region="Devon"), NOW + day, "corporate", revision=1).region == "Devon"

    def test_the_order_of_arrival_does_not_matter(self) -> None:
        """A shuffle of the same submissions gives the same profile."""
        values = [
            (NOW + hours * timedelta(hours=1), read(region=region, company=company))
            for hours, region, company in [(0, "Kent", None), (1, None, "Engines"), (2, "Devon", None), (3, None, None)]
        ]
        seen = []
        for order in permutations(values):
            profile = new_profile(KEYRING.phone_key("1"), order[0][0])
            for at, submission in order:
                profile = with_engagement(profile, submission, at, "corporate", revision=1)
            seen.append(profile)
        assert all(profile == seen[0] for profile in seen)
        assert (seen[0].region, seen[0].company) == ("Devon", "Engines")

    def test_the_last_answer_of_each_purpose_holds(self) -> None:
        def answer(granted: bool, at: datetime, purpose: str = "calls") -> Consent:
            return Consent(purpose=purpose, granted=granted, wording_version="1", at=at)

        yes, no, mail = answer(True, NOW), answer(False, NOW + MINUTE), answer(True, NOW, "mail")
        for order in permutations([yes, no, mail]):
            known: tuple[Consent, ...] = ()
            for each in order:
                known = merge_consents(known, [each])
            assert known == (no, mail)
        assert merge_consents((yes,), [answer(False, NOW)]) == (answer(False, NOW),)
        assert merge_consents((yes,), [yes]) == (yes,)


class TestEvents:
    def test_what_goes_out_names_nobody(self) -> None:
        """I10: the marker is on no event but the profile."""
        each = arrival(
            phone="+442079460958",
            referrer="Charles Babbage",
            facts={"seats": 5, "message": "Ada here", "who": "Ada", "mail": "ada@lovelace.example"},
            utm={"source": "mail", "term": "ada@lovelace.example"},
            company="Ada Lovelace",
        )
        taken = take(each)
        values = taken.engagements[0].event.encode().decode()
        for secret in ("ada@", "Ada", "Lovelace", "7946", "Babbage"):
            assert secret not in values
        assert taken.engagements[0].event.facts == {"seats": 5}
        assert taken.engagements[0].event.email_domain == "lovelace.example"
        profile = taken.profiles[0].profile_event(NOW)
        assert (profile.email, profile.phone, profile.referrer) == (
            "ada@lovelace.example",
            "+442079460958",
            "Charles Babbage",
        )

    def test_an_offline_scan_keeps_both_its_times(self) -> None:
        """C10."""
        event = take(arrival(occurred_at="2026-02-20T10:00:00+01:00", source="event_scan")).engagements[0].event
        assert event.occurred_at.isoformat() == "2026-02-20T09:00:00+00:00"
        assert event.received_at == NOW

    @pytest.mark.parametrize(
        ("source", "engagement"), [("phone", "phone_call"), ("chat", "live_chat"), (None, "form_submitted")]
    )
    def test_a_channel_says_what_was_done_where_the_sender_does_not(self, source: str | None, engagement: str) -> None:
        """C1, C5: name, company, position and a mail are enough."""
        event = take(arrival(source=source, engagement=None)).engagements[0].event
        assert (event.source, event.engagement) == (source or "web_form", engagement)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=8), st.data())
def test_however_a_stream_is_cut_into_batches_it_comes_to_the_same(
    written: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """One transaction for all, or one for each: the same contacts, engagements and answers."""
    arrivals = []
    for who, phone, event in written:
        mail = f"p{who}@x.example" if who else None
        number = f"+4930901820{phone}" if phone or not who else None
        arrivals.append(arrival(email=mail, phone=number, event_id=str(event) if event else None))
    whole = take(*arrivals)
    answers, known = [], KnownForBatch({}, {}, {})
    rest = list(arrivals)
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        taken = take(*rest[:cut], known=known)
        answers += taken.answers
        known = known_after(taken, known)
        rest = rest[cut:]
    assert answers == whole.answers
    together = known_after(whole)
    assert known.identities == together.identities
    assert {key: replace(each, revision=0) for key, each in known.profiles.items()} == {
        key: replace(each, revision=0) for key, each in together.profiles.items()
    }


class TestPlaybook:
    @pytest.mark.parametrize(
        "change",
        [{"default_source": "nowhere"}, {"sources": {"web_form": {"engagement": "unheard_of"}}}, {"repeat_minuets": 5}],
    )
    def test_a_playbook_that_contradicts_itself_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            CapturePlaybook.model_validate(RULES.model_dump() | change)


def test_the_stage_of_the_content_comes_with_it() -> None:
    """Q13."""
    known = KnownForBatch({}, {}, {}, content={"buyers-guide": CatalogueEntry("decision", "How to choose")})
    events = [take(arrival(content=content), known=known).engagements[0].event for content in ("buyers-guide", None)]
    assert [event.content_stage for event in events] == ["decision", None]
    assert [event.content_title for event in events] == ["How to choose", None]


class TestLaterTalks:
    """C3: `talk_to_sales_when` is honoured, and the clocks start then."""

    @staticmethod
    def talk_at(
        when: str | None, talk: bool = True, ends_at: datetime | None = None, **changes: Any
    ) -> datetime | None:
        sent = arrival(talk_to_sales=talk, talk_to_sales_when=when, campaign="webinar-7", **changes)
        known = KnownForBatch({}, {}, {}, campaign_ends={"webinar-7": ends_at} if ends_at else {})
        return take(sent, known=known).engagements[0].event.talk_to_sales_at

    def test_after_the_event_is_when_its_campaign_ends(self) -> None:
        end = NOW + timedelta(days=3)
        assert self.talk_at("after_event", ends_at=end) == end

    def test_an_event_that_is_over_or_of_unknown_end_lets_nobody_wait(self) -> None:
        assert self.talk_at("after_event") is None
        assert self.talk_at("after_event", ends_at=NOW - MINUTE) is None

    def test_after_reading_is_a_day_after_the_download(self) -> None:
        at = (NOW - timedelta(hours=5)).isoformat()
        assert self.talk_at("after_reading", occurred_at=at) == NOW + timedelta(hours=19)

    def test_who_asks_for_no_talk_or_for_one_now_waits_for_nothing(self) -> None:
        assert self.talk_at("now") is None
        assert self.talk_at("after_reading", talk=False) is None
