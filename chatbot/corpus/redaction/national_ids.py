"""Numbers that a state gives its people, in text: of identity, of social insurance and of tax.

A number is found where its form is that of a country and its check digits or its birth date are right, by
`python-stdnum`, or where the word before it says what it is. Numbers without separators that one of a hundred counts
would pass for are found only behind such a word.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple


class _Form(NamedTuple):
    """The form of a country's numbers.

    Attributes:
        country: Its code, as `stdnum` has it.
        number: The module of `stdnum` that checks such a number; none where the form is proof enough.
        pattern: What a number looks like.
    """

    country: str
    number: str
    pattern: str


_DATE = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_FORMS = (
    _Form("us", "ssn", r"\d{3}-\d{2}-\d{4}"),
    _Form("us", "itin", r"9\d\d-\d{2}-\d{4}"),
    _Form("ca", "sin", r"\d{3}-\d{3}-\d{3}"),
    _Form("gb", "", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]"),
    _Form("kr", "", rf"{_DATE}-[1-8]\d{{6}}"),
    _Form("cn", "ric", r"[1-9]\d{16}[\dXx]"),
    _Form("in_", "aadhaar", r"[2-9]\d{3} \d{4} \d{4}"),
    _Form("in_", "pan", r"[A-Z]{5}\d{4}[A-Z]"),
    _Form("es", "dni", r"\d{8}-?[A-Za-z]"),
    _Form("es", "nie", r"[XYZxyz]-?\d{7}-?[A-Za-z]"),
    _Form("it", "codicefiscale", r"[A-Za-z]{6} ?\d\d[A-Za-z]\d\d ?[A-Za-z]\d{3}[A-Za-z]"),
    _Form("fr", "nir", r"[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d"),
    _Form("se", "personnummer", rf"(?:(?:19|20)\d\d{_DATE[4:]}|{_DATE})[-+]\d{{4}}"),
    _Form("fi", "hetu", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"),
    _Form("dk", "cpr", r"\d{6}-\d{4}"),
    _Form("no", "fodselsnummer", r"\d{6} \d{5}"),
    _Form("ch", "ssn", r"756\.\d{4}\.\d{4}\.\d\d"),
    _Form("be", "nn", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"),
    _Form("br", "cpf", r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    _Form("cl", "rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]"),
    _Form("ar", "cuit", r"\d\d-\d{8}-\d"),
    _Form("mx", "curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d"),
    _Form("cz", "rc", r"\d{6}/\d{3,4}"),
    _Form("pl", "pesel", r"\d{11}"),
    _Form("za", "idnr", rf"{_DATE}\d{{7}}"),
    _Form("ro", "cnp", rf"[1-8]{_DATE}\d{{6}}"),
    _Form("th", "pin", r"\d-\d{4}-\d{5}-\d\d-\d"),
    _Form("my", "nric", rf"{_DATE}-\d\d-\d{{4}}"),
    _Form("ru", "", r"\d{3}-\d{3}-\d{3} \d\d"),
    _Form("sg", "", r"[STFGM]\d{7}[A-Z]"),
)
_NAMES = (
    *(r"social security(?: number| no\.?)?", "ssn", "itin", r"national (?:id|insurance)(?: number| no\.?)?", "nino"),
    *("nhs(?: number| no\\.?)?", r"(?:tax|identity|id)[ -](?:number|no\.?|card)", "tfn", "tin", "sin", "pps(?:n)?"),
    *(
        r"passport(?: number| no\.?| id)?",
        r"driv(?:er|ing)[’']?s? licen[cs]e(?: number| no\.?)?",
        "aadhaar",
        "pan card",
    ),
    *(r"steuer-?id(?:nr\.?)?", r"id-?nr\.?", r"personalausweis(?:nummer)?", r"reisepass(?:nummer)?", "bsn", "pesel"),
    *(
        "dni",
        "nie",
        "nif",
        "curp",
        "rfc",
        "cpf",
        "rg",
        "rut",
        "cuit",
        "cuil",
        "nir",
        "snils",
        "снилс",
        "инн",
        "паспорт",
    ),
    *("numéro de sécurité sociale", "passeport", "codice fiscale", "pasaporte", "tckn", "tc kimlik(?: no)?", "egn"),
    *(
        "주민(?:등록)?번호",
        "여권 ?번호",
        "운전면허 ?번호",
        "身份证号?码?",
        "护照号?码?",
        "身分證",
        "護照",
        "マイナンバー",
        "パスポート番号",
    ),
)
_NAMED = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(_NAMES)})"
    r"(?: ?[:#=]| (?:is|ist|est|es|é|nr\.?|no\.?)(?= )|은|는|は|是)?"
    r" ?(?P<number>[A-Za-z]{0,5}\d(?:[ ./-]?[A-Za-z]{0,2}\d){4,17}[A-Za-z]{0,2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
#: Boundaries are those of ASCII words: a Korean particle follows a number without a space.
_BEGINS, _ENDS = r"(?<![A-Za-z0-9_.,/+-])", r"(?![A-Za-z0-9_]|[.,/-]\d)"
_PATTERNS = [(form, re.compile(_BEGINS + form.pattern + _ENDS, re.ASCII)) for form in _FORMS]
#: Without one of these no form can match.
_HINT = re.compile(r"\d[ ./-]?\d", re.ASCII)


def find_national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Find the numbers in a text by which a state knows a person.

    Args:
        text: Its digits, spaces and dashes are those of ASCII.

    Yields:
        Where each begins and ends, in no order; some may overlap.
    """
    for match in _NAMED.finditer(text):
        yield match.span("number")
    if not _HINT.search(text):
        return
    for form, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not form.number or _checks(form.country, form.number)(match[0]):
                yield match.span()


@cache
def _checks(country: str, number: str) -> Callable[[str], bool]:
    module = importlib.import_module(f"stdnum.{country}.{number}")  # only a text with such a number needs it
    is_valid: Callable[[str], bool] = module.is_valid
    return is_valid
