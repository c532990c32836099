"""The ledger: an independent checker that compares the state of all six services, the journals and the topics.

```python
report = await examine_until_settled(databases, {"bootstrap_servers": "127.0.0.1:9092"})
assert report.residual == 0, report.findings
```

`databases` has one open connection a service (`baton.database.connect`). What is still on its way is no finding: each
difference is asked for again after everything that was unsent or unread has arrived, as often as the flow has hops.
"""

from baton.ledger.examining import examine_until_settled, run_all_checks
from baton.ledger.report import Finding, LedgerCheck, LedgerReport
from baton.ledger.scope import EVERYTHING, Scope, scope_of_contacts, scope_of_id_byte
from baton.ledger.watermark import Watermark

__all__ = [
    "EVERYTHING",
    "Finding",
    "LedgerCheck",
    "LedgerReport",
    "Scope",
    "Watermark",
    "examine_until_settled",
    "run_all_checks",
    "scope_of_contacts",
    "scope_of_id_byte",
]
