"""Who sent it: a phone number in E.164, whatever way the provider writes it. A number of this country needs no code."""

import re
import unicodedata

import phonenumbers

HOME = "ZA"
LONGEST = 64


def identifier(sender: str) -> str:
    """E.164 ("+27821234567"), or the sender as it stands: a name (BANK) or a short code is nobody's own number.

    Without plus or 00 it is a number of this country if it can be one, else an international one that lost its plus.
    """
    text = unicodedata.normalize("NFKC", sender).strip()
    text = re.sub(r"^(?:whatsapp|tel|sms):", "", text, flags=re.IGNORECASE).strip()
    digits = re.sub(r"[\s().\-/]", "", text)
    if not re.fullmatch(r"\+?\d{3,20}", digits, re.ASCII):
        return text[:LONGEST]
    abroad = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    if abroad != digits:
        return _written(f"+{abroad}", sure=False) or digits
    at_home = digits.startswith("0")
    return _written(digits, sure=not at_home) or (not at_home and _written(f"+{digits}", sure=True)) or digits


def _written(number: str, *, sure: bool) -> str | None:
    """E.164; `sure` asks for a range that is in use, else its length is enough."""
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return None
    right = phonenumbers.is_valid_number(parsed) if sure else phonenumbers.is_possible_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if right else None
