"""`baton backup` and `baton restore`: dumps of the six databases, and the way back."""

import asyncio
import os
from pathlib import Path

from baton import backups, restoring
from baton.access import refuse_remote_services
from baton.backups import MANIFEST, Backup
from baton.chosen_kafka import PRINTED_FROM
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json, print_notice
from baton.exit_codes import DONE


def backup(directory: Path, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Write a dump of each of the six databases and a manifest into an empty folder. Services may run meanwhile.

    * `baton backup /backups/monday`

    `BATON_*_DATABASE_URL`, where all six are set, name databases elsewhere, with all that libpq's URLs may say.
    `BATON_PG_BINDIR` names the folder of PostgreSQL's own programs; the embedded ones have no TLS.

    Parameters
    ----------
    directory
        The folder to write; it is made, and only you can read it.
    """
    urls = backups.find_database_urls(data)
    backups.make_backup_folder(directory)
    found = asyncio.run(backups.back_up(urls, directory))
    if json:
        print_json(found)
    for name, part in found["services"].items():
        print_notice(f"{name}: {part['bytes']} bytes, taken at {part['taken_at']}")
    print_notice(f"written to {directory} ({MANIFEST}); keep the installation's secret apart from it")
    return DONE


def restore(directory: Path, *, service: str | None = None, data: Data = DEFAULT_DATA) -> int:
    """Put one service, or all six, back to a backup, and bring them up to date again.

    On one machine it does all that is needed: it stops the stack, replaces the databases, starts the stack (each
    restored service takes up what it had published since and reads on from its positions), sends again what the
    others may lack, and waits until all is applied. Where `BATON_*_DATABASE_URL` name databases elsewhere, stop the
    services first; it replaces the databases and says what is left to do.

    * `baton restore /backups/monday`
    * `baton restore /backups/monday --service capture`

    Parameters
    ----------
    directory
        A folder that `baton backup` wrote.
    service
        The one service to put back; all six if left out.
    """
    names = backups.choose_services(service)
    urls = {} if PRINTED_FROM in os.environ else backups.database_urls_from_environment(names)
    if not urls:
        refuse_remote_services(backups.NEEDED)
    found = Backup.read(directory, names)
    if urls:
        restoring.restore_by_url(found, urls, print_notice)
    else:
        restoring.restore_on_this_machine(found, data, print_notice)
    return DONE
