"""What a receiver answers. Source: ANSI/SIA DC-09, 5.5.3.

    "ACK"seq R L #account[]          received and stored        "*ACK"...[encrypted pad|]_time   to an encrypted one
    "DUH"seq R L #account[]          received, not understood
    "NAK"0000R0L0A0[]_time           your clock is wrong, this is the time: set it and send again; never encrypted

Sequence, receiver, prefix and account come back exactly as they were sent.
"""

import hmac
from base64 import b64encode
from datetime import datetime

from tocsin.gates.protocols.dc09.cipher import BLOCK, Opened, seal
from tocsin.gates.protocols.dc09.frame import Frame, build, stamp

TOKENS = ("ACK", "NAK", "DUH", "RSP")


def answer(token: str, frame: Frame, opened: Opened | None, now: datetime) -> bytes:
    """ACK or DUH, encrypted if the frame was. `now` by the panel's clock."""
    if opened is None:
        return build(b'"%b"%b[]' % (token.encode(), frame.echo))
    at = stamp(now).encode()
    pad = b64encode(hmac.digest(opened.key, at + frame.payload, "sha256"))  # nobody can guess it without the key
    sealed = seal(opened.key, pad, b"|]" + at, long_pad=len(opened.pad) >= BLOCK)
    return build(b'"*%b"%b[%b' % (token.encode(), frame.echo, sealed))


def nak(now: datetime) -> bytes:
    """The time, by the panel's clock."""
    return build(b'"NAK"0000R0L0A0[]' + stamp(now).encode())
