"""Who takes part beside the leads of the data: the reps, and the played colder contacts."""

from datetime import timedelta

from baton.demo import people
from baton.demo.colder import Colder, contacts
from baton.demo.front_door import FrontDoor
from baton.demo.funnel import Funnel

REPS = {"inbound": 24, "development": 8, "ae": 22, "am": 4}
"""As many as the data names: 32 who qualify (BDRs) and 22 who sell (AEs); and some for customers."""
LEADS_PER_COLDER = 4


def colder(year: Funnel, seed: int) -> list[Colder]:
    """Return the played contacts: one for every four leads, over the same days."""
    days = [lead.first_contact for lead in year.leads]
    count = max(1, len(year.leads) // LEADS_PER_COLDER)
    return list(contacts(seed, count, min(days), max(days) + timedelta(days=1)))


async def introduce(door: FrontDoor, played: list[Colder]) -> None:
    """Send routing the reps, and capture the firms that are customers or competitors."""
    for team, count in REPS.items():
        for number in range(1, count + 1):
            await door.baton.routing.put_rep(f"{team}-{number}", team=team)
    for contact in played:
        if contact.account is not None:
            await door.baton.capture.put_account(people.domain(contact.key), **contact.account)
