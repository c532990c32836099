create temporary view made as
select n, md5('contact' || n)::uuid as contact_id, md5('lead' || n)::uuid as lead_id,
    business_now() - n * interval '730 days' / 20000 as at, n % 40 = 0 as is_open, n % 80 = 0 as waits,
    n % 3 = 0 as came_back, 'rep-' || n % 100 as rep_id, 'team-' || n % 10 as team
from generate_series(1, 20000) n;

insert into people (contact_id, revision, name, company, suppressed)
select contact_id, 1, 'Ada ' || n, 'Works ' || n, '{}' from made;

insert into leads (lead_id, contact_id, cycle, facts, state, rep_id, owner_id, team, queue, placement, lead_type, fit,
    source, campaign, qualified_at, handed_over_at, placed_at, due_at, due_clock, missed, touches, ended_at, reason)
select lead_id, contact_id, 1, jsonb_build_object('life', jsonb_build_object('padding', repeat(md5(n::text), 40))),
    case when is_open then 'mql' when came_back then 'recycled' else 'won' end,
    case when is_open and not waits then rep_id end, case when not waits then rep_id end, team,
    case when waits then team end, 1, 'hand_raiser', 'A', 'web_form', 'spring', at, at, at,
    case when is_open then at + interval '1 hour' end, case when is_open then 'first_touch' end, false, 1,
    case when not is_open then at + interval '1 day' end,
    case when came_back and not is_open then 'not_ready' end
from made;

insert into entries
select md5('entry' || n || k)::uuid, contact_id, lead_id, 'lead.touched', at,
    '{"kind": "call", "by": "rep", "outcome": "no_answer"}'
from made, generate_series(1, 2) k;

insert into promises (clock_id, lead_id, contact_id, clock, policy, rep_id, team, started_at, due_at, as_of, met_at,
    breached_at)
select md5('clock' || n)::uuid, lead_id, contact_id, 'first_touch', 'standard', rep_id, team, at,
    at + interval '1 hour', at, case when n % 5 > 0 then at end, case when n % 5 = 0 then at + interval '1 hour' end
from made;

insert into remarks
select md5('remark' || n)::uuid, lead_id, contact_id, 'answer', 'max', at, '{"note": "Done"}'
from made where came_back and n % 2 = 0;

-- So many that no plan finds reading them all cheaper, whatever the statistics happen to say.
insert into remarks
select md5('question' || n || k)::uuid, lead_id, contact_id, 'question', 'lea', at, '{"text": "How did it go?"}'
from made, generate_series(1, 2) k where not came_back;

analyze people, leads, entries, promises, remarks;
