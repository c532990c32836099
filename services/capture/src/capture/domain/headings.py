"""What columns are called: which field of a submission a heading stands for.

English, German, French, Spanish, Portuguese, Italian and Dutch are known well, of the other large languages of Europe
and of East Asia the plain words. A heading is known by its words, without what a form puts around it; one that names
another person stands for nothing.
"""

import re
from collections.abc import Iterator, Sequence

from capture.domain.cells import BADGE
from capture.domain.submission import Submission, UtmBody
from events.names import fold_case_and_accents

_CONSENT = ("purpose", "granted", "wording_version", "at")
_FIELDS = frozenset(Submission.model_fields) - {"consent", "utm", "facts"}
_PLAIN = _FIELDS | {f"consent.{name}" for name in _CONSENT} | {f"utm.{name}" for name in UtmBody.model_fields}
WHOLE_NAME = "full_name"
DIAL_CODE = "dial_code"
"""The column that has the country's part of the phone beside it; like the whole name no field of a submission."""
_EXPLICIT = ("event_id",)
"""Fields that no header maps to by itself: two people of one event have one `Event ID`."""
_SYNONYMS = {
    fold_case_and_accents(name): target
    for target, names in {
        "email": "e_mail email_address e_mail_address mail mail_address mail_id email_id e_mail_id mailadresse"
        " e_mail_adresse email_adresse adresse_e_mail adresse_email adresse_mail adresse_electronique courriel correo"
        " correo_electronico direccion_de_correo direccion_de_correo_electronico direccion_de_email e_mail_corporativo"
        " endereco_de_e_mail endereco_de_email user_email username_email indirizzo_email indirizzo_e_mail"
        " posta_elettronica e_mailadres emailadres"
        " emails e_mails adresse_courriel adresse_mail_pro indirizzo_mail e_mail_adres email_adres mail_pro"
        " adres_e_mail adres_email adres_mailowy poczta_elektroniczna e_postadress e_post epost e_postadresse"
        " epostadresse e_mailadresse mailadress sahkoposti sahkopostiosoite e_mailova_adresa emailova_adresa"
        " elektronicka_adresa e_mail_cim email_cim adresa_de_email adresa_email adresa_de_e_mail e_posta"
        " eposta e_posta_adresi эл_почта почта электронная_почта адрес_электронной_почты електронна_пошта"
        " ηλεκτρονικό_ταχυδρομείο メール メールアドレス eメール 电子邮件 邮箱 电子邮箱 邮件 電子郵件 電郵"
        " 이메일 이메일_주소 전자우편 البريد_الإلكتروني الايميل דוא_ל אימייל מייל"
        " user_principal_name confirm_email confirm_email_address verify_email email_confirmation",
        "phone": "phone_number phone_no telephone telephone_number tel tel_no mobile mobile_phone mobile_phone_number"
        " mobile_number mobile_no cell cell_phone cell_number contact_number contact_no whatsapp whatsapp_number"
        " telefon telefonnummer telefonnr tel_nr rufnummer mobil mobilnummer mobiltelefon handy handynummer telefono"
        " telefono_movil movil celular telemovel telefone telefone_celular numero_de_telephone numero_de_telefono"
        " numero_de_telefone numero_de_portable numero_de_mobile numero_de_movil numero_de_celular numero_de_whatsapp"
        " n_de_telephone no_de_telephone n_de_telefono telephone_portable telefono_de_contacto portable cellulare"
        " numero_di_telefono telefoonnummer telefoon mobiel"
        " ph phone_nr mob gsm gsm_nummer gsm_nr direct_line direct_dial ddi landline landline_number"
        " office_number mobile_phone_no mobilfunknummer handy_nr telefon_nr tel_nr festnetz festnetznummer"
        " ruckrufnummer numero_tel tel_portable ligne_directe tlf tfno n_de_telemovel numero_de_telemovel"
        " no_de_telefono no_de_telemovel fone tel_cellulare recapito_telefonico numero_di_cellulare"
        " mobiel_nummer whatsapp_no tel.nr"
        " numer_telefonu nr_telefonu telefon_komorkowy telefonni_cislo telefonne_cislo telefonszam mobilszam"
        " telefonnummer mobilnr mobiltelefonnummer puhelin puhelinnumero matkapuhelin numar_de_telefon"
        " nr_de_telefon telefon_numarasi cep_telefonu телефон номер_телефона мобильный_телефон τηλέφωνο 電話番号"
        " الهاتف رقم_الهاتف الجوال رقم_الجوال טלפון מספר_טלפון נייד"
        " 電話 携帯電話 携帯番号 手机 手机号 手机号码 电话 联系电话 電話號碼 전화번호 휴대폰"
        " 휴대전화 user_phone user_phone_number",
        "first_name": "firstname given_name forename vorname prenom nombre nome primeiro_nome nombre_de_pila fname"
        " voornaam first forename_s first_names vorname_n vornamen rufname prenom_s prenoms nombre_s nombres"
        " primer_nombre nome_proprio nome_di_battesimo roepnaam name_first"
        " imie jmeno krestni_jmeno meno krstne_meno fornamn fornavn etunimi keresztnev prenume имя ім_я όνομα 名"
        " الاسم_الاول الاسم_الأول שם_פרטי 名字 full_name_first_name name_first_name first_name_1",
        "last_name": "lastname surname family_name nachname familienname nom nom_de_famille apellido apellidos lname"
        " sobrenome ultimo_nome apelido cognome achternaam"
        " last surname_s zuname apellido_s primer_apellido name_last"
        " nazwisko prijmeni priezvisko efternamn etternavn efternavn sukunimi vezeteknev soyad soyadi 姓 фамилия"
        " اسم_العائلة שם_משפחה прізвище επωνυμο 姓氏 full_name_last_name name_last_name",
        WHOLE_NAME: "full_name fullname name contact_name attendee_name display_name user_name_original_name"
        " vollstandiger_name nom_complet nom_et_prenom nombre_completo nombre_y_apellidos nome_completo"
        " name_original_name first_and_last_name first_name_and_last_name"
        " person_name vor_und_nachname vorname_und_nachname vorname_nachname vorname_name prenom_et_nom"
        " nombre_y_apellido nome_e_cognome naam volledige_naam voor_en_achternaam nominativo"
        " imie_i_nazwisko jmeno_a_prijmeni meno_a_priezvisko fullt_namn fullt_navn fulde_navn koko_nimi"
        " teljes_nev nume_complet nume_si_prenume ad_soyad adi_soyadi фио имя_и_фамилия ονοματεπωνυμο 氏名 お名前"
        " 名前 姓名 이름 성명 namn navn nimi الاسم الاسم_الكامل שם שם_מלא",
        "company": "company_name business_name corporate_name organisation organization organization_name"
        " organisation_name account account_name company_account company_organization employer_name firma firmenname"
        " unternehmen unternehmensname entreprise nom_de_l_entreprise societe raison_sociale empresa azienda bedrijf"
        " nombre_de_la_empresa nome_da_empresa current_company employer"
        " org org_name firm institution institution_company university affiliation workplace"
        " firma_institution organisation_firma arbeitgeber einrichtung organisme etablissement"
        " nombre_empresa compania organizacion razon_social companhia organizacao societa ragione_sociale"
        " nome_azienda bedrijfsnaam organisatie werkgever current_employer"
        " nazwa_firmy spolecnost nazev_spolecnosti spolocnost foretag foretagsnamn virksomhed firmanavn"
        " bedrift selskap yritys cegnev ceg companie nume_companie sirket sirket_adi компания"
        " الشركة اسم_الشركة חברה שם_חברה"
        " название_компании организация εταιρεια 会社名 会社 公司 公司名称 单位 회사 회사명 tvrtka przedsiebiorstwo",
        "job_title": "title position role job jobtitle current_position organization_title funktion berufsbezeichnung"
        " stelle poste fonction intitule_du_poste cargo puesto puesto_de_trabajo funcao functie"
        " job_role job_function function occupation designation profession jobtitel"
        " position_im_unternehmen tatigkeit beruf rolle intitule_de_poste metier ocupacion cargo_funcao"
        " profissao ruolo posizione qualifica mansione professione functietitel beroep"
        " stanowisko pracovni_pozice pozice pozicia befattning stilling tehtava beosztas functie unvan"
        " должность посада θεση 役職 职位 职务 직책",
        "country": "country_code country_region country_region_name country_territory land pays pais paese"
        " country_name landercode nazione land_van_herkomst location_country country_of_residence"
        " pays_de_residence pais_de_residencia الدولة البلد מדינה ארץ"
        " kraj zeme krajina maa orszag tara ulke страна краіна χωρα 国 国名 国家 国家_地区 국가 nazione",
        "region": "state province bundesland state_province state_region estado provincia",
        "postal_code": "zip zip_code postcode postal plz postleitzahl code_postal codigo_postal cep zip_postal_code"
        " postal_zip_code post_code zip_postal cp c_p cap codice_postale c.p",
        "industry": "sector branche secteur secteur_d_activite setor",
        "employees": "company_size employee_count number_of_employees no_of_employees nr_of_employees num_employees"
        " employees_count employee_range employees_range headcount company_headcount size organization_size"
        " organisation_size mitarbeiter mitarbeiterzahl anzahl_mitarbeiter anzahl_der_mitarbeiter unternehmensgrosse"
        " firmengrosse effectif effectifs nombre_d_employes nombre_de_salaries taille_de_l_entreprise empleados"
        " numero_de_empleados no_de_empleados n_de_empleados tamano_de_la_empresa funcionarios"
        " numero_de_funcionarios no_de_funcionarios n_de_funcionarios"
        " team_size size_of_company mitarbeiteranzahl anzahl_der_beschaftigten beschaftigte"
        " grosse_des_unternehmens taille_entreprise tamano_empresa n_o_de_empleados tamanho_da_empresa"
        " numero_de_colaboradores dimensioni_azienda numero_dipendenti numero_di_dipendenti n_dipendenti"
        " dipendenti aantal_medewerkers aantal_werknemers bedrijfsgrootte of_employees n.o_de_empleados"
        " employees_does_your_company employees_do_you"
        " liczba_pracownikow wielkosc_firmy pocet_zamestnancu pocet_zamestnancov antal_anstallda"
        " antal_ansatte antall_ansatte alkalmazottak_szama numar_de_angajati calisan_sayisi"
        " количество_сотрудников 従業員数 员工人数",
        "occurred_at": "timestamp created_at created_time created_date create_date created_on created date_created"
        " date_time submitted_at submitted submit_date submit_time date_submitted submission_date submission_time"
        " registration_time registration_date registration_date_and_time registered_at registered_on order_date"
        " optin_time opt_in_time date_added added_on signup_date sign_up_date zeitstempel anmeldedatum bestelldatum"
        " erstellt_am join_time first_join marca_temporal horodateur carimbo_de_data_hora fecha_de_registro"
        " fecha_de_creacion fecha_de_inscripcion date_d_inscription date_de_creation data_de_criacao"
        " data_de_inscricao submitted_on registered_date opt_in_date subscription_date erstellt"
        " erstelldatum registriert_am anmeldung_am eingangsdatum cree_le fecha_de_alta data_de_cadastro"
        " data_di_registrazione data_iscrizione data_creazione informazioni_cronologiche aangemaakt_op"
        " inschrijfdatum tijdstempel inzenddatum completion_time response_date entry_date",
        "source": "lead_source original_source",
        "message": "comment comments inquiry enquiry how_can_we_help how_can_we_help_you how_may_we_help_you nachricht"
        " mitteilung kommentar kommentare bemerkung bemerkungen anmerkung anmerkungen anfrage commentaire commentaires"
        " remarque remarques mensaje comentario comentarios observaciones mensagem observacoes messaggio commento"
        " commenti bericht opmerking opmerkingen wiadomosc komentarz uwagi zprava poznamka meddelande besked melding"
        " viesti uzenet megjegyzes mesaj yorum сообщение комментарий повідомлення μηνυμα メッセージ お問い合わせ内容"
        " 留言 备注 메시지 문의내용 الرسالة הודעה",
        DIAL_CODE: "dial_code dialing_code dialling_code phone_country_code phone_code calling_code"
        " country_calling_code country_dial_code country_phone_code mobile_country_code telephone_country_code"
        " isd_code phone_prefix telephone_prefix landesvorwahl landerkennzahl indicatif"
        " indicatif_pays indicatif_telephonique prefijo prefijo_pais prefijo_telefonico"
        " codigo_de_pais prefisso_internazionale landnummer",
    }.items()
    for name in names.split()
}
_RUN_TOGETHER = {name.replace("_", ""): target for name, target in _SYNONYMS.items() if "_" in name} | {
    name.replace("_", ""): name for name in _FIELDS if "_" in name and name not in _EXPLICIT
}
"""The same as programs write them: `emailaddress`."""
_WEAK = frozenset(
    ("title", "role", "position", "size", "account", "employer", "name", "created_at", "created_time", "created_date",
     "create_date", "created_on", "created", "date_created", "registration_time", "registration_date", "registered_at",
     "registration_date_and_time", "registered_on", "order_date", "date_added", "added_on", "function", "profession",
     "occupation", "beruf", "rolle", "ruolo", "org", "institution", "university", "affiliation", "einrichtung",
     "first", "last", "user_email", "username_email", "useremail", "user_phone", "user_phone_number")
)  # fmt: skip
"""Headings that count only where a field has no clearer one: beside `Job title`, a `Title` is Dr; who joined did so
after they had registered. The user of a tool is the person where nobody else is named, and else who invited them."""
_BEFORE = frozenset(
    term
    for terms in (
        "how many what which whats is s and please enter provide give us your my the a best ihre ihr deine dein votre",
        "vos tu su",
        "seu sua business work company professional corporate office direct main personal private primary lead contact",
        "home",
        "billing mailing zakelijk zakelijke customer delegate invitee recipient subscriber visitor",
        "person participant registrant respondent guest attendee other alternate secondary geschaftliche geschaftlich",
        "dienstliche",
    )
    for term in terms.split()
)
_BEHIND = frozenset(
    term
    for terms in (
        "required optional pflichtfeld pflicht obligatoire obligatorio opcional optionnel business work office primary",
        "geschaftlich dienstlich professionnel professionnelle profesional profissional trabajo trabalho fixe personal",
        "private privat corporativo corporativa empresarial value below here utc do you for at home other mobile mobil",
        "movil to reach lavoro aziendale de contacto contato pro have if any whatsapp",
    )
    for term in terms.split()
)
"""Words around the name of a field, folded. `owner`, `manager` and the like are not among them: they name others."""
_SEVERAL = ("email", "phone")
"""Fields of which a file may have several numbered columns: the first that is filled counts."""
_OTHERS = frozenset(
    ("owner", "manager", "rep", "agent", "host", "organizer", "organiser", "sender", "from", "assigned", "assignee",
     "created", "modified", "updated", "added", "entered", "sales", "seller", "account", "referrer", "referred",
     "referral", "referrers", "recommended", "invited", "inviter", "buyer", "payer", "booked", "purchaser", "reply",
     "support", "admin", "user", "our", "staff", "consultant", "bdr", "sdr", "besitzer", "betreuer", "zustandig",
     "zustandiger", "verkaufer", "vertrieb", "eigentumer", "verantwortlich", "verantwortlicher", "absender",
     "ansprechpartner", "empfohlen", "proprietaire", "responsable", "commercial", "vendeur", "expediteur",
     "propietario", "comercial", "vendedor", "remitente", "proprietario", "responsavel", "remetente", "venditore",
     "referente", "eigenaar", "verkoper", "verantwoordelijke", "opiekun", "wlasciciel", "担当者",
     "担当", "负责人", "담당자")
)  # fmt: skip
"""Words of a heading that names somebody else than the person of the row, folded."""
_BADGES = frozenset(
    ("badge", "badge_id", "badge_number", "badge_no", "badge_code", "badge_nr", "barcode", "barcode_number",
     "registration_id", "registration_number", "registration_code", "registration_no", "reg_id", "attendee_id",
     "attendee_number", "ticket_id", "ticket_number", "ticket_code", "qr_code", "ausweis", "ausweisnummer")
)  # fmt: skip
"""What organisers call the column of the badge; read as such in their lists alone."""
_HUMP = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[a-z])(?=\d$)")
"""Where a word begins in `FirstName`."""
_TAG = re.compile(r"<[^<>]{1,20}>")
_BESIDE = re.compile(r"\s*[/|\u00b7\u2022(]\s*")
"""What stands between the words of two languages for the same."""
_FACT = re.compile(r"facts\.[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


LONGEST_HEADING = 300
"""A longer text is no heading; and part after part is taken off one until it is known."""


def is_mappable_field(name: str, *, lists_badges: bool = True) -> bool:
    """Return whether a mapping may fill a field of this name; the badge only where a list says who wore which."""
    known = name in _PLAIN or name in (WHOLE_NAME, DIAL_CODE) or (lists_badges and name == BADGE)
    return known or _FACT.fullmatch(name) is not None


def find_field_of_heading(column: str) -> str | None:
    """Return the field that a column's name stands for by itself, None where it stands for none."""
    if len(column) > LONGEST_HEADING:
        return None
    if _FACT.fullmatch(column):
        return column
    return _named_by(column) or _named_by_parts(column)


def _named_by(column: str) -> str | None:
    names = dict.fromkeys((normalize_heading(column), normalize_heading(_HUMP.sub("_", column))))
    return next(filter(None, map(_field_named, names)), None)


def _named_by_parts(column: str) -> str | None:
    """Return the field of `E-Mail / Courriel`, whose parts all mean it, and of a program's `properties.email`."""
    if may_name_somebody_else(column):
        return None
    *path, last = column.removesuffix("__c").split(".")
    if " " not in column and not any(map(_named_by, path)) and (field := _named_by(last)):
        return field
    found = set(map(_named_by, _BESIDE.split(column)))
    return WHOLE_NAME if found == {WHOLE_NAME, "last_name"} else found.pop() if len(found) == 1 else None


def _field_named(name: str) -> str | None:
    return next(filter(None, map(_known, (name, *_barer(name)))), None) or _numbered(name)


def _known(name: str) -> str | None:
    if name in _EXPLICIT:
        return None
    return (name if name in _PLAIN else None) or _SYNONYMS.get(name) or _RUN_TOGETHER.get(name)


def _numbered(name: str) -> str | None:
    """Return the field of one of several columns, as `E-mail 1 - Value` or `Phone 2`."""
    parts = name.split("_")
    single = "_".join(part for part in parts if not part.isdigit())
    field = next(filter(None, map(_known, (single, *_barer(single)))), None) if single != name else None
    return field if field in _SEVERAL else None


def _barer(name: str) -> Iterator[str]:
    """Yield a column's name without what makes it a question, a duty, or one of several of its kind."""
    parts = [part for part in name.split("_") if part]
    while parts and parts[-1] in _BEHIND:
        del parts[-1]
        yield "_".join(parts)
    while parts and parts[0] in _BEFORE:
        del parts[0]
        yield "_".join(parts)


def is_badge_heading(column: str) -> bool:
    """Return whether organisers call the column of the badge so."""
    return normalize_heading(column).replace("_", "") in {name.replace("_", "") for name in _BADGES}


def may_name_somebody_else(column: str) -> bool:
    """Return whether a heading may name somebody else than the person of the row, as `Owner email` does."""
    name = normalize_heading(column)
    return not _OTHERS.isdisjoint(re.split(r"[_.]", name)) or any(
        fold_case_and_accents(term) in name for term in _OTHERS if not term.isascii()
    )


def is_fallback_heading(column: str) -> bool:
    """Return whether another heading of the same field comes first."""
    return normalize_heading(column) in _WEAK


def normalize_heading(column: str) -> str:
    """Return a heading in the spelling that all of its spellings share."""
    return re.sub(r"[^\w.]+|\.(?!\w)", "_", fold_case_and_accents(_TAG.sub(" ", column))).replace("__", "_").strip("_")


def has_contact_column(cells: Sequence[str]) -> bool:
    """Return whether a row may be the header of a list of people: a column for an e-mail or a phone is in it.

    A line of one cell is a title, unless it is a plain heading.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    return any((find_field_of_heading if len(filled) > 1 else _named_by)(cell) in ("email", "phone") for cell in filled)
