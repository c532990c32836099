insert into engagements (engagement_id, contact_id, engagement, source, occurred_at, received_at, talk_to_sales, facts)
select unnest(array[first_id, second_id]), contact_id, 'demo_request', 'web_form', at, at, true, '{"seats": 20}'
from made;
insert into profiles (contact_id, revision, first_seen_at, told, engagements, email, company, consents)
select contact_id, 1, at, '{}', 2, 'ada.' || n || '@works.example', 'Works ' || n, '[]' from made;
