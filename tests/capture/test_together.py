"""Submissions that arrive at the same instant, on connections of their own: nothing here is rolled back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr

from capture import api, app, handlers, store
from capture.api.intake import SubmissionGatherer
from capture.domain.submission import Submission
from capture.handlers import IncomingSubmission, SubmissionResult
from capture.handlers.errors import EventIdReused
from capture.playbook import CapturePlaybook
from capture.settings import CaptureSettings
from events.runtime import DomainError, Service, batcher, migrate
from events.runtime.deadlines import lengthen_deadlines
from events.runtime.problems import IdempotencyKeyReused
from events.runtime.testing import BUSY
from tests.capture.builders import submission_body
from tests.capture.conftest import PLAYBOOKS
from tests.containers import Server

Copies = Sequence[SubmissionGatherer]
ROUNDS = range(5)


def copy_of_service(url: str) -> Service[CaptureSettings]:
    """One more process's worth of capture on the same database."""
    made = Service(
        name="capture",
        settings=CaptureSettings,
        playbook=("capture.yaml", CapturePlaybook),
        migrations=Path(str(app.__file__)).parent / "migrations",
        on={},
        due={},
        router=api.router,
        audit=store.find_violations,
    )
    made.settings = CaptureSettings.model_construct(
        database_url=SecretStr(url), secret=SecretStr("a secret for tests alone"), kafka_bootstrap_servers="nowhere:1",
        clock="system", clock_start=None, playbook_dir=PLAYBOOKS, pool_size=4,
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
async def services(server: Server) -> AsyncIterator[list[Service[CaptureSettings]]]:
    url = await asyncio.to_thread(server.create_database, "capture_together")
    copies = [copy_of_service(url) for _ in range(3)]
    await migrate.apply_migrations(url, copies[0].migrations)
    await copies[0].prepare()
    with lengthen_deadlines(BUSY):
        yield copies
    for each in copies:
        await each.stop()


@pytest.fixture
def intakes(services: list[Service[CaptureSettings]]) -> list[SubmissionGatherer]:
    return [SubmissionGatherer(each) for each in services]


async def at_once(
    intakes: Copies, incoming: Callable[[int], IncomingSubmission], number: int = 30
) -> list[SubmissionResult | BaseException]:
    return list(
        await asyncio.gather(
            *(intakes[n % len(intakes)].take(incoming(n)) for n in range(number)), return_exceptions=True
        )
    )


def submission(**changes: object) -> Submission:
    return Submission.model_validate(submission_body(**changes))


def contacts(answers: Sequence[SubmissionResult | BaseException]) -> set[UUID]:
    assert not [answer for answer in answers if not isinstance(answer, SubmissionResult)]
    return {answer.captured.contact_id for answer in answers if isinstance(answer, SubmissionResult)}


def accepted(answers: Sequence[SubmissionResult | BaseException]) -> int:
    return sum(isinstance(answer, SubmissionResult) and answer.captured.status == "accepted" for answer in answers)


@pytest.mark.parametrize("round_", ROUNDS)
async def test_one_person_at_one_instant_is_one_contact(
    intakes: Copies, services: list[Service[CaptureSettings]], round_: int
) -> None:
    """Design §1: a unique table maps every identity key; three processes race for it."""
    mail, phone = f"one{round_}@x.example", f"+4930901{round_}20"

    def by_either(n: int) -> IncomingSubmission:
        return IncomingSubmission(submission(email=mail, phone=phone if n % 2 else None, event_id=f"one-{round_}-{n}"))

    answers = await at_once(intakes, by_either)
    assert (len(contacts(answers)), accepted(answers)) == (1, 30)
    async with services[0].transaction() as tx:
        shown = await handlers.show_contact(contacts(answers).pop(), tx)
    assert (shown.profile.engagements, len(shown.history.engagements), shown.profile.phone) == (30, 30, phone)
    assert shown.profile.revision <= 30
    assert await services[0].audit_now() == []


@pytest.mark.parametrize("round_", ROUNDS)
async def test_one_event_under_many_addresses_is_one_engagement_and_the_others_are_refused(
    intakes: Copies, services: list[Service[CaptureSettings]], round_: int
) -> None:
    """B66 against the clock: nobody's key is shared, the event alone is."""
    answers = await at_once(
        intakes,
        lambda n: IncomingSubmission(submission(email=f"many{round_}-{n}@x.example", event_id=f"many-{round_}")),
    )
    assert accepted(answers) == 1
    assert [type(answer) for answer in answers].count(EventIdReused) == len(answers) - 1
    assert await services[0].audit_now() == []


async def test_no_row_of_a_list_is_refused_because_somebody_in_it_is_locked(
    services: list[Service[CaptureSettings]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list waits for a row that another session holds; who posts a form is asked to come again at once."""
    monkeypatch.setattr(batcher, "LOCK_MILLISECONDS", 1)
    patient, other = SubmissionGatherer(services[0]), SubmissionGatherer(services[1])
    known = IncomingSubmission(submission(email="locked@x.example", event_id="locked-1"))
    contact = (await other.take(known)).captured.contact_id
    async with services[2].transaction() as tx:
        await tx.raw.execute("select from contacts where contact_id = $1 for update", contact)
        again = IncomingSubmission(submission(email="locked@x.example", event_id="locked-2"))
        beside = IncomingSubmission(submission(email="beside@x.example", event_id="beside-1"))
        listed = asyncio.create_task(patient.take_parsed([again, beside]))
        with pytest.raises(asyncpg.LockNotAvailableError):
            await other.take(IncomingSubmission(submission(email="locked@x.example", event_id="locked-3")))
        assert not listed.done()
    assert [item["status"] for item in await listed] == ["accepted", "accepted"]


@pytest.mark.parametrize("round_", ROUNDS)
async def test_one_key_at_one_instant_gives_one_answer(intakes: Copies, round_: int) -> None:
    """B69, X31: twenty at once; one acts, nineteen are told the same."""
    claim = ("contacts:k", f"key-{round_}", "hash")
    answers = await at_once(
        intakes, lambda _: IncomingSubmission(submission(email=f"key{round_}@x.example"), claim), 20
    )
    assert len(contacts(answers)) == 1
    assert sum(isinstance(answer, SubmissionResult) and not answer.replayed for answer in answers) == 1
    assert len({answer.to_body() for answer in answers if isinstance(answer, SubmissionResult)}) == 1


async def test_one_key_with_two_bodies_at_one_instant_takes_one(intakes: Copies) -> None:
    """B70, X32."""

    def two_bodies(n: int) -> IncomingSubmission:
        return IncomingSubmission(submission(email=f"body{n % 2}@x.example"), ("contacts:k", "two-bodies", str(n % 2)))

    answers = await at_once(intakes, two_bodies, 20)
    taken = [answer for answer in answers if isinstance(answer, SubmissionResult)]
    assert len({answer.captured.contact_id for answer in taken}) == 1
    assert {type(answer) for answer in answers} == {SubmissionResult, IdempotencyKeyReused}


@pytest.mark.parametrize("round_", ROUNDS)
async def test_who_submits_while_being_forgotten_is_one_or_the_other(
    intakes: Copies, services: list[Service[CaptureSettings]], round_: int
) -> None:
    """Whatever comes first, no row of a forgotten contact is left, and nobody new bears its id."""
    mail = f"gone{round_}@x.example"
    first = await intakes[0].take(IncomingSubmission(submission(email=mail, engagement="pricing_view")))
    old = first.captured.contact_id

    async def erase() -> None:
        async with services[2].transaction() as tx:
            await handlers.erase_person(old, "tests", tx)

    results = await asyncio.gather(
        erase(),
        at_once(intakes, lambda n: IncomingSubmission(submission(email=mail, event_id=f"gone-{round_}-{n}")), 10),
    )
    assert len(contacts(results[1])) <= 2
    async with services[0].transaction() as tx:
        rows = await tx.raw.fetch("select from engagements where contact_id = $1", old)
        assert not rows
        with pytest.raises(DomainError):
            await handlers.show_contact(old, tx)
    assert await services[0].audit_now() == []


@pytest.mark.parametrize("round_", ROUNDS)
async def test_a_person_known_by_three_names_at_one_instant_is_one_person(
    intakes: Copies, services: list[Service[CaptureSettings]], round_: int
) -> None:
    """However the merges race, nobody waits in a circle, and one speaks for all."""
    mail, phone, badge = f"three{round_}@x.example", f"+4930901{round_}30", f"expo:{round_}"
    nameless = {"email": None, "first_name": None, "last_name": None}

    def by_any(n: int) -> IncomingSubmission:
        kind = n % 4
        sent = submission(phone=phone, event_id=f"t-{round_}-{n}", **(nameless if kind in {0, 1} else {"email": mail}))
        if kind in {1, 2}:
            sent = sent.model_copy(update={"phone": None})
        return IncomingSubmission(sent, badge=badge if kind in {1, 2} else None)

    await at_once(intakes, by_any)
    last = await intakes[0].take(IncomingSubmission(submission(email=mail, phone=phone), badge=badge))
    async with services[0].transaction() as tx:
        shown = await handlers.show_contact(last.captured.contact_id, tx)
        rows = await tx.raw.fetch(
            "select distinct contact_id from identities where contact_id = any($1)",
            [shown.profile.contact_id, *(each.contact_id for each in shown.merged)],
        )
    assert shown.profile.engagements == len(shown.history.engagements) == 31
    assert len(rows) == 1 + len(shown.merged)
    assert await services[0].audit_now() == []


async def test_a_stream_whose_transactions_overlap_is_taken_in_line_by_line(
    services: list[Service[CaptureSettings]],
) -> None:
    """What the last line tells of somebody holds, although two transactions are on their way at a time."""
    intake = SubmissionGatherer(services[0])
    assert CaptureSettings.model_fields["intake_at_once"].default == 2
    lines = [
        submission_body(email=f"line{n % 3}@x.example", region=f"R{n}", event_id=f"line-{n}") for n in range(2_500)
    ]
    groups = [lines[at : at + 625] for at in range(0, len(lines), 625)]
    answers = await asyncio.gather(*(intake.take_many(group) for group in groups))
    assert {item["status"] for group in answers for item in group} == {"accepted"}
    for item, last in zip(answers[-1][-3:], lines[-3:], strict=True):
        async with services[0].transaction() as tx:
            shown = await handlers.show_contact(UUID(item["contact_id"]), tx)
        assert shown.profile.region == last["region"]
    assert await services[0].audit_now() == []
