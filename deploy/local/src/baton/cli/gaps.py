"""`baton gaps`: records that were deleted from a topic before a service had applied them."""

import asyncio
from uuid import UUID

from cyclopts import App

from baton import gaps
from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice, print_table
from baton.exit_codes import DONE

app = App(name="gaps", help="Records that were deleted before a service had applied them.")


@app.command(name="list")
def list_missed_ranges(*, everything: bool = False, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """List what was missed and is not sent again in full.

    * `baton gaps list`

    Parameters
    ----------
    everything
        Also what is healed or accepted as lost.
    """
    missed = asyncio.run(gaps.list_gaps(ServiceAddresses.find(data), everything=everything))
    found = [each.as_document() for each in missed]
    if json:
        print_json(found)
    else:
        columns = ("id", "service", "topic", "partition", "from_offset", "to_offset", "republished", "erased", "state")
        print_table("Missed", columns, found)
    return DONE


@app.command
def show(which: UUID, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show one range with the records that the services published there.

    * `baton gaps show 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    found = asyncio.run(gaps.read_gap(ServiceAddresses.find(data), which))
    if json:
        print_json(found)
    else:
        console.print_json(data=found, default=str)
    return DONE


@app.command
def heal(which: UUID, *, data: Data = DEFAULT_DATA) -> int:
    """Ask the producers once more for what was missed.

    * `baton gaps heal 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    print_notice(f"asked again by {asyncio.run(gaps.act_on_gap(ServiceAddresses.find(data), which, 'heal'))}")
    return DONE


@app.command
def accept(which: UUID, *, data: Data = DEFAULT_DATA) -> int:
    """Accept that what is missing still is lost, and close the range.

    * `baton gaps accept 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    print_notice(f"accepted by {asyncio.run(gaps.act_on_gap(ServiceAddresses.find(data), which, 'accept'))}")
    return DONE
