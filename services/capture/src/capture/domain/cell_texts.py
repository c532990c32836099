"""What the text of a cell was before pages, spreadsheets and forms wrote it in their way; the address within it."""

import re
import unicodedata
from html import unescape
from urllib.parse import unquote

from pydantic_core import PydanticCustomError

from capture.domain.identity import emails_within, read_email
from capture.domain.phones import NUMBER
from events.names import fold

_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]*\w", re.ASCII)
"""What is an address as a whole or none at all."""
_LOOKED_AT = 2_000
"""So far an address is looked for in a cell: what is longer is a letter."""
_AT = {0xFF20: "@", 0xFE6B: "@"}
_FEWEST_DIGITS = 5
"""Fewer are an extension, or none at all."""
_LABELLED = re.compile(r"(?:mailto|e-?mail|smtp)\s*:\s*", re.IGNORECASE)
_SPACED = re.compile(r"(\S+)\s*@\s*(\S+)")
_LINES = re.compile(r"[\r\n\t\v\f]+")
_FOOTER = re.compile(
    r"\b(?:totals?|totale?|totaal|summe|gesamt|confidential|vertraulich|confidentiel|confidencial|riservato|vertrouwelijk"
    r"|generated|exported|created by|erstellt|exportiert|genere|exporte|generado|exportado|gerado|generato|esportato"
    r"|gegenereerd|questions|fragen|copyright|page|seite|pagina|report|support|unsubscribe)\b"
)
"""Words of the lines below a list, folded."""
_AROUND = " '`\xb4\u2018\u2019\u201c\u201d\u201e\"<>()[],;:!"
"""What stands around an address, and in none of anybody."""
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_AS_FORMULA = re.compile(r'=(?:T\()?"((?:[^"]|"")*)"\)?')
"""A text as a spreadsheet's formula, which keeps it from being taken for a number."""
_UNCHOSEN = re.compile(
    r"[\W_]*(?:please (?:select|choose)|select (?:one|country|an option|your country)|choose (?:one|an option)"
    r"|bitte (?:aus)?w(?:ä|ae)hlen|(?:veuillez )?(?:s[ée]lectionne[rz]?|choisir)|seleccion[ae]r?|selecion[ae]r?"
    r"|selezionare|maak een keuze)[\W_]*"
    r"|-+ ?(?:none|select|keine?|aucune?|ninguno|nenhum|nessuno|geen) ?-+|0{2,4}(?:[-./]0{2,4}){2}(?: 00:00(?::00)?)?",
    re.IGNORECASE,
)
"""What a list to choose from shows before anybody chose, and a date that is none."""
_NOTHING = frozenset(
    ("-", "--", "---", "\u2013", "\u2014", ".", "?", "n/a", "#n/a", "#n/v", "#na", "#ref!", "#value!", "#wert!",
     "#name?", "#null!", "#div/0!", "(blank)", "(leer)", "(empty)", "(none)", "(not set)", "[blank]", "\\n", "nan",
     "n.a.", "k.a.", "k. a.", "s/o", "s/d")
)  # fmt: skip
"""What lists write where they have nothing; `null` in capitals too, which is a surname in small letters."""


def is_nothing(cell: str) -> bool:
    """Return whether a cell says that there is nothing in it."""
    return cell.casefold() in _NOTHING or cell == "NULL" or _UNCHOSEN.fullmatch(cell) is not None


def email_in(cell: str) -> str:
    """Return the cell where it is an address as it stands, else the first one within it."""
    if _MAILBOX.fullmatch(cell):
        return cell
    text = cell[:_LOOKED_AT]
    text = unquote(text) if "@" not in text and "%40" in text else text.translate(_AT)
    bare = _LABELLED.sub("", text.strip(), count=1).strip(_AROUND).rstrip(".")
    if text.count("@") == 1 and (spaced := _SPACED.fullmatch(bare)):
        bare = f"{spaced[1]}@{spaced[2]}"
    if is_email(bare):
        return bare
    found = emails_within(bare)
    return found[0] if found else cell


def is_email(text: str) -> bool:
    """Return whether a text is an address and nothing else."""
    if "@" not in text:
        return False
    try:
        return read_email(text) is not None
    except PydanticCustomError:
        return False


def phone_in(cell: str) -> str:
    """Return a number in the digits and signs that all others are written in; of two lines each is one."""
    cell = " / ".join(filter(None, map(str.strip, _LINES.split(cell))))
    if cell.isascii():
        return cell
    text = unicodedata.normalize("NFKC", cell)
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def is_remark(cell: str) -> bool:
    """Return whether a text is what tools write below a list, with an address in it: `Questions? Write to x@...`."""
    rest = cell[:_LOOKED_AT]
    for found in emails_within(rest):
        rest = rest.replace(found, "")
    return _FOOTER.search(fold(rest)) is not None


def shows(field: str, cell: str) -> bool:
    """Return whether a cell may hold what its field needs: an address has its sign, a number its digits."""
    if field == "email":
        return "@" in cell.translate(_AT) or "%40" in cell
    return field != "phone" or sum(letter.isdigit() for letter in cell) >= _FEWEST_DIGITS


def is_several(field: str, cell: str) -> bool:
    """Return whether a cell shows more than the one address or number that is taken from it."""
    cell = cell[:_LOOKED_AT]
    if field == "email":
        return cell.count("@") > 1 and len({each.casefold() for each in emails_within(cell)}) > 1
    return field == "phone" and len(NUMBER.findall(cell)) > 1


def plain(cell: str) -> str:
    """Return the text that a cell was before a page, a spreadsheet or a wrong encoding wrote it in their way."""
    if "&" in cell and _ENTITY.search(cell):
        cell = unescape(cell)
    if cell.startswith("=") and (formula := _AS_FORMULA.fullmatch(cell)):
        cell = formula[1].replace('""', '"')
    return cell if cell.isascii() else _decoded_once(cell)


def _decoded_once(cell: str) -> str:
    """Return a text that was UTF-8 and was read as the western code page: `MÃ¼ller` is Müller."""
    for page in ("cp1252", "latin-1"):
        try:
            return cell.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return cell
