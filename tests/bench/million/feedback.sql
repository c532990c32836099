insert into people (contact_id, revision, engagements) select contact_id, 1, 2 from made;
insert into signals (engagement_id, contact_id, at, hand_raise)
select unnest(array[first_id, second_id]), contact_id, at, true from made;
insert into leads (lead_id, contact_id, cycle, heard_at, placement, placed, rep_id, team, roles, moves, touches,
  automated_touches, path, revenue, state, side, since, track)
select lead_id, contact_id, 1, at, 1, 'assigned', rep_id, 'bdr', '{}', '[]', 0, 0, '[]', 0,
  case when ended then 'recycled' else 'mql' end, case when ended then 'marketing' else 'sales' end, at, 'value'
from made;
insert into history (entry_id, lead_id, contact_id, kind, at, recorded_at, details)
select md5('turn' || n)::uuid, lead_id, contact_id, 'lead.recycled', at, at, '{}' from made where ended;
insert into history (entry_id, lead_id, contact_id, kind, at, recorded_at, details)
select md5(clock || 'h' || n)::uuid, lead_id, contact_id, 'clock.breached', at, at,
  jsonb_build_object('clock_id', md5(clock || n)::uuid)
from made cross join unnest(array['speed_to_lead', 'first_touch', 'review']) as c(clock) where n % 10 = 0;
