"""The use cases of capture: load, decide, save, publish."""

from capture.handlers.commands.consents import record_consents
from capture.handlers.commands.erasure import erase_person
from capture.handlers.commands.form_tests import FormTestContext, save_form_test
from capture.handlers.commands.forms import record_next_step
from capture.handlers.commands.imports import (
    FORGET,
    RELEASE,
    begin_import,
    delete_mapping,
    end_import,
    mark_broken_off,
    save_mapping,
    save_row_counts,
    save_rows_for_release,
)
from capture.handlers.commands.merges import keep_apart, merge_contacts, unmerge_contact
from capture.handlers.commands.pairings import check_pairing_holds, create_pairing, end_pairing, pair_device
from capture.handlers.commands.quarantine import ENDS, close_quarantined, put_in_quarantine
from capture.handlers.commands.registers import put_account, put_campaign, put_content
from capture.handlers.commands.sender_keys import check_sender_key_holds, create_sender_key
from capture.handlers.commands.submissions import IncomingSubmission, SubmissionResult, capture_batch
from capture.handlers.commands.suppressions import close_channels, reopen_channels
from capture.handlers.queries import (
    StoredContact,
    check_may_have_form_link,
    count_cells_of_widest_reject,
    find_contact,
    find_contacts_without_address,
    find_duplicates_of,
    find_known_person,
    find_possible_duplicates,
    find_requested_content,
    list_open_campaign_names,
    load_form_in_force,
    show_account,
    show_contact,
    show_erasure,
    show_form_tests,
    show_forms,
    show_import,
    show_imports,
    show_mapping,
    show_mappings,
    show_pairings,
    show_quarantine,
    show_rejects,
)
from capture.handlers.recovery import restore_people
from capture.handlers.timers import end_quarantine, forget_rejected_rows, release_todays_rows
from capture.handlers.topic_handlers import on_contacts_receipts
from capture.store.key_bindings import SenderKeyBinding
from capture.store.pairings import WantedPairing

__all__ = [
    "ENDS",
    "FORGET",
    "RELEASE",
    "FormTestContext",
    "IncomingSubmission",
    "SenderKeyBinding",
    "StoredContact",
    "SubmissionResult",
    "WantedPairing",
    "begin_import",
    "capture_batch",
    "check_may_have_form_link",
    "check_pairing_holds",
    "check_sender_key_holds",
    "close_channels",
    "close_quarantined",
    "count_cells_of_widest_reject",
    "create_pairing",
    "create_sender_key",
    "delete_mapping",
    "end_import",
    "end_pairing",
    "end_quarantine",
    "erase_person",
    "find_contact",
    "find_contacts_without_address",
    "find_duplicates_of",
    "find_known_person",
    "find_possible_duplicates",
    "find_requested_content",
    "forget_rejected_rows",
    "keep_apart",
    "list_open_campaign_names",
    "load_form_in_force",
    "mark_broken_off",
    "merge_contacts",
    "on_contacts_receipts",
    "pair_device",
    "put_account",
    "put_campaign",
    "put_content",
    "put_in_quarantine",
    "record_consents",
    "record_next_step",
    "release_todays_rows",
    "reopen_channels",
    "restore_people",
    "save_form_test",
    "save_mapping",
    "save_row_counts",
    "save_rows_for_release",
    "show_account",
    "show_contact",
    "show_erasure",
    "show_form_tests",
    "show_forms",
    "show_import",
    "show_imports",
    "show_mapping",
    "show_mappings",
    "show_pairings",
    "show_quarantine",
    "show_rejects",
    "unmerge_contact",
]
