"""/a/<token> through the real door: who may claim, what a robot is told, and what is shown when it is over."""

from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

import pytest

from tests.world import Desk, Town, a_client, proven

HUMAN = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
ROBOTS = (
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 "
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "curl/8.5.0",
    "",
)
PEOPLE = (
    HUMAN,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/470]",
    "Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25 Version/10.54",
)


def call(world: Town, token: str, method: str = "GET", agent: str = HUMAN, **form: str) -> Any:
    headers = {"User-Agent": agent, **{k: form.pop(k) for k in list(form) if k[0].isupper()}}
    with a_client(headers=headers) as client:
        return client.request(method, f"{world.doors[0]}/a/{token}?lang=en", data=form or None)


def told(incident: int, desk: Desk, **more: Any) -> Any:
    """A delivery of that alarm to this person, sent."""
    from tocsin.incidents.models import Incident
    from tocsin.notifications.alarm import values_of
    from tocsin.notifications.models import Delivery

    found = Incident.objects.select_related("center", "person", "device__site").get(pk=incident)
    now = datetime.now(UTC)
    fields = {
        "incident": found, "person_id": desk.person, "channel": "sms", "address": f"+2782{desk.person:07d}",
        "language": "en", "message": "alarm", "values": values_of(found), "state": "sent", "due": now, "sent_at": now,
        "token": token_urlsafe(16), "urgent": True,
    }  # fmt: skip
    return Delivery.objects.create(**{**fields, **more})


def again(delivery: Any) -> Any:
    delivery.refresh_from_db()
    return delivery


def test_one_tap_claims_and_the_loser_reads_who_was_quicker(world: Town, place: str) -> None:
    first, second = world.desk(place), world.desk(place)
    incident = world.button(place).press("robbery").incident
    one, two = told(incident, first), told(incident, second)
    page = call(world, one.token)
    assert page.status_code == 200 and 'data-test="claim"' in page.text and "robbery" in page.text
    assert again(one).state == "read"
    won = call(world, one.token, "POST", answer="claim")
    assert won.status_code == 200 and "It is yours" in won.text and 'data-test="desk"' in won.text
    lost = call(world, two.token, "POST", answer="claim")
    assert lost.status_code == 409 and f"{first.name} has claimed it already" in lost.text
    assert 'data-test="claim"' not in lost.text, "but they can still come"
    assert 'data-test="coming"' in lost.text
    assert (again(one).answer, first.incident(incident)["claimed_by"]["name"]) == ("claimed", first.name)


def test_a_responder_answers_with_minutes_and_words_and_may_not_claim(world: Town, place: str) -> None:
    desk, helper = world.desk(place), world.desk(place, "responder")
    incident = world.button(place).press("medical").incident
    sent = told(incident, helper, message="sent")
    page = call(world, sent.token)
    assert 'data-test="claim"' not in page.text and 'data-test="coming"' in page.text
    assert call(world, sent.token, "POST", answer="claim").status_code == 409
    assert call(world, sent.token, "POST", answer="coming", eta="20").status_code == 200
    assert (again(sent).answer, sent.eta) == ("coming", 20)
    said = call(world, sent.token, "POST", answer="words", words="gate <b>code</b>?").text
    assert "gate &lt;b&gt;code&lt;/b&gt;?" in said
    assert (again(sent).answer, sent.eta, sent.words) == ("coming", 20, "gate <b>code</b>?"), "words take nothing back"
    call(world, sent.token, "POST", answer="coming", eta="5", minutes="90")
    assert again(sent).eta == 90
    call(world, sent.token, "POST", answer="cannot", eta="5")
    assert (again(sent).answer, sent.eta) == ("cannot", None)
    notes = [e["note"] for e in desk.incident(incident)["timeline"] if e["kind"] == "answered"]
    assert "gate <b>code</b>?" in notes


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_robot_reads_nothing_and_counts_as_nobody(world: Town, agent: str) -> None:
    desk = world.desk("PTA")
    incident = world.button("PTA").press("kidnapping").incident
    delivery = told(incident, desk)
    seen = call(world, delivery.token, agent=agent)
    assert seen.status_code == 200
    assert "kidnapping" not in seen.text and "<form" not in seen.text
    assert (again(delivery).state, delivery.read_at) == ("sent", None)


def test_a_look_before_the_person_looks_counts_as_nothing(world: Town, place: str) -> None:
    incident = world.button(place).press().incident
    delivery = told(incident, world.desk(place))
    assert call(world, delivery.token, "HEAD").status_code == 200
    for header in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
        assert call(world, delivery.token, **header).status_code == 503, "so that it is asked for anew"
    assert again(delivery).state == "sent"
    assert call(world, delivery.token).status_code == 200
    assert again(delivery).state == "read"


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_in_any_browser_counts(world: Town, agent: str) -> None:
    from tocsin.notifications import robots

    assert not robots.is_robot(agent)


def test_over_it_shows_nothing(world: Town, place: str) -> None:
    desk = world.desk(place)
    incident = world.button(place).press("robbery").incident
    delivery = told(incident, desk)
    desk.claim(incident)
    desk.close(incident)
    page = call(world, delivery.token)
    assert page.status_code == 410
    assert "This is over" in page.text and "robbery" not in page.text and "<form" not in page.text
    assert call(world, delivery.token, "POST", answer="coming").status_code == 410
    assert again(delivery).answer == ""
    assert call(world, "0123456789abcdefghijkl").status_code == 404


def test_who_left_sees_nothing(world: Town, place: str) -> None:
    from tocsin.people.models import Person

    desk = world.desk(place)
    delivery = told(world.button(place).press("robbery").incident, desk)
    Person.objects.filter(pk=desk.person).update(is_active=False)
    page = call(world, delivery.token)
    assert page.status_code == 410 and "robbery" not in page.text


def test_a_drill_and_a_silent_alarm_say_so(world: Town, place: str) -> None:
    from tocsin.incidents.models import Incident

    desk = world.desk(place)
    incident = world.button(place).press("robbery", silent=True).incident
    delivery = told(incident, desk)
    page = call(world, delivery.token).text
    assert "do not call the caller back" in page and 'data-test="drill"' not in page
    Incident.objects.filter(pk=incident).update(drill=True)
    page = call(world, delivery.token).text
    assert 'data-test="drill"' in page and "DRILL · robbery" in page


def test_its_address_is_not_told_to_others_and_it_speaks_the_messages_language(world: Town, place: str) -> None:
    incident = world.button(place).press("robbery").incident
    delivery = told(incident, world.desk(place), language="zh-hans")
    with a_client(headers={"User-Agent": HUMAN, "Accept-Language": "en"}) as client:
        page = client.get(f"{world.doors[0]}/a/{delivery.token}")
    assert page.headers["Referrer-Policy"] == "no-referrer" and "noindex" in page.headers["X-Robots-Tag"]
    assert "no-store" in page.headers["Cache-Control"]
    assert "抢劫" in page.text and "我来接警" in page.text


def test_channels_are_for_directors_and_administrators(world: Town, place: str) -> None:
    from django.test import Client

    from tocsin.people.models import Person

    for role, status in (("director", 200), ("administrator", 200), ("duty_officer", 403)):
        desk = world.desk(place, role)
        session = Client()
        proven(session, Person.objects.get(pk=desk.person))
        cookies = {"sessionid": session.cookies["sessionid"].value, "csrftoken": "t" * 32}
        with a_client(cookies=cookies, params={"lang": "en"}, headers={"X-CSRFToken": "t" * 32}) as client:
            page = client.get(f"{world.doors[0]}/desk/channels/")
            assert page.status_code == status, page.text[:300]
            if status == 200:
                assert 'data-test="channel-sms"' in page.text and 'data-test="channel-email"' in page.text
                refused = client.post(f"{world.doors[0]}/desk/channels/", data={"channel": "sms"})
                assert refused.status_code == 409 and "no contact on this channel" in refused.text
