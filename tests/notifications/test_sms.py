"""Against a real Kannel: bearerbox, smsbox and the phone of a fake network, with receipts back to us."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gates.kannel import PASSWORD, USER, Kannel, missing, wait
from tocsin.notifications.channel import Callback, Outgoing, Receipt, Result, Text
from tocsin.notifications.channels.server import Asked, Reply, Server
from tocsin.notifications.channels.sms.channel import callback, send
from tocsin.notifications.channels.sms.segments import cheapest, measured
from tocsin.notifications.texts import render

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

NUMBER = "+27821234567"
LINK = "https://alarm.example.org/a/AbCdEfGhIjKlMnOpQrStUv"
FACTS = {"number": 7, "alarm": "robbery", "silent": True, "who": "示例超市", "where": "12 Main Rd", "link": LINK}


class Desk:
    """Our side: what Kannel reports at `/callbacks/sms/<key>`, by key."""

    def __init__(self) -> None:
        self.receipts = list[tuple[str, Receipt]]()
        self.server = Server(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        got = Callback(
            method=asked.method, url=self.server.url + asked.target, form=asked.query, headers=asked.headers,
            body=asked.body, language="en",
        )  # fmt: skip
        told = callback(got, {"provider": "kannel"})
        if told.receipt:
            self.receipts.append((asked.path.rpartition("/")[2], told.receipt))
        return Reply(told.status, told.body)

    def outgoing(self, key: str, short: str, to: str = NUMBER, **values: object) -> Outgoing:
        link = LINK if LINK in short else None
        return Outgoing(
            key=key, address=to, language="zh-hans", text=Text("", "", short, "", link), urgent=True, values=values,
            callback=f"{self.server.url}/callbacks/sms/{key}",
        )  # fmt: skip


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.server.close()


@pytest.fixture
def kannel(tmp_path: Path) -> Iterator[Kannel]:
    with Kannel(tmp_path, "http://127.0.0.1:9/?from=%p&text=%b") as kannel:
        yield kannel


def settings(kannel: Kannel, **more: str) -> dict[str, str]:
    return {
        "provider": "kannel", "kannel_url": f"http://127.0.0.1:{kannel.sendsms}", "kannel_user": USER,
        "kannel_password": PASSWORD, "kannel_from": "40404", **more,
    }  # fmt: skip


def sends(kannel: Kannel, message: Outgoing, **more: str) -> Result:
    return asyncio.run(send(message, settings(kannel, **more)))


def test_alarms_arrive_as_they_are_and_are_receipted(kannel: Kannel, desk: Desk) -> None:
    texts = [
        render("alarm", FACTS, "zh-hans").short,
        render("alarm", {**FACTS, "who": "Example Shop"}, "en").short,
        "求助 救命 不要上来 \U0001f198",
        "plain + signs & 100% {[~^|\\]} €5 @ £ Δ à ü _ <tag> %d %A",
    ]
    with kannel.phone(NUMBER) as phone:
        for index, text in enumerate(texts):
            assert sends(kannel, desk.outgoing(f"key-{index}_x", text)) == Result("sent", ref=f"kannel:key-{index}_x")
            phone.hears(text)
        wait(lambda: len(desk.receipts) == len(texts), "the receipts")
    assert sorted(desk.receipts, key=lambda told: told[0]) == [
        (f"key-{index}_x", Receipt("delivered", f"kannel:key-{index}_x")) for index in range(len(texts))
    ]


LONG: list[Callable[[], str]] = [
    lambda: "警情" * 60 + "\U0001f198" + LINK,
    lambda: "\U0001f198" * 70,
    lambda: "A long one with €uros " * 15,
    lambda: "x" * 152 + "{" * 90,
    lambda: "长" * 134,
    lambda: "y" * 306,
]


def test_long_texts_arrive_whole_in_as_many_parts_as_we_say(kannel: Kannel, desk: Desk) -> None:
    texts = [make().strip() for make in LONG]
    with kannel.phone(NUMBER) as phone:
        for index, text in enumerate(texts):
            assert sends(kannel, desk.outgoing(f"k{index}", text), segments="10").state == "sent"
            phone.hears(text)
        assert phone.heard == texts
        assert phone.segments == [measured(text).segments for text in texts]
        wait(lambda: len({key for key, _ in desk.receipts}) == len(texts), "the receipts")
    assert {receipt.state for _, receipt in desk.receipts} == {"delivered"}


def test_a_text_that_is_too_long_arrives_shortened(kannel: Kannel, desk: Desk) -> None:
    where = "约翰内斯堡 Cyrildene 示例大街十二号后院停车场旁边的小门进去左转" * 5
    short = render("alarm", {**FACTS, "where": where}, "zh-hans").short
    with kannel.phone(NUMBER) as phone:
        sends(kannel, desk.outgoing("k", short, where=where, who="示例超市"))
        wait(lambda: phone.heard and LINK in phone.heard[0], "the text")
        (heard,), (parts,) = phone.heard, phone.segments
    assert heard.startswith("静默报警：抢劫 示例超市 约翰内斯堡") and "切勿回拨报警人" in heard and heard.endswith(LINK)
    assert parts == 3 == cheapest(heard).segments


def test_without_a_network_it_is_kept_and_the_next_provider_sends_it_too(kannel: Kannel, desk: Desk) -> None:
    message = desk.outgoing("key", "救命")
    alone = sends(kannel, message)
    assert (alone.state, alone.ref) == ("sent", "kannel:key") and "no network" in alone.error
    with Server(lambda _: Reply.json({"sid": "SM1"}, 201)) as twilio:
        more = {"twilio_url": twilio.url, "twilio_account": "AC1", "twilio_token": "t", "twilio_from": "+27110000000"}
        both = sends(kannel, message, provider="kannel,twilio", **more)
    assert (both.state, both.ref) == ("sent", "twilio:SM1")
    assert desk.receipts == []
    with kannel.phone(NUMBER) as phone:
        wait(lambda: phone.heard.count("救命") == 2, "what Kannel kept", 40)
        wait(lambda: len(desk.receipts) == 2, "the receipts")


def test_what_kannel_refuses(kannel: Kannel, desk: Desk) -> None:
    wrong = sends(kannel, desk.outgoing("k", "x"), kannel_password="other")
    assert (wrong.state, wrong.permanent) == ("failed", False)
    assert wrong.error == "kannel: HTTP 403 Authorization failed for sendsms"


def test_a_number_with_another_behind_it_is_no_list_of_numbers(kannel: Kannel, desk: Desk) -> None:
    with kannel.phone(NUMBER) as phone:
        assert sends(kannel, desk.outgoing("k", "x", to=f"{NUMBER} +27821234568")).gone
        assert sends(kannel, desk.outgoing("k", "only this", to=NUMBER)).state == "sent"
        phone.hears("only this")
        assert phone.heard == ["only this"]
