"""What stands in the answers: whoever may not know the member reads nothing of them, at any address."""

import pytest

from tests.security.cast import MARKS, Cast
from tests.security.walk import Asked, kept

pytestmark = pytest.mark.timeout(400)  # the first of them walks through everything

#: Who reads what about a member whose alarm runs, wherever they look. An auditor and a director see the alarm; what
#: hurts most is for the officer who claimed it and the responder who was sent.
WHOLE = {"member", "officer", "sent"}
SEE = WHOLE | {"parent", "director", "auditor"}
READERS = {
    "name": SEE, "phone": SEE, "home": SEE, "place": SEE - {"member"}, "note": SEE - {"member", "sent"},
    "health": WHOLE, "kin": WHOLE, "kin_phone": WHOLE, "contact": {"member"},
}  # fmt: skip

#: In these rows nobody has anything, and why that is right.
NOBODY = {
    "GET /.well-known/security.txt": "no contact is set here: test_security_txt",
    "GET /api/v1/": "there is no page at the root",
    "POST /api/v1/": "there is no page at the root",
    "GET /admin/login/": "leads to our own sign-in",
    "POST /admin/login/": "leads to our own sign-in",
    "GET /callbacks/webpush/{callback}": "who has the address hears 405: it takes a POST",
    "GET /desk/sign-in/again/": "403 is the question itself",
    "POST /desk/sign-in/again/": "403 is the question itself: signin/test_grave_acts.py answers it",
    "POST /desk/sign-out/": "leads to the sign-in",
    "POST /gates/twilio/x": "no gate of that name: edge/test_hooks.py",
}
CLOSED = {"401", "403", "404", "405", "410", "sign"}


def test_what_is_said_of_the_member_reaches_whom_it_may(cast: Cast, answers: list[Asked]) -> None:
    marks = {name: mark.encode() for name, mark in cast.marks.items()}
    found: dict[str, dict[str, set[str]]] = {name: {} for name in MARKS}
    for row, role, _, answer in answers:
        for name, mark in marks.items():
            if mark in answer.body:
                found[name].setdefault(role, set()).add(row)
    for name, roles in found.items():
        wrong = {role: sorted(rows) for role, rows in roles.items() if role not in READERS[name]}
        assert not wrong, f"the member's {name} is read by {wrong}"
        assert roles.keys() == READERS[name], f"the member's {name} is read by {sorted(roles)} only"


def test_every_door_opens_for_somebody() -> None:
    """A row in which nobody gets anything shows nothing: then what it should find is not there."""
    closed = {row for row, cells in kept().items() if set(cells.values()) <= CLOSED and set(cells.values()) != {"405"}}
    assert closed == NOBODY.keys()
