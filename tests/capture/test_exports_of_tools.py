"""Exports as CRMs, mail tools and webinar tools write them, with invented people: each is read by itself."""

from typing import Any

import pytest

from capture.domain.cells import FittedRow, fit_row
from capture.domain.headings import has_contact_column
from capture.domain.sheet import ColumnMapping
from filereader import TableReader
from tests.capture.builders import NOW, RULES

LATER = NOW.replace(month=12)
ADA = {"email": "ada@engines.example", "first_name": "Ada", "last_name": "Lovelace"}


def people(content: str | bytes) -> list[dict[str, Any]]:
    """Read a file as an import does; returns what is known of each person who is taken."""
    return [shown(each) for each in rows(content) if each.submission is not None]


def rows(content: str | bytes) -> list[FittedRow]:
    reader = TableReader(is_header=has_contact_column)
    found = reader.feed(content.encode() if isinstance(content, str) else content) + reader.end()
    columns = ColumnMapping.map_header(reader.facts.header, {}, {"source": "import"})
    columns = columns.with_date_order([row.cells for row in found if row.cells])
    tables = [columns, *map(columns.for_further_table, reader.facts.tables[1:])]
    return [fit_row(tables[row.table].read_row(row.cells or []), RULES, LATER, columns.defaults) for row in found]


def shown(row: FittedRow) -> dict[str, Any]:
    assert row.submission is not None
    found = {name: getattr(row.submission, name) for name in type(row.submission).model_fields}
    found |= {"email": row.submission.email and row.submission.email.address, "at": found["occurred_at"]}
    found["at"] = found["at"] and f"{found['at']:%m-%d %H:%M}"
    kept = (*ADA, "phone", "company", "job_title", "country", "employees", "postal_code", "at")
    return {name: found[name] for name in kept if found[name]}


EXPORTS: dict[str, tuple[str | bytes, list[dict[str, Any]]]] = {
    "Pipedrive": (
        ('"Person - Name","Person - Email - Work","Person - Email - Home","Person - Phone - Work",'
        '"Person - Organization","Person - Owner","Person - Job title"\n'
        '"Ada Lovelace","","ada@engines.example","+44 20 7946 0958","Engines Ltd","Mia Rep","CTO"\n'),
        [ADA | {"phone": "+442079460958", "company": "Engines Ltd", "job_title": "CTO"}],
    ),
    "Zoho": (
        ("Record Id,Lead Owner,Company,First Name,Last Name,Title,Email,No. of Employees,Zip Code,Country,"
        "Created Time\n"
        'zcrm_36,Mia Rep,Engines,Ada,Lovelace,CTO,ada@engines.example,250,EC1A 1BB,UK,"Mar 20, 2026 09:14 AM"\n'),
        [ADA | {"company": "Engines", "job_title": "CTO", "employees": 250, "postal_code": "EC1A 1BB", "country": "GB",
                "at": "03-20 09:14"}],
    ),
    "Mailchimp": (
        ("Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CC,REGION,NOTES,TAGS\n"
        'ada@engines.example,Ada,Lovelace,,2,"2026-03-20 09:14:02",192.0.2.1,GB,ENG,,"""customer"",""vip"""\n'),
        [ADA | {"at": "03-20 09:14"}],
    ),
    "Typeform": (
        ("#,What's your first name?,And your last name?,What's your *email* address?,Which company do you work for?,"
        "What can we help you with?,Submit Date (UTC)\n"
        '8x1,Ada,Lovelace,ada@engines.example,Engines,"I need\nhelp, please",2026-03-20 09:14:02\n'),
        [ADA | {"company": "Engines", "at": "03-20 09:14"}],
    ),
    "Marketo": (
        ("Id,Email Address,First Name,Last Name,Company Name,Job Title,Number Of Employees,Created At,"
        "Lead Owner Email\n"
        "1017,ada@engines.example,Ada,Lovelace,Engines,CTO,51-200,2026-03-20 09:14:02,mia@us.example\n"),
        [ADA | {"company": "Engines", "job_title": "CTO", "employees": 51, "at": "03-20 09:14"}],
    ),
    "Cvent": (
        ('"Registrants by Type"\n"Event: Pump Days"\n"Report run: 03/20/2026 9:14 AM"\n\n"Confirmation #","First Name",'
        '"Last Name","Email Address","Work Phone","Country","Registration Date"\n'
        '"ABC123","Ada","Lovelace","ada@engines.example","+44 20 7946 0958","United Kingdom","03/20/2026 9:14 AM"\n'),
        [ADA | {"phone": "+442079460958", "country": "GB", "at": "03-20 09:14"}],
    ),
    "GoToWebinar": (
        ('Attendee Report:\nGenerated\n"Mar 20, 2026 09:14 AM GMT"\n\nWebinar Name,Webinar ID\nPumps,123-456-789\n\n'
        "Attendee Details\nAttended,First Name,Last Name,Email Address,Registration Date and Time,Join Time\n"
        'Yes,Ada,Lovelace,ada@engines.example,"Mar 18, 2026 09:14 AM GMT","Mar 20, 2026 09:00 AM GMT"\n'
        'No,Bo,Geir,bo@geir.example,"Mar 18, 2026 09:20 AM GMT",--\n'),
        [ADA | {"at": "03-20 09:00"},
         {"email": "bo@geir.example", "first_name": "Bo", "last_name": "Geir", "at": "03-18 09:20"}],
    ),
    "Zoom attendees, below hosts and panelists": (
        ("Attendee Report\nTopic,Webinar ID,Actual Start Time,# Registered\nPumps,812 3456 7890,20 Mar 2026 09:00,2\n"
        "Host Details,\nAttended,User Name (Original Name),Email,Join Time,Country/Region Name\n"
        "Yes,Mia Host,mia@us.example,20 Mar 2026 08:55,Spain\nAttendee Details,\n"
        "Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Join Time,"
        "Country/Region Name\n"
        "Yes,Ada L (Ada Lovelace),Ada,Lovelace,ada@engines.example,18 Mar 2026 09:14,20 Mar 2026 09:01,"
        "United Kingdom\n"),
        [{"email": "mia@us.example", "first_name": "Mia", "last_name": "Host", "country": "ES", "at": "03-20 08:55"},
         ADA | {"country": "GB", "at": "03-20 09:01"}],
    ),
    "Teams attendance": (
        ("1. Summary\nMeeting title\tPumps\nStart time\t3/20/26, 9:00:12 AM\n\n2. Participants\nName\tFirst Join\t"
         "Last Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\nAda Lovelace (Unverified)\t3/20/26, 9:01:02 AM"
         "\t3/20/26, 10:00:00 AM\t58m 58s\tada@engines.example\t\n\n3. In-Meeting Activities\nName\tJoin Time"
         "\tLeave Time\tDuration\tEmail\nAda Lovelace\t3/20/26, 9:30:00 AM\t3/20/26, 10:00:00 AM"
         "\t30m\tada@engines.example\n"
         ).encode("utf-16"),
        [ADA | {"at": "03-20 09:01"}, ADA | {"at": "03-20 09:30"}],
    ),
    "Google contacts": (
        ("First Name,Last Name,Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,"
        "Phone 1 - Value\nAda,Lovelace,Engines,CTO,* Work,ada@engines.example ::: a@x.example,Mobile,"
        "+44 20 7946 0958\n"),
        [ADA | {"phone": "+442079460958", "company": "Engines", "job_title": "CTO"}],
    ),
    "Outlook contacts": (
        ("First Name,Last Name,Title,Company,Job Title,Business Phone,Business Phone 2,E-mail Address,E-mail Type\n"
        "Ada,Lovelace,Ms,Engines,CTO,,+442079460958,ada@engines.example,SMTP\n"),
        [ADA | {"phone": "+442079460958", "company": "Engines", "job_title": "CTO"}],
    ),
    "a Spanish form": (
        ("Marca temporal;Nombre;Apellidos;Correo electrónico;Teléfono móvil;Empresa;Cargo;País;Nº de empleados\n"
        "20/03/2026 9:14:02;Ada;Lovelace;ada@engines.example;612 345 678;Engines SL;CTO;España;De 51 a 200\n"),
        [ADA | {"phone": "+34612345678", "company": "Engines SL", "job_title": "CTO", "country": "ES", "employees": 51,
                "at": "03-20 09:14"}],
    ),
    "a Brazilian form": (
        ("Carimbo de data/hora;Nome completo;E-mail corporativo;WhatsApp;País\n"
        "20/03/2026 09:14:02;Ada Lovelace;ada@engines.example;(11) 91234-5678;Brasil\n"),
        [ADA | {"phone": "+5511912345678", "country": "BR", "at": "03-20 09:14"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("tool", EXPORTS)
def test_an_export_is_read_by_itself(tool: str) -> None:
    content, expected = EXPORTS[tool]
    assert people(content) == expected


def test_what_stands_below_a_report_is_refused_and_nobody() -> None:
    """Salesforce writes totals and a copyright there; they are listed among the rejects."""
    found = rows('Email,Name\na@x.example,Ada\n\n"Grand Totals (1 record)",\n"Confidential Information"\n')
    assert [each.submission is not None for each in found] == [True, False, False]
