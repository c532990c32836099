"""Why something is refused. Each error's docstring is its message."""

from events.runtime import DomainError


class LeadUnknown(DomainError):
    """There is no such lead, or it is not yours."""

    code = "lead_unknown"
    status = 404


class NotForYou(DomainError):
    """This page is not for your role."""

    code = "not_for_you"
    status = 403


class SignsForNobody(NotForYou):
    """This person signs as none of the approvers of these rules."""

    code = "signs_for_nobody"


class PersonUnknown(DomainError):
    """Nobody of this name may sign in: `baton desk invite` adds them."""

    code = "person_unknown"
    status = 404


class SignInFirst(DomainError):
    """Nobody is signed in on this browser."""

    code = "sign_in_first"
    status = 401


class SignInFailed(DomainError):
    """Nobody was signed in."""

    code = "sign_in_failed"
    status = 403

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__()
        self.sentence = sentence
        """What the person reads: why, and what can be done instead."""
        self.detail = detail
        """What operators read in the log: the kind of fault, nothing of what was sent."""


class TooFewApprovers(DomainError):
    """The definitions name fewer than two approvers: both teams must have agreed."""

    code = "approvers_missing"
    status = 422


class LinkUsed(DomainError):
    """This link was used already, or is too old."""

    code = "link_used"
    status = 410


class ActionRefused(DomainError):
    """It was not done."""

    code = "action_refused"
    status = 409

    def __init__(self, sentence: str, cause: str = "") -> None:
        self.sentence = sentence
        """What the person reads: why, and what can be done instead."""
        self.cause = cause
        """The code of the service that refused it."""
        super().__init__()

    @property
    def title(self) -> str:
        """The sentence."""
        return self.sentence.rstrip(".")


class SignedAlready(ActionRefused):
    """They signed these rules before, for the same approver."""

    code = "signed_already"


class ServiceAway(ActionRefused):
    """The service behind it does not answer just now: the same may be asked again, with the same `once`."""


class OutcomeUnknown(ServiceAway):
    """It may have been done, for it was sent and no answer came."""
