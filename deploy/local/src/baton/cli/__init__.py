"""The `baton` command: its names and exit codes are a contract (see `baton.outcome`)."""

import sys
from collections.abc import Sequence

import asyncpg
from aiokafka.errors import KafkaError
from cyclopts import App, CycloptsError
from rich.console import Console

from baton.cli import clock, flow, letters, playbook, stack
from baton.cli import keys as api_keys
from baton.outcome import DONE, FOUND_WRONG, WRONG_USAGE, BatonError

app = App(
    name="baton",
    help="Baton hands leads from marketing to sales. `baton up` starts it all on this machine.",
    help_format="markdown",
)
app.command(stack.up)
app.command(stack.down)
app.command(stack.status)
app.command(stack.env)
app.command(stack.demo)
app.command(clock.app)
app.command(clock.wait)
app.command(flow.trace)
app.command(flow.audit)
app.command(letters.app)
app.command(letters.republish)
app.command(playbook.app)
app.command(api_keys.app)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    errors = Console(stderr=True)
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
    except (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        sys.stderr.write(f"a part does not answer: {error or type(error).__name__}\n")
        return FOUND_WRONG
    except KeyboardInterrupt:
        return DONE
    return outcome if isinstance(outcome, int) else DONE
