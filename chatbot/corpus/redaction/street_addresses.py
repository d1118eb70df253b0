"""Places of people in text: streets with a house number, post-office boxes, postcodes of a few houses, coordinates.

A street is told by its word, as "Road" or "straße", in the order of its country; the town behind it is taken along.
Small letters are taken for a street only behind "at", "live on" and the like.
"""

import re
from collections.abc import Iterator

_CAP = r"(?:[A-Z0-9ÀÖØ-Þ][\w’'.-]*)"
_CITY = r"(?:,? (?:\d{4,5} |\d{3} \d\d )?[A-ZÀÖØ-Þ][\w’'-]+(?: [A-ZÀÖØ-Þ][\w’'-]+){0,2}(?: \d{1,2}(?!\d))?)"
_UK_POSTCODE = r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])"
_ENGLISH_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Close"
    r"|Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Mews|Gardens|Grove|Way)"
)
_ENGLISH_REST = (
    r"(?:\.?,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|#)\.? ?#?\w{1,5})?"
    rf"(?:\.?,? [A-Z][\w’'-]+(?: [A-Z][\w’'-]+){{0,2}},? (?:[A-Z]{{2,3}} \d{{4,5}}(?:-\d{{4}})?|{_UK_POSTCODE})"
    r"|\.?, [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?(?=[.,;!?)]|$))?"
)
_UNITS = (
    r"(?:minutes?|mins?|hours?|days?|miles?|km|meters?|blocks?|lanes?|ways?|steps?|on|in|of|the|a|an|to|down|per|from)"
)
_COUNTED = r"(?! ?(?:Stunden?|Minuten?|Tage?|Wochen?|Jahren?|km|kilometer|m|Meter|Uhr|Euro|€|%|uur|minuten))"

_PATTERNS = (
    # 221B Baker Street, Flat 3, London NW1 6XE
    re.compile(
        rf"(?<![\w.,/-])\d{{1,5}}(?:-\d{{1,4}})?[A-Za-z]?,? (?:{_CAP} ){{1,4}}{_ENGLISH_STREET}\b{_ENGLISH_REST}"
    ),
    re.compile(  # at 12 main street
        r"\b(?:at|live[sd]?(?: on)?|address(?: is|:)|ship(?:ped)? to|deliver(?:ed)? to|moved to|visit)"
        rf" (?P<place>\d{{1,5}}[a-z]?,? (?!{_UNITS}\b)(?:[a-z0-9’'-]+ ){{1,2}}"
        r"(?:street|avenue|road|lane|drive|boulevard|court|square|terrace|crescent)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:P\.? ?O\.? ?Box|Post Office Box|Postfach|Apartado(?: de correos)?|Casilla) \d[\d ]{0,8}\d?\b", re.I
    ),
    # Lange Straße 12a, 10115 Berlin; Herengracht 5
    re.compile(
        r"(?<!\w)(?!(?:Park|Spiel|Sitz|Steh|Arbeits|Start|Stell|Fuß|Lade|Sparplatz|Rück|Hin|Um|Aus|Heim|Arbeits)(?:platz|weg))"
        r"(?:(?:[A-ZÄÖÜ][\wäöüß.-]* )?(?:Straße|Strasse|Str\.|Allee|Gasse|Chaussee|Weg|Ring|Damm|Ufer)"
        r"|[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig"
        r"|straat|laan|plein|gracht|kade|dijk|gatan|vägen|gata|veien|gade|vej))"
        rf" \d{{1,4}}(?: ?[a-z](?!\w))?{_COUNTED}(?![\w:.-]*\d){_CITY}?"
    ),
    # 12 bis, rue de la Paix, 75002 Paris
    re.compile(
        r"(?<![\w.,/-])\d{1,4}(?: ?(?:bis|ter|quater))?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Aa]llée"
        r"|[Cc]hemin|[Ii]mpasse|[Qq]uai|[Cc]ours|[Rr]oute|[Pp]lace|[Ss]quare) "
        r"(?:de |du |des |la |le |les |d[’']|l[’']){0,3}"
        rf"[A-ZÀÖØ-Þ][\w’'-]+(?:[ -][A-ZÀÖØ-Þ][\w’'-]+){{0,3}}{_CITY}?"
    ),
    # Calle de Alcalá 42, 28014 Madrid; Via Roma, 5; Rua Augusta nº 100
    re.compile(
        r"(?<!\w)(?:Calle|C/|Avenida|Avda?\.|Av\.|Plaza|Paseo|Carrera|Rua|R\.|Travessa|Alameda"
        r"|Via|Viale|Piazza|Corso|Largo|Vicolo) ?"
        r"(?:de |del |da |do |dos |das |di |dei |della |delle |la |las |los |el ){0,3}"
        rf"[A-ZÀÖØ-Þ][\w’'-]+(?: (?:de |del |da |do |di )?[A-ZÀÖØ-Þ][\w’'-]+){{0,3}},? (?:n[º°o.]{{0,2}} ?)?\d{{1,5}}"
        rf"(?![\d/:.%])(?! ?(?:ore|horas|€)){_CITY}?"
    ),
    re.compile(  # ul. Marszałkowska 10
        r"(?<!\w)(?:ul|al|os|pl)\. (?:[A-ZŁŚŻ][\wąćęłńóśźż-]+ ){1,3}\d{1,4}[a-z]?(?:/\d{1,4})?(?![\d:])"
    ),
    re.compile(
        r"(?<!\w)(?:ул\.|улица|просп\.|проспект|пр-т|пер\.|переулок) ?"
        r"[А-ЯЁ][\w -]{1,30}?,? (?:д\.? ?|дом )?\d{1,4}(?:,? кв\.? ?\d{1,4})?"
    ),
    # 서울특별시 강남구 테헤란로 152; 성남시 분당구 정자동 178-1
    re.compile(
        r"(?<!\w)(?:[가-힣]{1,8}(?:특별시|광역시|특별자치시|도|시|군|구)\s){1,3}(?:[가-힣]{1,6}(?:읍|면)\s)?"
        r"[가-힣\d]{1,12}(?:대로|로|길)\s?\d{1,4}(?:-\d{1,4})?(?:번?길\s?\d{1,4}(?:-\d{1,4})?)?(?![\d시분명개원년월])"
        r"(?:,?\s(?:\d{1,4}동\s)?\d{1,4}호)?"
    ),
    re.compile(
        r"(?<!\w)(?:[가-힣]{1,8}(?:특별시|광역시|도|시|군|구)\s){1,3}[가-힣\d]{1,8}(?:동|읍|면|리|가)\s\d{1,4}-\d{1,4}(?:번지)?"
    ),
    re.compile(r"\d{1,4}동\s\d{2,4}호(?!선)"),
    # 東京都千代田区千代田1-1; 北京市朝阳区建国路88号
    re.compile(
        r"(?:〒?\d{3}-\d{4} ?)?(?:東京都|北海道|(?:京都|大阪)府|[一-龥]{2,3}県)[一-龥ぁ-んァ-ヶー]{1,15}"
        r"(?:\d{1,4}(?:丁目|番地?|号|-(?=\d))){0,4}\d{0,4}(?<=[\d目番地号])"
    ),
    re.compile(
        r"(?:(?<=[在到])|(?<![一-龥]))(?![我你他她住在])(?:[一-龥]{1,6}(?:省|市|区|區|县|縣)){0,3}[一-龥]{1,6}(?:路|街|大道|巷|弄)(?:[一二三四五六七八九十]段)?\d{1,5}[号號](?:\d{1,4}[室楼樓])?"
    ),
    re.compile(r"〒\d{3}-\d{4}"),
    re.compile(_UK_POSTCODE),
    re.compile(r"(?<![A-Za-z0-9])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?![A-Za-z0-9])"),
    re.compile(
        r"\d{1,2}° ?\d{1,2}['’′] ?[\d.]{1,8}(?:\"|″|'') ?[NS],? ?\d{1,3}° ?\d{1,2}['’′] ?[\d.]{1,8}(?:\"|″|'') ?[EWO]"
    ),
    re.compile(r"(?<![\w.])[-+]?\d{1,2}\.\d{4,15}°?[NS]?, ?[-+]?\d{1,3}\.\d{4,15}°?[EW]?(?![\w.])"),
)
#: Without a digit there is no house number.
_DIGIT = re.compile(r"\d", re.ASCII)


def find_street_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find what leads to somebody's door in a text.

    Args:
        text: Its digits and spaces are those of ASCII.

    Yields:
        Where each place begins and ends, in no order; some may overlap.
    """
    if not _DIGIT.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match.span("place" if "place" in pattern.groupindex else 0)
