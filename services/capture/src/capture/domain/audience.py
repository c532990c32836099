"""Whom marketing does not mean to reach: flagged at the door and kept all the same."""

import re

from capture.domain.submission import Submission
from capture.playbook import Audience
from events.contacts import EmailKind

_WORD = re.compile(r"\w+")


def outside(told: Submission, kind: EmailKind | None, audience: Audience) -> list[str]:
    """Name the facts that speak against a person; what is unknown speaks against nobody."""
    found = []
    if told.country is not None and audience.countries and told.country not in audience.countries:
        found.append("country")
    if kind in audience.email_kinds_out:
        found.append("email_kind")
    if told.job_title is not None:
        title = f" {' '.join(_WORD.findall(told.job_title.casefold()))} "
        if any(words in title for words in audience.words_out):
            found.append("job_title")
    return found
