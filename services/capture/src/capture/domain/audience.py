"""Who is out of the audience that marketing wants: flagged, and kept all the same."""

import re

from capture.domain.submission import Submission
from capture.playbook import AudienceRules
from events.contacts import EmailKind

_TERM = re.compile(r"\w+")


def find_out_of_audience_facts(submission: Submission, kind: EmailKind | None, audience: AudienceRules) -> list[str]:
    """Return the facts by which a person is out of the audience; an unknown fact counts for nothing."""
    found = []
    if submission.country is not None and audience.countries and submission.country not in audience.countries:
        found.append("country")
    if kind in audience.email_kinds_out:
        found.append("email_kind")
    if submission.job_title is not None:
        title = f" {' '.join(_TERM.findall(submission.job_title.casefold()))} "
        if any(terms in title for terms in audience.titles_out_in_lower_case):
            found.append("job_title")
    return found
