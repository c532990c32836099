"""`baton playbook propose` and `approve`: what stands on the page Rules, where both teams sign it too."""

import asyncio
from pathlib import Path

from baton import candidates, playbook
from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json, print_notice
from baton.cli.rule_files import checked
from baton.exit_codes import DONE, FoundWrongError


def propose(folder: Path, *, by: str, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Put a checked playbook beside the one in force on the page Rules: both teams sign it there.

    * `baton playbook propose candidate/ --by ola`

    What it changes stands on the page in words. Who signs is invited with `baton desk invite --signs-as`. A candidate
    that is not in force yet ends when another is proposed.

    Parameters
    ----------
    folder
        Where the files are.
    by
        Who proposes it.
    data
        The directory of the stack that is up.
    json
        Print a document instead of the bare link.
    """
    sources = checked(folder)
    made = asyncio.run(candidates.propose(ServiceAddresses.find(data), sources, by))
    if json:
        print_json(made.model_dump(mode="json"))
    else:
        print(made.url)  # noqa: T201 - this is what was asked for
        print_notice(f"asked to sign: {', '.join(playbook.list_approvers(sources))}")
    return DONE


def approve(folder: Path | None = None, *, by: str, data: Data = DEFAULT_DATA) -> int:
    """Approve a playbook: exactly these files, by a person who signs the rules.

    * `baton playbook approve deploy/playbook --by eva`

    It is the same as signing on the page Rules; each approves as the approver for whom `baton desk invite --signs-as`
    invited them, and nobody for both teams. Nothing is in force by that. When both teams have approved, on the page or
    here, `baton playbook activate` does it; a file changed afterwards needs its approvals anew.

    Parameters
    ----------
    folder
        Where the six files are; the ones that come with Baton if left out.
    by
        Who approves, as the pages know them.
    data
        The directory of the stack that is up.
    """
    sources = checked(folder)
    check_persons(playbook.list_approvers(sources), by)
    found = asyncio.run(candidates.approve(ServiceAddresses.find(data), sources, by))
    missing = ", ".join(found.missing)
    state = f"still to approve: {missing}" if missing else "approved by all: `baton playbook activate`"
    print_notice(f"approved by {', '.join(each.by for each in found.signatures)}; {state}")
    return DONE


def check_persons(approvers: list[str], *named: str) -> None:
    """Check that persons are named, not whom they sign as. Raises `FoundWrongError`."""
    for name in named:
        if name in approvers:
            raise FoundWrongError(
                f"{name} is nobody's name: name the person (`baton desk invite NAME --signs-as {name}` adds them)"
            )
