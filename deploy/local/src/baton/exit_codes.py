"""How a command ends: the exit codes are a contract, so each has one name and one exception."""

DONE = 0
FOUND_WRONG = 1
WRONG_USAGE = 2
CANNOT_START = 3


class BatonError(Exception):
    """A command cannot go on; its sentence is all the user gets to see."""

    code = FOUND_WRONG


class FoundWrongError(BatonError):
    """The command ran and what it looked at is not as it must be."""

    code = FOUND_WRONG


class WrongUsageError(BatonError):
    """The command was asked for something that makes no sense here."""

    code = WRONG_USAGE


class CannotStartError(BatonError):
    """A part of the stack could not start; the sentence says which and why."""

    code = CANNOT_START
