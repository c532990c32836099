"""The `baton` command: its names and exit codes are a contract (see `baton.exit_codes`).

Commands are named by import path and loaded when they are run: what all of them need together takes
longer to import than most of them take to run.
"""

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError
from rich.console import Console

from baton.cli.output import PipedConsole
from baton.exit_codes import DONE, FOUND_WRONG, WRONG_USAGE, BatonError

HELP = ("--help", "-h")

app = App(
    name="baton",
    help="Baton hands leads from marketing to sales. `baton up` starts it all on this machine.",
    help_format="markdown",
    console=PipedConsole(),
)
for command in ("up", "down", "status", "env", "demo"):
    app.command(f"baton.cli.stack:{command}")
app.command("baton.cli.clock:app", name="clock")
app.command("baton.cli.clock:wait")
app.command("baton.cli.flow:trace")
app.command("baton.cli.flow:access")
app.command("baton.cli.flow:audit")
app.command("baton.cli.routing:route")
app.command("baton.cli.dead_letters:app", name="dead-letters")
app.command("baton.cli.dead_letters:republish")
app.command("baton.cli.backups:backup")
app.command("baton.cli.backups:restore")
app.command("baton.cli.gaps:app", name="gaps")
app.command("baton.cli.playbook:app", name="playbook")
app.command("baton.cli.keys:app", name="keys")
app.command("baton.cli.leaks:leaks")
app.command("baton.cli.pages:app", name="desk")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    errors = Console(stderr=True)
    if not arguments or arguments[-1] in HELP:
        _import_command_group(arguments[:-1])
    try:
        outcome = app(
            arguments,
            exit_on_error=False,
            print_error=False,
            error_console=errors,
            result_action="return_value",
        )
    except CycloptsError as error:
        errors.print(f"[red]{error}[/red]\n(see `baton --help`)", highlight=False)
        return WRONG_USAGE
    except BatonError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    except (KeyboardInterrupt, BrokenPipeError) as error:
        if isinstance(error, BrokenPipeError):  # who read has seen enough: `baton env | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            sys.stderr.write(f"{error.filename}: {error.strerror}\n")
            return WRONG_USAGE
        if not _is_postgres_or_kafka_outage(error):
            raise
        sys.stderr.write(f"a part does not answer: {error or type(error).__name__}\n")
        return FOUND_WRONG
    return outcome if isinstance(outcome, int) else DONE


def _import_command_group(arguments: Sequence[str]) -> None:
    """Load the commands of a group, so that the overview can say what they do."""
    group = app
    for argument in arguments:
        if argument not in group:
            return
        group = group[argument]
    for name in group:
        group[name]


def _is_postgres_or_kafka_outage(error: Exception) -> bool:
    """Return whether PostgreSQL or Kafka was away, which a user can do something about."""
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - loaded only when something went wrong

    from baton.database import DATABASE_ERRORS  # noqa: PLC0415

    return isinstance(error, (OSError, KafkaError, *DATABASE_ERRORS))
