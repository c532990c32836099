"""What is one attempt to reach a contact: the touches of one spell, for every service that counts them."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def first_touch_of_each_spell(touches: Iterable[datetime], spell: timedelta) -> list[datetime]:
    """Return the first touch of each spell, in order: `touches` come in any order, each instant once or more.

    A touch within `spell` of the one that counted before does not count.
    """
    found: list[datetime] = []
    for at in sorted(touches):
        if not found or at - found[-1] >= spell:
            found.append(at)
    return found
