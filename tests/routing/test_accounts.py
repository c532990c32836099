"""Account first (R11): whose account it is, who works there, who knows them; then territory, then pool."""

from dataclasses import replace
from typing import Any

import pytest

from events.contacts import AccountChanged, ContactMerged
from events.ids import derive_id, derive_lead_id
from events.leads import LeadAssigned
from events.runtime.testing import START, ServiceHarness
from routing.domain import NO_ACCOUNTS, Account, AccountDirectory, Claim, LastCycle, find_account, similar_name_key
from routing.domain.accounts import find_claims
from tests.routing.builders import NO_ROSTER, contact, playbook, qualified, recycled
from tests.routing.test_service import assert_sound, put

FIRM: dict[str, Any] = {"email_domain": "acme.com", "email_kind": "corporate", "company": "ACME Corp."}


def directory(*accounts: Account, aliases: dict[str, str] | None = None, **more: Any) -> AccountDirectory:
    named: dict[str, list[Account]] = {}
    for account in accounts:
        named.setdefault(similar_name_key(account.name), []).append(account)
    found = replace(
        NO_ACCOUNTS, accounts={event.domain: event for event in accounts}, aliases=aliases or {}, named=named
    )
    return replace(found, **more)


class TestMatching:
    def test_by_domain_alias_and_name_in_this_order(self) -> None:
        acme = Account("acme.com", name="Acme Inc.")
        known = directory(acme, aliases={"acme.org": "acme.com"})
        assert find_account(qualified(**FIRM), known, 92) == "acme.com"
        assert find_account(qualified(**FIRM | {"email_domain": "acme.org"}), known, 92) == "acme.com"
        assert find_account(qualified(**FIRM | {"email_domain": "acme-labs.io"}), known, 92) == "acme.com"
        assert find_account(qualified(company="ACMÉ, Inc."), known, 92) == "acme.com"

    @pytest.mark.parametrize("kind", ["free", "disposable"])
    def test_free_mail_is_never_an_account_whatever_company_is_typed_beside_it(self, kind: str) -> None:
        known = directory(Account("acme.com", name="Acme"), Account("gmail.com", name="Mail"))
        facts = qualified(email_domain="gmail.com", email_kind=kind, company="Acme")
        assert find_account(facts, known, 92) is None

    def test_an_unknown_account_goes_by_its_domain_and_a_name_too_far_off_is_another(self) -> None:
        known = directory(Account("acme.com", name="Acme Rockets"))
        assert find_account(qualified(**FIRM | {"email_domain": "other.com"}), known, 92) == "other.com"
        assert find_account(qualified(company="Acme"), known, 92) is None
        assert find_account(qualified(company="Acme Rockets"), known, None) is None
        assert find_account(qualified(), known, 92) is None

    def test_of_two_that_are_equally_alike_the_country_decides(self) -> None:
        known = directory(Account("nord.de", name="Nord GmbH"), Account("nord.se", name="Nord AB"))
        assert find_account(qualified(company="Nord", country="SE"), known, 92) == "nord.se"
        assert find_account(qualified(company="Nord", country="US"), known, 92) == "nord.de"

    def test_a_name_of_nothing_but_legal_forms_is_compared_as_it_is(self) -> None:
        assert similar_name_key("SE Co") == "se"
        assert similar_name_key(None) == ""


class TestClaims:
    def reasons(self, known: AccountDirectory, account: str | None = "acme.com", **facts: Any) -> list[tuple[str, str]]:
        found = find_claims(qualified(**FIRM | facts), account, known, NO_ROSTER)
        return [(claim.rep_id, claim.reason) for claim in found]

    def test_an_open_deal_comes_before_a_customer_s_owner_and_a_named_account(self) -> None:
        known = directory(
            Account("acme.com", owner="a", parent="holding.com"),
            Account("holding.com", owner="b", kind="customer", parent="top.com"),
            Account("top.com", owner="c", open_opportunity=True),
            works={"acme.com": "d"},
            last_cycles={contact("ada"): LastCycle("e")},
        )
        assert self.reasons(known) == [
            ("c", "open_opportunity"), ("b", "customer_owner"), ("a", "account_owner"),
            ("d", "account_colleague"), ("e", "knows_them"),
        ]  # fmt: skip

    def test_nobody_is_asked_twice_and_parents_that_go_in_a_circle_end(self) -> None:
        known = directory(
            Account("acme.com", owner="a", parent="ring.org"),
            Account("ring.com", owner="a", parent="acme.com"),
            aliases={"ring.org": "ring.com"},
            works={"acme.com": "a"},
        )
        assert self.reasons(known) == [("a", "account_owner")]
        assert self.reasons(known, None) == []

    def test_a_customer_s_wish_goes_to_who_knows_them_only_in_account_management(self) -> None:
        """Customers go to account management."""
        known = directory(
            works={"acme.com": "bdr"}, last_cycles={contact("ada"): LastCycle("am")}, roles={"bdr": "bdr", "am": "am"}
        )
        assert self.reasons(known, lead_type="customer") == [("am", "knows_them")]

    def test_the_playbook_may_leave_any_of_it_out(self) -> None:
        known = directory(
            Account("acme.com", owner="a"), works={"acme.com": "b"}, last_cycles={contact("ada"): LastCycle("c")}
        )
        rules = playbook(account_owner_first=False, account_first={"colleague": False, "returning": False})
        assert find_claims(qualified(**FIRM), "acme.com", known, rules) == ()
        assert find_claims(qualified(**FIRM), "acme.com", known, NO_ROSTER)[0] == Claim(
            "a", "account_owner", "a owns the account acme.com"
        )


class TestOnTheRealThing:
    async def test_a_subsidiary_an_alias_and_a_name_all_lead_to_the_owner(self, harness: ServiceHarness) -> None:
        def account_changed(domain: str, **fields: Any) -> AccountChanged:
            return AccountChanged(occurred_at=START, domain=domain, revision=1, **fields)

        await harness.deliver(
            account_changed("acme.com", name="Acme Inc", owner="am-2", kind="customer", aliases=["acme.org"]),
            account_changed("acme-labs.io", parent="acme.org"),
        )
        await harness.deliver(
            qualified("ada", email_domain="acme-labs.io", email_kind="corporate"),
            qualified("bob", email_domain="acme.org", email_kind="corporate"),
            qualified("cleo", company="ACME, Inc."),
            qualified("dan", email_domain="acme.com", email_kind="free"),
        )
        by_contact = {event.contact_id: (event.rep_id, event.reason) for event in await harness.emitted(LeadAssigned)}
        assert by_contact[contact("ada")] == ("am-2", "customer_owner")
        assert by_contact[contact("bob")] == ("am-2", "customer_owner")
        assert by_contact[contact("cleo")] == ("am-2", "customer_owner")
        assert by_contact[contact("dan")] == ("inbound-1", "rotation")
        await assert_sound(harness)

    async def test_colleagues_go_to_one_rep_in_one_batch_too_and_an_absent_one_is_passed_by(
        self, harness: ServiceHarness
    ) -> None:
        await harness.deliver(*(qualified(name, **FIRM) for name in ("ada", "bob")), qualified("cleo"))
        await put(harness, "inbound-1", status="paused")
        await harness.deliver(qualified("dan", **FIRM))
        found = [(event.rep_id, event.reason) for event in await harness.emitted(LeadAssigned)]
        assert sorted(found) == [
            ("inbound-1", "account_colleague"), ("inbound-1", "rotation"), ("inbound-2", "rotation"),
            ("inbound-3", "rotation"),
        ]  # fmt: skip
        await assert_sound(harness)

    async def test_a_hand_over_names_the_account_s_other_contacts_and_who_works_them(
        self, harness: ServiceHarness
    ) -> None:
        """R11: see the account's other contacts."""
        await harness.deliver(qualified("ada", **FIRM))
        await harness.deliver(qualified("bob", **FIRM), qualified("cleo"))
        by_contact = {event.contact_id: event.colleagues for event in await harness.emitted(LeadAssigned)}
        (colleague,) = by_contact[contact("bob")]
        assert (colleague.contact_id, colleague.rep_id, colleague.team) == (contact("ada"), "inbound-1", "inbound")
        assert by_contact[contact("ada")] == by_contact[contact("cleo")] == []

    async def test_who_had_them_before_has_them_again(self, harness: ServiceHarness) -> None:
        await harness.deliver(*(qualified(name) for name in ("ada", "bob", "cleo")))
        (before,) = [
            event.rep_id for event in await harness.emitted(LeadAssigned) if event.contact_id == contact("bob")
        ]
        await harness.deliver(recycled("bob"), qualified("bob", cycle=2))
        (again,) = [
            event for event in await harness.emitted(LeadAssigned) if event.lead_id == derive_lead_id(contact("bob"), 2)
        ]
        assert (again.rep_id, again.reason) == (before, "knows_them")
        await assert_sound(harness)

    async def test_who_had_the_same_person_under_another_contact_knows_them(self, harness: ServiceHarness) -> None:
        """R11: a merge makes what is known of one known of the other."""
        await harness.deliver(qualified("bob"), qualified("ada"))
        (before,) = [
            event.rep_id for event in await harness.emitted(LeadAssigned) if event.contact_id == contact("ada")
        ]
        merged = ContactMerged(
            contact_id=contact("ada"), occurred_at=START, merge_id=derive_id("merge"), survivor_id=contact("zoe"),
            loser_id=contact("ada"),
        )  # fmt: skip
        await harness.deliver(recycled("ada"), merged, qualified("zoe", cycle=2))
        (again,) = [event for event in await harness.emitted(LeadAssigned) if event.contact_id == contact("zoe")]
        assert (again.rep_id, again.reason) == (before, "knows_them")
        await assert_sound(harness)
