"""A toy service in a process of its own that dies at a chosen point, as `kill -9` would have it, or at none.

Usage: python -m tests.events.runtime.crashing POINT URL SERVERS FOLDER NAME [INSTANCE]
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from events.runtime import service
from events.runtime.consumer import Consumer
from events.runtime.outbox import OutboxRelay
from tests.events.runtime.conftest import Toy


def _die(*_: Any) -> None:
    os._exit(9)


class DiesBeforePublish(OutboxRelay):
    async def _send_rows(self, producer: Any, rows: Sequence[Any], this: Any) -> int:
        _die()
        return await super()._send_rows(producer, rows, this)


class DiesBeforeDelete(OutboxRelay):
    async def _send_rows(self, producer: Any, rows: Sequence[Any], this: Any) -> int:
        await super()._send_rows(producer, rows, this)
        _die()
        raise AssertionError


class DiesBeforeOffset(Consumer):
    async def _commit_offset_hint(self, client: Any) -> None:
        _die(client)


async def main(point: str, url: str, servers: str, folder: str, *names: str) -> None:
    toy = Toy(url, servers, Path(folder))
    toy.service.name, instance = (*names, "toy-0")[:2]
    toy.service.settings = toy.service.settings.model_copy(update={"instance": instance})
    if point == "after commit before publish":
        vars(service)["OutboxRelay"] = DiesBeforePublish
    elif point == "after publish before delete":
        vars(service)["OutboxRelay"] = DiesBeforeDelete
    elif point == "after handler before offset":
        vars(service)["Consumer"] = DiesBeforeOffset
    elif point == "in the handler before commit":

        async def die() -> None:
            _die()

        toy.before_commit = die
    await toy.service.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
