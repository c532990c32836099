"""Send messages to people of ours: by mail and by chat webhook, several as one where they would flood.

A message is a row that was committed with its event. A worker claims what is due for longer than a round can take, puts
off what its reader should not be disturbed with now, sends the rest outside any transaction and records the result; if
it dies in between, another sends again when the claim is over: each is sent at least once. When something is sent is
decided in the transaction that claims it, by the hours, absences and promises that are known then; whoever saves others
lets it be decided again.
"""

import asyncio
from collections import defaultdict
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
from desk.handlers.mailing import LONGEST_SECONDS, MailBody, add_calendar_entry, make_mail_body, post_to_chat, send_mail
from desk.handlers.upstream import UPSTREAM
from desk.playbook import DeskPlaybook, MessageRule
from events.rep_calendars import NOBODY_KNOWS
from events.runtime import Transaction, retry
from events.runtime.loops import run_rounds

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

AT_ONCE = 100
SENT_AT_ONCE, SENT_AT_ONCE_BY_HOST = 25, 3
"""How many messages are under way together, and to one server: providers refuse more (Exchange Online: three)."""
START_SECONDS = 30.0
"""What has not had its turn after so long is left to the next round."""
MESSAGE_SECONDS = LONGEST_SECONDS + 15.0
"""How long one message may take: to prepare and to send."""
CLAIM = timedelta(seconds=START_SECONDS + MESSAGE_SECONDS + 60.0)
"""Longer than a round takes: its last message starts within START_SECONDS; a minute is for the database."""
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


async def deliver_messages_forever(service: "Service[PageSettings]") -> None:
    """Send what is due until cancelled."""
    await run_rounds("messages", partial(deliver_due_messages, service), pause_seconds=PAUSE_SECONDS)


async def deliver_due_messages(service: "Service[PageSettings]", now: datetime | None = None) -> int:
    """Claim, bundle and send one round; return how many messages were looked at. `now` is real time."""
    async with service.transaction() as tx:
        at = now or datetime.now(UTC)
        claimed = await store.messages.claim_due_messages(tx, AT_ONCE, at, CLAIM)
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
    hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, SENT_AT_ONCE_BY_HOST))
    under_way, saving, loop = asyncio.Semaphore(SENT_AT_ONCE), asyncio.Lock(), asyncio.get_running_loop()
    last_start = loop.time() + START_SECONDS

    async def send_and_record(rows: list[DueMessage]) -> None:
        async with hosts[_find_host(rows[0])], under_way:
            is_late = loop.time() > last_start
            fault = None if is_late else await _send(service, rows, this_round, saving)
        async with saving, service.transaction() as tx:
            if is_late:
                await store.messages.postpone_messages(tx, {row.message_id: this_round.now for row in rows})
            else:
                await _record(tx, rows, fault, this_round)

    now = [rows for rows in groups if rows not in floods]
    ended = await asyncio.gather(*map(send_and_record, now), return_exceptions=True)
    for error in filter(None, ended):
        raise error


def _find_host(row: DueMessage) -> str:
    """Return what names the server that a message goes to; all mails go to one."""
    return "" if row.channel != "chat" else (row.chat_url or "").partition("://")[2].partition("/")[0].lower()


async def _record(tx: Transaction, rows: list[DueMessage], fault: str | None, this_round: Round) -> None:
    ids, attempts = [row.message_id for row in rows], max(row.attempts for row in rows)
    again = attempts <= len(TRIES) and rows[0].disabled_at is None
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


def _drop_what_is_moot(rows: Sequence[DueMessage]) -> list[DueMessage]:
    """Return what is still worth a message: of a meeting the last change, and no end of an unknown one."""
    meetings = [row for row in rows if row.kind == "meeting"][-1:]
    if meetings and not letters.is_meeting_of_user(meetings[0]) and not meetings[0].is_announced:
        meetings = []
    return [*meetings, *(row for row in rows if row.kind != "meeting")]


async def _send(
    service: "Service[PageSettings]", rows: list[DueMessage], this_round: Round, saving: asyncio.Lock
) -> str | None:
    """Send one message about one lead or several, of what is still worth one; return why that failed, no value."""
    try:
        async with asyncio.timeout(MESSAGE_SECONDS):
            news = _drop_what_is_moot(rows)
            if not news:
                return None
            if news[0].disabled_at is not None:
                return "disabled"
            if news[0].kind == "digest":
                return await _send_digest(service, news[0])
            async with saving, service.transaction() as tx:
                links = await _save_links(service, news, this_round.playbook, tx)
            return await _send_letter(service, news, links, this_round)
    except Exception as error:  # noqa: BLE001 - one that cannot be prepared or sent must not hold up everybody else's
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
    return await send_mail(service, [row], MailBody(subject, text, html))


async def _send_letter(
    service: "Service[PageSettings]", news: list[DueMessage], links: dict[UUID, list[LinkedAct]], this_round: Round
) -> str | None:
    row, base, now = news[0], _base(service), this_round.business_now
    language = LANGUAGES.get(row.language or "", LANGUAGES["en"])
    times = this_round.work_times.get(row.lead_rep_id or "")
    back_at = find_working_moment(this_round.now, times) if times else NOBODY_KNOWS
    letter = letters.write_message(
        news, base, links, now, language=language, back_at=back_at if back_at < NOBODY_KNOWS else None
    )
    if row.channel == "chat":
        return await post_to_chat(service, row, letter)
    body = make_mail_body(letter)
    if row.kind == "meeting" and row.meeting_at is not None and row.meeting_at > now:
        length = timedelta(minutes=this_round.playbook.meeting_minutes)
        body = add_calendar_entry(body, row, base, service.settings.mail_from, (this_round.now, length))
    return await send_mail(service, news, body)


def _base(service: "Service[PageSettings]") -> str:
    return service.settings.public_url.rstrip("/")


async def _save_links(
    service: "Service[PageSettings]", rows: Sequence[DueMessage], playbook: DeskPlaybook, tx: Transaction
) -> dict[UUID, list[LinkedAct]]:
    """Save new links that do one thing once, for whoever may do it; return those of each message."""
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
