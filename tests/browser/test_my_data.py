"""My data on the phone: consents, a copy that is fetched once, erasure that is asked for and taken back."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.eye import Eye
from tests.browser.stage import Phone, Stage
from tests.browser.test_drills import desk_of


def opens(phone: Phone) -> None:
    phone.click("settings")
    phone.click("my-data")
    expect(phone.see("copy")).to_be_visible()


def proves(phone: Phone, purpose: str) -> None:
    phone.click(f"code-{purpose}")
    phone.type("proof", phone.see("demo-code").get_attribute("data-code") or "")
    phone.click(f"prove-{purpose}")


def test_a_consent_is_given_and_withdrawn(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    opens(phone)
    one = phone.see("consent-statistics")
    expect(one).to_have_attribute("data-given", "no")
    phone.click("agree-statistics")
    expect(one).to_have_attribute("data-given", "yes")
    phone.click("withdraw-statistics")
    expect(one).to_have_attribute("data-given", "no")
    phone.see("kept").locator("summary").click()
    expect(phone.see("kept-positions")).to_contain_text("30 days")


def test_a_copy_is_made_and_fetched_once(stage: Stage, tmp_path: Path) -> None:
    phone = stage.phone()
    phone.sign_in()
    opens(phone)
    phone.click("copy-ask")
    expect(phone.see("copy")).to_have_attribute("data-state", "ready", timeout=20_000)
    proves(phone, "export")
    with phone.page.expect_download() as download:
        phone.click("download")
    download.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as box:
        assert {"data.json", "index.html"} <= set(box.namelist())
        assert phone.known["name"] in box.read("index.html").decode()
    expect(phone.see("copy")).to_have_attribute("data-state", "fetched", timeout=10_000)


def test_erasure_is_asked_for_and_taken_back(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    opens(phone)
    phone.click("erase-me")
    proves(phone, "erase")
    expect(phone.see("erasure")).to_have_attribute("data-state", "waits")
    phone.click("keep-me")
    expect(phone.see("erasure")).to_have_attribute("data-state", "none")


def test_after_three_days_the_phone_is_forgotten(stage: Stage) -> None:
    phone = stage.phone()
    phone.sign_in()
    opens(phone)
    phone.click("erase-me")
    proves(phone, "erase")
    expect(phone.see("erasure")).to_have_attribute("data-state", "waits")
    rows = stage.installation.rows
    rows("UPDATE privacy_erasure SET due = now() WHERE done_at IS NULL AND taken_back_at IS NULL")
    stage.expects("401")
    for _ in range(100):
        if rows("SELECT count(*) FROM people_person WHERE phone = %s", phone.known["phone"]) == [(0,)]:
            break
        phone.page.wait_for_timeout(200)
    assert rows("SELECT count(*) FROM people_person WHERE phone = %s", phone.known["phone"]) == [(0,)]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_page_is_in_one_language_and_for_everybody(stage: Stage, language: str) -> None:
    phone = stage.phone()
    phone.sign_in()
    phone.speak(language)
    opens(phone)
    for summary in phone.page.locator(".mydata summary").all():
        summary.click()
    phone.click("erase-me")
    eye = Eye(stage, language, "Information Regulator", "inforegulator.org.za", "JSON")
    eye.both(phone, "my data")
    assert eye.found == {}


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_desk_s_page_is_in_one_language_and_for_everybody(stage: Stage, language: str) -> None:
    boss = desk_of(stage, "director", language)
    boss.page.goto(f"{boss.url}/desk/privacy/?q=1")
    eye = Eye(stage, language)
    eye.both(boss, "personal data")
    assert eye.found == {}
