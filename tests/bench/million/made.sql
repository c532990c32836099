create temporary view made as select n, md5('contact' || n)::uuid as contact_id, md5('lead' || n)::uuid as lead_id,
  md5('engagement' || n)::uuid as first_id, md5('again' || n)::uuid as second_id,
  timestamptz '2025-01-01' + n * interval '20 seconds' as at, n % 2 = 0 as ended, 'rep-' || n % 50 as rep_id
from generate_series(1, :leads) n;
