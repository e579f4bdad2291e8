"""Real Kannel (Debian: kannel, kannel-extras) on free ports: bearerbox, smsbox, and fakesmsc as the phones.

    with Kannel(tmp_path, get_url="http://127.0.0.1:8080/kannel?from=%p&text=%b") as kannel:
        with kannel.phone("27821234567") as phone:
            phone.texts("SOS")                  # a text from that phone: smsbox calls the get-url
            kannel.sends("27821234567", "hello")  # a text to it, by smsbox's sendsms address
            phone.hears("hello")
            phone.segments              # how many parts each text came in

The fake network takes one phone at a time. All that is started here ends with the block.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlencode
from urllib.request import urlopen

from tests.world import free_port

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
NUMBER = "40404"  # what the phones text to
USER, PASSWORD = "tocsin", "test"  # of who sends texts
_HEARD = re.compile(r"Got message \d+: <(\S+) (\S+) (\S+) (.*)>$", re.MULTILINE)
_PART = re.compile(r"%05%00%03(%..|.)%..%(..) (?:data|text|ucs-2) (.*)")  # the header of a part: reference, number


def missing() -> str | None:
    """Why Kannel cannot be had here; None: it can."""
    boxes = [box for box in ("bearerbox", "smsbox") if shutil.which(box, path=_PATH) is None]
    absent = boxes + [FAKESMSC] * (not os.access(FAKESMSC, os.X_OK))
    return f"not installed: {', '.join(absent)} (Debian packages kannel, kannel-extras)" if absent else None


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"

CONFIG = """
group = core
admin-port = {admin}
admin-password = test
admin-interface = 127.0.0.1
smsbox-port = {boxes}
box-deny-ip = "*.*.*.*"
box-allow-ip = 127.0.0.1
store-type = file
store-location = "{folder}/store"

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {network}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 100
http-queue-delay = 1

group = sendsms-user
username = {user}
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
get-url = "{get_url}"
omit-empty = true
max-messages = 0
"""


def wait(until: Callable[[], object], what: str, seconds: float = 45.0) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Kannel:
    """`get_url` as in a sms-service, escape codes and all."""

    def __init__(self, folder: Path, get_url: str) -> None:
        self.folder = folder
        self.admin, boxes, self.network, self.sendsms = (free_port() for _ in range(4))
        config = CONFIG.format(
            admin=self.admin, boxes=boxes, network=self.network, sendsms=self.sendsms, folder=folder, get_url=get_url,
            user=USER, password=PASSWORD,
        )  # fmt: skip
        (folder / "kannel.conf").write_text(config)
        self.started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Kannel":
        try:
            self._begin("bearerbox", self.admin)
            self._begin("smsbox", self.sendsms)
            wait(lambda: "smsbox" in self.status() and "fake" in self.status(), "smsbox is not seen by bearerbox")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _begin(self, box: str, port: int) -> None:
        """Start it until it listens: on a busy machine Kannel now and then hangs before its first line of log."""
        for last in (False, False, True):
            process = self._start(box)
            try:
                return wait(lambda: _answers(port), f"{box} does not listen (see {self.folder / box}.out)", 20)
            except AssertionError:
                if last:
                    raise
                self.started.remove(process)
                process.kill()
                process.wait()

    def _start(self, box: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{box}.out").open("ab") as out:
            program = shutil.which(box, path=_PATH) or box
            process = subprocess.Popen(
                [program, str(self.folder / "kannel.conf")], cwd=self.folder, stdout=out, stderr=out
            )
        self.started.append(process)
        return process

    def status(self) -> str:
        with urlopen(f"http://127.0.0.1:{self.admin}/status.txt?password=test", timeout=5) as answer:
            return str(answer.read().decode())

    def sends(self, to: str, text: str) -> None:
        """A text to a phone, as any program asks smsbox for it."""
        fields = {"username": USER, "password": PASSWORD, "from": NUMBER, "to": to, "text": text}
        if not text.isascii():
            fields |= {"coding": "2", "charset": "UTF-8"}
        with urlopen(f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms?{urlencode(fields)}", timeout=5) as answer:
            assert answer.status == 202, answer.read()

    @contextmanager
    def phone(self, number: str) -> Iterator["Phone"]:
        phone = Phone(self, number)
        try:
            yield phone
        finally:
            phone.hang_up()


class Phone:
    """A phone in the fake network; what it is sent stands in `heard`."""

    def __init__(self, kannel: Kannel, number: str) -> None:
        self.kannel, self.number = kannel, number
        self.process: subprocess.Popen[bytes] | None = None
        self.logs: list[Path] = []
        self._connect("-m", "0", f"{number} {NUMBER} text nothing")

    def texts(self, text: str, kind: str | None = None) -> None:
        """A text in the network's alphabet if that can be, else in UCS-2. `kind`: another kind of fakesmsc's."""
        said = f"{kind} {text}" if kind else f"text {text}"
        if not kind and (not text.isascii() or not text.isprintable()):
            said = f"ucs2 {quote_from_bytes(text.encode('utf-16-be'))}"
        self._connect("-m", "1", f"{self.number} {NUMBER} {said}")

    def _connect(self, *words: str) -> None:
        """fakesmsc sends what it is told at its start: another text is another connection."""
        self.hang_up()
        log = self.kannel.folder / f"phone-{self.number.lstrip('+')}-{len(self.logs)}.out"
        self.logs.append(log)
        command = [FAKESMSC, "-H", "127.0.0.1", "-r", str(self.kannel.network), *words]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=self.kannel.folder, stdout=out, stderr=out)
        wait(lambda: "Connecting to" in log.read_text("utf-8", "replace"), "fakesmsc does not connect")

    def hang_up(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    @property
    def heard(self) -> list[str]:
        """The texts that came to this phone, as people read them; one of several parts once the first is there."""
        return [text for text, _ in self._texts()]

    @property
    def segments(self) -> list[int]:
        """How many parts each of these texts came in."""
        return [parts for _, parts in self._texts()]

    def _texts(self) -> list[tuple[str, int]]:
        """Each text and how many of its parts are here."""
        told = "".join(log.read_text("utf-8", "replace") for log in self.logs)
        whole: dict[int, str] = {}
        parted: dict[str, tuple[int, dict[int, bytes]]] = {}
        for index, (_from, to, kind, data) in enumerate(_HEARD.findall(told)):
            if to != self.number:
                continue
            if part := _PART.fullmatch(data) if kind == "udh" else None:
                parted.setdefault(part[1], (index, {}))[1][int(part[2], 16)] = unquote_to_bytes(
                    part[3].replace("+", " ")
                )
            else:
                whole[index] = _text(kind, data)
        texts = {index: (text, 1) for index, text in whole.items()}
        for index, parts in parted.values():
            texts[index] = _joined(b"".join(parts[number] for number in sorted(parts))), len(parts)
        return [texts[index] for index in sorted(texts)]

    def hears(self, text: str, seconds: float = 45.0) -> None:
        wait(lambda: text in self.heard, f"{self.number} does not hear {text!r} but {self.heard}", seconds)


def _text(kind: str, data: str) -> str:
    if kind == "ucs-2":
        return unquote_to_bytes(data.replace("+", " ")).decode("utf-16-be", "replace")
    return data


def _joined(raw: bytes) -> str:
    """Parts do not say their alphabet. Kannel shows the network's own as UTF-8; of UCS-2, it parts even characters."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-16-be", "replace")
    return raw.decode("utf-16-be", "replace") if "\0" in text else text
