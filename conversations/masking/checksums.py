"""Numbers that prove themselves: bank cards, IBANs, Chinese identity numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

# Of the IBAN registry, by country: how many characters an IBAN has.
IBAN_LENGTHS: Final[Mapping[str, int]] = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FO FI GL NL SD FK",
        "19": "MK SI",
        "20": "AT BA EE KZ XK LT LU MN",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}
# First digits of those who issue cards, and how long their numbers are.
_CARDS: Final = (
    (("4",), (16, 19)),
    (("51", "52", "53", "54", "55", *map(str, range(2221, 2721))), (16,)),
    (("34", "37"), (15,)),
    (("62", "81"), (16, 17, 18, 19)),
    (("6011", "64", "65"), (16, 17, 18, 19)),
    (tuple(map(str, range(3528, 3590))), (16, 17, 18, 19)),
    (("300", "301", "302", "303", "304", "305", "36", "38", "39"), (14, 16, 19)),
    (("50", "56", "57", "58", "67"), (16, 18, 19)),
    (("2200", "2201", "2202", "2203", "2204", "9792"), (16,)),
)
_BY_LENGTH: Final = {
    length: tuple(first for firsts, lengths in _CARDS if length in lengths for first in firsts)
    for length in range(14, 20)
}
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_REGIONS: Final = frozenset("1234568")
_BIRTH_YEARS: Final = range(1900, 2100)


def is_card(digits: str) -> bool:
    """Return whether these digits are a bank card's: issuer, length and Luhn's sum."""
    return digits.startswith(_BY_LENGTH.get(len(digits), ())) and _luhn(digits)


def is_iban(characters: str) -> bool:
    """Return whether this is an IBAN: its country's length, and 1 modulo 97."""
    upper = characters.upper()
    if IBAN_LENGTHS.get(upper[:2]) != len(upper) or not (upper.isascii() and upper.isalnum()):
        return False
    turned = upper[4:] + upper[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def is_chinese_identity(characters: str) -> bool:
    """Return whether this is a Chinese identity number: region, birthday, GB 11643's check."""
    number, check = characters[:17], characters[17:].upper()
    if len(characters) != len(number) + 1 or not (number.isascii() and number.isdecimal()):
        return False
    if number[0] not in _REGIONS or not _is_birthday(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == check


def _luhn(digits: str) -> bool:
    from_right = [int(digit) for digit in reversed(digits)]
    return (sum(from_right[::2]) + sum(_DOUBLED[digit] for digit in from_right[1::2])) % 10 == 0


def _is_birthday(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year in _BIRTH_YEARS
    except ValueError:
        return False
