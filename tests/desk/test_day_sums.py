"""The sums by day are what counting the rows finds, whatever changes a row, in any order, and folded or not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import product
from typing import get_args

import asyncpg

from desk import handlers, store
from desk.store.reports import KEPT, STEPS, By, PromiseBy, build_group_expression
from events.runtime.rows import Row
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import LEA, MAX, MIA, OLA

CHANGES = """
insert into leads (lead_id, contact_id, cycle, facts, state, team, placement, source, campaign, fit, qualified_at,
    missed, touches)
select md5('lead' || n)::uuid, md5('contact' || n % 20)::uuid, 1, '{}', 'mql', case when n % 5 > 0 then 'team-' || n % 3
    end, 1, case when n % 4 > 0 then 'source-' || n % 4 end, 'spring', 'A',
    case when n % 7 > 0 then timestamptz '2026-01-01 20:00+00' + n * interval '3 hours' end, false, 0
from generate_series(1, 60) n;
update leads set touches = touches + 1, state = 'accepted', accepted_at = qualified_at where lead_id::text < '8';
update leads set state = 'won', amount = 0.1, confirmed_at = qualified_at, opportunity_at = qualified_at
where lead_id::text < '4';
update leads set state = 'lost', amount = null where lead_id::text < '1';
update leads set qualified_at = qualified_at + interval '1 day', source = 'referral', team = 'team-9', fit = 'B'
where lead_id::text > 'c';
update leads set handed_over_at = qualified_at, state = 'recycled', lead_type = 'trial' where lead_id::text > 'e';
delete from leads where contact_id = md5('contact3')::uuid;
insert into promises (clock_id, lead_id, contact_id, clock, policy, rep_id, team, started_at, due_at, as_of)
select md5('clock' || n)::uuid, md5('lead' || n)::uuid, md5('contact' || n % 20)::uuid, 'clock-' || n % 3,
    'policy-' || n % 2, case when n % 6 > 0 then 'ann' end, case when n % 5 > 0 then 'inbound' end, now(),
    case when n % 7 > 0 then timestamptz '2026-01-01 20:00+00' + n * interval '3 hours' end, now()
from generate_series(1, 60) n;
update promises set met_at = due_at where clock_id::text < '8';
update promises set breached_at = due_at where clock_id::text between '6' and 'b';
update promises set rescinded_at = due_at where clock_id::text > 'f';
update promises set rep_id = 'bob', team = 'elsewhere', due_at = due_at - interval '1 week' where clock_id::text > 'a';
delete from promises where contact_id = md5('contact3')::uuid;
"""
COUNTED = "select * from (select {}, {} from {} group by 1, 2, 3) counted where num_nonnulls({}) > 0"
Counts = dict[tuple[object, ...], tuple[object, ...]]


async def read(raw: asyncpg.Connection, key: str, measures: dict[str, str], rows: str) -> Counts:
    sums = ", ".join(f"{measure} as {name}" for name, measure in measures.items())
    found = await raw.fetch(COUNTED.format(key, sums, rows, ", ".join(measures)))
    return {tuple(row)[:3]: tuple(row)[3:] for row in found}


async def differences(harness: ServiceHarness) -> list[str]:
    """Return by which dimensions the sums are not what the rows are."""
    wrong = []
    leads: dict[str, str] = {
        name: f"nullif(count(*) filter (where {condition}), 0)" for name, condition in STEPS.items()
    }
    leads["revenue"] = "nullif(sum(l.amount::numeric) filter (where l.state = 'won'), 0)"
    promises: dict[str, str] = {
        name: f"nullif(count(*) filter (where {condition}), 0)" for name, condition in KEPT.items()
    }
    columns = {name: name for name in get_args(By)}
    for dimensions, table, alias, day, measures in (
        (columns, "leads", "l", "qualified_at", leads),
        ({"team": "team", "policy": "policy", "clock": "clock", "rep": "rep_id"}, "promises", "p", "due_at", promises),
    ):
        sums = "funnel_days" if table == "leads" else "promise_days"
        for dimension, column in dimensions.items():
            key = f"{build_group_expression(alias, column)}, team, ({day} at time zone 'utc')::date as day"
            counted = await read(harness.raw, key, measures, f"{table} {alias} where {day} is not null")
            added = await read(
                harness.raw, '"group", team, day', {name: f"nullif(sum({name}), 0)" for name in measures},
                f"{sums} where dimension = '{dimension}'",
            )  # fmt: skip
            assert counted
            if counted != added:
                wrong.append(
                    f"{table} by {dimension}: {sorted(set(counted.items()) ^ set(added.items()), key=str)[:4]}"
                )
    return wrong


async def test_the_sums_are_what_the_rows_count(harness: ServiceHarness) -> None:
    """Whatever writes: new rows and changed ones, other days, groups and teams, nothing any more, rows that go."""
    await harness.raw.execute(CHANGES)
    assert await differences(harness) == []
    assert await handlers.fold_some_day_sums(harness.service) > 0
    assert await handlers.fold_some_day_sums(harness.service) == 0
    assert await differences(harness) == []
    await harness.raw.execute("update leads set state = 'recycled' where state = 'won'; delete from promises")
    await harness.raw.execute("update leads set state = 'won' where lead_id::text < '2'")
    assert await handlers.fold_some_day_sums(harness.service) > 0
    lists = "select count(*) filter (where not folded), count(*) from funnel_days union all select 0, count(*)"
    assert [tuple(row) for row in await harness.raw.fetch(f"{lists} from promise_days")][1] == (0, 0)
    await harness.raw.execute(CHANGES.partition("insert into promises")[2].join(["insert into promises", ""]))
    assert await differences(harness) == []


async def test_each_number_is_as_long_as_its_list(harness: ServiceHarness) -> None:
    """Page by page, wherever a page begins; a leader's and a rep's are their own."""
    await harness.raw.execute(CHANGES)
    reports, since = store.reports, date(2026, 1, 1)
    numbers: list[tuple[int, Callable[[int, int], Awaitable[Sequence[Row]]]]] = []
    async with harness.transaction() as tx:
        for viewer, by in product((MAX, LEA, replace(LEA, team="team-9")), get_args(By)):
            for line, step in product(await reports.count_funnel(tx, viewer, by, since), STEPS):
                listed = partial(reports.load_funnel_leads, tx, viewer, by, line.group, step, since)
                numbers.append((getattr(line, step), listed))
        for viewer, by in product((OLA, LEA, MIA), get_args(PromiseBy)):
            for kept, what in product(await reports.count_promises(tx, viewer, by, since), KEPT):
                of_kept = partial(reports.load_promises, tx, viewer, by, kept.group, what, since)
                numbers.append((getattr(kept, what), of_kept))
        for number, rows_of in numbers:
            whole = await rows_of(0, 60)
            assert len(whole) == number, rows_of
            assert [row for skip in range(0, 60, 7) for row in await rows_of(skip, 7)] == whole
    assert sum(number for number, _ in numbers) > 500
