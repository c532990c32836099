"""`baton playbook`: the rules of engagement both teams agreed on."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from cyclopts import App
from rich.markdown import Markdown

from baton import agreement, approvals, playbook, remote
from baton.access import Addresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, document, say
from baton.cli.rule_files import in_force, is_there
from baton.data_dir import DataDir
from baton.exit_codes import DONE, FOUND_WRONG, FoundWrongError, WrongUsageError
from baton.parts import playbook_directory
from baton.stack import Stack
from events.runtime.playbooks import PlaybookText

app = App(name="playbook", help="The rules of engagement: check, show, compare, try, learn, approve, activate.")
for learned in ("calibrate", "score"):
    app.command(f"baton.cli.learning:{learned}")
app.command("baton.cli.candidates:propose")
app.command("baton.cli.simulating:simulate")
app.command("baton.cli.rehearsing:simulate_routing")
app.command("baton.cli.shadowing:app", name="shadow")


@app.command
def check(folder: Path | None = None, *, json: AsJson = False) -> int:
    """Check the files of a playbook as the services will read them, and name all faults at once.

    * `baton playbook check deploy/playbook`

    Parameters
    ----------
    folder
        Where the six files are; the ones that come with Baton if left out.
    """
    sources, faults = playbook.check(folder or playbook_directory())
    versions = {name: source.version for name, source in sources.items()}
    warned = list(playbook.warnings(sources))
    if json:
        document({"versions": versions, "faults": [asdict(fault) for fault in faults], "warnings": warned})
    else:
        for name, version in versions.items():
            console.print(f"{name:<12} {version}", highlight=False)
        for fault in faults:
            say(f"{fault.file}: {fault.field or 'the file'}: {fault.message}")
        for warning in warned:
            say(f"probably not meant: {warning}")
    return FOUND_WRONG if faults else DONE


@app.command
def show(
    folder: Path | None = None, *, html: Path | None = None, data: Data = DEFAULT_DATA, json: AsJson = False
) -> int:
    """Render the agreement as the page people sign: definitions, promises, reasons.

    * `baton playbook show`
    * `baton playbook show --html agreement.html` (a page to print and sign)
    * `baton playbook show deploy/playbook > agreement.md`

    Parameters
    ----------
    folder
        Show these files; if left out, what is in force, or what comes with Baton if nothing is up.
    html
        Write the page there, ready to be printed on A4.
    """
    if folder is None and is_there(data):
        found = in_force(data)
        if json:
            document(found)
            return DONE
        signed = agreement.in_force(found)
    else:
        sources = _checked(folder)
        if json:
            document({name: asdict(source) for name, source in sources.items()})
            return DONE
        signed = agreement.of(sources)
    if html is not None:
        html.write_text(agreement.page(signed), encoding="utf-8")
        say(f"written to {html}: open it and print it")
        return DONE
    page = playbook.page({"definitions": signed.definitions, **signed.texts})
    if sys.stdout.isatty():
        console.print(Markdown(page))
    else:
        sys.stdout.write(f"{page}\n")
    return DONE


@app.command
def diff(folder: Path | None = None, *, data: Data = DEFAULT_DATA) -> int:
    """Compare files with what is in force.

    * `baton playbook diff deploy/playbook`
    """
    sources = _checked(folder)
    found = playbook.compare(in_force(data), sources)
    sys.stdout.write(f"{found}\n" if found else "")
    if not found:
        say("nothing would change")
    return DONE


@app.command
def approve(folder: Path | None = None, *, by: str, data: Data = DEFAULT_DATA) -> int:
    """Approve a playbook: exactly these files, by one of the approvers that `definitions.yaml` names.

    * `baton playbook approve deploy/playbook --by sales:head_of_sales_development`

    Nothing is in force by that. When both teams have approved, `baton playbook activate` does it; a file changed
    afterwards needs its approvals anew.

    Parameters
    ----------
    folder
        Where the six files are; the ones that come with Baton if left out.
    by
        Who approves.
    """
    sources, data_dir = _checked(folder), DataDir.at(data)
    named = playbook.approvers(sources)
    if by not in named:
        raise FoundWrongError(f"{by} is no approver; definitions.yaml names {', '.join(named)}")
    fresh = approvals.approve(data_dir, sources, by)
    missing = playbook.missing_approvals(sources, approvals.approved(data_dir, sources))
    state = f"still to approve: {', '.join(missing)}" if missing else "approved by all: `baton playbook activate`"
    say(f"{approvals.digest(sources)} {'approved' if fresh else 'had been approved'} by {by}; {state}")
    return DONE


@app.command
def activate(
    folder: Path | None = None,
    *,
    by: str,
    approved_by: list[str] | None = None,
    new_leads: str | None = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Put a checked and approved playbook in force in all six services.

    * `baton playbook activate deploy/playbook --by ada --approved-by mia --approved-by sam`
    * `baton playbook activate deploy/playbook --by ada --new-leads 20/day`

    Parameters
    ----------
    folder
        Where the six files are; the ones that come with Baton if left out.
    by
        Who puts it in force.
    approved_by
        Who agreed besides those who ran `approve` (repeat for each): all approvers that `definitions.yaml` names are
        needed.
    new_leads
        Which of those already known may become leads by the new rules: `publish` (all, at once), `list` (none: they
        are only listed), `200` (in all) or `20/day`; the playbook's `reevaluation` if left out.
    """
    sources = _checked(folder)
    try:
        limits = playbook.limits_for_known(sources, new_leads)
    except ValueError as error:
        raise WrongUsageError(str(error)) from error
    agreed = list(dict.fromkeys([*approvals.approved(DataDir.at(data), sources), *(approved_by or [])]))
    missing = playbook.missing_approvals(sources, agreed)
    if missing:
        raise FoundWrongError(f"not approved yet by {', '.join(missing)} (`baton playbook approve`)")
    services = Addresses.named()
    if services and new_leads is not None:
        raise WrongUsageError(
            "by BATON_*_URL the playbook's own `reevaluation` counts: --new-leads needs the databases"
        )
    changed = asyncio.run(
        remote.activate(services, sources, by, agreed)
        if services
        else playbook.activate(Stack.load(data), sources, by, agreed, limits)
    )
    if json:
        known = {"scoring": {"known_contacts": limits.model_dump()}}
        document(
            {
                name: {"version": sources[name].version, "changed": changed[name], **known.get(name, {})}
                for name in changed
            }
        )
    for name, did in changed.items():
        say(f"{name:<12} {sources[name].version} {'in force' if did else 'was in force already'}")
    if changed.get("scoring"):
        say(f"scoring evaluates everybody near the line again: {limits.summary}")
        say("GET /v1/reevaluations names how many and who")
    return DONE


def _checked(folder: Path | None) -> dict[str, PlaybookText]:
    sources, faults = playbook.check(folder or playbook_directory())
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{len(faults)} faults, first {first.file}: {first.field or 'the file'}: {first.message}")
    return sources
