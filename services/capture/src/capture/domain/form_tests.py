"""Forms that are filled in as a test, by an address that nobody can have: what would be published, without it."""

from collections.abc import Mapping
from datetime import datetime

from capture.domain.arrival import make_arrival
from capture.domain.identity import IdentityHasher
from capture.domain.intake import KnownForBatch, take_batch
from capture.domain.submission import Submission
from capture.domain.to_events import CatalogueEntry
from capture.playbook import CapturePlaybook
from events.contacts import FORM_TEST_ADDRESS, ContactCaptured


def is_form_test(submission: Submission) -> bool:
    """Return whether a form was filled in as a test."""
    return submission.email is not None and submission.email.address.casefold() == FORM_TEST_ADDRESS


def build_event_of_test(  # noqa: PLR0917 - one event, by all that it depends on
    submission: Submission,
    hasher: IdentityHasher,
    rules: CapturePlaybook,
    now: datetime,
    campaign_ends: Mapping[str, datetime],
    content: Mapping[str, CatalogueEntry],
) -> ContactCaptured:
    """Return the event that somebody new who had sent this would have made, by the same way as everybody's."""
    known = KnownForBatch({}, {}, {}, campaign_ends=campaign_ends, content=content)
    arrival = make_arrival(submission, hasher, rules, now)
    return take_batch([arrival], known, hasher, rules, now).engagements[0].event
