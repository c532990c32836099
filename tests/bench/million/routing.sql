insert into leads (lead_id, contact_id, cycle, state, placement, decisions, worked, lead_type, fit, team, queue, rep_id,
  handed_over_at, placed_at, in_turn, ended_at, facts)
select lead_id, contact_id, 1, case when ended then 'closed' else 'assigned' end, 1, 1, true, 'hand_raiser', 'A', 'bdr',
  'demo', rep_id, at, at, true, case when ended then at end,
  jsonb_build_object('company', 'Works ' || n, 'campaign', repeat('x', 400))
from made;
insert into decisions (lead_id, number, contact_id, kind, decided_at, reason, placement, rep_id, tried, playbook_version)
select lead_id, 1, contact_id, 'assigned', at, 'rotation', 1, rep_id, '[]', 'v1' from made;
