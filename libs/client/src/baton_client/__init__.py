"""Typed clients of Baton's services: `Baton` for ordinary programs, `AsyncBaton` for asynchronous ones."""

from baton_client.baton import AsyncBaton, Baton
from baton_client.errors import ClientError, NotReached, Refused

__all__ = ["AsyncBaton", "Baton", "ClientError", "NotReached", "Refused"]
