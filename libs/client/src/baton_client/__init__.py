"""Typed clients of Baton's services: `Baton` for ordinary programs, `AsyncBaton` for asynchronous ones."""

from baton_client.baton import AsyncBaton, Baton
from baton_client.errors import AnswerUnreadable, ClientError, NotReached, Refused

__all__ = ["AnswerUnreadable", "AsyncBaton", "Baton", "ClientError", "NotReached", "Refused"]
