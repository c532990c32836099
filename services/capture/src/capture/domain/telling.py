"""What the other services are told of an engagement: all that matters to them, and nothing that names anybody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from capture.domain import privacy
from capture.domain.arrival import Arrival, consents_of
from capture.domain.audience import outside
from capture.domain.companies import company_key
from capture.domain.profile import Profile
from capture.domain.submission import Submission
from capture.playbook import CapturePlaybook
from events.contacts import ContactCaptured, Utm
from events.envelope import Scalar

READING = timedelta(days=1)
"""How long somebody may read before the talk they asked for afterwards."""


class Register(NamedTuple):
    """What the registers say of the campaign and the content that an engagement names."""

    ends_at: datetime | None = None
    """When the campaign ends."""
    stage: str | None = None
    """The buying stage that the content serves."""


def captured(  # noqa: PLR0917 - one event of six facts
    arrival: Arrival,
    engagement_id: UUID,
    person: Profile,
    rules: CapturePlaybook,
    register: Register,
    now: datetime,
) -> ContactCaptured:
    """Tell of one engagement of `person`, as known with it."""
    told = arrival.submission
    whom = person.named(told.phone, told.email.address if told.email else None)
    said = _texts(told, whom)
    utm = _utm(told, whom)
    facts = privacy.public_facts(told.facts, whom, rules.withheld_facts)
    return ContactCaptured(
        occurred_at=arrival.occurred_at,
        contact_id=person.contact_id,
        engagement_id=engagement_id,
        engagement=arrival.engagement,
        source=arrival.source,
        received_at=now,
        utm=utm,
        email_domain=person.email_domain,
        email_kind=person.email_kind,
        country=told.country,
        employees=told.employees,
        preference=told.preference,
        preferred_at=told.preferred_at,
        talk_to_sales=told.talk_to_sales,
        talk_to_sales_when=told.talk_to_sales_when,
        facts=facts | ({"suppressed": True} if person.suppressed else {}),
        consents=privacy.public_consents(
            consents_of(told.consent or (), arrival.occurred_at, rules.double_opt_in), whom
        ),
        talk_to_sales_at=_talk_at(arrival, register.ends_at),
        company_key=privacy.public_text(company_key(told.company), whom),
        out_of_audience=outside(told, person.email_kind, rules.audience),
        suppressed=list(person.suppressed),
        content_stage=register.stage,
        withheld=_withheld(told, said, utm, facts),
        **said,
    )


def _texts(told: Submission, whom: privacy.Person) -> dict[str, str | None]:
    """Return the texts that may leave, None for those that may not."""
    return {
        "content": privacy.public_code(told.content, whom),
        "campaign": privacy.public_code(told.campaign, whom),
        "company": privacy.public_text(told.company, whom),
        "region": privacy.public_place(told.region, whom),
        "postal_code": privacy.public_code(told.postal_code, whom),
        "industry": privacy.public_place(told.industry, whom),
        "job_title": privacy.public_place(told.job_title, whom),
    }


def _withheld(
    told: Submission, said: Mapping[str, str | None], utm: Utm | None, facts: Mapping[str, Scalar]
) -> list[str]:
    """Return the names of the fields whose values stayed with capture because they may identify the person."""
    names = [name for name, text in said.items() if text is None and getattr(told, name) is not None]
    if utm is not None and told.utm is not None:
        fields = type(utm).model_fields
        names += [f"utm.{one}" for one in fields if getattr(utm, one) is None and getattr(told.utm, one) is not None]
    if len(facts) < len(told.facts):
        names.append("facts")
    return names


def _talk_at(arrival: Arrival, ends_at: datetime | None) -> datetime | None:
    """Give the instant from which on the wish to talk counts, where it is not at once."""
    told = arrival.submission
    if not told.talk_to_sales:
        return None
    if told.talk_to_sales_when == "after_reading":
        return arrival.occurred_at + READING
    if told.talk_to_sales_when == "after_event" and ends_at is not None and ends_at > arrival.occurred_at:
        return ends_at
    return None


def _utm(told: Submission, whom: privacy.Person) -> Utm | None:
    if told.utm is None:
        return None
    return Utm(
        source=privacy.public_code(told.utm.source, whom),
        medium=privacy.public_code(told.utm.medium, whom),
        campaign=privacy.public_code(told.utm.campaign, whom),
        term=privacy.public_code(told.utm.term, whom),
        content=privacy.public_code(told.utm.content, whom),
    )
