"""Teltonika frames. Source: Teltonika "Codec" and "Teltonika Data Sending Protocols" pages (wiki.teltonika-gps.com).

TCP: once 00 0F + IMEI (15 digits, ASCII), answered 01; then 00000000 | length 4 | codec 1 … count 1 | CRC-16/IBM 4,
answered with the count in 4 bytes. The length and the CRC cover codec to the second count.
UDP: length 2 | packet id 2 | 01 (or 00) | AVL packet id 1 | IMEI length 2 | IMEI | codec … count; no CRC; answered
00 05 | packet id | 01 | AVL packet id | count. A lone FF is a sign of life.
"""

import re

from tocsin.gates.protocol import Cut
from tocsin.gates.protocols.fields import crc_arc, first

LONGEST = 8192
_MOST = LONGEST - 12
_USUAL = 1500  # devices fill one TCP segment
_CODECS = (b"\x07", b"\x08", b"\x0c", b"\x0d", b"\x0e", b"\x10", b"\x8e")
IDLE = b"\xff"
_START = re.compile(rb"[\xff\0-\x1f]")  # no length is longer than _MOST
_TCP = re.compile(rb"\0{6}[\0-\x1f].[\x07\x08\x0c-\x0e\x10\x8e]", re.DOTALL)


def build(payload: bytes) -> bytes:
    """A frame of TCP, whole."""
    return bytes(4) + len(payload).to_bytes(4, "big") + payload + crc_arc(payload).to_bytes(4, "big")


def datagram(packet: bytes, avl: int, imei: bytes, payload: bytes) -> bytes:
    body = packet + b"\x01" + bytes((avl,)) + len(imei).to_bytes(2, "big") + imei + payload
    return len(body).to_bytes(2, "big") + body


def is_login(buffer: bytes, start: int) -> bool | None:
    """Does an IMEI stand here? None: more bytes must tell."""
    size = int.from_bytes(buffer[start : start + 2], "big")
    digits = buffer[start + 2 : start + 2 + size]
    if len(buffer) < start + 2:
        return None if buffer[start : start + 1] in (b"", b"\0") else False
    if not 8 <= size <= 16 or (digits and not digits.isdigit()):
        return False
    return True if len(digits) == size else None


def is_datagram(buffer: bytes, start: int) -> bool | None:
    """Length, packet id, 01, AVL id, IMEI length 15: does a datagram begin here?"""
    head = buffer[start : start + 8]
    size = int.from_bytes(head[:2], "big")
    if (len(head) > 1 and not 24 <= size <= _MOST) or head[4:5] not in (b"", b"\0", b"\x01"):
        return False
    if head[6:7] not in (b"", b"\0") or head[7:8] not in (b"", b"\x0f"):
        return False
    digits = buffer[start + 8 : start + 23]
    if digits and not digits.isdigit():
        return False
    return True if len(digits) == 15 else None


def stated_length(buffer: bytes, start: int) -> int | None:
    """The whole length of the TCP frame that may begin here; 0: none begins, None: more bytes must tell."""
    head = buffer[start : start + 8]
    if any(head[:4]):
        return 0
    if len(head) < 8:
        return None
    size = int.from_bytes(head[4:], "big")
    return size + 12 if 3 <= size <= _MOST else 0


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer; what begins nothing is stepped over, byte by byte."""
    return first(buffer, _begin, _size, _certain, _fits, _begin_certain)


def _begin(buffer: bytes, start: int) -> int:
    found = _START.search(buffer, start)
    return found.start() if found else -1


def _begin_certain(buffer: bytes, start: int) -> int:
    found = _TCP.search(buffer, start)
    return found.start() if found else -1


def _size(buffer: bytes, start: int) -> int | None:
    """The length of the frame that begins here; 0: none does; None: more bytes must tell."""
    if buffer[start] == IDLE[0]:
        return 1
    login, packet, tcp = is_login(buffer, start), is_datagram(buffer, start), stated_length(buffer, start)
    if login or packet:
        return 2 + int.from_bytes(buffer[start : start + 2], "big")
    return tcp or (None if login is None or packet is None or tcp is None else 0)


def _fits(buffer: bytes, start: int, end: int) -> bool | None:
    """Is it a frame that carries no CRC, or one with a wrong CRC that is better told than lost?"""
    if buffer[start] == IDLE[0] or is_login(buffer, start) or is_datagram(buffer, start) or sound(buffer[start:end]):
        return True
    if not _plain(buffer, start, end - start):
        return False
    later = _later(buffer, start + 1, end)
    return None if later is None else later < 0


def _plain(buffer: bytes, start: int, size: int) -> bool:
    """A frame whose CRC is wrong, yet whose counts agree: better told than lost."""
    return size > 14 and buffer[start + 9] == buffer[start + size - 5] and buffer[start + 8] in (7, 8, 0x8E, 16)


def _later(buffer: bytes, start: int, stop: int) -> int | None:
    """A sound frame that begins inside one with a wrong CRC; -1: there is none; None: more bytes must tell."""
    begin = buffer.find(bytes(4), start, stop + 3)
    while begin >= 0:
        size = stated_length(buffer, begin)
        if size is None:
            return None
        if 0 < size <= _USUAL and buffer[begin + 8 : begin + 9] in (b"", *_CODECS):
            if len(buffer) < begin + size:
                return None
            if sound(buffer[begin : begin + size]):
                return begin
        begin = buffer.find(bytes(4), begin + 1, stop + 3)
    zeros = len(buffer) - len(buffer.rstrip(b"\0"))  # the next may begin with these
    return None if zeros and len(buffer) - min(zeros, 3) < stop else -1


def sound(frame: bytes) -> bool:
    """Is the CRC right?"""
    return len(frame) >= 13 and crc_arc(frame[8:-4]) == int.from_bytes(frame[-4:], "big")


def _certain(frame: bytes) -> bool:
    """A frame of TCP beyond doubt: zeros alone have a right CRC too."""
    return not any(frame[:4]) and frame[8:9] in _CODECS and sound(frame)
