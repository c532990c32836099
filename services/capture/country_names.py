"""Write what countries are called, in every language that Unicode's CLDR (by Babel) names them in.

Run as `python services/capture/country_names.py`; a test compares the file with what this returns.
"""

from pathlib import Path

from babel import localedata
from babel.core import get_global

from capture.domain.countries import COUNTRIES, NAMES_FILE, fold_country_name

TARGET = Path(__file__).parent / "src" / "capture" / "domain" / NAMES_FILE
FIRST = ("en", "de", "fr", "es", "pt", "it", "nl")
"""Of two languages that call different countries by one name, the first of these decides; else nobody does."""
ALIASES = {
    "GB": "uk; u.k.; great britain; england; scotland; wales; northern ireland; britain; grossbritannien; angleterre;"
    " inghilterra; engeland; inglaterra;"
    " united kingdom of great britain and northern ireland; grande-bretagne; gran bretana; great britain (uk)",
    "US": "usa; u.s.a.; u.s.; united states of america; america; the united states; estados unidos de america; eeuu;"
    " vereinigte staaten von amerika; etats-unis d'amerique; estados unidos da america; stati uniti d'america; ee. uu.;"
    " etats unis; e.u.a.; eua; us of a; u s a",
    "NL": "holland; the netherlands; nederland; ned",
    "CZ": "czech republic; tschechische republik; czech rep.",
    "KR": "republic of korea; korea, republic of; korea; korea (south); korea, rep.; s. korea",
    "KP": "korea, democratic people's republic of; korea (north)",
    "RU": "russian federation",
    "IR": "iran, islamic republic of; iran (islamic republic of)",
    "VN": "viet nam",
    "TW": "taiwan, province of china; taiwan, republic of china; r.o.c.",
    "TR": "turkey; republic of turkey",
    "MK": "macedonia; fyrom",
    "CI": "ivory coast; cote d'ivoire",
    "CV": "cape verde",
    "TZ": "tanzania, united republic of",
    "MD": "moldova, republic of",
    "VE": "venezuela, bolivarian republic of; venezuela (bolivarian republic of)",
    "BO": "bolivia, plurinational state of; bolivia (plurinational state of)",
    "LA": "lao people's democratic republic; lao pdr",
    "SY": "syrian arab republic",
    "CD": "congo, the democratic republic of the; democratic republic of the congo; drc; congo, dem. rep.; dr congo",
    "HK": "hong kong sar; hongkong",
    "MO": "macao; macau",
    "PS": "palestine; palestine, state of; state of palestine",
    "BN": "brunei darussalam",
    "AE": "uae; u.a.e.; emirates; vae; v.a.e.; e.a.u.",
    "IE": "republic of ireland; eire; ireland, republic of; ireland (republic)",
    "CN": "people's republic of china; pr china; p.r. china; mainland china; prc; china, people's republic of",
    "CH": "swiss confederation; schweizerische eidgenossenschaft; sui",
    "FR": "french republic; republique francaise",
    "DE": "brd; ger; federal republic of germany; bundesrepublik deutschland",
    "AT": "oesterreich; republik osterreich",
    "SA": "ksa; kingdom of saudi arabia",
    "SK": "slovak republic; slowakische republik",
    "DO": "dominican rep.; dom. rep.; republica dominicana",
    "GM": "the gambia; gambia, the",
    "BS": "the bahamas; bahamas, the",
    "VI": "virgin islands, u.s.; us virgin islands",
    "VG": "virgin islands, british",
    "FK": "falkland islands (malvinas)",
    "VA": "holy see; holy see (vatican city state)",
    "FM": "micronesia, federated states of",
    "SX": "sint maarten (dutch part)",
    "MF": "saint martin (french part)",
    "SH": "saint helena, ascension and tristan da cunha",
    "LY": "libyan arab jamahiriya",
    "PG": "papua n. guinea",
    "CF": "central african rep.",
    "GQ": "eq. guinea",
    "SB": "solomon is.",
    "KY": "cayman is.",
    "ES": "kingdom of spain; reino de espana",
    "IT": "italian republic; repubblica italiana",
    "PT": "portuguese republic; republica portuguesa",
    "MX": "united mexican states; estados unidos mexicanos",
    "PL": "republic of poland; rzeczpospolita polska",
    "SG": "republic of singapore",
    "ZA": "republic of south africa; rsa; s. africa",
    "IN": "republic of india; bharat",
    "NZ": "aotearoa",
}


def names() -> dict[str, str]:
    """Return each folded name with its country's alpha-2 code; a name of two countries is left out."""
    found: dict[str, set[str]] = {}
    decided: dict[str, str] = {}
    rest = sorted(name for name in localedata.locale_identifiers() if name not in FIRST)
    for language in (*FIRST, *rest):
        for code, name in localedata.load(language).get("territories", {}).items():
            if code in COUNTRIES:
                found.setdefault(fold_country_name(name), set()).add(code)
                if language in FIRST:
                    decided.setdefault(fold_country_name(name), code)
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and codes[0] in COUNTRIES and len(alias) == 3 and alias.isalpha():  # noqa: PLR2004 - alpha-3
            decided.setdefault(alias.casefold(), codes[0])
    for code, listed in ALIASES.items():
        decided |= {fold_country_name(name): code for name in listed.split(";")}
    sure = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
    return {name: code for name, code in sorted((sure | decided).items()) if name}


def text() -> str:
    """Return the file: a line for each name, its country behind a tab."""
    return "".join(f"{name}\t{code}\n" for name, code in names().items())


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
