"""What values mean: a status as an outcome, a request as a raised hand, an activity as a person's touch.

Whole terms of several languages, looked for in the value; what somebody wrote in a mapping file comes first.
"""

from collections.abc import Iterable, Mapping

from leaks.mapping import MappingChoices, fold_heading

RETURNED = ("nurture", "nurturing", "recycle", "recycled", "returned", "later", "not ready", "wiedervorlage", "on hold")
LOST = (
    "lost", "closed not converted", "not converted", "unqualified", "disqualified", "dead", "junk", "bad timing",
    "rejected", "archived", "cold", "verloren", "abgesagt", "not interested", "no show", "closed lost",
)  # fmt: skip
WON = ("won", "converted", "customer", "closed won", "qualified won", "gewonnen", "kunde", "closed converted")
HAND_RAISES = (
    "demo", "contact", "contact us", "contact form", "contact sales", "talk to sales", "call back", "callback",
    "call me", "quote", "pricing request", "trial request", "inquiry", "enquiry", "kontakt", "kontaktformular",
    "angebot", "anfrage", "ruckruf", "phone", "inbound call", "chat", "live chat",
)  # fmt: skip
TOUCHES = (
    "call", "phone", "email", "e mail", "mail", "meeting", "message", "sms", "whatsapp", "linkedin", "outbound",
    "visit", "lunch", "anruf", "besuch", "termin", "video", "demo",
)  # fmt: skip
NO_TOUCHES = (
    "note",
    "form submission",
    "page view",
    "newsletter",
    "marketing email",
    "mass email",
    "list email",
    "task",
)
YES = frozenset(("yes", "true", "1", "y", "x", "ja", "wahr", "oui", "si", "sim", "vrai", "won"))


def has_term(value: str, terms: Iterable[str]) -> bool:
    """Return whether a value holds one of the terms as whole words."""
    padded = f" {fold_heading(value)} "
    return any(f" {term} " in padded for term in terms)


def outcome_of(status: str) -> str:
    """Return `returned`, `lost`, `won` or `open` for a status.

    Example:
        >>> [outcome_of(each) for each in ("Closed - Not Converted", "Closed - Converted", "Working", "Nurture")]
        ['lost', 'won', 'open', 'returned']
    """
    if has_term(status, RETURNED):
        return "returned"
    if has_term(status, LOST):
        return "lost"
    return "won" if has_term(status, WON) else "open"


def is_touch(kind: str) -> bool:
    """Return whether an activity of this kind is a person's attempt to reach the lead."""
    return has_term(kind, TOUCHES) and not has_term(kind, NO_TOUCHES)


Values = Mapping[str, set[str]]


def find_value_meanings(leads: Values, activities: Values, deals: Values, choices: MappingChoices) -> MappingChoices:
    """Return the meaning of each value that the files have: as it was chosen, else as its terms say.

    Args:
        leads: The values of each field of the leads whose values mean something.
        activities: Those of the activities.
        deals: Those of the deals.
        choices: What was chosen by hand.
    """
    found = MappingChoices(dict(choices.columns), reasons=dict(choices.reasons))
    statuses = leads.get("status", set()) | deals.get("status", set())
    found.statuses = {each: choices.statuses.get(each.casefold()) or outcome_of(each) for each in sorted(statuses)}
    found.requests = _classify_values(leads.get("request", leads.get("source", set())), choices.requests, HAND_RAISES)
    kinds = activities.get("kind", set())
    found.touches = {each: choices.touches.get(each.casefold(), is_touch(each)) for each in sorted(kinds)}
    return found


def _classify_values(values: Iterable[str], chosen: Mapping[str, bool], terms: tuple[str, ...]) -> dict[str, bool]:
    return {each: chosen.get(each.casefold(), has_term(each, terms)) for each in sorted(values)}
