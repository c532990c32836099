"""What people may ask for: who did it (`by`), when it really happened (`at`), and no free text but in `note`."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
    model_serializer,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from events.leads import MeetingOutcome, TouchKind, TouchOutcome
from events.moments import Moment
from events.parts import JsonObject
from feedback.domain.corrections import CorrectedFacts
from feedback.domain.lifecycle import Step


def check_printable(text: str) -> str:
    """Refuse control characters but line ends and tabs."""
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):  # noqa: PLR2004 - the C0 controls
        msg = "control characters"
        raise ValueError(msg)
    return text


Who = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""An id, not a name or an address: it travels on topics."""
LooseSlug = Annotated[StrictStr, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""Like the playbook's `Slug`, but a digit may come first: whether the playbook knows it is looked up afterwards."""
Title = Annotated[StrictStr, StringConstraints(min_length=1, max_length=100), AfterValidator(check_printable)]
Note = Annotated[StrictStr, StringConstraints(min_length=1, max_length=4000), AfterValidator(check_printable)]
Fact = Annotated[
    Annotated[StrictStr, StringConstraints(max_length=200), AfterValidator(check_printable)]
    | StrictBool
    | Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
    | None,
    Field(union_mode="left_to_right"),
]
Amount = Annotated[float, Field(strict=True, ge=0, le=1e12, allow_inf_nan=False)]

Day = date


def examples_config(*values: JsonDict) -> ConfigDict:
    """Return what these examples of its body add to a model's configuration."""
    extra: JsonDict = {"examples": [*values]}
    return ConfigDict(json_schema_extra=extra)


class Command(BaseModel):
    """Something that a person did with a lead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Who | None = None
    at: Moment | None = None


class Touch(Command):
    """An attempt to reach the contact."""

    model_config = examples_config(
        {"kind": "call", "outcome": "welcomed", "seconds": 240, "topics": ["pricing"], "by": "inbound-1"},
        {"kind": "email", "outcome": "no_answer", "automated": True, "by": "sequencer"},
    )

    kind: TouchKind
    outcome: TouchOutcome
    automated: StrictBool = False
    seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] | None = None
    topics: Annotated[tuple[LooseSlug, ...], Field(max_length=20)] = ()


class Meeting(Command):
    """A meeting was booked, held, missed, moved or called off."""

    model_config = examples_config(
        {"starts_at": "2026-03-04T14:00:00Z", "outcome": "booked", "by": "inbound-1"},
        {"starts_at": "2026-03-04T14:00:00Z", "outcome": "no_show", "with": "ae-1", "by": "inbound-1"},
    )

    starts_at: Moment
    outcome: MeetingOutcome
    with_rep: Annotated[Who | None, Field(alias="with")] = None


class MovingCommand(Command):
    """A command that moves the lead in its lifecycle, by one step of the table."""

    step: ClassVar[Step]


class CorrectContactFacts(Command):
    """What sales found out about the contact; the facts outrank forms and imports."""

    model_config = examples_config(
        {"facts": {"employees": 35}, "by": "inbound-1"},
        {"facts": {"competitor": "Jacquard", "renewal_at": "2026-12-01T00:00:00Z"}, "by": "inbound-1"},
    )

    facts: CorrectedFacts


class Accept(MovingCommand):
    """I work it."""

    model_config = examples_config({"by": "inbound-1"}, {"by": "ae-1", "role": "ae"})

    step = "accept"
    role: Literal["bdr", "ae", "am", "cs"] | None = None
    """In which role, where routing has not said so."""


class CommandWithReason(MovingCommand):
    """A command that needs a reason, and the further fields that its reason asks for."""

    reason: LooseSlug
    context: Annotated[dict[LooseSlug, Fact], Field(max_length=20)] = {}
    note: Note | None = None


class Reject(CommandWithReason):
    """Not for me; the reason decides what follows."""

    model_config = examples_config(
        {"reason": "wrong_territory", "context": {"country": "ES"}, "by": "inbound-1"},
        {"reason": "spam", "note": "The text advertises something.", "by": "inbound-1"},
    )

    step = "reject"


class BantAnswer(BaseModel):
    """One answer of sales qualification, with what the contact said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    yes: StrictBool
    amount: Amount | None = None
    date: Day | None = None
    role: LooseSlug | None = None
    quote: Note | None = None

    @model_serializer(mode="wrap")
    def _serialize_answer(self, handler: SerializerFunctionWrapHandler) -> Any:
        found = {name: value for name, value in handler(self).items() if value is not None}
        return self.yes if len(found) == 1 else found


def _parse_yes_or_no(value: object) -> object:
    """Read a plain yes or no as an answer."""
    if isinstance(value, bool):
        return {"yes": value}
    if not isinstance(value, dict | BantAnswer):
        raise PydanticCustomError("bool_type", "Input should be a valid boolean")
    return value


Answered = Annotated[
    BantAnswer,
    BeforeValidator(_parse_yes_or_no),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, BantAnswer.model_json_schema()]}),
]


class Bant(BaseModel):
    """The four answers of sales qualification: yes or no, or an answer with amount, date, role and quote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: Answered
    authority: Answered
    need: Answered
    timing: Answered

    @property
    def answers(self) -> dict[str, bool]:
        """Each answer as yes or no."""
        return {name: getattr(self, name).yes for name in type(self).model_fields}

    @property
    def details(self) -> JsonObject:
        """The answers that have more than yes or no."""
        found = self.model_dump(mode="json")
        return {name: each for name, each in found.items() if not isinstance(each, bool)}


class Confirm(MovingCommand):
    """An SQL, confirmed by a person."""

    model_config = examples_config(
        {
            "bant": {"budget": {"yes": True, "amount": 20000.0}, "authority": True, "need": True, "timing": False},
            "by": "ae-1",
        },
        {"bant": {"budget": True, "authority": False, "need": True, "timing": True}, "by": "inbound-1"},
    )

    step = "confirm"
    bant: Bant


class OpenOpportunity(MovingCommand):
    """A deal was opened."""

    model_config = examples_config(
        {"amount": 20000.0, "currency": "EUR", "external_id": "deal-81", "by": "ae-1"}, {"by": "ae-1"}
    )

    step = "opportunity"
    amount: Amount | None = None
    currency: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    external_id: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z0-9][\w.:/-]{0,99}$")] | None = None


class Won(MovingCommand):
    """The deal was won."""

    model_config = examples_config({"amount": 18000.0, "by": "ae-1"}, {"at": "2026-03-02T09:00:00Z", "by": "ae-1"})

    step = "won"
    amount: Amount | None = None


class Lost(CommandWithReason):
    """The deal was lost."""

    model_config = examples_config(
        {"reason": "competitor", "note": "They chose the other one for its price.", "by": "ae-1"},
        {"reason": "no_budget", "by": "ae-1"},
    )

    step = "lost"


class Recycle(CommandWithReason):
    """Return it to nurture; a reason that closes leads, such as a wrong ICP or persona, closes it."""

    model_config = examples_config(
        {"reason": "not_ready", "wake_at": "2026-09-01T09:00:00Z", "by": "inbound-1"},
        {"reason": "wrong_size", "context": {"employees": 4}, "by": "inbound-1"},
    )

    step = "recycle"
    wake_at: Moment | None = None
    renewal_at: Moment | None = None


class Disqualify(CommandWithReason):
    """Close it. Only a reason that closes does, such as a wrong ICP or persona; any other returns the lead."""

    model_config = examples_config(
        {"reason": "wrong_persona", "by": "inbound-1"},
        {"reason": "wrong_icp", "note": "They resell, and buy nothing.", "by": "inbound-1"},
    )

    step = "disqualify"


class CustomerChange(Command):
    """What became of a customer after the win."""

    model_config = examples_config(
        {"change": "upsold", "amount": 1200.0, "by": "cs-1"}, {"change": "churned", "by": "cs-1"}
    )

    change: Literal["upsold", "renewed", "churned", "handed_back"]
    amount: Amount | None = None


LeadCommand = Touch | Meeting | CorrectContactFacts | MovingCommand

COMMANDS: dict[str, type[Touch | Meeting | CorrectContactFacts | MovingCommand]] = {
    "touches": Touch,
    "meetings": Meeting,
    "corrections": CorrectContactFacts,
    "accept": Accept,
    "reject": Reject,
    "confirm": Confirm,
    "opportunity": OpenOpportunity,
    "won": Won,
    "lost": Lost,
    "recycle": Recycle,
    "disqualify": Disqualify,
}
