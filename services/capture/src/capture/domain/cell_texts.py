"""What the text of a cell was before pages, spreadsheets and forms wrote it in their way; the address within it."""

import re
import unicodedata
from html import unescape
from urllib.parse import unquote

from pydantic_core import PydanticCustomError

from capture.domain.identity import find_emails, read_email
from capture.domain.phones import NUMBER
from events.names import fold_case_and_accents

_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]*\w", re.ASCII)
"""What is an address as a whole or none at all."""
_LOOKED_AT = 2_000
"""So far an address is looked for in a cell: what is longer is a letter."""
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: ord("@")}
"""Letters and signs in the width of East Asian ones, and what they are: no mailbox is written in them."""
_FEWEST_DIGITS = 5
"""Fewer are an extension, or none at all."""
_LABELLED = re.compile(r"(?:mailto|e-?mail|smtp)\s*:\s*", re.IGNORECASE)
_SPACED = re.compile(r"(\S+)\s*@\s*(\S+)")
_LINES = re.compile(r"[\r\n\t\v\f]+")
_FOOTER = re.compile(
    r"\b(?:totals?|totale?|totaal|summe|gesamt|confidential|vertraulich|confidentiel|confidencial|riservato|vertrouwelijk"
    r"|generated|exported|created by|erstellt|exportiert|genere|exporte|generado|exportado|gerado|generato|esportato"
    r"|printed|downloaded|gedruckt|heruntergeladen|imprime|impreso|impresso|stampato"
    r"|gegenereerd|questions|fragen|copyright|page|seite|pagina|report|support|unsubscribe)\b|\xa9|\(c\) ?(?:19|20)\d\d"
)
"""Words of the lines below a list, folded."""
_ABOUT = re.compile(
    r"(?:generated|exported|created|printed|downloaded|prepared|shared|sent|run|erstellt|exportiert|gedruckt|genere|exporte"
    r"|cree|generado|exportado|creado|gerado|criado|generato|esportato|creato) (?:by|von|par|por|da|door)"
    r"|(?:report|list|file|export|event) (?:owner|author|creator|contact|organi[sz]er)"
)
"""Who made a list, folded."""
_AROUND = " '`\xb4\u2018\u2019\u201c\u201d\u201e\"<>()[],;:!"
"""What stands around an address, and in none of anybody."""
_AS_TEXT = re.compile(r"'[^\W_](?!.*'(?:\W|$))", re.DOTALL)
"""An apostrophe that no other one closes."""
_QUOTED = re.compile(r'["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]+)["\u201c\u201d]')
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:a|b|i|u|em|strong|span|font|p|div|br|li|td)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)
"""How a page writes a text, within a cell that was copied from one."""
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


def is_empty_or_placeholder(cell: str) -> bool:
    """Return whether a cell says that there is nothing in it."""
    return cell.casefold() in _NOTHING or cell == "NULL" or _UNCHOSEN.fullmatch(cell) is not None


def extract_email(cell: str) -> str:
    """Return the cell where it is an address as it stands, else the first one within it."""
    if _MAILBOX.fullmatch(cell):
        return cell
    text = cell[:_LOOKED_AT]
    text = unquote(text) if "@" not in text and "%40" in text else text.translate(WIDE)
    bare = _LABELLED.sub("", text.strip(), count=1).strip(_AROUND).rstrip(".")
    if text.count("@") == 1 and (spaced := _SPACED.fullmatch(bare)):
        bare = f"{spaced[1]}@{spaced[2]}"
    if is_email(bare):
        return bare
    found = find_emails(bare)
    return found[0] if found else cell


def is_email(text: str) -> bool:
    """Return whether a text is an address and nothing else."""
    if "@" not in text:
        return False
    try:
        return read_email(text) is not None
    except PydanticCustomError:
        return False


def extract_phone(cell: str) -> str:
    """Return a number in the digits and signs that all others are written in; of two lines each is one."""
    cell = " / ".join(filter(None, map(str.strip, _LINES.split(cell))))
    if cell.isascii():
        return cell
    text = unicodedata.normalize("NFKC", cell)
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def is_export_remark(cell: str) -> bool:
    """Return whether a cell beside an address says what they did with the list: `Generated by` is nobody's name."""
    return _ABOUT.fullmatch(fold_case_and_accents(cell).strip(" :")) is not None


def is_footer_with_address(cell: str) -> bool:
    """Return whether a text is what tools write below a list, with an address in it: `Questions? Write to x@...`."""
    rest = cell[:_LOOKED_AT]
    for found in find_emails(rest):
        rest = rest.replace(found, "")
    return _FOOTER.search(fold_case_and_accents(rest)) is not None


def may_hold_field(field: str, cell: str) -> bool:
    """Return whether a cell may hold what its field needs: an address has its sign, a number its digits."""
    if field == "email":
        return "@" in cell.translate(WIDE) or "%40" in cell
    return field != "phone" or sum(letter.isdigit() for letter in cell) >= _FEWEST_DIGITS


def holds_several(field: str, cell: str) -> bool:
    """Return whether a cell shows more than the one address or number that is taken from it."""
    cell = cell[:_LOOKED_AT]
    if field == "email":
        return cell.count("@") > 1 and len({each.casefold() for each in find_emails(cell)}) > 1
    return field == "phone" and len(NUMBER.findall(cell)) > 1


def without_text_mark(cell: str) -> str:
    """Return a cell without the apostrophe by which a spreadsheet keeps it as text: `'Long`, and not `'t Hooft`.

    Nor in quotes that stand around the whole of it.
    """
    if quoted := _QUOTED.fullmatch(cell):
        return quoted[1]
    return cell[1:] if _AS_TEXT.match(cell) and (cell[1].isupper() or cell[1].isdigit()) else cell


def restore_original_text(cell: str) -> str:
    """Return the text that a cell was before a page, a spreadsheet or a wrong encoding wrote it in their way."""
    if "&" in cell and _ENTITY.search(cell):
        cell = unescape(cell)
    if "</" in cell or "<br" in cell.lower():  # a page's, and not a single sign that somebody typed
        cell = _TAGS.sub("", cell)
    if cell.startswith("=") and (formula := _AS_FORMULA.fullmatch(cell)):
        cell = formula[1].replace('""', '"')
    return cell if cell.isascii() else _decode_mojibake_once(cell)


def _decode_mojibake_once(cell: str) -> str:
    """Return a text that was UTF-8 and was read as the western code page: `MÃ¼ller` is Müller."""
    for page in ("cp1252", "latin-1"):
        try:
            return cell.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return cell
