"""Why a command is not carried out. A refusal's docstring is its message; the API turns it into a problem document."""

from collections.abc import Sequence
from typing import Any, ClassVar

from feedback.domain.lifecycle import State, Step, legal_steps_for_people


class Refusal(ValueError):
    """The command cannot be carried out."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422

    def __init__(self, *fields: str, **extra: Any) -> None:
        self.fields = fields
        self.extra = extra
        super().__init__(self.code)

    @property
    def title(self) -> str:
        """The class's docstring."""
        return (type(self).__doc__ or self.code).strip().rstrip(".")

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each field at fault, under the refusal's code."""
        return [{"field": field, "code": self.code} for field in self.fields or ("",)]


class IllegalMove(Refusal):
    """The lead's state does not allow this."""

    code = "illegal_move"
    status = 409

    def __init__(self, state: State, step: Step) -> None:
        super().__init__("", state=state, attempted=step, legal=list(legal_steps_for_people(state)))


class WouldUndoLaterStep(Refusal):
    """Something that was done later rests on the opposite."""

    code = "would_undo"
    status = 409

    def __init__(self, state: State) -> None:
        super().__init__("at", state=state, legal=list(legal_steps_for_people(state)))


class ReasonUnknown(Refusal):
    """This reason is not in the playbook."""

    code = "reason_unknown"

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__("reason", known=sorted(known))


class ReasonNotFitting(Refusal):
    """This reason asks to route the lead again: reject the lead with it."""

    code = "reason_not_fitting"


class ContextMissing(Refusal):
    """This reason needs more context."""

    code = "context_missing"

    def __init__(self, reason: str, missing: Sequence[str], **known: Any) -> None:
        super().__init__(*(f"context.{name}" for name in missing), reason=reason, missing=list(missing), **known)


class InTheFuture(Refusal):
    """What happened cannot lie in the future."""

    code = "in_the_future"


class InstantOutOfRange(Refusal):
    """This instant must lie after the return, and within three years of it."""

    code = "instant_out_of_range"


class CurrencyUnknown(Refusal):
    """This currency is not in the playbook."""

    code = "currency_unknown"


class TooLittleKnownForSql(Refusal):
    """Too little is known for an SQL: the playbook's minimum is not met."""

    code = "qualification_missing"


class MayNotConfirm(Refusal):
    """An SQL is confirmed by the rep or manager who has the lead, or by somebody named in the playbook."""

    code = "not_entitled"
    status = 403
