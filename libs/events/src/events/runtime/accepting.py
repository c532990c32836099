"""How connections are accepted: many in a turn of the loop, and never so many that nothing else is done."""

import asyncio
import contextlib
import os
import socket
from functools import partial
from typing import Any

import uvicorn

from events.runtime.logging import logger

log = logger()

BACKLOG = 4096
"""Connections that may wait to be accepted; the kernel's own bound (`net.core.somaxconn`) is mostly the same."""
ACCEPTED_PER_SECOND, MOST_AT_ONCE, PAUSE_SECONDS = 3_000, 500, 0.02
"""Connections: soon enough for all who wait for an answer, and slow enough to leave time for those who are in."""
FULL_SECONDS = 1.0
"""How long nobody is accepted when no descriptor is free."""


class PacedServer(uvicorn.Server):
    """Accepts connections itself, many in a turn of the loop but never so many that nothing else is done.

    libuv accepts one in a turn. When much is to do a turn takes long, more connections wait than the kernel keeps, and
    it drops the others: their senders try again after one second, then after three, and get no answer meanwhile.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._doors: list[socket.socket] = []
        self._opening: set[asyncio.Task[Any]] = set()
        self._capacity, self._counted_at = 0.0, 0.0
        """Connections that may be accepted now, and as of when."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        for server in self.servers:
            self._doors += [socket.socket(fileno=os.dup(each.fileno())) for each in server.sockets]
            server.close()
        for door in self._doors:
            door.setblocking(False)
            self._watch_listening_socket(door)

    def _watch_listening_socket(self, door: socket.socket) -> None:
        if door in self._doors:
            asyncio.get_running_loop().add_reader(door, self._accept_connections, door)

    def _accept_connections(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        gained = ACCEPTED_PER_SECOND * (loop.time() - self._counted_at)
        self._capacity, self._counted_at = min(MOST_AT_ONCE, self._capacity + gained), loop.time()
        pause = PAUSE_SECONDS
        while self._capacity >= 1:
            try:
                connection, _ = door.accept()
            except (BlockingIOError, ConnectionAbortedError):  # nobody else waits, or who did has gone
                return
            except OSError as error:  # no descriptor is free: looking again at once would only heat the core
                log.warning("no_connection_accepted", reason=type(error).__name__)
                pause = FULL_SECONDS
                break
            self._capacity -= 1
            self._start_connection(connection)
        loop.remove_reader(door)
        loop.call_later(pause, self._watch_listening_socket, door)

    def _start_connection(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        opening = loop.create_task(loop.connect_accepted_socket(self._make_protocol, connection))
        self._opening.add(opening)
        opening.add_done_callback(partial(self._finish_connection_start, connection))

    def _finish_connection_start(self, connection: socket.socket, opening: "asyncio.Task[Any]") -> None:
        self._opening.discard(opening)
        if not opening.cancelled() and (error := opening.exception()) is not None:  # who connected has gone again
            connection.close()
            log.info("connection_failed", reason=type(error).__name__)

    def _make_protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer who has connected by now, accept nobody else, and end."""
        while self._doors:
            door = self._doors.pop()
            asyncio.get_running_loop().remove_reader(door)
            with contextlib.suppress(OSError):  # nobody else waits, or no descriptor is free
                while True:
                    self._start_connection(door.accept()[0])
            door.close()
        await asyncio.gather(*self._opening, return_exceptions=True)
        await super().shutdown(sockets)
