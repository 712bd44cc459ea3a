"""Phone numbers: which are the same, how a portal is asked for one, and what a link dials.

A number is typed as it is dialed at home (`030 …`, `8 912 …`) or with `00`, `+`, or a zero in
brackets, and CRM keeps it as it was typed. `static/js/core/text-match.js` compares numbers as
`read_number` and `fit` do; the cases in `tests/sameness.json` are tried on both. Only the country
of a number that names none needs the tables of *phonenumbers*.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import phonenumbers

from waitlist.texts import clean_plain

FEWEST_DIGITS = 4
"""Digits of a part of a number that is searched in CRM."""
FEWEST_SAME = 7
"""Digits at the end of two numbers that make them the same, if only a prefix differs."""
LONGEST_PREFIX = 4
"""Digits of a country code, or of what is dialed before a number."""
MOST_DIGITS = 15
LONGEST_TEXT = 100
MOST_VALUES = 20
"""Values that `crm.duplicate.findbycomm` reads. Source: restservice.php of the crm module."""
PUNCTUATION = r"\s()./-"
E164 = phonenumbers.PhoneNumberFormat.E164
COUNTRY_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d")
TRUNK = re.compile(r"^(?:0+|8(?=\d{10}$)0?)")
"""What is dialed at home before an area code: 0, and 8 where Russian is spoken."""
FROM_ABROAD = re.compile(r"^(?:011|810)(?=\d{9})")
"""What is dialed before a country code in North America and in Russia; elsewhere it is 00."""
NOT_DIGITS = re.compile(r"[^0-9]+")
IN_BRACKETS = re.compile(r"\(\s*0\s*\)")
EXTENSION = re.compile(r"(?<=\d)[\s.)]*(?:[;#,]|[^\W\d_])")
"""Where an extension begins, as in `;12`, `ext. 7` or `доб. 12`."""
SEPARATOR = re.compile(r"[,;|\n]| / ")
"""What stands between two numbers in one field."""
DIALED = re.compile(
    rf"([+(]*\d[\d{PUNCTUATION}]*)"
    r"(?:(?:[;#,]|(?:ext|x|доб|вн|durchwahl|dw|int|poste|wew)\.?)\s*(\d{1,7}))?",
    re.IGNORECASE,
)
LONGEST_AREA = 6
"""Digits before a slash. After more, another number or another ending follows it."""
COUNTRIES = {
    **{code: code.upper() for code in ("br", "by", "cn", "de", "es", "fr", "id", "in", "it")},
    **{code: code.upper() for code in ("kz", "mx", "pl", "ru", "th", "tr", "ua", "vn")},
    **{"ja": "JP", "jp": "JP", "ms": "MY", "my": "MY", "sc": "CN", "tc": "TW", "uk": "GB"},
}
"""Countries by the last part of a portal's host, or else by the language of its user.

A portal chooses the country of a number in this way, too: by its zone, then by the language.
Source: PhoneNumber/Parser.php detectCountry of the main module.
"""


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number, or its beginning.

    `national` are its digits without what is dialed before an area code, `code` is that of its
    country, "" if unknown, and `written` are all digits as they were typed.
    """

    code: str
    national: str
    written: str

    @property
    def digits(self) -> str:
        return self.code + self.national

    @property
    def searched(self) -> str:
        """Return the number as one word; without a country code it begins with 0."""
        return self.digits if self.code else f"0{self.national}"


def country_of(portal: str, language: str) -> str:
    """Return the country of numbers that name none, "" if unknown."""
    zone = re.split("[:/]", portal)[0].rpartition(".")[2]
    return COUNTRIES.get(zone) or COUNTRIES.get(language, "")


def clean_phone(text: str) -> str:
    """Return a number as the app searches and keeps it: in ASCII where it can be."""
    plain = clean_plain(text)
    return plain[4:].strip() if plain[:4].lower() == "tel:" else plain


def read_number(text: str) -> Number:
    """Read a number without its extension. Texts without digits give an empty number."""
    text = clean_phone(text)[:LONGEST_TEXT]
    main = EXTENSION.split(text, maxsplit=1)[0]
    written = _digits(main)
    digits = _digits(IN_BRACKETS.sub("", main))
    if main.lstrip(" (").startswith("+") or (written.startswith("00") and len(written) >= 10):
        digits = digits.lstrip("0")
        if code := COUNTRY_CODE.match(digits):
            return Number(code[0], digits[code.end() :].lstrip("0"), written)
    return Number("", TRUNK.sub("", digits), written)


def read_numbers(text: str) -> tuple[Number, ...]:
    """Read all numbers in one field."""
    parts = [part for part in SEPARATOR.split(text[:LONGEST_TEXT]) if _digits(part)]
    numbers = tuple(map(read_number, parts)) if len(parts) > 1 else ()
    long = tuple(number for number in numbers if len(number.written) >= FEWEST_SAME)
    return long if len(long) > 1 else (read_number(text),)


def same(one: Number, other: Number) -> bool:
    """Return whether two numbers may reach the same phone: only what is dialed first differs."""
    if one.code and other.code:
        return one.digits == other.digits
    short, long = sorted((one.digits, other.digits), key=len)
    prefix = len(long) - len(short)
    return short == long != "" or (
        len(short) >= FEWEST_SAME and prefix <= LONGEST_PREFIX and long.endswith(short)
    )


def fit(query: Number, stored: Number) -> int | None:
    """Return how well a stored number fits what was typed: 0 is exactly, None not at all."""
    if not query.written:
        return None
    long = len(query.national) >= FEWEST_DIGITS
    fits = (
        query.written == stored.written,
        same(query, stored) or stored.written.endswith(query.written),
        query.written in stored.written,
        long and query.digits in stored.digits,
        long and query.code != "" == stored.code and stored.national.startswith(query.national),
        _begins_with_8(query) and query.written[1:] in stored.digits,
    )
    return next((min(rank, 3) for rank, holds in enumerate(fits) if holds), None)


def readings(text: str, country: str) -> tuple[Number, ...]:
    """Return what a typed number may mean: by its digits alone, and as dialed in a country."""
    number = read_number(text)
    found = [number]
    abroad = FROM_ABROAD.sub("", number.written)
    plus = "" if number.code or abroad.startswith("0") else f"+{abroad}"
    for one, home in ((text, country), (plus, "")):
        parsed = _parse(one, home)
        if parsed and len(national := str(parsed.national_number)) >= FEWEST_SAME:
            found.append(Number(str(parsed.country_code), national, number.written))
    return tuple(dict.fromkeys(found))


def parts_to_search(text: str, country: str) -> tuple[str, ...]:
    """Return digits of which CRM's search text has one if a customer has this number.

    That text has the digits as they were typed and all endings of the number as the portal keeps
    it. Source: search/searchmap.php addPhone of the crm module.
    """
    parts = set()
    for number in readings(text, country):
        whole = len(number.national) >= FEWEST_SAME
        parts.add(number.national if whole or not number.code else number.digits)
        if _begins_with_8(number):
            parts.add(number.written[1:])
        parts.add(number.written)
    long = sorted((part for part in parts if len(part) >= FEWEST_DIGITS), key=len)
    kept: list[str] = []
    for part in long:
        if not any(shorter in part for shorter in kept):
            kept.append(part)
    return tuple(kept)


def whole_to_search(text: str, country: str) -> tuple[str, ...]:
    """Return the spellings under which a portal may keep this number.

    A portal adds no country code to a number and takes none away; it drops 00, 011 and a first 0,
    and 8 becomes 7. Source: duplicatecommunicationcriterion.php of the crm module.
    """
    values = [clean_phone(text)[:LONGEST_TEXT]]
    for number in readings(text, country):
        if number.code:
            values += (f"+{number.digits}", f"+{number.code}0{number.national}")
        if number.national:
            values += (f"0{number.national}", number.national)
    return tuple(dict.fromkeys(filter(None, values)))[:MOST_VALUES]


def dialable(text: str) -> str:
    """Return what a `tel:` link dials: one number that is understood, or "" for any other text."""
    found = DIALED.fullmatch(clean_phone(text)[:LONGEST_TEXT])
    if not found or (len(_digits(found[1].partition("/")[0])) > LONGEST_AREA and "/" in found[1]):
        return ""
    main, extension = found[1], found[2]
    if main.lstrip("(").startswith("+"):
        parsed = _parse(main, "")
        number = phonenumbers.format_number(parsed, E164) if parsed else ""
    else:
        number = _digits(IN_BRACKETS.sub("", main))
        number = number if 3 <= len(number) <= MOST_DIGITS else ""
    return f"{number},{extension}" if number and extension else number


def looks_like_number(text: str) -> bool:
    """Return whether a text is nothing but a number, and perhaps its extension."""
    return DIALED.fullmatch(clean_phone(text)[:LONGEST_TEXT]) is not None


def best_fit(queries: Sequence[Number], phones: Iterable[str]) -> int | None:
    """Return how well the best of a customer's phones fits what was typed."""
    tails = {query.written[-FEWEST_DIGITS:] for query in queries}
    likely = (phone for phone in phones if _may_have(phone, tails))
    stored = [number for phone in likely for number in read_numbers(phone)]
    ranks = (fit(query, number) for query in queries for number in stored)
    return min((rank for rank in ranks if rank is not None), default=None)


def has_same(queries: Sequence[Number], phones: Iterable[str]) -> bool:
    """Return whether one of a customer's phones is the same as one of these numbers."""
    stored = [number for phone in phones for number in read_numbers(phone)]
    return any(same(query, number) for query in queries for number in stored)


def _may_have(phone: str, tails: Iterable[str]) -> bool:
    """Return whether a phone is worth reading: a search looks at thousands of them."""
    if not phone.isascii() or "0)" in phone:
        return True
    digits = _digits(phone)
    return any(tail in digits for tail in tails)


def _begins_with_8(number: Number) -> bool:
    """Return whether this may be the beginning of a number as it is dialed in Russia."""
    return not number.code and number.written.startswith("8") and 7 <= len(number.written) <= 10


def _parse(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(clean_phone(text)[:LONGEST_TEXT], country or None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def _digits(text: str) -> str:
    return NOT_DIGITS.sub("", text)
