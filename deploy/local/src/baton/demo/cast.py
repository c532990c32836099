"""Who takes part beside the leads of the data: the reps, and the played colder contacts."""

from datetime import timedelta

from baton.demo import people
from baton.demo.colder_contacts import ColderContact, make_colder_contacts
from baton.demo.demo_client import DemoClient
from baton.demo.funnel import Funnel

REPS = {"inbound": 24, "development": 8, "ae": 22, "am": 4}
"""As many as the data names: 32 who qualify (BDRs) and 22 who sell (AEs); and some for customers."""
LEADS_PER_COLDER = 4


def make_colder_contacts_for_year(year: Funnel, seed: int) -> list[ColderContact]:
    """Return the played contacts: one for every four leads, over the same days."""
    days = [lead.first_contact for lead in year.leads]
    count = max(1, len(year.leads) // LEADS_PER_COLDER)
    return list(make_colder_contacts(seed, count, min(days), max(days) + timedelta(days=1)))


async def send_reps_and_accounts(client: DemoClient, played: list[ColderContact]) -> None:
    """Send routing the reps, and capture the firms that are customers or competitors."""
    for team, count in REPS.items():
        for number in range(1, count + 1):
            await client.baton.routing.put_rep(f"{team}-{number}", team=team)
    for contact in played:
        if contact.account is not None:
            await client.baton.capture.put_account(people.make_mail_domain(contact.key), **contact.account)
