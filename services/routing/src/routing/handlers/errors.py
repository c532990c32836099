"""Why a command is refused. Each error's docstring is its message."""

from events.runtime import DomainError


class LeadUnknown(DomainError):
    """Routing has no such lead."""

    code = "lead_unknown"
    status = 404


class QueueUnknown(DomainError):
    """The playbook has no such queue."""

    code = "queue_unknown"
    status = 404


class LeadEnded(DomainError):
    """Sales no longer has this lead."""

    code = "lead_ended"


class NotTheirLead(DomainError):
    """Somebody else has this lead; only the rep who has it can pass it on."""

    code = "not_their_lead"


class RepUnknown(DomainError):
    """There is no such rep."""

    code = "rep_unknown"
    status = 422


class RepNotFound(RepUnknown):
    """There is no such rep."""

    status = 404


class RepUnavailable(DomainError):
    """This rep can't take a lead now."""

    code = "rep_unavailable"


class RepLeft(DomainError):
    """This rep left."""

    code = "rep_gone"


class NotAssigned(DomainError):
    """Nobody has this lead."""

    code = "not_assigned"


class SlotTaken(DomainError):
    """Nobody is free at this time any more; ask for the free slots again."""

    code = "slot_taken"


class RequestUnderWay(DomainError):
    """Your request is still on its way to us; please choose the time again in a moment."""

    code = "request_under_way"


class NoMeetingAhead(DomainError):
    """This lead has no meeting ahead."""

    code = "no_meeting"
    status = 404


class TeamUnknown(DomainError):
    """The playbook has no such team."""

    code = "team_unknown"
    status = 422


class TeamMissing(DomainError):
    """A new rep needs a team."""

    code = "missing"
    status = 422


class HoursInvalid(DomainError):
    """These hours make no calendar: blocks begin before they end and do not overlap, zones and places exist."""

    code = "hours_invalid"
    status = 422


class CalendarInvalid(DomainError):
    """This is no iCalendar file, has an event that is not understood, or more than two hundred absences."""

    code = "calendar_invalid"
    status = 422


class CalendarTakesTooLong(DomainError):
    """This calendar takes too long to read; send a shorter time of it, or a calendar with busy times alone."""

    code = "calendar_takes_too_long"
    status = 422


class CalendarTooComplex(DomainError):
    """This calendar takes too much memory to read; send a shorter time of it, or a calendar with busy times alone."""

    code = "calendar_too_complex"
    status = 422


class CalendarLinkUnknown(DomainError):
    """No calendar has this link; it may have been replaced or taken back."""

    code = "link_unknown"
    status = 404


class CalendarHasSource(DomainError):
    """This rep's calendar is read at an address; take the address back before you send a file."""

    code = "calendar_has_source"


class CalendarSourceUnknown(DomainError):
    """This rep's calendar is read at no address."""

    code = "calendar_source_unknown"
    status = 404


class CalendarUnreadable(DomainError):
    """This calendar could not be read."""

    code = "calendar_unreadable"

    def __init__(self, problem: str) -> None:
        self.problem = problem
        """What is wrong, as `domain.PROBLEMS` names it."""
        super().__init__()
