"""The rule of who sees what, as an algebra: more ties never show less, and some things need one tie alone."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.looks.rules import CONTACTS, MEDICAL, PHONE, POSITION, PROFILE, WHAT, Tie, is_night, sees

FIELDS = Tie.__struct_fields__
ties = st.builds(Tie, **{name: st.booleans() for name in FIELDS})
what = st.sampled_from(WHAT)


@given(ties, what, st.sampled_from(FIELDS))
def test_a_further_tie_never_shows_less(tie: Tie, asked: str, more: str) -> None:
    assert sees(msgspec.structs.replace(tie, **{more: True}), asked) >= sees(tie, asked)


@given(what)
def test_a_stranger_sees_nothing_and_one_sees_all_of_oneself(asked: str) -> None:
    assert not sees(Tie(), asked)
    assert sees(Tie(own=True), asked)


@given(ties)
def test_health_and_relatives_are_for_the_claimer_and_those_who_were_sent(tie: Tie) -> None:
    for asked in (MEDICAL, CONTACTS):
        assert sees(tie, asked) == (tie.own or tie.claims or tie.sent)


@given(ties)
def test_a_broken_glass_shows_no_place_and_no_illness(tie: Tie) -> None:
    without = msgspec.structs.replace(tie, glass=False)
    broken = msgspec.structs.replace(tie, glass=True)
    for asked in (POSITION, MEDICAL, CONTACTS):
        assert sees(broken, asked) == sees(without, asked)
    for asked in (PHONE, PROFILE):
        assert sees(broken, asked)


@given(ties)
def test_an_old_record_shows_a_number_to_those_who_lead_alone(tie: Tie) -> None:
    old = Tie(record=True, leads=tie.leads)
    assert sees(old, PHONE) == sees(old, POSITION) == tie.leads
    assert not sees(old, PROFILE)


@given(ties)
def test_what_nobody_knows_is_shown_to_nobody_else(tie: Tie) -> None:
    assert sees(tie, "something new") == tie.own


def test_the_night() -> None:
    assert [h for h in range(24) if is_night(h)] == [0, 1, 2, 3, 4, 5, 22, 23]
