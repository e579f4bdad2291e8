"""What the [xdata] of a report tell. Source: ANSI/SIA DC-09, 5.5.1.8: a letter and its text.

    X 028E03.1234   longitude     Y 26S12.2500   latitude: degrees and decimal minutes; some send decimal degrees
    Z 1450          altitude, m   H HH:MM:SS,MM-DD-YYYY when it happened
    I, L, R, V      text of the alarm, where on the site, in which room, an address of pictures

The others (M MAC address, N network, K key, P programming, A, C, J, O, S, T) tell a duty officer nothing.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from tocsin.gates.protocols.dc09.frame import time
from tocsin.gates.protocols.fields import number, place, signed
from tocsin.gates.signal import Position

_DEGREES = re.compile(r"(\d{1,3})([NSEW])(\d{1,2}(?:\.\d*)?)", re.ASCII | re.IGNORECASE)
_TEXTS = "ILRV"


def position(extra: Sequence[str], at: datetime | None) -> Position | None:
    """Where it happened, as of `at`; a phone sends it with a press in its app."""
    lat, lon, altitude = (_degrees(_value(extra, letter)) for letter in "YXZ")
    return place(lat, lon, at, altitude=altitude)


def happened(extra: Sequence[str]) -> datetime | None:
    """When it happened, by the panel's clock."""
    return time(_value(extra, "H"))


def remark(extra: Sequence[str]) -> str | None:
    """The texts, as one."""
    return " · ".join(text for letter in _TEXTS if (text := _value(extra, letter))) or None


def _value(extra: Sequence[str], letter: str) -> str:
    return next((text[1:].strip() for text in extra if text.startswith(letter)), "")


def _degrees(text: str) -> float | None:
    found = _DEGREES.fullmatch(text)
    if found is None:
        return number(text)
    minutes = float(found[3])
    return signed(int(found[1]) + minutes / 60, found[2]) if minutes < 60 else None
