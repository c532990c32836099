"""What the teams agreed on: where a lead must stand for somebody to look."""

from typing import Literal

from events.playbook import Playbook

State = Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]


class NewcomerPlaybook(Playbook):
    """The whole of it."""

    states: tuple[State, ...]
    """A person whose last cycle stands at one of these is a case."""
