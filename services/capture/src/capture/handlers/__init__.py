"""The use cases of capture: load, decide, save, publish."""

from capture.handlers.commands.consents import record_consents
from capture.handlers.commands.erasure import erase
from capture.handlers.commands.forms import record_next_step
from capture.handlers.commands.imports import (
    FORGET,
    RELEASE,
    begin_import,
    delete_mapping,
    end_import,
    mark_broken_off,
    note_rows,
    save_for_release,
    save_mapping,
)
from capture.handlers.commands.merges import keep_apart, merge, unmerge
from capture.handlers.commands.quarantine import ENDS, close_quarantined, put_in_quarantine
from capture.handlers.commands.registers import put_account, put_campaign, put_content
from capture.handlers.commands.sender_keys import create_sender_key
from capture.handlers.commands.submissions import Incoming, SubmissionResult, capture
from capture.handlers.commands.suppressions import lift, suppress
from capture.handlers.queries import (
    StoredContact,
    duplicates_of,
    find_contact,
    find_paper,
    form_in_force,
    possible_duplicates,
    show_account,
    show_contact,
    show_erasure,
    show_import,
    show_imports,
    show_mapping,
    show_mappings,
    show_quarantine,
    show_rejects,
    widest_reject,
)
from capture.handlers.recovery import adopt
from capture.handlers.timers import end_quarantine, forget_rejected_rows, release_todays_rows
from capture.handlers.topics import on_contacts_receipts
from capture.store.key_bindings import NewSenderKey

__all__ = [
    "ENDS",
    "FORGET",
    "RELEASE",
    "Incoming",
    "NewSenderKey",
    "StoredContact",
    "SubmissionResult",
    "adopt",
    "begin_import",
    "capture",
    "close_quarantined",
    "create_sender_key",
    "delete_mapping",
    "duplicates_of",
    "end_import",
    "end_quarantine",
    "erase",
    "find_contact",
    "find_paper",
    "forget_rejected_rows",
    "form_in_force",
    "keep_apart",
    "lift",
    "mark_broken_off",
    "merge",
    "note_rows",
    "on_contacts_receipts",
    "possible_duplicates",
    "put_account",
    "put_campaign",
    "put_content",
    "put_in_quarantine",
    "record_consents",
    "record_next_step",
    "release_todays_rows",
    "save_for_release",
    "save_mapping",
    "show_account",
    "show_contact",
    "show_erasure",
    "show_import",
    "show_imports",
    "show_mapping",
    "show_mappings",
    "show_quarantine",
    "show_rejects",
    "suppress",
    "unmerge",
    "widest_reject",
]
