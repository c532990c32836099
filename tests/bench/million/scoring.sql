insert into engagements (engagement_id, contact_id, engagement, source, occurred_at, received_at, talk_to_sales, facts)
select unnest(array[first_id, second_id]), contact_id, 'demo_request', 'web_form', at, at, true, '{"seats": 20}'
from made;
insert into leads (lead_id, contact_id, cycle, lead_type, told_type, outcome, fit, by_request, engagement_id, opened_at,
  qualified_at, ended_at)
select lead_id, contact_id, 1, 'hand_raiser', 'hand_raiser', 'hand_raiser', 'A', true, first_id, at, at,
  case when ended then at end
from made;
insert into turns (turn_id, contact_id, kind, at, cycle)
select md5('turn' || n)::uuid, contact_id, 'recycled', at, 1 from made where ended;
