"""The demo's inbox: a stand-in for phones, mailboxes and a security company, so that messages really go out.

A process of the demo's tree that listens on this machine alone. It takes texts as Kannel's smsbox does, calls as Twilio
does, a partner's webhook and mail by SMTP, writes each down in a file, and sends on nothing; `page` shows them.
Only the standard library: the demo starts no slower for it.
"""

import json
import os
import socket
import socketserver
import threading
import urllib.parse
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

from tocsin import database

HERE = "127.0.0.1"
MOST = 300  # messages that are kept
LARGEST = 1_000_000  # bytes of the file before old ones go
_writing = threading.Lock()


def _sheet() -> Path:
    return database.data_folder() / "inbox.json"


def settle() -> bool:
    """Choose the ports, once; anew when somebody else has taken one: then True, and the partner has moved."""
    if _sheet().exists() and all(map(_free, ports().values())):
        return False
    with socket.create_server((HERE, 0)) as one, socket.create_server((HERE, 0)) as two:
        chosen = {"http": one.getsockname()[1], "smtp": two.getsockname()[1]}
    _sheet().write_text(json.dumps(chosen))
    return True


def ports() -> dict[str, int]:
    """`http` and `smtp`, as they were chosen."""
    found: dict[str, int] = json.loads(_sheet().read_text())
    return found


def _free(port: int) -> bool:
    with suppress(OSError), socket.create_server((HERE, port)):
        return True
    return False


def partner() -> str:
    """Where the demo's security company takes its webhook."""
    return f"http://{HERE}:{ports()['http']}/partner"


def connect() -> None:
    """Lead the channels here, through the environment. A channel of which anything is set already is left as it is."""
    at = ports()
    url = f"http://{HERE}:{at['http']}"
    settings = {
        "SMS": {"PROVIDER": "kannel", "KANNEL_URL": url, "KANNEL_USER": "demo", "KANNEL_PASSWORD": "demo"},
        "VOICE": {"ACCOUNT": "ACdemo", "TOKEN": "demo", "FROM": "+27115550100", "URL": url, "SIGNED": "no"},
        "EMAIL": {
            "HOST": HERE, "PORT": str(at["smtp"]), "SECURITY": "none", "FROM": "守望 Tocsin <tocsin@demo.example>",
        },
        "WEBHOOK": {"PRIVATE": "1"},
        "WEBPUSH": {"SUBJECT": "mailto:duty@example.org"},
    }  # fmt: skip
    for channel, said in settings.items():
        prefix = f"TOCSIN_CHANNEL_{channel}_"
        if not any(name.startswith(prefix) for name in os.environ):
            os.environ.update({prefix + name: value for name, value in said.items()})


# What came, in a file with a line for each


def path() -> Path:
    return database.data_folder() / "inbox.jsonl"


def keep(channel: str, to: str, text: str, **more: Any) -> None:
    """Write a message down. `more`: `title`, and for a call `action`, where a key goes, and `end`, where its end."""
    row = {"id": uuid4().hex, "at": datetime.now(UTC).isoformat(), "channel": channel, "to": to, "text": text, **more}
    with _writing, open(path(), "a", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(json.dumps(row) + "\n")
        full = file.tell() > LARGEST
    if full:
        with _writing:
            rest = path().with_suffix(".part")
            rest.touch(mode=0o600)
            rest.write_text("".join(path().read_text().splitlines(keepends=True)[-MOST:]))
            os.replace(rest, path())


def read(most: int = MOST) -> list[dict[str, Any]]:
    """The newest first."""
    with suppress(FileNotFoundError):
        return [json.loads(line) for line in path().read_text().splitlines()[: -most - 1 : -1]]
    return []


# How it comes


class Http(BaseHTTPRequestHandler):
    """Kannel's sendsms, Twilio's Calls, and the webhook of a partner."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/cgi-bin/sendsms":
            keep("sms", self.headers.get("X-Kannel-To", ""), body.decode())
            self._say(202, "0: Accepted for delivery")
            _later(receipt, self.headers.get("X-Kannel-DLR-Url", ""))
        elif self.path.endswith("/Calls.json"):
            form = dict(urllib.parse.parse_qsl(body.decode()))
            self._say(201, json.dumps({"sid": f"CA{uuid4().hex}"}))
            _later(ring, form)
        elif self.path == "/partner":
            keep("webhook", self.headers.get("Webhook-Id", ""), body.decode())
            self._say(200, "")
        else:
            self._say(404, "")

    def _say(self, status: int, words: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, *_: Any) -> None:
        pass


def _later(act: Any, *arguments: Any) -> None:
    threading.Thread(target=act, args=arguments, daemon=True).start()


def receipt(url: str) -> None:
    """The network says that the phone has the text (1); %-signs as Kannel's guide has them."""
    if url:
        with suppress(OSError):
            _ask(url.replace("%%", "%").replace("%d", "1").replace("%A", ""))


def ring(form: dict[str, str]) -> None:
    """The phone is picked up at once: what does the call say, and where would a key go?"""
    with suppress(OSError, ElementTree.ParseError):
        said, action = listen(form["Url"], {"CallStatus": "in-progress"})
        keep("voice", form.get("To", ""), said, action=action, end=form.get("StatusCallback", ""))


def press(call: dict[str, Any], key: str) -> None:
    """Press a key in a call that was kept; what is said to it is kept as well."""
    said, _ = listen(call["action"], {"CallStatus": "in-progress", "Digits": key})
    keep("voice", call["to"], said, key=key, call=call["id"])
    _ask(call["end"], {"CallStatus": "completed"})


def listen(url: str, form: dict[str, str]) -> tuple[str, str]:
    """What a call says first (TwiML), and the address for a key ("" if it asks for none)."""
    twiml = ElementTree.fromstring(_ask(url, form))
    gather = twiml.find("Gather")
    return twiml.findtext(".//Say") or "", gather.get("action", "") if gather is not None else ""


def _ask(url: str, form: dict[str, str] | None = None) -> bytes:
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, data, timeout=10) as answer:
        said: bytes = answer.read()
        return said


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as taking a mail needs."""

    def handle(self) -> None:
        self._say("220 tocsin demo")
        to: list[str] = []
        while line := self.rfile.readline(4096).decode(errors="replace").strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                self._say("250-tocsin demo\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self._mail(to)
                to = []
                self._say("250 kept")
            elif verb == "QUIT":
                return self._say("221 bye")
            else:
                self._say("250 ok")
        return None

    def _mail(self, to: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = message_from_bytes(b"".join(lines), policy=modern)
        part = mail.get_body(("plain",))
        keep("email", ", ".join(to), str(part.get_content()).strip() if part else "", title=str(mail["Subject"]))

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class _Mails(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def run() -> None:
    """Listen until the end."""
    at = ports()
    _later(_Mails((HERE, at["smtp"]), Smtp).serve_forever)
    ThreadingHTTPServer((HERE, at["http"]), Http).serve_forever()
