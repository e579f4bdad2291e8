"""An alarm panel, for the simulator: NULL messages, and a silent panic (E122) as Contact ID, encrypted with a key."""

import os
from base64 import b64encode
from secrets import randbelow

from tocsin.gates.protocol import Moment, Sent
from tocsin.gates.protocols.dc09.cipher import keys, open_, seal
from tocsin.gates.protocols.dc09.frame import Frame, build, parse, stamp


class Device:
    """A panel with its account and a running sequence number. `key`: 32, 48 or 64 hex digits, or 16, 24, 32 characters
    as the panel takes it; `receiver` and `line` as they stand in the header, L0 if nothing else is said.
    """

    def __init__(self, identifier: str, key: str | None = None, receiver: str = "", line: str = "L0") -> None:
        header, _, account = identifier.rpartition("#")
        if not (account.isascii() and account.isalnum() and len(account) <= 16):
            raise ValueError("a panel is known by its account: up to 16 hex digits, as 1234 or L2#1234")
        found = keys(key)
        if key is not None and not found:
            raise ValueError("a key is 32, 48 or 64 hex digits, or 16, 24 or 32 characters")
        self.account, self.header = account, header or receiver + line
        self.key = found[0] if found else None
        self.sequence = randbelow(9999)  # a panel goes on counting where it was

    def hello(self) -> None:
        return None

    def heartbeat(self, moment: Moment) -> bytes:
        return self._frame("NULL", 0, "", moment)

    def position(self, moment: Moment) -> None:
        return None

    def sos(self, moment: Moment) -> bytes:
        return self.report("1122 00 000", moment)

    def report(self, data: str, moment: Moment, token: str = "ADM-CID", extra: str = "") -> bytes:
        """Any report: "1130 01 003", or "Nri1/BA003" with the token SIA-DCS; `extra`: its [xdata], brackets and all."""
        self.sequence = self.sequence % 9999 + 1
        return self.again(data, moment, token, extra)

    def again(self, data: str, moment: Moment, token: str = "ADM-CID", extra: str = "") -> bytes:
        """The same number once more, as a panel does that was not answered: with a new time stamp and another pad."""
        return self._frame(token, self.sequence, f"#{self.account}|{data}", moment, extra)

    def _frame(self, token: str, sequence: int, data: str, moment: Moment, extra: str = "") -> bytes:
        payload = f"{data}]{extra}{stamp(moment.at)}".encode()
        if self.key is not None:
            token = f"*{token}"
            payload = seal(self.key, b64encode(os.urandom(24)), b"|" + payload, long_pad=True)
        return build(f'"{token}"{sequence:04d}{self.header}#{self.account}['.encode() + payload)

    def answered(self, sent: Sent, got: bytes) -> bool:
        """An ACK that repeats sequence, receiver, prefix and account, and that the key opens if there is one."""
        assert isinstance(sent, bytes)
        asked = parse(sent)
        return any(self._acknowledged(asked, part) for part in got.split(b"\r"))

    def _acknowledged(self, asked: Frame, part: bytes) -> bool:
        try:
            answer = parse(part)
            sealed = answer.encrypted and self.key is not None
            readable = not sealed or open_(answer.payload, (self.key or b"",)) is not None
        except ValueError:  # no frame, or no hex
            return False
        same = (answer.token, answer.fault, answer.echo) == ("ACK", None, asked.echo)
        return same and readable and sealed == answer.encrypted == asked.encrypted
