insert into people (contact_id, revision, name, email, company, suppressed)
select contact_id, 1, 'Ada ' || n, 'ada.' || n || '@works.example', 'Works ' || n, '{}' from made;
insert into leads (lead_id, contact_id, cycle, facts, state, rep_id, owner_id, team, placement, lead_type, fit,
  qualified_at, handed_over_at, placed_at, missed, touches, ended_at)
select lead_id, contact_id, 1, '{}', case when ended then 'recycled' else 'mql' end, case when not ended then rep_id end,
  rep_id, 'bdr', 1, 'hand_raiser', 'A', at, at, at, false, 1, case when ended then at end
from made;
