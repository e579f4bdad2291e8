"""A center brings its members along: every error first, nothing written before the yes, undone within a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.enrolment.test_joining import leader, number, post
from tests.world import Town


def a_list(phones: list[str], extra: str = "") -> bytes:
    return ("姓名,手机,语言\n" + "".join(f"会员{n},{p},en\n" for n, p in enumerate(phones)) + extra).encode("gb18030")


def imports(world: Town, place: str, content: bytes, role: str = "director") -> Any:
    """The browser of the leader and the address of the list's page."""
    _, browser = leader(world, place, role)
    answer = post(
        browser, "/desk/members/import/", center=place, language="zh-hans", files={"file": ("会员.csv", content)}
    )
    assert answer.status_code == 302, answer.text[:800]
    return browser, answer.headers["Location"]


def people(phones: list[str]) -> Any:
    from tocsin.people.models import Person

    return Person.objects.filter(phone__in=phones)


def test_a_good_list_is_shown_then_written_whole_and_undone(world: Town, place: str) -> None:
    phones = [number() for _ in range(7)]
    browser, path = imports(world, place, a_list(phones))
    shown = browser.get(path).text
    assert "All 7 rows" in shown and phones[0] in shown and not people(phones).exists()
    stored = str(world.rows("SELECT rows FROM enrolment_import ORDER BY id DESC LIMIT 1")[0])
    assert phones[0] not in stored
    assert post(browser, path, do="whole").status_code == 302
    assert "New members: 7" in browser.get(path).text
    assert {(p.language, p.center.code) for p in people(phones)} == {("en", place)}
    assert {r.name for p in people(phones) for r in p.roles.all()} == {"member"}
    assert world.rows("SELECT rows FROM enrolment_import ORDER BY id DESC LIMIT 1") == [(None,)], (
        "the file is forgotten"
    )
    assert world.phone_of(people(phones)[0]).press().status == 201
    assert post(browser, path, do="undo").status_code == 302
    assert "Members who stay: 1" in browser.get(path).text and people(phones).count() == 1
    kinds = [e["kind"] for e in world.book(place).entries()]
    assert "members_imported" in kinds and "import_undone" in kinds
    assert not any(p in str(world.book(place).entries()) for p in phones)


def test_every_error_is_shown_by_row_and_all_or_nothing_waits_for_a_good_file(world: Town, place: str) -> None:
    known = world.member(place, phone=number()).phone
    phones = [number(), number()]
    content = a_list(phones, f"已登记,{known},\n,0825559999,\n重复,{phones[0]},\n坏号码,12,Klingon\n")
    browser, path = imports(world, place, content)
    shown = browser.get(path).text
    for said in (
        "2 of 6 rows",
        "registered already",
        "no name",
        "same number as in row 2",
        "not a phone number",
        "Klingon",
    ):
        assert said in shown, said
    assert 'data-test="whole"' not in shown
    assert post(browser, path, do="whole").status_code == 409 and not people(phones).exists()
    assert post(browser, path, do="partly").status_code == 302
    assert people(phones).count() == 2 and "New members: 2. Rows not imported: 4" in browser.get(path).text


def test_all_or_nothing_is_nothing_when_a_number_was_registered_meanwhile(world: Town, place: str) -> None:
    from tocsin.enrolment import importing, rules

    phones = [number() for _ in range(rules.PORTION * 2 + 5)]
    browser, path = imports(world, place, a_list(phones))
    world.member(place, phone=phones[-1])
    post(browser, path, do="whole")
    while importing.carry(datetime.now(UTC)):
        pass
    assert people(phones).count() == 1 and 'data-stage="failed"' in browser.get(path).text
    assert not world.book(place).entries("members_imported")


def test_a_long_list_goes_on_by_portions_and_shows_how_far_it_is(world: Town, place: str) -> None:
    from tocsin.enrolment import importing, rules

    phones = [number() for _ in range(rules.PORTION + 20)]
    browser, path = imports(world, place, a_list(phones))
    post(browser, path, do="whole")
    shown = browser.get(path).text
    if 'data-stage="running"' in shown:  # unless the Town's own clock was quicker
        assert f"of {len(phones)} rows done" in shown and "data-fresh" in shown
    while importing.carry(datetime.now(UTC)):
        pass
    assert people(phones).count() == len(phones)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"name\nAnn\n"])
def test_a_file_that_is_no_list_says_why(world: Town, place: str, content: bytes) -> None:
    _, browser = leader(world, place)
    answer = post(browser, "/desk/members/import/", center=place, files={"file": ("x.xlsx", content)})
    assert answer.status_code == 422 and 'data-test="refused"' in answer.text


def test_dropped_is_forgotten_and_others_never_see_it(world: Town, place: str) -> None:
    browser, path = imports(world, place, a_list([number()]))
    _, stranger = leader(world, world.place())
    assert stranger.get(path).status_code == 404
    assert post(stranger, path, do="partly").status_code == 404
    assert post(browser, path, do="drop").status_code == 302
    assert "Nothing was written" in browser.get(path).text
    assert post(browser, path, do="whole").status_code == 409


def test_it_cannot_be_undone_after_a_day(world: Town, place: str) -> None:
    from tocsin.enrolment import importing
    from tocsin.enrolment.models import Import
    from tocsin.lib.refused import Refused
    from tocsin.people.models import Person

    phones = [number()]
    browser, path = imports(world, place, a_list(phones))
    post(browser, path, do="whole")
    made = Import.objects.latest("pk")
    with pytest.raises(Refused, match="undo_over"):
        importing.undo(made.pk, Person.objects.get(pk=made.by_id), datetime.now(UTC) + timedelta(hours=25))
    assert people(phones).count() == 1
