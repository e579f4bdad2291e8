"""What a person reads where there is nothing, where a form has lain too long and where we failed: in their language."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from tests.world import Town
from tocsin.locale import nowhere

PAGE = {"Accept": "text/html,*/*"}


@pytest.mark.parametrize(("language", "said"), [("en", "There is nothing here"), ("zh-CN", "这里没有内容")])
def test_where_there_is_nothing_a_person_reads_so_and_a_program_gets_a_line(
    world: Town, language: str, said: str
) -> None:
    client = Client(HTTP_HOST="localhost", headers={**PAGE, "Accept-Language": language})
    pages = [client.get(path) for path in ("/desk/nowhere/", f"/s/{'x' * 43}", f"/copy/{'x' * 43}")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1, "the same whatever the reason"
    assert said in pages[0].content.decode() and "10111" in pages[0].content.decode()
    assert Client(HTTP_HOST="localhost").get("/desk/nowhere/").content == b"there is nothing here\n"


def test_a_form_that_lay_too_long_is_said(world: Town) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost", headers={**PAGE, "Accept-Language": "en"})
    page = client.post("/desk/sign-in/", {"username": "nobody", "password": "nothing"})
    assert page.status_code == 403 and "this page is out of date" in page.content.decode()


def test_when_we_failed_the_page_says_that_the_button_works(world: Town) -> None:
    with translation.override("en"):
        page = nowhere.broken(RequestFactory().get("/desk/", headers=PAGE))
    assert page.status_code == 500 and "The alarm button works" in page.content.decode()
