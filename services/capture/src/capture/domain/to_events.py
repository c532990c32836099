"""What is published of an engagement: all that other services need, and nothing that names a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from capture.domain import privacy
from capture.domain.arrival import Arrival, date_consents
from capture.domain.audience import find_out_of_audience_facts
from capture.domain.profile import Profile
from capture.domain.submission import Submission
from capture.playbook import CapturePlaybook
from events.contacts import ContactCaptured, Utm
from events.names import normalize_company_name
from events.parts import Scalar

READING = timedelta(days=1)
"""How long somebody may read before the talk they asked for afterwards."""


class CatalogueEntry(NamedTuple):
    """What the catalogue says of a piece of content: the buying stage that it serves, and its title."""

    stage: str | None = None
    title: str | None = None


class RegisterFacts(NamedTuple):
    """What the registers say of the campaign and the content that an engagement names."""

    ends_at: datetime | None = None
    """When the campaign ends."""
    content: CatalogueEntry = CatalogueEntry()


def captured_event(  # noqa: PLR0917 - one event of six facts
    arrival: Arrival,
    engagement_id: UUID,
    person: Profile,
    rules: CapturePlaybook,
    register: RegisterFacts,
    now: datetime,
) -> ContactCaptured:
    """Return the event of one engagement of `person`, with what is known of the person after it."""
    submission = arrival.submission
    whom = person.identifiers(submission.phone, submission.email.address if submission.email else None)
    texts = _publishable_texts(submission, whom)
    utm = _publishable_utm(submission, whom)
    facts = privacy.public_facts(submission.facts, whom, rules.withheld_facts)
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
        country=submission.country,
        employees=submission.employees,
        preference=submission.preference,
        preferred_at=submission.preferred_at,
        talk_to_sales=submission.talk_to_sales,
        talk_to_sales_when=submission.talk_to_sales_when,
        facts=facts | ({"suppressed": True} if person.suppressed else {}),
        consents=privacy.public_consents(
            date_consents(submission.consent or (), arrival.occurred_at, rules.double_opt_in), whom
        ),
        talk_to_sales_at=_talk_to_sales_due_at(arrival, register.ends_at),
        company_key=privacy.public_company_name(normalize_company_name(submission.company), whom),
        out_of_audience=find_out_of_audience_facts(submission, person.email_kind, rules.audience),
        suppressed=list(person.suppressed),
        content_stage=register.content.stage,
        content_title=register.content.title,
        withheld=_withheld_field_names(submission, texts, utm, facts),
        reachable=person.email is not None or person.phone is not None,
        **texts,
    )


def _publishable_texts(submission: Submission, whom: privacy.DirectIdentifiers) -> dict[str, str | None]:
    """Return the texts that may leave, None for those that may not."""
    return {
        "content": privacy.public_code(submission.content, whom),
        "campaign": privacy.public_code(submission.campaign, whom),
        "company": privacy.public_company_name(submission.company, whom),
        "region": privacy.public_description(submission.region, whom),
        "postal_code": privacy.public_code(submission.postal_code, whom),
        "industry": privacy.public_description(submission.industry, whom),
        "job_title": privacy.public_description(submission.job_title, whom),
    }


def _withheld_field_names(
    submission: Submission, texts: Mapping[str, str | None], utm: Utm | None, facts: Mapping[str, Scalar]
) -> list[str]:
    """Return the names of the fields whose values stayed with capture because they may identify the person."""
    names = [name for name, text in texts.items() if text is None and getattr(submission, name) is not None]
    if utm is not None and submission.utm is not None:
        fields = type(utm).fields()
        names += [
            f"utm.{name}" for name in fields if getattr(utm, name) is None and getattr(submission.utm, name) is not None
        ]
    if len(facts) < len(submission.facts):
        names.append("facts")
    return names


def _talk_to_sales_due_at(arrival: Arrival, ends_at: datetime | None) -> datetime | None:
    """Return when the request to talk to sales counts from (UTC), None where it is at once or there is none."""
    submission = arrival.submission
    if not submission.talk_to_sales:
        return None
    if submission.talk_to_sales_when == "after_reading":
        return arrival.occurred_at + READING
    if submission.talk_to_sales_when == "after_event" and ends_at is not None and ends_at > arrival.occurred_at:
        return ends_at
    return None


def _publishable_utm(submission: Submission, whom: privacy.DirectIdentifiers) -> Utm | None:
    if submission.utm is None:
        return None
    return Utm(
        source=privacy.public_code(submission.utm.source, whom),
        medium=privacy.public_code(submission.utm.medium, whom),
        campaign=privacy.public_code(submission.utm.campaign, whom),
        term=privacy.public_code(submission.utm.term, whom),
        content=privacy.public_code(submission.utm.content, whom),
    )
