"""What both recipes remember: which events were written, which record is whose, how far polls came."""

import json
import sqlite3
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists seen (ce_id text primary key);
create table if not exists people (contact_id text primary key, crm_id, email text, known text not null);
create table if not exists polls (name text primary key, since text not null);
"""


class Memory:
    """A file of SQLite. It holds e-mails and names: keep it where only the recipes can read it."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.executescript(TABLES)

    def seen(self, ce_id: str) -> bool:
        """Return whether an event was written before."""
        return self._first_row("select 1 from seen where ce_id = ?", ce_id) is not None

    def person(self, contact_id: str) -> tuple[Any, dict[str, Any]]:
        """Return the id of a contact's record, and what is known of the contact."""
        row = self._first_row("select crm_id, known from people where contact_id = ?", contact_id)
        return (None, {}) if row is None else (row[0], json.loads(row[1]))

    def keep(self, ce_id: str, contact_id: str, crm_id: Any, known: dict[str, Any]) -> None:
        """Keep that an event was written, and what is known now."""
        with self.db:
            self.db.execute("insert or ignore into seen values (?)", (ce_id,))
            row = (contact_id, crm_id, known.get("email"), json.dumps(known))
            self.db.execute("replace into people values (?, ?, ?, ?)", row)

    def forget(self, contact_id: str) -> None:
        """Delete all that is known of a contact, and keep that nothing is to be written of them again."""
        with self.db:
            self.db.execute("insert or ignore into seen values (?)", (contact_id,))
            self.db.execute("delete from people where contact_id = ?", (contact_id,))

    def email_of(self, crm_id: Any) -> str | None:
        """Return the e-mail of who has this record in the CRM."""
        row = self._first_row("select email from people where crm_id = ?", crm_id)
        found: str | None = None if row is None else row[0]
        return found

    def since(self, name: str, otherwise: str) -> str:
        """Return how far a poll came."""
        row = self._first_row("select since from polls where name = ?", name)
        return otherwise if row is None else str(row[0])

    def came_to(self, name: str, since: str) -> None:
        """Keep how far a poll came."""
        with self.db:
            self.db.execute("replace into polls values (?, ?)", (name, since))

    def _first_row(self, question: str, value: Any) -> Any:
        return self.db.execute(question, (value,)).fetchone()
