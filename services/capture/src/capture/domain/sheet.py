"""A list's columns as the fields of a submission, and lists as we write them.

A cell that a spreadsheet would run as a formula is neutralised whenever we write one, and taken back when it returns.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as setting
from typing import Any

from capture.domain.cells import BADGE, Style, split_whole_name, translate
from capture.domain.submission import MOST_FACTS, Submission, UtmGiven
from capture.domain.times import find_order
from events.names import fold
from events.spreadsheets import neutral, restored

MOST_COLUMNS = 2_000
_CONSENT = ("purpose", "granted", "wording_version", "at")
_FIELDS = frozenset(Submission.model_fields) - {"consent", "utm", "facts"}
_PLAIN = _FIELDS | {f"consent.{name}" for name in _CONSENT} | {f"utm.{name}" for name in UtmGiven.model_fields}
WHOLE_NAME = "full_name"
_EXPLICIT = ("event_id",)
"""Fields that no header maps to by itself: two people of one event have one `Event ID`."""
_TIMES = ("occurred_at", "preferred_at", "consent.at")
_SYNONYMS = {
    name: target
    for target, names in {
        "email": "e_mail email_address e_mail_address mail mail_address mailadresse e_mail_adresse email_adresse"
        " adresse_e_mail adresse_email adresse_mail adresse_electronique courriel correo correo_electronico"
        " direccion_de_correo direccion_de_correo_electronico endereco_de_e_mail endereco_de_email email_1"
        " user_email",
        "phone": "phone_number telephone telephone_number tel mobile mobile_phone mobile_phone_number mobile_number"
        " cell cell_phone telefon telefonnummer rufnummer mobil mobilnummer mobiltelefon handy handynummer telefono"
        " telefono_movil movil celular telemovel telefone numero_de_telephone numero_de_telefono numero_de_telefone"
        " portable phone_1",
        "first_name": "firstname given_name forename vorname prenom nombre nome primeiro_nome nombre_de_pila",
        "last_name": "lastname surname family_name nachname familienname nom nom_de_famille apellido apellidos"
        " sobrenome ultimo_nome apelido",
        WHOLE_NAME: "full_name fullname name contact_name attendee_name display_name user_name_original_name"
        " vollstandiger_name nom_complet nom_et_prenom nombre_completo nombre_y_apellidos nome_completo",
        "company": "company_name business_name corporate_name organisation organization account account_name firma"
        " firmenname unternehmen unternehmensname entreprise nom_de_l_entreprise societe raison_sociale empresa"
        " nombre_de_la_empresa nome_da_empresa current_company employer",
        "job_title": "title position role job jobtitle current_position funktion berufsbezeichnung stelle poste"
        " fonction intitule_du_poste cargo puesto puesto_de_trabajo funcao",
        "country": "country_code country_region country_region_name land pays pais",
        "region": "state province bundesland state_province estado provincia",
        "postal_code": "zip zip_code postcode postal plz postleitzahl code_postal codigo_postal cep",
        "industry": "sector branche secteur secteur_d_activite setor",
        "employees": "company_size employee_count number_of_employees employees_count headcount size mitarbeiter"
        " mitarbeiterzahl anzahl_mitarbeiter unternehmensgrosse effectif nombre_d_employes taille_de_l_entreprise"
        " empleados numero_de_empleados tamano_de_la_empresa funcionarios numero_de_funcionarios",
        "occurred_at": "timestamp created_at created_time date_time submitted_at registration_time order_date"
        " zeitstempel join_time submission_date",
        "source": "lead_source original_source",
    }.items()
    for name in names.split()
}
_BEFORE = frozenset(
    term
    for terms in (
        "what is please enter your my the ihre ihr deine dein votre vos tu su seu sua business work company",
        "professional corporate office primary lead contact attendee geschaftliche geschaftlich dienstliche",
    )
    for term in terms.split()
)
_BEHIND = frozenset(
    term
    for terms in (
        "required optional pflichtfeld pflicht obligatoire obligatorio opcional optionnel business work office primary",
        "geschaftlich dienstlich professionnel professionnelle profesional profissional trabajo trabalho fixe",
    )
    for term in terms.split()
)
"""Words around the name of a field, folded. `owner`, `manager` and the like are not among them: they name others."""
_BADGES = frozenset(
    ("badge", "badge_id", "badge_number", "badge_no", "badge_code", "badge_nr", "barcode", "barcode_number",
     "registration_id", "registration_number", "registration_code", "registration_no", "reg_id", "attendee_id",
     "attendee_number", "ticket_id", "ticket_number", "ticket_code", "qr_code", "ausweis", "ausweisnummer")
)  # fmt: skip
"""What organisers call the column of the badge; read as such in their lists alone."""
_FACT = re.compile(r"facts\.[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


class MappingRefused(ValueError):
    """A mapping names a field or a column that is not there. `code` says which; `column` is its number, from 1."""

    def __init__(self, code: str, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


def is_field(name: str, *, lists_badges: bool = True) -> bool:
    """Return whether a mapping may fill a field of this name; the badge only where a list says who wore which."""
    known = name in _PLAIN or name == WHOLE_NAME or (lists_badges and name == BADGE)
    return known or _FACT.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns tell which field, and what holds for every row."""

    header: tuple[str, ...]
    places: tuple[tuple[str, tuple[int, ...]], ...]
    """Each field's name and the numbers of its columns, from 0: the first that is filled counts."""
    defaults: Mapping[str, str]
    style: Style = setting(default_factory=Style)
    lists_badges: bool = False
    """Whether this is an organiser's list of who wore which badge."""

    @classmethod
    def of(
        cls,
        header: Sequence[str],
        asked: Mapping[str, str | None],
        defaults: Mapping[str, str],
        style: Style = Style(),  # noqa: B008 - a value
        *,
        lists_badges: bool = False,
    ) -> "Columns":
        """Map what was asked for, then what the header says by itself; raises `MappingRefused`."""
        columns = tuple(cell.strip() for cell in header)
        if not columns or len(columns) > MOST_COLUMNS:
            raise MappingRefused("header_invalid")
        found: dict[str, tuple[int, ...]] = {}
        for number, column in enumerate(columns):
            field = BADGE if lists_badges and _name(column) in _BADGES else field_of(column)
            if field is not None and field not in asked and column not in asked.values():
                found[field] = (*found.get(field, ()), number)
        for field, name in asked.items():
            if not is_field(field, lists_badges=lists_badges):
                raise MappingRefused("mapping_field_unknown")
            if name is not None and name not in columns:
                raise MappingRefused("mapping_column_unknown")
            if name is not None:
                found[field] = (columns.index(name),)
        _check_names(found, lists_badges=lists_badges)
        if sum(field.startswith("facts.") for field in found) > MOST_FACTS:
            raise MappingRefused("too_many_facts")
        return cls(columns, tuple(sorted(found.items())), defaults, style, lists_badges)

    def unmapped(self) -> list[str]:
        """Return the named columns that no field is taken from."""
        taken = {number for _, numbers in self.places for number in numbers}
        return [name for number, name in enumerate(self.header) if name and number not in taken]

    def mapping(self) -> dict[str, str]:
        """Return each field's first column by name."""
        return {field: self.header[numbers[0]] for field, numbers in self.places}

    def ambiguous_times(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the number (from 1) of a column of times whose day and month could be either, None where none is."""
        if self.style.order is not None:
            return None
        seen = [*rows]
        for field, numbers in self.places:
            for number in numbers if field in _TIMES else ():
                if find_order(row[number] for row in seen if number < len(row)) == "ambiguous":
                    return number + 1
        return None

    def with_order(self, rows: Iterable[Sequence[str]]) -> "Columns":
        """Return these columns with the order of day and month that their times show."""
        if self.style.order is not None:
            return self
        seen = [*rows]
        numbers = [number for field, numbers in self.places if field in _TIMES for number in numbers]
        order = find_order(row[number] for row in seen for number in numbers if number < len(row))
        style = self.style._replace(order=None if order == "ambiguous" else order)
        return replace(self, style=style)

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return a row as a sender of JSON would have written it, named by what it says."""
        found: dict[str, Any] = dict(self.defaults)
        whole = ""
        for field, numbers in self.places:
            cell = next((cell for n in numbers if n < len(cells) and (cell := _taken(cells[n]))), "")
            group, _, name = field.partition(".")
            if field == WHOLE_NAME:
                whole = cell
            elif field == BADGE:
                found[BADGE] = cell
            elif cell and name:
                found.setdefault(group, {})[name] = translate(field, cell, self.style)
            elif cell:
                found[field] = translate(field, cell, self.style)
        if whole:
            split_whole_name(found, whole)
        if "event_id" not in found:
            contents = json.dumps(found, sort_keys=True).encode()
            found["event_id"] = "csv:" + hashlib.blake2b(contents, digest_size=16).hexdigest()
        return found


def field_of(column: str) -> str | None:
    """Return the field that a column's name stands for by itself, None where it stands for none."""
    if _FACT.fullmatch(column):
        return column
    name = _name(column)
    return next(filter(None, map(_known, (name, *_barer(name)))), None)


def _known(name: str) -> str | None:
    return (name if name in _PLAIN and name not in _EXPLICIT else None) or _SYNONYMS.get(name)


def _barer(name: str) -> Iterator[str]:
    """Yield a column's name without what makes it a question, a duty, or one of several of its kind."""
    parts = [part for part in name.split("_") if part]
    while parts and parts[-1] in _BEHIND:
        del parts[-1]
        yield "_".join(parts)
    while parts and parts[0] in _BEFORE:
        del parts[0]
        yield "_".join(parts)


def _check_names(found: Mapping[str, tuple[int, ...]], *, lists_badges: bool) -> None:
    """Refuse columns that name nobody, and a badge that could be more than one column."""
    if lists_badges and len(found.get(BADGE, ())) != 1:
        raise MappingRefused("badge_ambiguous" if BADGE in found else "mapping_names_no_badge")
    if not found.keys() & {"email", "phone", BADGE}:
        raise MappingRefused("mapping_names_nobody")


def _name(column: str) -> str:
    return re.sub(r"[^\w.]+", "_", fold(column)).strip("_")


def names_somebody(cells: Sequence[str]) -> bool:
    """Return whether a row may be the header of a list of people: a column for an e-mail or a phone is in it."""
    return any(field_of(cell.strip()) in ("email", "phone") for cell in cells)


def _taken(cell: str) -> str:
    """Return a cell as its writer meant it."""
    return restored(cell).strip()


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV (UTF-8), each cell harmless in a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
