insert into leads (lead_id, contact_id, cycle, facts, handed_over_at, ended_at, rep_id, team, touches)
select lead_id, contact_id, 1,
  jsonb_build_object('raised', jsonb_build_object('', jsonb_build_object('at', at, 'source', 'web_form')),
    'places', jsonb_build_object('1', jsonb_build_object('number', 1, 'at', at, 'rep_id', rep_id)),
    'acts', '{}'::jsonb, 'ends', '{}'::jsonb),
  at, case when ended then at end, rep_id, 'bdr', 0
from made;
insert into clocks (clock_id, lead_id, contact_id, cycle, clock, run, policy, playbook_version, lead_type, started_at,
  due_at, state, breached_at, closed_at, escalations, reassigned, warnings)
select md5(clock || n)::uuid, lead_id, contact_id, 1, clock, 1, 'default', 'v1', 'hand_raiser', at,
  at + interval '2 days', case when ended then 'cancelled' else 'met' end, case when n % 10 = 0 then at end, at, 0,
  false, 0
from made cross join unnest(array['speed_to_lead', 'first_touch', 'review']) as c(clock);
