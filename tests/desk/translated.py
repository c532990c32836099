"""Every English text of the pages that are translated: all but the operator's and the rules."""

import re
from pathlib import Path

from desk.api import pages
from desk.domain import digest_letters, letters, wording
from feedback.domain import digest

TEMPLATES = Path(pages.__file__).parent / "templates"
TRANSLATED = (
    "page", "macros", "leads", "lead_list", "person", "reason_fields", "settings", "sign_in", "message", "link",
    "promises", "promises_list", "choose", "today", "today_body", "today_list", "returned", "reviews", "funnel",
    "funnel_list", "digest_list", "offline", "forms", "form_snippet", "scanners",
)  # fmt: skip
CALL = re.compile(r"\b_\('((?:[^'\\]|\\.)*)'")
ARGUMENTS = (
    "Team", "Rep", "Clock", "Policy", "Week", "Source", "Campaign",
    "Lead type", "Fit", "a week ago", "30 days ago", "90 days ago", "a year ago", "the start",
    "Is there a budget?", "Do they decide?", "Do they have a problem we solve?", "Will they buy soon?",
    "Qualified", "Handed over", "Touched", "Accepted", "Confirmed", "Opportunity", "Won", "Returned",
    "not known", "Not known", "No campaign",
    "Goes back to nurture.", "Is closed for good.", "Is routed to somebody else.",
)  # fmt: skip
"""What a template says of a value, not by `_('...')`."""
SENTENCES = (
    "Accepted. It is yours.", "Logged.", "Meeting booked.", "Confirmed.", "Returned to marketing.", "Passed on.",
    "Nobody else can take it now, so it stays with you.", "Saved.", "There is no such lead, or it is not yours.",
    "This page is not for your role.", "This link was used already, or is too old.",
    "This lead is not with you any more.", "Choose whether it was a call, an e-mail or a message.",
    "Choose how it went.", "Choose the day and the time of the meeting.", "Say why you pass it on.", "Choose a reason.",
    "Answer all four: budget, authority, need and timing.", "Write the renewal date as a day.",
    "Write a whole e-mail address, or leave it empty.", "The chat webhook is an https address of Slack or Teams.",
    "There is no such time zone; write one such as Europe/Berlin.",
    "The service behind this does not answer just now. Nothing was changed: try again in a moment.",
    "No answer came in time, so it may have been done. Look again before you do it once more.",
    "It was done already, as you wrote it first. Look again before you do it once more.",
    "What this form made was used, has ended or is too old, so it is not shown again. Make a new one.",
    "Sent to sales.", "Returned.", "Comment added.", "Paused: no new leads until you resume.", "Leads come again.",
    "Write your answer first.", "Write your comment first.", "Choose who gets it.", "Say why.",
    "There is no such rep.", "The digest cannot be read just now.",
    "Your calendar is read from now on.", "Your calendar is read no more.",
    "Write the https address of your calendar; it mostly ends in .ics.",
    "The list cannot be read just now.",
    "Write the address of each site, one a line, such as https://www.example.com (20 at most).",
    "The name of a campaign has letters, digits and - _ . : alone.",
    "Make the snippet first: the test is sent with its key.", "The test arrived. Nobody is called.",
    "Choose the event, or write its name: letters, digits and - _ . : alone.", "Write what the device is called.",
    "Ended: it scans no more.",
    "This key submits the form from these sites no more: make a new snippet.",
    "This page was open for too long, or you signed in again meanwhile. Go back and reload it.",
)  # fmt: skip
"""What commands answer."""


def texts() -> set[str]:
    found = {
        text.replace("\\'", "'")
        for name in TRANSLATED
        for text in CALL.findall((TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))
    }
    tables = (wording.CLOCKS, wording.STATES, wording.TYPES, wording.OUTCOMES, wording.KINDS, wording.EVIDENCE,
              wording.PREFERENCES, wording.PLACEMENTS, wording.FILTERS, wording.STORY, wording.ENGAGEMENTS,
              letters.ACTIONS, letters.SUBJECTS, pages.TITLES)  # fmt: skip
    found |= {text for table in tables for text in table.values()}
    found |= {text.capitalize() for text in digest.REACHED if text not in digest_letters.NUMBERS}
    return found | {*wording.TOUCHED, *wording.TIMES, *letters.TEXTS, *digest_letters.TEXTS, *ARGUMENTS, *SENTENCES}
