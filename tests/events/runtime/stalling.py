"""A relay in a process of its own that stops in the midst of its first round, as `kill -STOP` would have it.

Usage: python -m tests.events.runtime.stalling URL SERVERS NAME
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from events.runtime.outbox import OutboxRelay


class StopsBeforePublish(OutboxRelay):
    stopped = False

    async def _send_rows(self, producer: Any, rows: Sequence[Any], this: Any) -> int:
        if not self.stopped:
            self.stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return await super()._send_rows(producer, rows, this)


if __name__ == "__main__":
    url, servers, name = sys.argv[1:]
    asyncio.run(StopsBeforePublish(source=f"baton/{name}", servers=servers, database_url=url).run())
