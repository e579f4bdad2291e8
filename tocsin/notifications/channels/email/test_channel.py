"""What the receiver of a mail can rely on, against a real mail server (aiosmtpd): sign-in, encryption, refusals."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st

from tocsin.notifications.channel import Outgoing, Result, Text
from tocsin.notifications.channels.authority import Authority
from tocsin.notifications.channels.email.channel import CHANNEL, check, send
from tocsin.notifications.channels.email.message import compose, sender
from tocsin.notifications.texts import MESSAGES, render

LINK = "https://tocsin.example/a/tok"
TEXT = Text("报警：抢劫 · 李伟", "中央大街 12 号。#7。尚无人接警，点开接警。", "", "", LINK)
FROM = "守望 Tocsin <alarm@tocsin.example>"


class Mailboxes:
    """The server's side: `refuse` maps an address to what RCPT is answered; `data` is the answer to the mail itself."""

    def __init__(self) -> None:
        self.refuse: dict[str, str] = {}
        self.data = "250 2.0.0 queued"
        self.taken: list[tuple[Session, Envelope]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.taken.append((session, envelope))
        return self.data

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(raw(envelope), policy=default) for _, envelope in self.taken]
        return [each for each in found if isinstance(each, EmailMessage)]


def raw(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


def _may_sign_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: Any) -> AuthResult:
    good = isinstance(said, LoginPassword) and (said.login, said.password) == (b"tocsin", b"secret")
    return AuthResult(success=good, handled=good)


@contextmanager
def serving(boxes: Mailboxes, tls: ssl.SSLContext | None = None, **more: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(boxes, hostname="127.0.0.1", port=port, ssl_context=tls, server_hostname="mail", **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def boxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture
def plain(boxes: Mailboxes) -> Iterator[dict[str, str]]:
    """The settings of a relay on this machine, without sign-in."""
    with serving(boxes) as port:
        yield {"host": "127.0.0.1", "port": str(port), "security": "none", "from": FROM}


def outgoing(address: str = "officer@center.example", text: Text = TEXT, **more: Any) -> Outgoing:
    return Outgoing(**{"key": "tok", "address": address, "language": "zh-hans", "text": text, **more})


def told(out: Outgoing, settings: dict[str, str]) -> Result:
    return asyncio.run(send(out, settings))


def test_an_urgent_mail_says_what_and_can_be_answered_with_one_tap(boxes: Mailboxes, plain: dict[str, str]) -> None:
    result = told(outgoing(urgent=True, topic="alarm-7"), plain)
    (mail,) = boxes.mails
    assert (result.state, result.ref) == ("sent", str(mail["Message-ID"]).strip("<>"))
    assert mail["Subject"] == TEXT.title
    assert mail["From"].addresses[0].display_name == "守望 Tocsin"
    assert mail["To"] == "officer@center.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Priority"], mail["Importance"]) == ("1 (Highest)", "high")
    assert mail["Date"].datetime is not None
    text, page = (part.get_content() for part in mail.iter_parts())
    assert text.splitlines()[0] == TEXT.title
    assert text.count(LINK) == 1
    assert f'<a href="{LINK}"' in page
    assert '<html lang="zh-Hans">' in page
    _, envelope = boxes.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("alarm@tocsin.example", ["officer@center.example"])
    assert raw(envelope).isascii(), "nothing on the way can spoil it"
    assert all(len(line) <= 998 for line in raw(envelope).split(b"\r\n"))


def test_a_repeat_is_known_and_an_incident_lies_together(boxes: Mailboxes, plain: dict[str, str]) -> None:
    for key, topic in (("a", "alarm-7"), ("a", "alarm-7"), ("b", "alarm-7"), ("c", "alarm-8")):
        assert told(outgoing(key=key, topic=topic), plain).state == "sent"
    first, again, second, other = boxes.mails
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] != other["References"]
    assert "X-Priority" not in first
    assert LINK.rpartition("/")[2] not in str(first["Message-ID"]), "logs of mail servers do not open the answer page"


def test_a_drill_is_marked(boxes: Mailboxes, plain: dict[str, str]) -> None:
    for language, mark in (("zh-hans", "演练"), ("en", "DRILL")):
        text = render("alarm", {"number": 7, "drill": True, "link": LINK}, language)  # type: ignore[arg-type]
        assert told(outgoing(text=text, drill=True, language=language), plain).state == "sent"
        mail = boxes.mails[-1]
        assert mark in mail["Subject"]
        for part in mail.iter_parts():
            assert mark in part.get_content()
        assert f">{mark}</p>" in part.get_content()


@pytest.mark.parametrize("message", sorted(MESSAGES))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_message_is_a_mail_in_one_language(message: str, language: Any) -> None:
    text = render(
        message, {"number": 7, "who": "X", "center": ["京", "P"], "duty": "responder", "link": LINK}, language
    )
    mail = compose(outgoing(text=text, language=language), "alarm@tocsin.example")
    for part in mail.iter_parts():
        shown = part.get_content()
        assert shown.count(LINK) == (1 if text.link else 0)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in shown.replace("PingFang SC", "")) is (language != "en")


@given(st.text(max_size=300), st.text(max_size=300), st.booleans())
def test_no_text_breaks_out_of_its_place(title: str, body: str, linked: bool) -> None:
    text = Text(title, body, "", "", LINK if linked else None)
    mail = message_from_bytes(compose(outgoing(text=text), FROM).as_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.keys().count("Subject") == 1
    assert "Bcc" not in mail
    page = list(mail.iter_parts())[1].get_content()
    assert page.count("<a ") == int(linked)
    assert page.count("<h1") == 1


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    text = Text("<b>x</b>\r\nBcc: all@example.org", '<script>alert("1")</script>', "", "", None)
    mail = compose(outgoing(text=text), FROM)
    assert mail["Subject"] == "<b>x</b> Bcc: all@example.org"
    page = list(mail.iter_parts())[1].get_content()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("answer", "permanent", "gone"),
    [
        ("550 5.1.1 <officer@center.example>: Recipient address rejected: User unknown", True, True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", True, True),
        ("550 5.2.1 The email account that you tried to reach is disabled", True, True),
        ("550 No such user here", True, True),
        ("553 sorry, that recipient does not exist", True, True),
        ("550 5.7.1 Message rejected as spam by content filtering", True, False),
        ("554 5.7.1 Relay access denied", True, False),
        ("550 rejected by policy", True, False),
        ("552 5.2.2 mailbox full", True, False),
        ("450 4.2.0 Greylisted, try again in 300 seconds", False, False),
        ("452 4.2.2 The email account that you tried to reach is over quota", False, False),
        ("451 4.3.0 user unknown at the moment", False, False),
    ],
)
def test_a_refused_address(boxes: Mailboxes, plain: dict[str, str], answer: str, permanent: bool, gone: bool) -> None:
    boxes.refuse["officer@center.example"] = answer
    result = told(outgoing(), plain)
    assert (result.state, result.permanent, result.gone) == ("failed", permanent, gone)
    assert result.error == answer
    assert boxes.taken == []


@pytest.mark.parametrize(("answer", "permanent"), [("554 5.6.0 no", True), ("451 4.3.0 later", False)])
def test_a_refused_mail(boxes: Mailboxes, plain: dict[str, str], answer: str, permanent: bool) -> None:
    boxes.data = answer
    assert told(outgoing(), plain) == Result("failed", error=answer, permanent=permanent)


@pytest.mark.parametrize(
    "address", ["", "officer", "a@b@c", "a b@c.example", "a@b.example>\r\nRCPT TO:<x@y.example", "@b"]
)
def test_an_address_that_is_none(plain: dict[str, str], address: str) -> None:
    result = told(outgoing(address), plain)
    assert (result.state, result.gone) == ("failed", True)


def test_a_domain_in_chinese(boxes: Mailboxes, plain: dict[str, str]) -> None:
    assert told(outgoing("officer@中心.example"), plain).state == "sent"
    assert boxes.taken[0][1].rcpt_tos == ["officer@xn--fiqq24b.example"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_only_through_a_line_that_nobody_else_reads(
    boxes: Mailboxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    authority = Authority(tmp_path)
    context = authority.server("localhost")
    way: dict[str, Any] = {"tls": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    settings = {"host": "localhost", "security": security, "from": FROM, "user": "tocsin", "password": "secret"}
    way |= {"authenticator": _may_sign_in} | dict.fromkeys(
        ("auth_required", "auth_require_tls"), security == "starttls"
    )
    with serving(boxes, **way) as port:
        settings["port"] = str(port)
        stranger = told(outgoing(), settings)
        assert stranger.state == "failed"
        assert "certificate" in stranger.error.lower()
        assert not stranger.permanent
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        assert told(outgoing(), settings).state == "sent"
        assert boxes.taken[0][0].authenticated
        assert boxes.taken[0][0].ssl is not None or security == "tls"
        refused = told(outgoing(), {**settings, "password": "wrong"})
        assert refused.error.startswith("the mail server refuses our sign-in: 535")
        assert not (refused.permanent or refused.gone), "it is our fault, not the address's"
    assert len(boxes.taken) == 1


def test_a_server_without_tls_gets_nothing(boxes: Mailboxes, plain: dict[str, str]) -> None:
    result = told(outgoing(), {**plain, "security": "starttls"})
    assert (result.state, result.permanent) == ("failed", False)
    assert boxes.taken == []


def test_a_server_that_is_away() -> None:
    with serving(Mailboxes()) as port:
        pass
    result = told(outgoing(), {"host": "127.0.0.1", "port": str(port), "security": "none", "from": FROM})
    assert (result.state, result.permanent, result.gone) == ("failed", False, False)
    assert result.error.startswith("the mail server: ")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, ""), ({"security": "tls", "user": "u", "password": "p"}, ""), ({"security": "none"}, ""),
        ({"security": "ssl"}, "SECURITY"), ({"port": "smtp"}, "PORT"), ({"user": "u"}, "belong together"),
        ({"security": "none", "user": "u", "password": "p"}, "without TLS"), ({"from": "nobody"}, "FROM"),
    ],
)  # fmt: skip
def test_settings(said: dict[str, str], wrong: str) -> None:
    found = check({"host": "mail.example", "from": FROM, **said})
    assert [wrong in each for each in found] == ([True] if wrong else [])
    assert CHANNEL.needs == ("host", "from")


def test_the_name_of_the_sender() -> None:
    assert (sender(FROM).display_name, sender(FROM).addr_spec) == ("守望 Tocsin", "alarm@tocsin.example")
    assert sender("a@b.example").display_name == ""
