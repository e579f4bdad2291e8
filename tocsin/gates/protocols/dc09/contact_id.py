"""Contact ID in "ADM-CID". Source: SIA DC-05 (Ademco Contact ID).

    #account|QXYZ GG CCC      Q: 1 new or opening, 3 restored or closing, 6 still so; XYZ: the event; GG: partition;
                              CCC: zone, or the user where the event is somebody's doing

Written here as panels' manuals do: E130 new, R130 restored, P130 still so.
"""

import re

from tocsin.gates.protocols.dc09.codes import UNKNOWN, Event, Meaning, ended, own, read, table

_BODY = re.compile(r"\s*([0-9EPRepr])([0-9A-Fa-f]{3})(?:\s+(\w{1,3})(?:\s+(\w{1,4}))?)?\s*(?:[|\s].*)?", re.ASCII)
_CLOSE = re.compile(r"\s*([136])(\d{3})(\d\d)(\d{3})\s*", re.ASCII)  # without spaces
_QUALIFIERS = {"1": "E", "3": "R", "6": "P"}

EVENTS = table(
    ("medical", "100-103 641"),
    ("fire", "110-118 151 162"),
    ("robbery", "120 123 129"),
    ("robbery silent", "121 122 124-126"),
    ("burglary", "130-136 138 139 141 142 155 423"),
    ("burglary silent", "146"),
    ("other", "140 150 152-154 158 159 161 163 168 169 646 703"),
    ("tampering", "137 144 145 316 317 341 383"),
    ("power_cut", "301 314 337 342 926"),
    ("low_battery", "302 309 311 338 384"),
    ("jamming", "344"),
    (
        "fault",
        "143 147 156 157 200-206 300 303 304 307 308 310 312 315 320-327 330-336 343 350-358 370-373 375-378 380-382 "
        "385-389 391 392 394 427 428 432 796 798 922 924 927 954 961",
    ),
    ("cancel", "406"),
    ("message", "458 465 645 647 912"),
    ("test", "601-603 611 613-615 704"),
    ("test fault", "608"),
    (  # openings, closings, bypasses, programming, logs
        "",
        "305 306 313 339 345 374 393 400-405 407-409 411-416 421 422 424-426 429-431 433-436 441-444 450-457 459 "
        "461-464 466 501 520-527 531 532 551-555 570-579 604-607 609 612 616 621-632 642 643 651-655 900-904 910 911 "
        "913-921 923 925 928 929 962",
    ),
)
BY_USER = ("121", "126")  # alarms whose CCC is a user, not a zone


def event(data: str) -> Event | None:
    """The event of a data field without its account; None where it is no Contact ID."""
    found = _CLOSE.fullmatch(data) or _BODY.fullmatch(data)
    if found is None:
        return None
    qualifier, code, _partition, zone = found.groups()
    code = (_QUALIFIERS.get(qualifier, qualifier) + code).upper()
    return Event(code, f"U{zone}" if zone and code[1:] in BY_USER else zone)


def meaning(code: str, overrides: object = None) -> Meaning:
    """What "E130" means. An event that nobody knows is an alarm if its class is, and is flagged."""
    if exact := own(overrides, code):
        return exact
    qualifier, number = code[0], code[1:]
    found = own(overrides, f"E{number}") or read(EVENTS[number] if number in EVENTS else _unknown(number))
    if qualifier == "R":
        return ended(found)
    if qualifier == "P" and found.kind == "alarm":
        return Meaning("message", silent=found.silent)  # it was told when it was new: no fresh press
    return found if qualifier in "EP" else found._replace(flags=(*found.flags, UNKNOWN))


def _unknown(number: str) -> str:
    if number[0] in "23":
        return f"fault {UNKNOWN}"
    return UNKNOWN if number[0] in "4569" else f"other {UNKNOWN}"
