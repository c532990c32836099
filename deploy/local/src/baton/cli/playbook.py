"""`baton playbook`: the rules of engagement both teams agreed on."""

import asyncio
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from cyclopts import App
from rich.markdown import Markdown

from baton import agreement, candidates, known_contacts, playbook
from baton.access import ServiceAddresses
from baton.cli.candidates import check_persons
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice
from baton.cli.rule_files import are_rules_in_force, checked, load_rules_in_force
from baton.exit_codes import DONE, FOUND_WRONG, WrongUsageError
from baton.stack import Stack
from baton.stack_processes import playbook_directory

app = App(name="playbook", help="The rules of engagement: check, show, compare, try, learn, approve, activate.")
for learned in ("calibrate", "score"):
    app.command(f"baton.cli.learning:{learned}")
for approved in ("propose", "approve"):
    app.command(f"baton.cli.candidates:{approved}")
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
    sources, faults = playbook.check_folder(folder or playbook_directory())
    versions = {name: source.version for name, source in sources.items()}
    warned = list(playbook.list_warnings(sources))
    if json:
        print_json({"versions": versions, "faults": [asdict(fault) for fault in faults], "warnings": warned})
    else:
        for name, version in versions.items():
            console.print(f"{name:<12} {version}", highlight=False)
        for fault in faults:
            print_notice(f"{fault.file}: {fault.field or 'the file'}: {fault.message}")
        for warning in warned:
            print_notice(f"probably not meant: {warning}")
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
    if folder is None and are_rules_in_force(data):
        found = load_rules_in_force(data)
        if json:
            print_json(found)
            return DONE
        signed = agreement.load_rules_in_force(found)
    else:
        sources = checked(folder)
        if json:
            print_json({name: asdict(source) for name, source in sources.items()})
            return DONE
        signed = agreement.rules_from_files(sources)
    if html is not None:
        html.write_text(agreement.render_agreement(signed), encoding="utf-8")
        print_notice(f"written to {html}: open it and print it")
        return DONE
    page = playbook.render_rules({"definitions": signed.definitions, **signed.texts})
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
    sources = checked(folder)
    found = playbook.diff_rules(load_rules_in_force(data), sources)
    sys.stdout.write(f"{found}\n" if found else "")
    if not found:
        print_notice("nothing would change")
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

    * `baton playbook activate deploy/playbook --by ada`
    * `baton playbook activate deploy/playbook --by ada --approved-by eva --approved-by sam`
    * `baton playbook activate deploy/playbook --by ada --new-leads 20/day`

    Parameters
    ----------
    folder
        Where the six files are; the ones that come with Baton if left out.
    by
        Who puts it in force.
    approved_by
        Who approves it now, as by `baton playbook approve` (repeat for each), besides those who have: all approvers
        that `definitions.yaml` names are needed.
    new_leads
        Which of those already known may become leads by the new rules: `publish` (all, at once), `list` (none: they
        are only listed), `200` (in all) or `20/day`; the playbook's `reevaluation` if left out.
    """
    sources = checked(folder)
    try:
        limits = playbook.choose_reevaluation_rules(sources, new_leads)
    except ValueError as error:
        raise WrongUsageError(str(error)) from error
    check_persons(playbook.list_approvers(sources), *(approved_by or []))
    services = ServiceAddresses.from_environment()
    if services and new_leads is not None:
        raise WrongUsageError(
            "by BATON_*_URL the playbook's own `reevaluation` counts: --new-leads needs the databases"
        )
    scoring = None
    if new_leads is not None:
        scoring = partial(playbook.activate_scoring, Stack.load(data), sources["scoring"], by, limits)
    changed = asyncio.run(candidates.activate(ServiceAddresses.find(data), sources, by, approved_by or [], scoring))
    run = None
    if changed.get("scoring") and (services or Stack.load(data).state.clock == "system"):
        run = asyncio.run(known_contacts.await_reevaluation(services or Stack.load(data), sources["scoring"].version))
    if json:
        known = {
            "scoring": {"known_contacts": limits.model_dump(), "reevaluation": run and run.model_dump(mode="json")}
        }
        print_json(
            {
                name: {"version": sources[name].version, "changed": changed[name], **known.get(name, {})}
                for name in changed
            }
        )
    for name, did in changed.items():
        print_notice(f"{name:<12} {sources[name].version} {'in force' if did else 'was in force already'}")
    if changed.get("scoring"):
        print_notice(f"scoring evaluates everybody near the line again: {limits.summary}")
        for line in known_contacts.summarize_reevaluation(run):
            print_notice(line)
    return DONE
