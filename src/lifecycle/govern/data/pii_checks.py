"""Check digits and ranges: what tells a card number from sixteen digits, and an account from a word with digits."""

from __future__ import annotations

import ipaddress
import re

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26,
}  # fmt: skip
"""Characters of an account number by country: the registry's lengths, for the countries of Europe."""

_CARDS = re.compile(
    r"4\d{12}(\d{3})?(\d{3})?"
    r"|(5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|3(0[0-5]|[68]\d)\d{11}"
    r"|(6011|64[4-9]\d|65\d{2})\d{12}"
    r"|35(2[89]|[3-8]\d)\d{12}"
)
"""Beginnings and lengths that card networks have been given."""


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it, as on payment cards (ISO/IEC 7812-1).

    One in ten random numbers passes.

    Examples
    --------
    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    if not digits.isascii() or not digits.isdigit():
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Whether these digits, without blanks, can be a card number: beginning, length and check digit."""
    return _CARDS.fullmatch(digits) is not None and luhn(digits)


def is_iban(text: str) -> bool:
    """Whether this, without blanks, is an international account number: country, length, and 1 modulo 97 (ISO 13616).

    Countries of Europe only. One in 97 random texts of the right form passes.

    Examples
    --------
    >>> is_iban("GB82WEST12345698765432"), is_iban("GB28WEST12345698765432")
    (True, False)
    """
    text = text.upper()
    if not text.isascii() or not text.isalnum() or _IBAN_LENGTHS.get(text[:2]) != len(text) or not text[2:4].isdigit():
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def is_social_security(digits: str) -> bool:
    """Whether nine digits can be a US social security number: no part is all zeros, and the area has been given out."""
    if len(digits) != 9 or not digits.isascii() or not digits.isdigit():
        return False
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def is_address(text: str) -> bool:
    """Whether this is an IP address, version 4 or 6, that can belong to somebody's device: no loopback, no whole network."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or text == "255.255.255.255")
