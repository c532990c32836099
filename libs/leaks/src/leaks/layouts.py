"""The exports that are recognised by their headings: HubSpot, Salesforce, Pipedrive, Odoo, Zoho and a spreadsheet.

A layout names what is peculiar to a tool; what all of them call alike is found by `fields.HEADINGS`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from leaks.fields import Kind


@dataclass(frozen=True)
class ExportLayout:
    """A tool's export: by which headings it is known, and what they hold."""

    tool: str
    kind: Kind
    signs: tuple[str, ...]
    """Headings that all have to be there."""
    columns: dict[str, str] = field(default_factory=dict)
    """Field to heading, as the tool writes it."""


LAYOUTS = (
    ExportLayout(
        "HubSpot", "leads", ("Record ID", "Contact owner", "Create Date"),
        {"lead_id": "Record ID", "created_at": "Create Date", "source": "Original Traffic Source",
         "request": "First Conversion", "owner": "Contact owner", "team": "HubSpot Team", "status": "Lead Status",
         "won_at": "Became a Customer Date", "touch_count": "Number of times contacted",
         "last_touch_at": "Last Contacted", "employees": "Number of Employees", "country": "Country/Region"},
    ),
    ExportLayout(
        "HubSpot", "activities", ("Record ID", "Activity date", "Associated Contact IDs"),
        {"lead_id": "Associated Contact IDs", "at": "Activity date", "kind": "Activity type",
         "owner": "Activity assigned to"},
    ),
    ExportLayout(
        "HubSpot", "deals", ("Record ID", "Deal Stage", "Associated Contact IDs"),
        {"lead_id": "Associated Contact IDs", "status": "Deal Stage", "closed_at": "Close Date", "owner": "Deal owner"},
    ),
    ExportLayout(
        "Salesforce", "leads", ("Lead ID", "Lead Owner", "Create Date"),
        {"status": "Lead Status", "won_at": "Converted Date", "employees": "No. of Employees", "job_title": "Title",
         "reason": "Unqualified Reason", "request": "Form"},
    ),
    ExportLayout(
        "Salesforce", "activities", ("Activity ID", "Lead ID"),
        {"at": "Completed Date", "kind": "Task Subtype", "owner": "Assigned"},
    ),
    ExportLayout(
        "Salesforce", "deals", ("Opportunity ID", "Stage"),
        {"lead_id": "Lead ID", "status": "Stage", "won": "Won", "owner": "Opportunity Owner"},
    ),
    ExportLayout(
        "Pipedrive", "leads", ("Lead - ID", "Lead - Lead created"),
        {"lead_id": "Lead - ID", "created_at": "Lead - Lead created", "source": "Lead - Source name",
         "owner": "Lead - Owner", "status": "Lead - Status", "request": "Lead - Form", "reason": "Lead - Lost reason",
         "team": "Lead - Team", "returned_at": "Lead - Returned on", "woken_at": "Lead - Woken on",
         "email": "Person - Email - Work", "phone": "Person - Phone - Work", "industry": "Organization - Industry",
         "employees": "Organization - Number of employees", "country": "Organization - Country",
         "job_title": "Person - Job title", "won_at": "Lead - Won time"},
    ),
    ExportLayout(
        "Pipedrive", "activities", ("Activity - ID", "Activity - Type"),
        {"lead_id": "Activity - Lead ID", "at": "Activity - Marked as done time", "kind": "Activity - Type",
         "owner": "Activity - Assigned to user"},
    ),
    ExportLayout(
        "Pipedrive", "deals", ("Deal - ID", "Deal - Status"),
        {"lead_id": "Deal - Lead ID", "status": "Deal - Status", "won_at": "Deal - Won time", "amount": "Deal - Value",
         "currency": "Deal - Currency", "owner": "Deal - Owner", "reason": "Deal - Lost reason",
         "closed_at": "Deal - Deal closed on"},
    ),
    ExportLayout(
        "Odoo", "leads", ("ID", "Salesperson", "Created on"),
        {"lead_id": "ID", "status": "Stage", "team": "Sales Team", "job_title": "Job Position",
         "reason": "Lost Reason"},
    ),
    ExportLayout(
        "Odoo", "activities", ("Related Document ID", "Activity Type"),
        {"lead_id": "Related Document ID", "at": "Date", "kind": "Activity Type", "owner": "Assigned to"},
    ),
    ExportLayout("Odoo", "deals", ("Opportunity", "Lead ID", "Expected Revenue"), {"amount": "Expected Revenue"}),
    ExportLayout(
        "Zoho", "leads", ("Record Id", "Lead Owner", "Created Time"),
        {"lead_id": "Record Id", "employees": "No. of Employees", "job_title": "Title", "reason": "Lost Reason"},
    ),
    ExportLayout(
        "Zoho", "activities", ("Call Owner", "Call Start Time"),
        {"lead_id": "Related To Id", "at": "Call Start Time", "kind": "Call Type", "owner": "Call Owner"},
    ),
    ExportLayout(
        "Zoho", "deals", ("Deal Owner", "Closing Date"),
        {"lead_id": "Lead Id", "closed_at": "Closing Date", "reason": "Reason For Loss"},
    ),
    ExportLayout(
        "spreadsheet", "leads", ("Date", "Source", "Who"),
        {"lead_id": "No.", "created_at": "Date", "owner": "Who", "request": "Asked for", "reason": "Why"},
    ),
)  # fmt: skip


def recognise_layout(header: Collection[str], kind: Kind) -> ExportLayout | None:
    """Return the layout whose headings are all in a file's header; of several, what fits by most headings."""
    there = set(header)
    fitting = [each for each in LAYOUTS if each.kind == kind and there.issuperset(each.signs)]
    return max(fitting, key=lambda each: len(there.intersection(each.columns.values())), default=None)
