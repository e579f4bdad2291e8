"""What reports in JSON have in common: objects, numbers, times, paths. None: the report does not say."""

import math
from datetime import UTC, datetime
from typing import Any

import msgspec

from tocsin.gates.protocol import Malformed
from tocsin.gates.protocols import fields

LONGEST = 64  # characters of an identifier


def document(body: bytes) -> dict[str, Any]:
    """The object that a body holds; Malformed for anything else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Malformed("a JSON object is expected")
    return found


def inner(value: Any) -> dict[str, Any]:
    """An object within the document; empty if there is none."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A name, a word or a number as text without spaces around it; empty if there is none."""
    try:
        return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    except ValueError:  # an integer of thousands of digits
        return ""


def remark(value: Any) -> str | None:
    """Free text as it may be kept: one line, printable, not long."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text(value)).strip()
    return kept[:200] or None


def identifier(name: str, hint: str) -> str:
    """A device's name as it may be registered; Malformed with the hint where there is none."""
    name = name.strip()
    if not name:
        raise Malformed(hint)
    if len(name) > LONGEST or not name.isprintable():
        raise Malformed(f"the device's name: at most {LONGEST} printable characters")
    return name


def number(value: Any) -> float | None:
    """A number, also one written as text."""
    if isinstance(value, str):
        return fields.number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def share(percent: Any) -> float | None:
    """A percentage as 0..1."""
    value = number(percent)
    return value / 100 if value is not None and 0 <= value <= 100 else None


def not_negative(value: Any, unit: float = 1.0) -> float | None:
    """A quantity in `unit`s; a negative one is how some say that they do not know."""
    found = number(value)
    return None if found is None or found < 0 else found * unit


def moment(value: Any) -> datetime | None:
    """Unix seconds or milliseconds, or ISO 8601 with a time of day (UTC where no offset is said)."""
    found = number(value)
    if found is not None:
        return fields.unix(found / 1000 if abs(found) > 1e11 else found)
    if not isinstance(value, str) or not ("T" in value or ":" in value):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return fields.unix((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def at_path(value: Any, path: str) -> Any:
    """What stands at "a.b.0.c": names of objects, positions in lists. None if nothing does."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 6:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
