"""Send messages to people of ours: by mail and by chat webhook, several as one where they would flood.

A message is a row that was committed with its event. A worker claims what is due for a minute, puts off what its
reader should not be disturbed with now, sends the rest outside any transaction and records the result; if it dies in
between, another sends again after that minute: each is sent at least once. When something is sent is decided in the
transaction that claims it, by the hours, absences and promises that are known then; whoever saves others lets it be
decided again.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from prometheus_client import Counter

from desk import store
from desk.domain import Viewer, digest_letters, letter_forms, letters
from desk.domain.letters import DueMessage, LinkedAct
from desk.domain.notices import make_stand_in_messages
from desk.domain.quiet_times import WorkTimes, decide_sending, find_time_left, find_working_moment
from desk.handlers.access import draw_secret
from desk.handlers.languages import LANGUAGES
from desk.handlers.mailing import MailBody, add_calendar_entry, make_mail_body, post_to_chat, send_mail
from desk.handlers.upstream import UPSTREAM
from desk.playbook import DeskPlaybook, MessageRule
from events.rep_calendars import NOBODY_KNOWS
from events.runtime import Transaction, retry
from events.runtime.loops import run_rounds

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

AT_ONCE = 100
SENT_AT_ONCE, SEND_SECONDS = 25, 12.0
"""How many messages are under way together, and how long one may take: all that is claimed for a minute ends within it,
and one slow server holds up nobody else's message."""
PAUSE_SECONDS = 1.0
TRIES = (5, 30, 300, 1800, 7200)
"""Seconds after each failure; after the last a message is given up."""
MOST_LINKED = 10
"""Leads of one message that can be accepted by a link; a longer one is read on the page."""

MESSAGES = Counter("baton_messages_total", "Messages to people of ours: sent, failed or given up.", ["outcome"])
for outcome in ("sent", "failed", "given_up"):
    MESSAGES.labels(outcome)  # from 0 on, so that the first is an increase


class Round(NamedTuple):
    """One round of sending: what it decides by."""

    playbook: DeskPlaybook
    work_times: dict[str, WorkTimes]
    now: datetime
    business_now: datetime


class Bundle(NamedTuple):
    """What somebody gets by one way as one message."""

    rows: list[DueMessage]
    news: list[DueMessage]
    """Those of them that are still worth a message: what it consists of."""
    links: dict[UUID, list[LinkedAct]]


async def deliver_messages_forever(service: "Service[PageSettings]") -> None:
    """Send what is due until cancelled."""
    await run_rounds("messages", partial(deliver_due_messages, service), pause_seconds=PAUSE_SECONDS)


async def deliver_due_messages(service: "Service[PageSettings]", now: datetime | None = None) -> int:
    """Claim, bundle and send one round; return how many messages were looked at. `now` is real time."""
    async with service.transaction() as tx:
        at = now or datetime.now(UTC)
        claimed = await store.messages.claim_due_messages(tx, AT_ONCE, at)
        if not claimed:
            return 0
        reps = {each for row in claimed for each in (row.rep_id, row.lead_rep_id) if each}
        times = await store.rep_calendars.load_work_times(tx, reps)
        this_round = Round(tx.playbook(DeskPlaybook), times, at, tx.now)
        ready = await _put_off(tx, claimed, this_round)
    meetings = {(row.user_id, row.channel, row.lead_id) for row in ready if row.kind == "meeting"}

    def together(row: DueMessage) -> tuple[str, str, bool, str]:
        """Return what messages that come as one have in common; a week and a lead with a meeting come alone."""
        has_meeting = (row.user_id, row.channel, row.lead_id) in meetings
        return row.user_id, row.channel, row.kind == "digest", str(row.lead_id) if has_meeting else ""

    groups = [list(rows) for _, rows in groupby(sorted(ready, key=together), key=together)]
    await _send_all(service, groups, this_round)
    return len(claimed)


async def _put_off(tx: Transaction, claimed: Sequence[DueMessage], this_round: Round) -> list[DueMessage]:
    """Postpone what waits for its reader's next working time; return what is sent now.

    What is urgent for a rep who is away past it goes to those who stand in, and waits for the rep all the same. Where
    nobody can be reached who stands in, the rep is disturbed.
    """
    ready, waits, made = [], {}, []
    users: Sequence[Viewer] | None = None
    for row in claimed:
        rule = _find_rule(row, this_round)
        times = this_round.work_times.get(row.rep_id or "", WorkTimes())
        left = _find_time_left(row, this_round.business_now)
        sending = decide_sending(this_round.now, rule.wakes, left, this_round.playbook.quiet_hours, row.zone, times)
        if sending.at <= this_round.now:
            ready.append(row)
            continue
        if sending.stand_in and letters.is_with_reader(row):
            users = users if users is not None else await store.access.load_reachable_users(tx)
            others = make_stand_in_messages(row, users, this_round.playbook, this_round.now)
            if not others:
                ready.append(row)
                continue
            made += others
        waits[row.message_id] = sending.at
    await store.messages.save_messages(tx, made)
    await store.messages.postpone_messages(tx, waits)
    return ready


def _find_rule(row: DueMessage, this_round: Round) -> MessageRule:
    return this_round.playbook.messages.get(row.kind, MessageRule())


def _find_time_left(row: DueMessage, now: datetime) -> timedelta | None:
    """Return how long something may wait: until the promise ends, or until the meeting begins.

    None also where somebody else has the lead by now: what is promised about it is no matter of this reader's.
    """
    if letters.is_gone(row):
        return None
    if row.kind == "meeting":
        return row.meeting_at - now if row.meeting_at and row.meeting_at > now else None
    return find_time_left(row.clocks, now)


async def _send_all(service: "Service[PageSettings]", groups: Sequence[list[DueMessage]], this_round: Round) -> None:
    """Send each group as one message, or later where its reader had many lately, and record what came of it."""
    until = this_round.now + timedelta(minutes=this_round.playbook.bundle.minutes)
    async with service.transaction() as tx:
        floods = [rows for rows in groups if _is_flood(rows, until, this_round)]
        await store.messages.postpone_messages(tx, {row.message_id: until for rows in floods for row in rows})
        bundles = [await _make_bundle(service, rows, this_round, tx) for rows in groups if rows not in floods]
    under_way, recording = asyncio.Semaphore(SENT_AT_ONCE), asyncio.Lock()

    async def send_and_record(bundle: Bundle) -> None:
        fault = await _send(service, bundle, this_round, under_way)
        async with recording, service.transaction() as tx:
            await _record(tx, bundle, fault, this_round)

    ended = await asyncio.gather(*map(send_and_record, bundles), return_exceptions=True)
    for error in filter(None, ended):
        raise error


async def _record(tx: Transaction, bundle: Bundle, fault: str | None, this_round: Round) -> None:
    ids, attempts = [row.message_id for row in bundle.rows], max(row.attempts for row in bundle.rows)
    again = attempts <= len(TRIES) and bundle.rows[0].disabled_at is None
    again_at = this_round.now + timedelta(seconds=TRIES[attempts - 1]) if fault and again else None
    MESSAGES.labels("sent" if fault is None else "failed" if again_at else "given_up").inc(len(ids))
    await store.messages.record_send_results(tx, ids, fault, again_at, this_round.now)


def _is_flood(rows: Sequence[DueMessage], until: datetime, this_round: Round) -> bool:
    """Check whether messages come later, as their reader had many lately and nothing of them is urgent before then."""
    if rows[0].sent_lately < this_round.playbook.bundle.each_hour:
        return False
    waking = [row for row in rows if _find_rule(row, this_round).wakes is not False]
    left = [found for row in waking if (found := _find_time_left(row, this_round.business_now)) is not None]
    return not left or min(left) > until - this_round.now


async def _make_bundle(
    service: "Service[PageSettings]", rows: list[DueMessage], this_round: Round, tx: Transaction
) -> Bundle:
    news = _drop_what_is_moot(rows)
    links = await _links(service, news, this_round.playbook, tx) if news and news[0].kind != "digest" else {}
    return Bundle(rows, news, links)


def _drop_what_is_moot(rows: Sequence[DueMessage]) -> list[DueMessage]:
    """Return what is still worth a message: of a meeting the last change, and no end of an unknown one."""
    meetings = [row for row in rows if row.kind == "meeting"][-1:]
    if meetings and not letters.is_meeting_of_user(meetings[0]) and not meetings[0].is_announced:
        meetings = []
    return [*meetings, *(row for row in rows if row.kind != "meeting")]


async def _send(
    service: "Service[PageSettings]", bundle: Bundle, this_round: Round, under_way: asyncio.Semaphore
) -> str | None:
    """Send one message about one lead or several; return why that failed, without any value."""
    if not bundle.news:
        return None
    row = bundle.news[0]
    if row.disabled_at is not None:
        return "disabled"
    try:
        async with under_way, asyncio.timeout(SEND_SECONDS):
            if row.kind == "digest":
                return await _send_digest(service, row)
            return await _send_letter(service, bundle, this_round)
    except Exception as error:  # noqa: BLE001 - one that cannot be written or sent must not hold up everybody else's
        retry.raise_if_cancelled(error)
        return type(error).__name__


async def _send_digest(service: "Service[PageSettings]", row: DueMessage) -> str | None:
    found = await UPSTREAM.fetch(service, "feedback", "/v1/digest")
    if found is None:
        return "feedback_away"
    language = LANGUAGES.get(row.language or "", LANGUAGES["en"])
    subject, text = digest_letters.write_digest_message(found, _base(service), language)
    if row.channel == "chat":
        return await post_to_chat(service, row, text)
    html = letter_forms.write_html_of_text(subject, text, language.code)
    return await send_mail(service, row, MailBody(subject, text, html))


async def _send_letter(service: "Service[PageSettings]", bundle: Bundle, this_round: Round) -> str | None:
    row, base, now = bundle.news[0], _base(service), this_round.business_now
    language = LANGUAGES.get(row.language or "", LANGUAGES["en"])
    times = this_round.work_times.get(row.lead_rep_id or "")
    back_at = find_working_moment(this_round.now, times) if times else NOBODY_KNOWS
    letter = letters.write_message(
        bundle.news, base, bundle.links, now, language=language, back_at=back_at if back_at < NOBODY_KNOWS else None
    )
    if row.channel == "chat":
        return await post_to_chat(service, row, letter)
    body = make_mail_body(letter)
    if row.kind == "meeting" and row.meeting_at is not None and row.meeting_at > now:
        length = timedelta(minutes=this_round.playbook.meeting_minutes)
        body = add_calendar_entry(body, row, base, service.settings.mail_from, (this_round.now, length))
    return await send_mail(service, row, body)


def _base(service: "Service[PageSettings]") -> str:
    return service.settings.public_url.rstrip("/")


async def _links(
    service: "Service[PageSettings]", rows: Sequence[DueMessage], playbook: DeskPlaybook, tx: Transaction
) -> dict[UUID, list[LinkedAct]]:
    """Keep new links that do one thing once, for whoever may do it; return those of each message."""
    language = LANGUAGES.get(rows[0].language or "", LANGUAGES["en"])
    expires_at = datetime.now(UTC) + timedelta(hours=playbook.link_hours)
    alone = len({row.lead_id for row in rows}) == 1
    made, kept = {}, []
    for row in rows[:MOST_LINKED]:
        acts = []
        for action, says in letters.name_acts(row, language, alone=alone).items():
            token = draw_secret()
            kept.append((store.access.hash_secret(token), row, action))
            acts.append(LinkedAct(says, f"{_base(service)}/a/{token}"))
        made[row.message_id] = acts
    await store.messages.save_action_links(tx, kept, expires_at)
    return made
